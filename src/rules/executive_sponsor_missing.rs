//! INC204 executive-sponsor-missing: a role that a strategic customer requires and nobody holds.

use super::context::{CUSTOMERS, FindingSink, Gate, IncidentContext, Turn};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::CustomerKey;
use crate::process::RoleRequirement;
use crate::span::{Field, Span};

pub(super) static RULE: Rule = Rule {
    code: "INC204",
    name: "executive-sponsor-missing",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a role missing that a strategic customer needs",
    overridable: true,
    flag_hint: Some("--role ROLE=PERSON"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
A role that is `required: strategic` while an affected customer is `strategic: true` in customers.yaml and nobody holds it
after `roles_within`. An error at the resolution and the closure.

## Why
A member of leadership engages that customer's leadership; they notice when nobody calls.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, hooli]
#^^^^^^^^ INC204
roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave] }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: still down
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, hooli]
roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave], executive_sponsor: erin }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: still down
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for role in incident
        .process
        .roles
        .iter()
        .filter(|role| role.required == RoleRequirement::Strategic)
    {
        let empty = |turn: &Turn| turn.after.holders(role.key.as_str()).is_empty();
        let late = |turn: &Turn| turn.file.at.0 - turn.after.declared_at.0 > incident.process.roles_within.value.0;
        let ends = |turn: &Turn| {
            let gates = incident.gates(turn.index);
            gates.contains(&Gate::Resolution) || gates.contains(&Gate::Closure)
        };
        let Some(turn) = incident
            .entries()
            .filter(|turn| empty(turn) && late(turn))
            .find(ends)
            .or_else(|| {
                let last = incident.last();
                let late = incident.now.0 - last.after.declared_at.0 > incident.process.roles_within.value.0;
                (empty(&last) && late && incident.is_active(last.after)).then_some(last)
            })
        else {
            continue;
        };
        if let Some(customer) = turn
            .after
            .customers
            .listed()
            .iter()
            .find(|customer| is_strategic(incident, customer))
        {
            let (entry, span) = named(incident, customer).unwrap_or((turn.index, turn.by_span()));
            let at_gate = ends(&turn);
            let (entry, span) = if at_gate {
                (turn.index, turn.status_span())
            } else {
                (entry, span)
            };
            let listed = incident
                .directory
                .customers
                .as_ref()
                .and_then(|all| all.get(customer.as_str()));
            out.at(
                entry,
                span,
                format!("`{customer}` is strategic and nobody is {}", role.title),
            )
            .help(format!("name a member of leadership: `roles: {{ {}: … }}`", role.key))
            .related(
                CUSTOMERS,
                listed.map_or(Span::default(), Field::key_span),
                "strategic by this entry",
            );
        }
    }
}

fn is_strategic(incident: &IncidentContext, customer: &CustomerKey) -> bool {
    let known = incident.directory.customer(customer.as_str());
    known.is_some_and(|known| known.strategic.get() == Some(&true))
}

/// The entry and place that named the customer first.
fn named(incident: &IncidentContext, customer: &CustomerKey) -> Option<(usize, Span)> {
    incident.entries().find_map(|turn| {
        let known = turn.after.customers.listed().contains(customer) && turn.entry.customers.get().is_some();
        known.then(|| (turn.index, turn.entry.customers.key_span()))
    })
}
