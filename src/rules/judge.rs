//! Decides the level of each finding, from the rule, the process, the gates, the overrides and the scope of the run.

use std::collections::BTreeSet;

use super::context::{ChangeContext, FindingSink, IncidentContext};
use super::{CheckFunction, RULES, Rule, is_overridable, rule_by_code};
use crate::diagnostics::{Diagnostic, Level, sort_and_limit};
use crate::process::{Process, RuleLevel};

/// The findings that may fail a run: all, or only those in changed files.
#[derive(Clone, Debug)]
pub enum FailureScope {
    /// All findings.
    Everything,
    /// Findings in changed files only. A finding in an older file is at most a warning, so it never blocks an update.
    Changed {
        /// The paths of new and changed files.
        paths: BTreeSet<String>,
        /// The paths of new files.
        added: BTreeSet<String>,
    },
}

/// Runs all rules about one incident and returns the findings; `reader` are the findings from reading its files.
#[must_use]
pub fn check_incident(incident: &IncidentContext, reader: Vec<Diagnostic>, scope: &FailureScope) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in RULES {
        if let CheckFunction::Incident(check) | CheckFunction::Added(check) = rule.check {
            found.extend(run(rule, incident, |report| check(incident, report)));
        }
    }
    let fired: BTreeSet<&'static str> = found.iter().map(|(_, finding)| finding.code).collect();
    for rule in RULES {
        if let CheckFunction::AfterAll(check) = rule.check {
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

/// Runs all rules about a change of an incident and returns the findings.
#[must_use]
pub fn check_change(change: &ChangeContext) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in RULES {
        if let CheckFunction::Change(check) = rule.check {
            found.extend(run(rule, change.incident, |report| check(change, report)));
        }
    }
    let judged = found
        .into_iter()
        .filter_map(|(entry, finding)| judge(change.incident, entry, finding, &FailureScope::Everything));
    judged.collect()
}

/// Runs all rules about the process and returns the findings.
#[must_use]
pub fn check_process(process: &Process) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in RULES {
        if let CheckFunction::Process(check) = rule.check {
            check(process, &mut found);
        }
    }
    apply_rule_levels(process, found)
}

/// Sets each finding to the level that the process gives its rule; removes findings of rules that are switched off.
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

/// Sets the level of a finding; `None` if the process switched the rule off.
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
    let gate = incident
        .gate_of(entry, finding.code)
        .filter(|_| finding.level < Level::Error);
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
    let of_added = rule_by_code(finding.code).is_some_and(|rule| matches!(rule.check, CheckFunction::Added(_)));
    match scope {
        FailureScope::Changed { added, .. } if of_added => added.contains(&finding.path),
        FailureScope::Changed { paths, .. } => paths.contains(&finding.path),
        // What is merged is unknown here; a closed incident takes no further entry that could settle it.
        FailureScope::Everything => !of_added || !incident.is_closed(incident.history.last()),
    }
}

const fn level(level: RuleLevel) -> Option<Level> {
    match level {
        RuleLevel::Off => None,
        RuleLevel::Info => Some(Level::Info),
        RuleLevel::Warning => Some(Level::Warning),
        RuleLevel::Error => Some(Level::Error),
    }
}
