//! INC102 impact-misfits-severity: a degradation or workaround that does not fit the severity.

use super::context::{FindingSink, IncidentContext, Turn};
use super::mask_credentials;
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::ImpactKind;
use crate::process::Sourced;
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC102",
    name: "impact-misfits-severity",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a degradation or workaround that does not fit the severity",
    overridable: true,
    flag_hint: Some("--degradation or --workaround, or another --severity"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
`impact.degradation` and `impact.workaround` against the severity's lists. Moot where the kind is `data_loss` or `security`.
An error at the declaration and at a re-classification.

## Why
A workaround or a slight degradation means that the incident process is the wrong one.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
impact: { degradation: total, workaround: use the primary }
#                                         ^^^^^^^^^^^^^^^ INC102
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
impact: { degradation: total, workaround: none }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let changed = turn.entry.severity.get().is_some() || turn.entry.impact.get().is_some();
        if changed && turn.after.kind == ImpactKind::Availability && incident.is_active(turn.after) {
            impact(incident, turn, out);
        }
    }
}

fn impact(incident: &IncidentContext, turn: Turn, out: &mut FindingSink) {
    let Some(severity) = incident.severity(turn.after) else {
        return;
    };
    let written = turn.entry.impact.get();
    let parts = [
        (
            "degradation",
            &turn.after.degradation,
            &severity.degradation,
            written.map(|impact| impact.degradation.span()),
        ),
        (
            "workaround",
            &turn.after.workaround,
            &severity.workaround,
            written.map(|impact| impact.workaround.span()),
        ),
    ];
    for (name, found, allowed, span) in parts {
        let (Some(found), Some(allowed)) = (found, allowed) else {
            continue;
        };
        if !allowed.value.contains(found) {
            let span = span
                .filter(|span| *span != Span::default())
                .unwrap_or(turn.entry.severity.span());
            report(name, found, allowed, severity, turn.index, span, out);
        }
    }
}

fn report(
    name: &str,
    found: &str,
    allowed: &Sourced<Vec<String>>,
    severity: &crate::process::Severity,
    entry: usize,
    span: Span,
    out: &mut FindingSink,
) {
    let words: Vec<_> = allowed.value.iter().map(|word| format!("`{word}`")).collect();
    // Credentials are masked before the text is cut, because a part of a credential does not look like one.
    let masked = mask_credentials(found);
    let shown: String = masked.as_deref().unwrap_or(found).chars().take(60).collect();
    out.at(
        entry,
        span,
        format!("{name} `{}` does not fit {}", shown.trim(), severity.title),
    )
    .help(format!(
        "it is for {name} {}; choose the severity that fits what customers see",
        words.join(" or ")
    ))
    .by(allowed.origin, format!("what fits `{}`", severity.key));
}
