//! INC602 customer-text-names-another: a text for customers that names another customer or a person.

use super::context::{CUSTOMERS, Incident, PEOPLE, Report, Turn, items};
use super::text;
use super::{Check, Rule};
use crate::diagnostics::Level;
use crate::span::{Field, Span};

pub(super) static RULE: Rule = Rule {
    code: "INC602",
    name: "customer-text-names-another",
    level: Level::Error,
    since: "0.1.0",
    summary: "a text for customers that names another customer or a person",
    docs: DOCS,
    check: Check::Incident(check),
};

const DOCS: &str = r"## What it checks
`impact.headline`, `impact.symptoms` and `customer_message` for keys and names of customers (a message to one customer alone
may name that one) and for full names of people.

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

fn check(incident: &Incident, out: &mut Report) {
    for turn in incident.entries() {
        let impact = turn.entry.impact.get();
        let shared = impact
            .into_iter()
            .flat_map(|impact| [&impact.headline, &impact.symptoms]);
        for field in shared {
            names(incident, turn, field, None, out);
        }
        let to: Vec<_> = turn
            .entry
            .customer_message_to
            .get()
            .into_iter()
            .flat_map(|list| items(list))
            .collect();
        let only = match to.as_slice() {
            [(customer, _)] => Some(customer.as_str()),
            _ => None,
        };
        names(incident, turn, &turn.entry.customer_message, only, out);
    }
}

fn names(incident: &Incident, turn: Turn, field: &Field<String>, only: Option<&str>, out: &mut Report) {
    let Some(words) = field.get() else { return };
    let customers = incident
        .directory
        .customers
        .iter()
        .flat_map(super::super::model::entries::Entries::iter);
    let mut known: Vec<(&str, &str, &str, Span)> = Vec::new();
    for (key, customer) in customers.filter(|(key, _)| Some(*key) != only) {
        known.push((key, "customer", CUSTOMERS, customer.key_span()));
        let name = customer.get().and_then(|customer| customer.name.get());
        known.extend(name.map(|name| (name.as_str(), "customer", CUSTOMERS, customer.key_span())));
    }
    if incident.directory.customers.is_none() {
        let listed = incident.history.last().customers.listed().iter();
        let others = listed.filter(|customer| Some(customer.as_str()) != only);
        known.extend(others.map(|customer| (customer.as_str(), "customer", turn.file.path.as_str(), Span::default())));
    }
    for (_, person) in incident
        .directory
        .people
        .iter()
        .flat_map(super::super::model::entries::Entries::iter)
    {
        let name = person
            .get()
            .filter(|person| person.team.get() != Some(&true))
            .and_then(|person| person.name.get());
        known.extend(
            name.filter(|name| name.contains(' '))
                .map(|name| (name.as_str(), "person", PEOPLE, person.key_span())),
        );
    }
    let mut seen = Vec::new();
    for (word, kind, path, place) in known {
        if let Some((start, end)) = text::find_word(words, word).filter(|found| !seen.contains(found)) {
            seen.push((start, end));
            let span = text::within(field.span(), words, start, end);
            out.at(
                turn.index,
                span,
                format!("a text for customers names the {kind} `{word}`"),
            )
            .help("say it without the name")
            .related(path, place, format!("the {kind}"));
        }
    }
}
