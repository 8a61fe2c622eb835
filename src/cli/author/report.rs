//! What a command that writes says: for people and for machines, written or refused.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::Session;
use super::push::{self, PushRequest};
use super::shell;
use crate::author::{New, Verdict};
use crate::cli::{Outcome, print_json};
use crate::diagnostics::json::Checked;
use crate::diagnostics::{Diagnostic, human, json as machine};
use crate::model::Record;
use crate::rules;
use crate::run::Findings;
use crate::source::File;
use crate::terminal::{self, plain};

/// A file that was written.
pub(super) struct Written {
    /// `declared`, `updated`, `corrected`.
    action: &'static str,
    id: String,
    stamp: String,
    path: String,
    warnings: Vec<Diagnostic>,
    record: Option<Record>,
    /// What it says, in a few words.
    pub(super) says: String,
    /// What is pushed instead of what the target lacks.
    pub(super) instead: Option<Vec<u8>>,
}

impl Written {
    pub(super) fn new(action: &'static str, new: &New, verdict: &Verdict) -> Self {
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

/// Findings as they may be shown, with the texts of these files.
fn shown(findings: &[Diagnostic], files: &[File]) -> Findings {
    let texts = files
        .iter()
        .filter_map(|file| Some((file.path.clone(), file.text()?.to_owned())));
    let mut sources: BTreeMap<String, String> = texts.collect();
    sources.insert(
        crate::process::HANDBOOK_PATH.to_owned(),
        crate::process::HANDBOOK.to_owned(),
    );
    let mut findings = Findings {
        all: findings.to_vec(),
        sources,
        checked: Checked::default(),
    };
    findings.mask();
    findings
}

fn as_json(findings: &Findings) -> Value {
    let text = machine::render(findings.checked, &findings.all, &findings.sources, &rules::name);
    let report: Value = serde_json::from_str(&text).unwrap_or_default();
    report.get("findings").cloned().unwrap_or_default()
}

/// The files of the incident with this one among them.
fn with(file: &File, others: &[File]) -> Vec<File> {
    let mut all: Vec<File> = others.iter().filter(|other| other.path != file.path).cloned().collect();
    all.push(file.clone());
    all
}

/// Says why nothing was written.
pub(super) fn refused(
    session: &Session,
    file: &File,
    others: &[File],
    verdict: &Verdict,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let findings = shown(&verdict.errors, &with(file, others));
    let ways = ways_out(&verdict.errors);
    if session.common.json {
        let flags: Vec<_> = ways
            .iter()
            .map(|(code, way)| json!({ "code": code, "flag": way }))
            .collect();
        let value = json!({ "format": 1, "action": "refused", "path": file.path, "findings": as_json(&findings), "mend": flags });
        print_json(&value, out)?;
        return Ok(Outcome::Findings);
    }
    write!(out, "{}", human::render(&findings.all, &findings.sources, true))?;
    writeln!(
        out,
        "Nothing was written: {} would not pass `check`.",
        plain(&file.path)
    )?;
    for (code, way) in ways {
        writeln!(out, "  {code}  {}", plain(&way))?;
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

/// What mends each rule that was broken, as flags.
fn ways_out(errors: &[Diagnostic]) -> Vec<(&'static str, String)> {
    let mut ways: Vec<(&'static str, String)> = Vec::new();
    for finding in errors {
        if ways.iter().any(|(code, _)| *code == finding.code) {
            continue;
        }
        let flag = rules::rule(finding.code).and_then(|rule| rule.flag_hint);
        let open = rules::is_overridable(finding.code)
            .then(|| format!("where it cannot wait --override {}=REASON", finding.code));
        let way = [flag.map(str::to_owned), open]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        ways.push((finding.code, way.join("; ")));
    }
    ways.retain(|(_, way)| !way.is_empty());
    ways
}

/// The command with the answers as flags.
fn again(session: &Session) -> String {
    let given = std::env::args().skip(1);
    let words = given
        .chain(session.answers.iter().cloned())
        .map(|word| shell::quoted(&word));
    format!("incidentctl {}", words.collect::<Vec<_>>().join(" "))
}

/// Says what was written, pushes it where that is wanted, and says what else there is to know.
pub(super) fn written(
    session: &Session,
    written: &Written,
    file: &File,
    others: &[File],
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let files = with(file, others);
    let findings = shown(&written.warnings, &files);
    if !session.common.json {
        let word = if written.action == "corrected" {
            "corrected"
        } else {
            "wrote"
        };
        writeln!(out, "{word}  {}", plain(&written.path))?;
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
        Some(push::send(session, &request))
    } else {
        None
    };
    let failed = matches!(sent, Some(Err(_)));
    if session.common.json {
        let value = json!({
            "format": 1,
            "action": written.action,
            "incident": written.id,
            "path": written.path,
            "stamp": written.stamp,
            "findings": as_json(&findings),
            "push": sent.as_ref().map(push::as_json),
        });
        print_json(&value, out)?;
    } else if let Some(sent) = &sent {
        push::say(&written.id, sent, out)?;
    } else if session.repo.is_some() && !session.global.quiet {
        writeln!(
            out,
            "Share it with `incidentctl push {}`, or commit it yourself.",
            shell::quoted(&written.id)
        )?;
    }
    Ok(if failed { Outcome::Environment } else { Outcome::Clean })
}

/// Says that nothing was to do.
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
        writeln!(out, "{}", terminal::lines(words))?;
    }
    Ok(())
}
