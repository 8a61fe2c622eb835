//! INC507 unknown-customer: a customer that customers.yaml does not have.

use super::context::{CUSTOMERS, Incident, Report, customers};
use super::{Check, Rule};
use crate::diagnostics::Level;
use crate::diagnostics::suggest;
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC507",
    name: "unknown-customer",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a customer that customers.yaml does not have",
    docs: DOCS,
    check: Check::Incident(check),
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

fn check(incident: &Incident, out: &mut Report) {
    let Some(known) = &incident.directory.customers else {
        return;
    };
    for turn in incident.entries() {
        for (customer, span) in customers(turn.entry) {
            if known.get(customer.as_str()).is_none() {
                let near = suggest::nearest(customer.as_str(), known.iter().map(|(key, _)| key));
                let help = near.map_or("add the customer to customers.yaml".to_owned(), |near| {
                    format!("did you mean `{near}`?")
                });
                let place = near
                    .and_then(|near| known.get(near))
                    .map_or(Span::default(), super::super::span::Field::key_span);
                out.at(turn.index, span, format!("customers.yaml has no `{customer}`"))
                    .help(help)
                    .related(CUSTOMERS, place, "customers are listed here");
            }
        }
    }
}
