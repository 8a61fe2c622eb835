//! INC505 customers-not-told: customers of a running incident who have not been told.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::Customers;
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC505",
    name: "customers-not-told",
    level: Level::Warning,
    since: "0.1.0",
    summary: "customers of a running incident who have not been told",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
A running incident after `roles_within`: named customers need `impact.symptoms`, from which their tickets are made; `all`
needs the step with a link; `unknown` is pointed out. Quiet where words are held or in a drill.

## Why
The worst way to learn of an incident is to find it oneself.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
#^^^^^^^^ INC505
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: looking
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
impact: { symptoms: Pushes are refused }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: looking
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let last = incident.last();
    let state = last.after;
    let late = incident.now.0 - state.declared_at.0 > incident.process.roles_within.value.0;
    if !late || !incident.is_active(state) || state.hold_customers.is_some() || state.drill {
        return;
    }
    let Some(step) = incident.ticket_step(state) else {
        return;
    };
    let (message, help) = match &state.customers {
        Customers::Unknown => (
            "the customers are unknown, so nobody is told",
            "name them: `customers: [...]`".to_owned(),
        ),
        Customers::Listed(_) if state.symptoms.is_none() => (
            "the customers have not been told",
            "say what they see: `impact: { symptoms: … }`".to_owned(),
        ),
        Customers::All if !state.steps.contains_key(&step.key) => {
            let help = format!("tell them and link it: `steps: {{ {}: https://… }}`", step.key);
            ("nothing says that all customers have been told", help)
        }
        _ => return,
    };
    let (entry, span) = named(incident).unwrap_or((last.index, last.by_span()));
    out.at(entry, span, message)
        .help(help)
        .by(step.origin, step.title.clone());
}

/// The entry and place that named the customers last.
fn named(incident: &IncidentContext) -> Option<(usize, Span)> {
    let all = incident.entries().filter(|turn| turn.entry.customers.get().is_some());
    all.last().map(|turn| (turn.index, turn.entry.customers.key_span()))
}
