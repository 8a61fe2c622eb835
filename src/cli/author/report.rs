//! Prints the result of a writing command, for people and for machines.

use std::io::Write;

use serde_json::json;

use super::{Session, push};
use crate::author::{NewFile, Verdict, replace_or_add_file};
use crate::cli::{Outcome, print_json};
use crate::diagnostics::{Diagnostic, human};
use crate::model::Record;
use crate::rules;
use crate::run::{Findings, PushRequest, PushResult};
use crate::source::File;
use crate::terminal::{self, plain, shell_word};

/// A file that a command wrote.
pub(super) struct Written {
    /// `declared`, `updated`, `corrected`.
    action: &'static str,
    id: String,
    stamp: String,
    path: String,
    warnings: Vec<Diagnostic>,
    record: Option<Record>,
    /// A few words about the file's content.
    pub(super) says: String,
    /// The old content of a corrected file; a push then contains only this file. `None` for a new file.
    pub(super) instead: Option<Vec<u8>>,
}

impl Written {
    pub(super) fn new(action: &'static str, new: &NewFile, verdict: &Verdict) -> Self {
        Self {
            action,
            id: new.id.to_string(),
            stamp: new.stamp.clone(),
            path: new.path.clone(),
            warnings: verdict.warnings.clone(),
            record: verdict.record.clone(),
            says: String::new(),
            instead: None,
        }
    }
}

/// Prints why nothing was written.
pub(super) fn refused(
    session: &Session,
    file: &File,
    others: &[File],
    verdict: &Verdict,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let findings = Findings::from_diagnostics(&verdict.errors, &replace_or_add_file(others, file));
    let hints = verdict.correcting_flags();
    if session.common.json {
        let flags = hints.iter().map(|(code, hint)| json!({ "code": code, "flag": hint }));
        let flags: Vec<_> = flags.collect();
        let value = json!({ "format": 1, "action": "refused", "path": masked_path(&file.path), "findings": findings.to_json(), "mend": flags });
        print_json(&value, out)?;
        return Ok(Outcome::Findings);
    }
    write!(out, "{}", human::render(&findings.all, &findings.sources, true))?;
    writeln!(
        out,
        "Nothing was written: {} would not pass `check`.",
        plain(&masked_path(&file.path))
    )?;
    for (code, hint) in hints {
        writeln!(out, "  {code}  {}", plain(&hint))?;
    }
    if !session.answers.is_empty() {
        writeln!(
            out,
            "\nWhat you answered is not lost; this is the same command:\n\n  {}",
            again(session)
        )?;
    }
    Ok(Outcome::Findings)
}

/// A path with stars for its credentials.
fn masked_path(path: &str) -> String {
    rules::mask_path(path).unwrap_or_else(|| path.to_owned())
}

/// The command line with the answers as flags, with stars for their credentials.
fn again(session: &Session) -> String {
    let given = std::env::args().skip(1);
    let words = given
        .chain(session.answers.iter().cloned())
        .map(|word| shell_word(&rules::mask_credentials(&word).unwrap_or(word)));
    format!("incidentctl {}", words.collect::<Vec<_>>().join(" "))
}

/// Prints the written file and its remarks, and pushes the file if requested.
pub(super) fn written(
    session: &Session,
    written: &Written,
    file: &File,
    others: &[File],
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let findings = Findings::from_diagnostics(&written.warnings, &replace_or_add_file(others, file));
    if !session.common.json {
        let word = if written.action == "corrected" {
            "corrected"
        } else {
            "wrote"
        };
        writeln!(out, "{word}  {}", plain(&masked_path(&written.path)))?;
        if !findings.all.is_empty() && !session.global.quiet {
            write!(out, "\n{}", human::render(&findings.all, &findings.sources, true))?;
        }
        out.flush()?;
    }
    let sent = if session.wants_push()? {
        let request = PushRequest {
            id: &written.id,
            stamp: &written.stamp,
            says: &written.says,
            record: written.record.as_ref(),
            instead: written.instead.clone().map(|bytes| (written.path.clone(), bytes)),
        };
        Some(session.push(&request))
    } else {
        None
    };
    let failed = matches!(sent, Some(Err(_)));
    if session.common.json {
        let value = json!({
            "format": 1,
            "action": written.action,
            "incident": masked_path(&written.id),
            "path": masked_path(&written.path),
            "stamp": masked_path(&written.stamp),
            "findings": findings.to_json(),
            "push": sent.as_ref().map(PushResult::to_json),
        });
        print_json(&value, out)?;
    } else if let Some(sent) = &sent {
        push::print_result(&written.id, sent, out)?;
    } else if session.repo.is_some() && !session.global.quiet {
        writeln!(
            out,
            "Share it with `incidentctl push {}`, or commit it yourself.",
            shell_word(&rules::mask_path(&written.id).unwrap_or_else(|| written.id.clone()))
        )?;
    }
    Ok(if failed { Outcome::Environment } else { Outcome::Clean })
}

/// Prints that nothing had to be done.
pub(super) fn nothing(
    session: &Session,
    action: &str,
    id: &str,
    words: &str,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if session.common.json {
        let value = json!({ "format": 1, "action": action, "incident": id, "message": words });
        print_json(&value, out)?;
    } else {
        writeln!(out, "{}", terminal::plain_lines(words))?;
    }
    Ok(())
}
