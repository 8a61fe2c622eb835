//! INC407 closed-without-outcome: an active incident closed without an outcome.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::ClosureReason;
use crate::process::StatusKind;

pub(super) static RULE: Rule = Rule {
    code: "INC407",
    name: "closed-without-outcome",
    level: Level::Warning,
    since: "0.1.0",
    summary: "an active incident closed without an outcome",
    overridable: true,
    flag_hint: Some("--outcome false_alarm, or --outcome duplicate --related ID"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
A status of kind `closed` set from an active one without `outcome`, and `outcome: duplicate` without `related`. At the
closure it is an error.

## Why
Closing without resolving is for false alarms and duplicates; the record says which.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: closed
#       ^^^^^^ INC407
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: closed
outcome: false_alarm
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let active = turn
            .before
            .is_none_or(|before| incident.process.status_kind(&before.status) == StatusKind::Active);
        let closes = active && incident.process.status_kind(&turn.after.status) == StatusKind::Closed;
        if !closes {
            continue;
        }
        match turn.after.outcome {
            None => {
                out.at(turn.index, turn.status_span(), "closed without having been resolved")
                    .help("resolve it first, or say why not: `outcome: false_alarm`, or `outcome: duplicate` with `related`");
            }
            Some(ClosureReason::Duplicate) if turn.after.related.is_empty() => {
                out.at(turn.index, turn.entry.outcome.span(), "a duplicate of what?")
                    .help("add `related: [ID]`");
            }
            Some(_) => {}
        }
    }
}
