//! INC101 customers-misfit-severity: a number of customers that does not fit the severity.

use super::context::{FindingSink, IncidentContext, Turn};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::Customers;

pub(super) static RULE: Rule = Rule {
    code: "INC101",
    name: "customers-misfit-severity",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a number of customers that does not fit the severity",
    overridable: true,
    flag_hint: Some("--customer, or another --severity"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The number of affected customers against the severity's range, where an entry sets the severity or the customers. `unknown`
waits, `all` counts as several. An error at the declaration and at a re-classification.

## Why
Severity 0 is several customers, Severity 1 exactly one: who is told, how often and by whom follows from it.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme]
#          ^^^^^^ INC101
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev1
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme]
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let set =
            turn.entry.severity.get().is_some() || (turn.before.is_none() && turn.entry.customers.get().is_some());
        if set {
            range(incident, turn, out);
        }
    }
}

fn range(incident: &IncidentContext, turn: Turn, out: &mut FindingSink) {
    let Some(severity) = incident.severity(turn.after) else {
        return;
    };
    let Some(range) = &severity.customers else { return };
    let (min, max) = range.value;
    let fits = match &turn.after.customers {
        Customers::Unknown => true,
        Customers::All => max.is_none_or(|max| max > 1),
        Customers::Listed(list) => {
            let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
            count >= min && max.is_none_or(|max| count <= max)
        }
    };
    if fits {
        return;
    }
    let entry = turn.entry;
    let span = if entry.customers.is_absent() {
        entry.severity.span()
    } else {
        entry.customers.span()
    };
    let found = match &turn.after.customers {
        Customers::All => "all customers".to_owned(),
        other => count(other.listed().len()),
    };
    let wanted = match max {
        Some(max) if max == min => format!("exactly {max}"),
        Some(max) => format!("{min} to {max}"),
        None => format!("at least {min}"),
    };
    out.at(
        turn.index,
        span,
        format!("{found} affected, {} is for {wanted}", severity.title),
    )
    .help("correct the list, write `customers: unknown` while it is not known, or choose the severity that fits")
    .by(range.origin, format!("the range of `{}`", severity.key));
}

fn count(number: usize) -> String {
    if number == 1 {
        "1 customer".to_owned()
    } else {
        format!("{number} customers")
    }
}
