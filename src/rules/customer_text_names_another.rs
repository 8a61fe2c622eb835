//! INC602 customer-text-names-another: a text for customers that names another customer or a person.

use super::context::{CUSTOMERS, FindingSink, IncidentContext, PEOPLE, Turn, items};
use super::text::{self, Names};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::CustomerKey;
use crate::span::Field;

pub(super) static RULE: Rule = Rule {
    code: "INC602",
    name: "customer-text-names-another",
    level: Level::Error,
    since: "0.1.0",
    summary: "a text for customers that names another customer or a person",
    overridable: true,
    flag_hint: Some("--customer-message, --symptoms or --headline without that name"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
`impact.headline`, `impact.symptoms` and `customer_message` for keys and names of customers (a message to one customer alone
may name that one) and for full names of people. Letters that look alike, accents and invisible characters hide no name. Each
name is reported once for a text, and at most 10 names.

## Why
One customer must never learn of another, and people who repair are not to be called at home.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
impact: { headline: Pushes fail for Globex }
#                                   ^^^^^^ INC602
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
impact: { headline: Pushes to secondaries fail }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    // Without customers.yaml only the keys that the record itself uses are known.
    let listed = incident.history.last().customers.listed().iter();
    let used = match incident.directory.customers {
        Some(_) => None,
        None => Some(Names::keys(listed.map(CustomerKey::as_str))),
    };
    for turn in incident.entries() {
        let impact = turn.entry.impact.get();
        let shared = impact
            .into_iter()
            .flat_map(|impact| [&impact.headline, &impact.symptoms]);
        for field in shared {
            names(incident, used.as_ref(), turn, (field, None), out);
        }
        let to = turn.entry.customer_message_to.get().into_iter();
        let to: Vec<_> = to.flat_map(|list| items(list)).collect();
        let only = match to.as_slice() {
            [(customer, _)] => Some(customer.as_str()),
            _ => None,
        };
        names(incident, used.as_ref(), turn, (&turn.entry.customer_message, only), out);
    }
}

/// Reports the names in a field, except those of the only customer who reads it.
fn names(
    incident: &IncidentContext,
    used: Option<&Names>,
    turn: Turn,
    (field, only): (&Field<String>, Option<&str>),
    out: &mut FindingSink,
) {
    let Some(words) = field.get() else { return };
    let known = used.into_iter().chain([incident.names]);
    for (name, start, end) in known.flat_map(|names| names.find(words, only)) {
        let (kind, path) = match (name.customer, used) {
            (None, _) => ("person", PEOPLE),
            (Some(_), None) => ("customer", CUSTOMERS),
            (Some(_), Some(_)) => ("customer", turn.file.path.as_str()),
        };
        let span = text::within(field.span(), words, start, end);
        out.at(
            turn.index,
            span,
            format!("a text for customers names the {kind} `{}`", name.text),
        )
        .help("say it without the name")
        .related(path, name.place, format!("the {kind}"));
    }
}
