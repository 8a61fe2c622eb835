//! INC604 reach-beyond-cap: more customers reached than the cap, without saying so.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC604",
    name: "reach-beyond-cap",
    level: Level::Error,
    since: "0.1.0",
    summary: "more customers reached than the cap, without saying so",
    overridable: true,
    flag_hint: Some("--reach NUMBER"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The number of named customers against `customers_reached_without_asking`; `reach: N` in the record says that so many are meant.

## Why
A list pasted by mistake would open a hundred tickets at night.

## Example
```yaml process.yaml
extends: handbook
customers_reached_without_asking: 1
```
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
#          ^^^^^^^^^^^^^^ INC604
impact: { symptoms: Pushes are refused }
```

## Use instead
```yaml process.yaml
extends: handbook
customers_reached_without_asking: 1
```
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
reach: 2
impact: { symptoms: Pushes are refused }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let cap = &incident.process.reach;
    for turn in incident.entries().filter(|turn| turn.entry.customers.get().is_some()) {
        let count = turn.after.customers.listed().len();
        let allowed = cap.value.max(turn.after.reach.unwrap_or(0)) as usize;
        if count > allowed {
            out.at(
                turn.index,
                turn.entry.customers.span(),
                format!("this reaches {count} customers, {allowed} without asking"),
            )
            .help(format!("if they are all meant, add `reach: {count}`"))
            .by(cap.origin, "the cap");
        }
    }
}
