//! INC207 hand-over-leaves-role-empty: a required role given up without a successor.

use super::context::{FindingSink, IncidentContext, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::process::RoleRequirement;

pub(super) static RULE: Rule = Rule {
    code: "INC207",
    name: "hand-over-leaves-role-empty",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a required role given up without a successor",
    overridable: true,
    flag_hint: Some("--role ROLE=SUCCESSOR"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
An update after which a required role that was held is held by nobody.

## Why
A hand-over has two sides; until the other one is named, nobody keeps the promises.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave] }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
roles: { incident_coordinator: null }
#        ^^^^^^^^^^^^^^^^^^^^ INC207
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
```yaml updates/20261123T0940Z-bob.yaml
by: bob
roles: { incident_coordinator: erin }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries().skip(1) {
        for (key, _, span) in pairs(&turn.entry.roles) {
            let Some(role) = incident.process.role(key) else {
                continue;
            };
            let held = turn.before.is_some_and(|before| !before.holders(key).is_empty());
            let required = role.required == RoleRequirement::Always && incident.is_active(turn.after);
            if required && held && turn.after.holders(key).is_empty() {
                out.at(turn.index, span, format!("nobody is {} after this", role.title))
                    .help("name the successor in the same update")
                    .by(role.origin, "the role is required");
            }
        }
    }
}
