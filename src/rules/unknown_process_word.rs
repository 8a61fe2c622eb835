//! INC009 unknown-process-word: a severity, status, role, step or degradation that the process does not have.

use std::collections::BTreeSet;

use super::context::{FindingSink, IncidentContext, Turn, items, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC009",
    name: "unknown-process-word",
    level: Level::Error,
    since: "0.1.0",
    summary: "a severity, status, role, step or degradation that the process does not have",
    overridable: false,
    flag_hint: Some("--severity, --status, --role or --step with a word that the process has"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Words that the process defines: severities, statuses, roles, steps, degradations and the codes in overrides.

## Why
A word that the process does not know has no meaning: nobody would be told, no step would count.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identifed
#       ^^^^^^^^^ INC009
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let process = incident.process;
    let steps = process.severities.iter().flat_map(|severity| &severity.steps);
    let degradations = process
        .severities
        .iter()
        .filter_map(|severity| severity.degradation.as_ref());
    let known = Known {
        severities: Words::new(process.severities.iter().map(|known| known.key.as_str())),
        statuses: Words::new(process.statuses.iter().map(|known| known.key.as_str())),
        roles: Words::new(process.roles.iter().map(|known| known.key.as_str())),
        steps: Words::new(steps.map(|known| known.key.as_str())),
        degradations: Words::new(degradations.flat_map(|list| &list.value).map(String::as_str)),
        rules: Words::new(super::RULES.iter().map(|rule| rule.code)),
    };
    for turn in incident.entries() {
        check_keys(&known, turn, out);
    }
}

/// Every word that an entry may use, by kind.
struct Known<'a> {
    severities: Words<'a>,
    statuses: Words<'a>,
    roles: Words<'a>,
    steps: Words<'a>,
    degradations: Words<'a>,
    rules: Words<'a>,
}

/// The known words of one kind, in order, and as a set.
struct Words<'a> {
    all: Vec<&'a str>,
    set: BTreeSet<&'a str>,
}

impl<'a> Words<'a> {
    fn new(words: impl Iterator<Item = &'a str>) -> Self {
        let all: Vec<&str> = words.collect();
        let set = all.iter().copied().collect();
        Self { all, set }
    }
}

fn check_keys(known: &Known, turn: Turn, out: &mut FindingSink) {
    let entry = turn.entry;
    let mut word = |kind, found: &str, span, known| word((kind, found), span, known, turn.index, out);
    if let Some(severity) = entry.severity.get() {
        word("severity", severity.as_str(), entry.severity.span(), &known.severities);
    }
    if let Some(status) = entry.status.get() {
        word("status", status.as_str(), entry.status.span(), &known.statuses);
    }
    for (role, _, span) in pairs(&entry.roles) {
        word("role", role, span, &known.roles);
    }
    for (step, _, span) in pairs(&entry.steps) {
        word("step", step, span, &known.steps);
    }
    if let Some(degradation) = entry.impact.get().map(|impact| &impact.degradation)
        && let Some(found) = degradation.get()
    {
        word("degradation", found, degradation.span(), &known.degradations);
    }
    for (item, _) in entry.overrides.get().into_iter().flat_map(|list| items(list)) {
        if let Some(code) = item.rule.get() {
            word("rule", code, item.rule.span(), &known.rules);
        }
    }
}

/// Reports a word that is not one of the known words, unless there are none.
fn word((kind, found): (&str, &str), span: Span, known: &Words, entry: usize, out: &mut FindingSink) {
    if !known.all.is_empty() && !known.set.contains(found) {
        let help = out.suggestions.did_you_mean(found, known.all.iter().copied());
        out.at(entry, span, format!("the process has no {kind} `{found}`"))
            .maybe_help(help);
    }
}
