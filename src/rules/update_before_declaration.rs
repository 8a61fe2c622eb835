//! INC402 update-before-declaration: an update made before the declaration.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC402",
    name: "update-before-declaration",
    level: Level::Error,
    since: "0.1.0",
    summary: "an update made before the declaration",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The time of each update against the declaration's.

## Why
State is folded by time: such an update would change an incident that did not exist.

## Example
```yaml updates/20261123T0840Z-bob.yaml
by: bob
#   ^^^ INC402
status: identified
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let declared = incident.record.declaration();
    for turn in incident.entries().skip(1) {
        if turn.file.at < declared.at {
            let span = if turn.entry.at.is_absent() {
                turn.by_span()
            } else {
                turn.entry.at.span()
            };
            out.at(
                turn.index,
                span,
                format!("the update is of {}, before the declaration", turn.file.at),
            )
            .help("what happened earlier belongs into `timeline` or `impact.started_at`")
            .related(
                &declared.path,
                declared.entry.declared_at.span(),
                "declared at this time",
            );
        }
    }
}
