//! INC501 no-next-update: a summary without the promise of the next one.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC501",
    name: "no-next-update",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a summary without the promise of the next one",
    overridable: true,
    flag_hint: Some("--next-update 60m"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
An entry with `current_status` of a severity and status that have a cadence, without `next_update`. (The cadence then counts
as the promise.)

## Why
People can wait when they know until when.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: looking at the proxies
#^^^^^^^^^^^^^ INC501
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: looking at the proxies
next_update: 60m
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries().skip(1) {
        let entry = turn.entry;
        let silent =
            entry.current_status.get().is_some() && entry.next_update.is_absent() && turn.after.cadence.is_none();
        let Some(cadence) = incident
            .process
            .cadence_of(&turn.after.severity, &turn.after.status)
            .filter(|_| silent)
        else {
            continue;
        };
        out.at(turn.index, entry.current_status.key_span(), "no `next_update`")
            .help(format!("add `next_update: {}`", cadence.value))
            .by(cadence.origin, "the cadence");
    }
}
