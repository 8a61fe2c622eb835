//! INC401 forbidden-transition: a status that may not follow the one before.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC401",
    name: "forbidden-transition",
    level: Level::Error,
    since: "0.1.0",
    summary: "a status that may not follow the one before",
    overridable: true,
    flag_hint: Some("another --status"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Each change of status against the process's transitions.

## Why
A closed incident is evidence: what comes back is a new incident.

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
status: identified
#       ^^^^^^^^^^ INC401
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
status: identified
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let Some(before) = turn.before else { continue };
        let (from, to) = (&before.status, &turn.after.status);
        if from != to && incident.process.status(to.as_str()).is_some() && !incident.process.may_follow(from, to) {
            let allowed = incident
                .process
                .statuses
                .iter()
                .filter(|status| incident.process.may_follow(from, &status.key));
            let allowed: Vec<_> = allowed.map(|status| format!("`{}`", status.key)).collect();
            let help = if allowed.is_empty() {
                format!("`{from}` is final: declare a new incident and name this one in `related`")
            } else {
                format!("after `{from}` may come {}", allowed.join(", "))
            };
            let finding = out
                .at(
                    turn.index,
                    turn.entry.status.span(),
                    format!("`{to}` may not follow `{from}`"),
                )
                .help(help);
            if let Some(status) = incident.process.status(from.as_str()) {
                finding.by(status.origin, "what may follow");
            }
        }
    }
}
