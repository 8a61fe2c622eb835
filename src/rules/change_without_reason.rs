//! INC103 change-without-reason: a severity or a cadence changed without a reason.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC103",
    name: "change-without-reason",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a severity or a cadence changed without a reason",
    overridable: true,
    flag_hint: Some("--reason TEXT"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
An update that changes the severity, or sets `cadence`, and has no `reason`. An error at a re-classification.

## Why
A re-classification changes who is told and how often: the review asks why.

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
severity: sev0
#         ^^^^ INC103
customers: { add: [globex] }
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
    for turn in incident.entries() {
        let entry = turn.entry;
        if entry.reason.get().is_some_and(|reason| !reason.trim().is_empty()) {
            continue;
        }
        let Some(before) = turn.before else { continue };
        if before.severity != turn.after.severity {
            let message = format!(
                "severity changes from `{}` to `{}` without a reason",
                before.severity, turn.after.severity
            );
            out.at(turn.index, entry.severity.span(), message)
                .help("add `reason: …`");
        }
        if entry.cadence.get().is_some() {
            out.at(
                turn.index,
                entry.cadence.span(),
                "another cadence than the severity's without a reason",
            )
            .help("add `reason: …`");
        }
    }
}
