//! Whether a file may be written: the reader and all rules, with and without it.

use std::collections::BTreeSet;

use crate::changes::IncidentChange;
use crate::diagnostics::{Diagnostic, Level};
use crate::model::{IncidentId, Record, fold};
use crate::rules::{self, ChangeContext, CheckContext, FailureScope, IncidentContext};
use crate::source::{self, File};

/// What becomes of an incident by a change of its files.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// Errors that were not there before: nothing is written.
    pub errors: Vec<Diagnostic>,
    /// Warnings and notes that were not there before.
    pub warnings: Vec<Diagnostic>,
    /// The record after the change.
    pub record: Option<Record>,
}

impl Verdict {
    /// Whether the change may be written.
    #[must_use]
    pub const fn passes(&self) -> bool {
        self.errors.is_empty()
    }

    /// The flags that correct each broken rule, by code.
    #[must_use]
    pub fn flag_hints(&self) -> Vec<(&'static str, String)> {
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

/// Holds the files of an incident after a change against those before. `merged` are those that the change will be judged
/// against once it is pushed: facts in them are not rewritten.
#[must_use]
pub fn judge(world: &CheckContext, id: &str, merged: &[File], before: &[File], after: &[File]) -> Verdict {
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

/// By what two findings are the same, wherever a correction has moved them.
fn sign(finding: &Diagnostic) -> (String, &'static str, Level, String) {
    (
        finding.path.clone(),
        finding.code,
        finding.level,
        finding.message.clone(),
    )
}

/// All that is wrong with these files, and with their difference from the merged ones.
fn findings(world: &CheckContext, id: &str, merged: &[File], files: &[File]) -> (Vec<Diagnostic>, Option<Record>) {
    if files.is_empty() {
        return (Vec::new(), None);
    }
    let read = source::read_record(id, files);
    let Some(record) = read.record else {
        return (rules::apply_rule_levels(world.process, read.findings), None);
    };
    let history = fold(&record, world.process);
    let incident = IncidentContext::new(world, &record, &history);
    let mut all = rules::check_incident(&incident, read.findings, &FailureScope::Everything);
    let change = IncidentChange {
        id: IncidentId::from(id),
        from: (!merged.is_empty())
            .then(|| source::read_record(id, merged).record)
            .flatten(),
        to: Some(record.clone()),
        gone: Vec::new(),
    };
    all.extend(rules::check_change(&ChangeContext {
        incident: &incident,
        change: &change,
    }));
    all.sort();
    (all, Some(record))
}
