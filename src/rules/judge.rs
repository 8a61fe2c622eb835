//! How much each finding matters: the rule's level, the process's, gates, overrides, and what was merged long ago.

use std::collections::BTreeSet;

use super::context::{ChangeContext, FindingSink, Gate, IncidentContext};
use super::{Check, RULES, Rule, is_overridable, rule_by_code};
use crate::diagnostics::{Diagnostic, Level, sort_and_limit};
use crate::process::{Process, RuleLevel};

/// Which findings may fail a run.
#[derive(Clone, Debug)]
pub enum FailureScope {
    /// All.
    Everything,
    /// Those in files that changed; what was merged before only warns, so that an update is never blocked by it.
    Changed {
        /// The files that are new or say something else.
        paths: BTreeSet<String>,
        /// Those of them that are new.
        added: BTreeSet<String>,
    },
}

/// The findings of all rules about one incident. `reader` are those of its files, by the reader.
#[must_use]
pub fn check_incident(incident: &IncidentContext, reader: Vec<Diagnostic>, scope: &FailureScope) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in RULES {
        if let Check::Incident(check) | Check::Added(check) = rule.check {
            found.extend(run(rule, incident, |report| check(incident, report)));
        }
    }
    let fired: BTreeSet<&'static str> = found.iter().map(|(_, finding)| finding.code).collect();
    for rule in RULES {
        if let Check::AfterAll(check) = rule.check {
            found.extend(run(rule, incident, |report| check(incident, &fired, report)));
        }
    }
    let mut all = apply_rule_levels(incident.process, reader);
    all.extend(
        found
            .into_iter()
            .filter_map(|(entry, finding)| judge(incident, entry, finding, scope)),
    );
    sort_and_limit(all)
}

/// The findings of all rules about the change of an incident.
#[must_use]
pub fn check_change(change: &ChangeContext) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in RULES {
        if let Check::Change(check) = rule.check {
            found.extend(run(rule, change.incident, |report| check(change, report)));
        }
    }
    let judged = found
        .into_iter()
        .filter_map(|(entry, finding)| judge(change.incident, entry, finding, &FailureScope::Everything));
    judged.collect()
}

/// The findings of all rules about the process itself.
#[must_use]
pub fn check_process(process: &Process) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in RULES {
        if let Check::Process(check) = rule.check {
            check(process, &mut found);
        }
    }
    apply_rule_levels(process, found)
}

/// Findings with the level that the process gives their rules.
#[must_use]
pub fn apply_rule_levels(process: &Process, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings
        .into_iter()
        .filter_map(|mut finding| {
            if let Some(set) = process.levels.get(finding.code) {
                finding.level = level(set.value)?;
            }
            Some(finding)
        })
        .collect()
}

/// Runs one rule.
fn run<'a>(
    rule: &'static Rule,
    incident: &IncidentContext<'a>,
    check: impl FnOnce(&mut FindingSink<'a>),
) -> Vec<(usize, Diagnostic)> {
    let mut report = FindingSink {
        code: rule.code,
        record: incident.record,
        found: Vec::new(),
    };
    check(&mut report);
    report.found
}

/// A finding with its level; none where the process switched its rule off.
fn judge(
    incident: &IncidentContext,
    entry: usize,
    mut finding: Diagnostic,
    scope: &FailureScope,
) -> Option<Diagnostic> {
    let process = incident.process;
    let base = rule_by_code(finding.code).map_or(Level::Error, |rule| rule.level);
    finding.level = match process.levels.get(finding.code) {
        Some(set) => level(set.value)?,
        None => base,
    };
    let gate = gate(incident, entry, finding.code).filter(|_| finding.level < Level::Error);
    if gate.is_some() {
        finding.level = Level::Error;
    }
    let overrides = &incident.history.last().overrides;
    let reason = overrides
        .iter()
        .find(|(code, _)| code == finding.code && is_overridable(code));
    if let Some((_, reason)) = reason {
        finding.level = finding.level.min(Level::Warning);
        finding.overridden = Some(reason.clone());
    } else if let Some(gate) = gate {
        let way_out = format!(
            "at this gate ({}) that is an error; where it cannot wait, add `overrides: [{{rule: {}, reason: …}}]`",
            gate.key().replace('_', " "),
            finding.code
        );
        let help = finding
            .help
            .take()
            .map_or(way_out.clone(), |help| format!("{help}\n{way_out}"));
        finding.help = Some(help);
    }
    if !may_fail(incident, &finding, scope) {
        finding.level = finding.level.min(Level::Warning);
    }
    Some(finding)
}

/// Whether a finding may fail a run.
fn may_fail(incident: &IncidentContext, finding: &Diagnostic, scope: &FailureScope) -> bool {
    let of_added = rule_by_code(finding.code).is_some_and(|rule| matches!(rule.check, Check::Added(_)));
    match scope {
        FailureScope::Changed { added, .. } if of_added => added.contains(&finding.path),
        FailureScope::Changed { paths, .. } => paths.contains(&finding.path),
        // What is merged is unknown here; a closed incident takes no further entry that could settle it.
        FailureScope::Everything => !of_added || !incident.is_closed(incident.history.last()),
    }
}

/// The gate at which this rule is an error, if the entry passes one.
fn gate(incident: &IncidentContext, entry: usize, code: &str) -> Option<Gate> {
    let holds = |gate: &Gate| {
        let codes = incident.process.gates.get(gate.key());
        codes.is_some_and(|codes| codes.value.iter().any(|known| known == code))
    };
    incident.gates(entry).iter().copied().find(holds)
}

const fn level(level: RuleLevel) -> Option<Level> {
    match level {
        RuleLevel::Off => None,
        RuleLevel::Info => Some(Level::Info),
        RuleLevel::Warning => Some(Level::Warning),
        RuleLevel::Error => Some(Level::Error),
    }
}
