//! The incidents that a change touches, as people and machines read it.

use serde::Serialize;

use crate::ledger::LedgerConfig;
use crate::model::{History, Record, Snapshot};
use crate::render::escape;

/// An incident that changes.
#[derive(Serialize, Debug)]
pub struct Change {
    /// The incident's id.
    pub incident: String,
    /// The state before; `None` for a new incident.
    pub from: Option<Snapshot>,
    /// The state after.
    pub to: Option<Snapshot>,
    /// The new entries, in words, as Markdown.
    #[serde(skip)]
    pub words: Vec<String>,
}

/// What changed of an incident; `None` if its state and its entries are the same.
pub(super) fn change(
    config: &LedgerConfig,
    old: Option<(&Record, &History)>,
    record: &Record,
    history: &History,
) -> Option<Change> {
    let before = old.map(|(record, history)| Snapshot::of(record, history.last()));
    let after = Snapshot::of(record, history.last());
    let scene = config.scene(record, history);
    let known = old.iter().flat_map(|(record, _)| &record.entries);
    let known: Vec<&str> = known.map(|entry| entry.path.as_str()).collect();
    let new = record
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| !known.contains(&entry.path.as_str()));
    let words: Vec<String> = new
        .flat_map(|(index, entry)| {
            if entry.declaration {
                return vec![format!(
                    "declared as {}",
                    escape::line(config.process.severity_title(&after.severity))
                )];
            }
            let changes = scene.changes(index);
            if changes.is_empty() {
                vec![format!("update by {}", escape::line(entry.by.as_str()))]
            } else {
                changes
            }
        })
        .collect();
    if before.as_ref() == Some(&after) && words.is_empty() {
        return None;
    }
    Some(Change {
        incident: record.id.to_string(),
        from: before,
        to: Some(after),
        words,
    })
}
