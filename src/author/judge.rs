//! Decides whether a change of files may be written: runs the reader and all rules before and after the change.

use std::collections::BTreeSet;

use crate::changes::IncidentChange;
use crate::diagnostics::{Diagnostic, Level};
use crate::model::{IncidentId, Record, fold};
use crate::rules::{self, ChangeContext, CheckContext, FailureScope, IncidentContext};
use crate::source::{self, File};

/// The result of checking a change of an incident's files: new findings and the resulting record.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// The errors that the change adds. With any error, the change must not be written.
    pub errors: Vec<Diagnostic>,
    /// The warnings and notes that the change adds.
    pub warnings: Vec<Diagnostic>,
    /// The record after the change; `None` if it cannot be read.
    pub record: Option<Record>,
}

impl Verdict {
    /// Whether the change may be written.
    #[must_use]
    pub const fn passes(&self) -> bool {
        self.errors.is_empty()
    }

    /// For each broken rule, its code and the flags of the command line that mend the finding.
    #[must_use]
    pub fn correcting_flags(&self) -> Vec<(&'static str, String)> {
        let mut hints: Vec<(&'static str, String)> = Vec::new();
        for finding in &self.errors {
            if hints.iter().any(|(code, _)| *code == finding.code) {
                continue;
            }
            let flag = rules::rule_by_code(finding.code).and_then(|rule| rule.flag_hint);
            let open = rules::is_overridable(finding.code)
                .then(|| format!("where it cannot wait --override {}=REASON", finding.code));
            let hint: Vec<_> = [flag.map(str::to_owned), open].into_iter().flatten().collect();
            hints.push((finding.code, hint.join("; ")));
        }
        hints.retain(|(_, hint)| !hint.is_empty());
        hints
    }
}

/// Checks a change of an incident's files. `before` and `after` are all its files before and after the change; `merged`
/// are the files of the default branch, whose facts must not change.
#[must_use]
pub fn check_draft(world: &CheckContext, id: &str, merged: &[File], before: &[File], after: &[File]) -> Verdict {
    let (known, _) = findings(world, id, merged, before);
    let known: BTreeSet<_> = known.iter().map(sign).collect();
    let (found, record) = findings(world, id, merged, after);
    let caused = found.into_iter().filter(|finding| !known.contains(&sign(finding)));
    let (errors, warnings) = caused.partition(|finding| finding.level == Level::Error);
    Verdict {
        errors,
        warnings,
        record,
    }
}

/// The identity of a finding, without its place, because a correction may move it.
fn sign(finding: &Diagnostic) -> (String, &'static str, Level, String) {
    (
        finding.path.clone(),
        finding.code,
        finding.level,
        finding.message.clone(),
    )
}

/// All findings about these files and about their difference from the merged files.
fn findings(world: &CheckContext, id: &str, merged: &[File], files: &[File]) -> (Vec<Diagnostic>, Option<Record>) {
    if files.is_empty() {
        return (Vec::new(), None);
    }
    let read = source::read_record(id, files);
    let Some(record) = read.record else {
        return (rules::apply_rule_levels(world.process, read.findings), None);
    };
    let change = IncidentChange {
        id: IncidentId::from(id),
        from: (!merged.is_empty())
            .then(|| source::read_record(id, merged).record)
            .flatten(),
        to: Some(record.clone()),
        gone: Vec::new(),
    };
    let history = fold(&record, &world.process.with(world.directory));
    let incident = IncidentContext::new(world, &record, &history);
    let scope = FailureScope::Changed {
        paths: files.iter().map(|file| file.path.clone()).collect(),
        added: change.unchecked_paths(),
    };
    let mut all = rules::check_incident(&incident, read.findings, &scope);
    all.extend(rules::check_change(&ChangeContext {
        incident: &incident,
        change: &change,
    }));
    all.sort();
    (all, Some(record))
}
