//! INC503 promise-missed: a promised update that is late.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::PromiseEnd;
use crate::model::time::humanize;

pub(super) static RULE: Rule = Rule {
    code: "INC503",
    name: "promise-missed",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a promised update that is late",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The promise that stands against the time of the check, and the update that answers a promise late. Quiet in drills, and once the incident is over: the review
keeps count.

## Why
A promise of the next update is the only thing that customers and executives can hold on to.

## Example
```yaml updates/20261123T0940Z-bob.yaml now=2026-11-23T11:00:00Z
by: bob
current_status: looking at the proxies
next_update: 60m
#^^^^^^^^^^ INC503
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml now=2026-11-23T10:30:00Z
by: bob
current_status: looking at the proxies
next_update: 60m
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let last = incident.history.last();
    if last.drill || !incident.is_active(last) {
        return;
    }
    for promise in &incident.history.promises {
        let late = match promise.end {
            PromiseEnd::Open if incident.now > promise.due => Some((incident.now, "is overdue")),
            PromiseEnd::Missed { at } => Some((at, "was answered late")),
            _ => None,
        };
        let Some((until, what)) = late else { continue };
        let entry = &incident.record.entries[promise.entry].entry;
        let fields = [
            entry.next_update.place(),
            entry.current_status.place(),
            entry.declared_at.place(),
            entry.by.place(),
        ];
        let span = fields.into_iter().flatten().next().unwrap_or_default().key;
        let finding = out.at(
            promise.entry,
            span,
            format!(
                "the update promised for {} {what} by {}",
                promise.due,
                humanize(until.0 - promise.due.0)
            ),
        );
        if promise.end == PromiseEnd::Open {
            finding.help("write the update now, even if there is nothing new, with the next `next_update`");
        }
    }
}
