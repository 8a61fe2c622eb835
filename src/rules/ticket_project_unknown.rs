//! INC506 ticket-project-unknown: a customer without a project for its ticket.

use std::collections::BTreeSet;

use super::context::{CUSTOMERS, FindingSink, IncidentContext, customers};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::CustomerKey;

pub(super) static RULE: Rule = Rule {
    code: "INC506",
    name: "ticket-project-unknown",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a customer without a project for its ticket",
    overridable: true,
    flag_hint: Some("--ticket CUSTOMER=URL"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Named customers against `tickets` in customers.yaml. An adopted ticket (`tickets: { KEY: URL }`) or the step's evidence with a
link will do as well.

## Why
Without a project no ticket is created, and the customer hears nothing.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, umbrella]
#                 ^^^^^^^^ INC506
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let Some(known) = &incident.directory.customers else {
        return;
    };
    let last = incident.history.last();
    let told = incident
        .ticket_step(last)
        .is_some_and(|step| last.steps.contains_key(&step.key));
    let listed: BTreeSet<&str> = last.customers.listed().iter().map(CustomerKey::as_str).collect();
    for turn in incident.entries().filter(|_| !told) {
        for (customer, span) in customers(turn.entry) {
            let Some(field) = known.get(customer) else {
                continue;
            };
            let project = field.get().is_some_and(|customer| customer.tickets.get().is_some());
            if !project && !last.tickets.contains_key(customer) && listed.contains(customer) {
                out.at(turn.index, span, format!("`{customer}` has no project for its ticket"))
                    .help("add `tickets: GROUP/PROJECT` in customers.yaml, or record the ticket's link: `tickets: { KEY: URL }`")
                    .related(CUSTOMERS, field.key_span(), "this customer");
            }
        }
    }
}
