//! INC507 unknown-customer: a customer that customers.yaml does not have.

use super::context::{CUSTOMERS, FindingSink, IncidentContext, customers};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC507",
    name: "unknown-customer",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a customer that customers.yaml does not have",
    overridable: true,
    flag_hint: Some("--customer with a key of customers.yaml, or a new line in customers.yaml"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Customers against `customers.yaml`, where there is one. At the gate of words to customers it is an error.

## Why
A misspelt customer is told nothing.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globx]
#                 ^^^^^ INC507
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
    for turn in incident.entries() {
        for (customer, span) in customers(turn.entry) {
            if known.get(customer).is_none() {
                out.unlisted(turn.index, span, customer, known, ("customer", CUSTOMERS));
            }
        }
    }
}
