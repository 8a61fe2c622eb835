//! Decides the level of each finding, from the rule, the process, the gates, the overrides and the scope of the run.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{ChangeContext, FindingSink, IncidentContext};
use super::{CheckFunction, RULES, Rule, is_overridable, rule_by_code};
use crate::diagnostics::{Diagnostic, LeftOut, Level, sort_and_limit};
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
    let mut sinks = Vec::new();
    for rule in RULES {
        if let CheckFunction::Incident(check) | CheckFunction::Added(check) = rule.check {
            sinks.push(run(rule, incident, |report| check(incident, report)));
        }
    }
    let fired: BTreeSet<&'static str> = sinks
        .iter()
        .filter(|sink| !sink.found.is_empty())
        .map(|sink| sink.code)
        .collect();
    for rule in RULES {
        if let CheckFunction::AfterAll(check) = rule.check {
            sinks.push(run(rule, incident, |report| check(incident, &fired, report)));
        }
    }
    let mut all = apply_rule_levels(incident.process, reader);
    let mut left_out = BTreeMap::new();
    for sink in sinks {
        count_left_out(incident, &sink, scope, &mut left_out);
        let judged = sink.found.into_iter();
        all.extend(judged.filter_map(|(entry, finding)| judge(incident, entry, finding, scope)));
    }
    sort_and_limit(all, &left_out)
}

/// Adds the findings that a rule did not keep to those of other rules. They have the level of the rule's other findings about the
/// same entry.
fn count_left_out(
    incident: &IncidentContext,
    sink: &FindingSink,
    scope: &FailureScope,
    out: &mut BTreeMap<String, LeftOut>,
) {
    for (entry, count) in sink.left_out() {
        let alike = sink.found.iter().find(|(of, _)| *of == entry);
        let judged = alike.and_then(|(_, finding)| judge(incident, entry, finding.clone(), scope));
        if let Some(finding) = judged {
            let worst = finding.level;
            let known = out.entry(finding.path).or_insert(LeftOut { count: 0, worst });
            known.count += count;
            known.worst = known.worst.max(worst);
        }
    }
}

/// Runs all rules about a change of an incident and returns the findings.
#[must_use]
pub fn check_change(change: &ChangeContext) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in RULES {
        if let CheckFunction::Change(check) = rule.check {
            found.extend(run(rule, change.incident, |report| check(change, report)).found);
        }
    }
    let judged = found
        .into_iter()
        .filter_map(|(entry, finding)| judge(change.incident, entry, finding, &FailureScope::Everything));
    judged.collect()
}

/// Runs all rules about the process and returns the findings, sorted and limited.
#[must_use]
pub fn check_process(process: &Process) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in RULES {
        if let CheckFunction::Process(check) = rule.check {
            check(process, &mut found);
        }
    }
    sort_and_limit(apply_rule_levels(process, found), &BTreeMap::new())
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
) -> FindingSink<'a> {
    let mut report = FindingSink::new(rule.code, incident.record);
    check(&mut report);
    report
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
