//! INC502 promise-beyond-cadence: a next update promised later than the cadence.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC502",
    name: "promise-beyond-cadence",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a next update promised later than the cadence",
    overridable: true,
    flag_hint: Some("--next-update 60m"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
`next_update` against the cadence of the severity in its status, or the one that an update set with `cadence`.

## Why
Longer than the cadence is allowed when it is said once, with a reason: `cadence: 4h` and `reason`.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: waiting for the vendor
next_update: 4h
#            ^^ INC502
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: waiting for the vendor
cadence: 4h
reason: the vendor answers in the morning
next_update: 4h
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries().filter(|turn| incident.is_active(turn.after)) {
        let Some(promise) = turn.entry.next_update.get() else {
            continue;
        };
        let by_process = incident.process.cadence_of(&turn.after.severity, &turn.after.status);
        let Some(cadence) = turn.after.cadence.or(by_process.as_ref().map(|cadence| cadence.value)) else {
            continue;
        };
        let ahead = promise.resolve(turn.file.at).0 - turn.file.at.0;
        if ahead <= cadence.0 {
            continue;
        }
        let finding = out
            .at(
                turn.index,
                turn.entry.next_update.span(),
                format!("the next update is promised later than the cadence of {cadence}"),
            )
            .help("promise it earlier, or say `cadence: …` with a `reason`");
        if let Some(source) = by_process.filter(|_| turn.after.cadence.is_none()) {
            finding.by(source.origin, "the cadence");
        }
    }
}
