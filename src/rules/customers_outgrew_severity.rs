//! INC104 customers-outgrew-severity: more customers than the severity is for, by an update.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::Customers;

pub(super) static RULE: Rule = Rule {
    code: "INC104",
    name: "customers-outgrew-severity",
    level: Level::Warning,
    since: "0.1.0",
    summary: "more customers than the severity is for, by an update",
    overridable: true,
    flag_hint: Some("--customer, or another --severity"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
An update that adds customers until they are more than the severity is for.

## Why
A Severity 1 that reaches a second customer is a Severity 0: other people have to be told, and more often.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev1
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme]
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customers: { add: [globex] }
#          ^^^^^^^^^^^^^^^^^ INC104
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev1
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme]
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
severity: sev0
reason: globex reports the same
customers: { add: [globex] }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries().skip(1) {
        if turn.entry.customers.get().is_none() || turn.entry.severity.get().is_some() {
            continue;
        }
        let Some(severity) = incident.severity(turn.after) else {
            continue;
        };
        let Some(range) = &severity.customers else { continue };
        let Some(max) = range.value.1 else { continue };
        let count = match &turn.after.customers {
            Customers::Unknown => 0,
            Customers::All => usize::MAX,
            Customers::Listed(list) => list.len(),
        };
        if count > max as usize {
            let worse = incident.process.severities.iter().find(|other| {
                let fits = other
                    .customers
                    .as_ref()
                    .is_none_or(|range| range.value.1.is_none_or(|max| max as usize >= count));
                fits && other.key != severity.key
            });
            let help = worse.map(|worse| format!("re-classify: `severity: {}` with a `reason`", worse.key));
            out.at(
                turn.index,
                turn.entry.customers.span(),
                format!("the customers outgrow {}", severity.title),
            )
            .maybe_help(help)
            .by(range.origin, format!("the range of `{}`", severity.key));
        }
    }
}
