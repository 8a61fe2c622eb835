//! INC201 required-role-empty: a required role that nobody holds.

use super::context::{FindingSink, Gate, IncidentContext, Turn};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::Timestamp;
use crate::process::{Role, RoleRequirement};
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC201",
    name: "required-role-empty",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a required role that nobody holds",
    overridable: true,
    flag_hint: Some("--role ROLE=PERSON"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Every role that is `required: always`. It may stay empty for `roles_within` after the declaration. Then, until it is filled,
words to customers, re-classification, resolution and closure are errors; anything else warns.

## Why
Somebody has to see that the SLA is met and that customers hear: without a holder, nobody does.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customer_message: We are working on it.
#^^^^^^^^^^^^^^^ INC201
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave] }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customer_message: We are working on it.
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for role in incident
        .process
        .roles
        .iter()
        .filter(|role| role.required == RoleRequirement::Always)
    {
        let mut at_gate = false;
        for turn in incident.entries() {
            let gates = incident.gates(turn.index);
            let matters = gates.iter().any(|gate| *gate != Gate::Declaration);
            if matters && is_late(incident, turn.file.at) && turn.after.holders(role.key.as_str()).is_empty() {
                at_gate = true;
                report(incident, role, turn, gate_span(turn, gates), out);
            }
        }
        let last = incident.last();
        let empty = last.after.holders(role.key.as_str()).is_empty();
        if empty && !at_gate && incident.is_active(last.after) && is_late(incident, incident.now) {
            report(incident, role, last, last.by_span(), out);
        }
    }
}

fn is_late(incident: &IncidentContext, at: Timestamp) -> bool {
    at.0 - incident.history.last().declared_at.0 > incident.process.roles_within.value.0
}

/// The span of the field that makes the entry pass a gate.
fn gate_span(turn: Turn, gates: &[Gate]) -> Span {
    let entry = turn.entry;
    match gates.iter().find(|gate| **gate != Gate::Declaration) {
        Some(Gate::CustomerWords) if entry.customer_message.get().is_some() => entry.customer_message.key_span(),
        Some(Gate::CustomerWords) => entry.impact.key_span(),
        Some(Gate::Reclassification) => entry.severity.key_span(),
        _ => turn.status_span(),
    }
}

fn report(incident: &IncidentContext, role: &Role, turn: Turn, span: Span, out: &mut FindingSink) {
    let within = &incident.process.roles_within;
    out.at(
        turn.index,
        span,
        format!("nobody has been {} for more than {}", role.title, within.value),
    )
    .help(format!("name a person: `roles: {{ {}: … }}`", role.key))
    .by(role.origin, format!("the duty: {}", role.duty))
    .by(within.origin, "how long it may stay empty");
}
