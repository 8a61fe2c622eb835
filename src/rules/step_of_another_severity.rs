//! INC305 step-of-another-severity: a step that the severity does not have.

use std::collections::BTreeMap;

use super::context::{FindingSink, IncidentContext, pairs};
use super::places::shorten;
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::process::Severity;

pub(super) static RULE: Rule = Rule {
    code: "INC305",
    name: "step-of-another-severity",
    level: Level::Error,
    since: "0.1.0",
    summary: "a step that the severity does not have",
    overridable: true,
    flag_hint: Some("--step with a step of this severity, or --severity"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Recorded steps against the steps of the severity that the incident has after the entry.

## Why
The steps of another severity tell other people.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave] }
```
```yaml updates/20261123T0920Z-carol.yaml
by: carol
steps: { join_channel: joined at 09:18 }
#        ^^^^^^^^^^^^ INC305
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave] }
```
```yaml updates/20261123T0920Z-carol.yaml
by: carol
steps: { brief_analysts: joined at 09:18 }
```
";

/// The largest number of steps that the advice lists.
const MAX_LISTED: usize = 40;

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let mut first: BTreeMap<&str, &Severity> = BTreeMap::new();
    for severity in &incident.process.severities {
        for step in &severity.steps {
            first.entry(step.key.as_str()).or_insert(severity);
        }
    }
    for turn in incident.entries() {
        let Some(severity) = incident.severity(turn.after) else {
            continue;
        };
        let listed = severity.steps.iter().take(MAX_LISTED);
        let listed: Vec<_> = listed.map(|step| format!("`{}`", shorten(step.key.as_str()))).collect();
        for (key, _, span) in pairs(&turn.entry.steps) {
            if let (None, Some(other)) = (severity.step(key), first.get(key)) {
                out.at(
                    turn.index,
                    span,
                    format!("`{key}` is a step of {}, not of {}", other.title, severity.title),
                )
                .help(format!("the steps are {}", listed.join(", ")))
                .by(severity.origin, "the severity of the incident");
            }
        }
    }
}
