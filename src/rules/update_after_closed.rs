//! INC404 update-after-closed: an update of an incident that is closed.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::process::StatusKind;

pub(super) static RULE: Rule = Rule {
    code: "INC404",
    name: "update-after-closed",
    level: Level::Error,
    since: "0.1.0",
    summary: "an update of an incident that is closed",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Updates after the one that closed the incident.

## Why
A closed incident is evidence. What comes back is a new incident; what was wrong is corrected in its own file.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
outcome: false_alarm
status: closed
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
#   ^^^ INC404
current_status: it is back
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: it is back
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        if turn
            .before
            .is_some_and(|before| incident.process.status_kind(&before.status) == StatusKind::Closed)
        {
            out.at(turn.index, turn.by_span(), "the incident is closed")
                .help("declare a new incident and name this one in `related`");
        }
    }
}
