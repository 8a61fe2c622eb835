//! INC009 unknown-process-word: a severity, status, role, step or degradation that the process does not have.

use super::context::{FindingSink, IncidentContext, Turn, items, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::diagnostics::suggest;
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
    for turn in incident.entries() {
        check_keys(incident, turn, out);
    }
}

fn check_keys(incident: &IncidentContext, turn: Turn, out: &mut FindingSink) {
    let (process, entry) = (incident.process, turn.entry);
    if let Some(severity) = entry.severity.get() {
        let known = process.severities.iter().map(|known| known.key.as_str());
        word(
            "severity",
            severity.as_str(),
            entry.severity.span(),
            known,
            turn.index,
            out,
        );
    }
    if let Some(status) = entry.status.get() {
        let known = process.statuses.iter().map(|known| known.key.as_str());
        word("status", status.as_str(), entry.status.span(), known, turn.index, out);
    }
    for (role, _, span) in pairs(&entry.roles) {
        let known = process.roles.iter().map(|known| known.key.as_str());
        word("role", role, span, known, turn.index, out);
    }
    let steps = process.severities.iter().flat_map(|severity| &severity.steps);
    for (step, _, span) in pairs(&entry.steps) {
        word(
            "step",
            step,
            span,
            steps.clone().map(|known| known.key.as_str()),
            turn.index,
            out,
        );
    }
    if let Some(degradation) = entry.impact.get().map(|impact| &impact.degradation)
        && let Some(found) = degradation.get()
    {
        let lists = process
            .severities
            .iter()
            .filter_map(|severity| severity.degradation.as_ref());
        let known = lists.flat_map(|list| &list.value).map(String::as_str);
        word("degradation", found, degradation.span(), known, turn.index, out);
    }
    for (item, _) in entry.overrides.get().into_iter().flat_map(|list| items(list)) {
        if let Some(code) = item.rule.get() {
            let known = super::RULES.iter().map(|rule| rule.code);
            word("rule", code, item.rule.span(), known, turn.index, out);
        }
    }
}

/// Reports a word that is not in the list of known words, unless the list is empty.
fn word<'a>(
    kind: &str,
    found: &str,
    span: Span,
    known: impl Iterator<Item = &'a str> + Clone,
    entry: usize,
    out: &mut FindingSink,
) {
    let mut all = known.clone().peekable();
    if all.peek().is_some() && !all.any(|word| word == found) {
        out.at(entry, span, format!("the process has no {kind} `{found}`"))
            .maybe_help(suggest::did_you_mean(found, known));
    }
}
