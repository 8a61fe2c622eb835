//! Looks up an incident by a part of its id.

use std::path::Path;

use anyhow::{Context, bail};

use super::incident_ids;
use crate::diagnostics::suggest;
use crate::model::Record;
use crate::source::ParsedRecord;
use crate::terminal::plain;

/// Finds the incident id that equals a word; otherwise the only id that contains the word.
///
/// # Errors
/// Fails if no id or several ids match.
pub fn find_id(root: &Path, word: &str) -> anyhow::Result<String> {
    let (ids, _) = incident_ids(root)?;
    if ids.iter().any(|id| id == word) {
        return Ok(word.to_owned());
    }
    let matching: Vec<&String> = ids.iter().filter(|id| id.contains(word)).collect();
    match matching.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let near = suggest::nearest_word(word, ids.iter().map(String::as_str));
            let hint = near.map_or_else(
                || "`incidentctl list` shows all".to_owned(),
                |near| format!("did you mean `{}`?", plain(near)),
            );
            bail!("there is no incident `{}`; {hint}", plain(word))
        }
        several => {
            let names: Vec<_> = several.iter().take(10).map(|id| plain(id)).collect();
            bail!("`{}` may be any of {}", plain(word), names.join(", "))
        }
    }
}

/// Finds the incident ids that words name, as [`find_id`] does.
///
/// # Errors
/// Fails if no id or several ids match a word.
pub fn find_ids(root: &Path, words: &[String]) -> anyhow::Result<Vec<String>> {
    words.iter().map(|word| find_id(root, word)).collect()
}

/// Returns the record of a parsed incident.
///
/// # Errors
/// Fails if the declaration cannot be read.
pub fn require_record(id: &str, read: ParsedRecord) -> anyhow::Result<Record> {
    read.record.with_context(|| {
        format!(
            "{} has no declaration that can be read (see `incidentctl check`)",
            plain(id)
        )
    })
}
