//! INC208 too-many-in-role: several people in a role that is for one.

use super::context::{FindingSink, IncidentContext, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC208",
    name: "too-many-in-role",
    level: Level::Warning,
    since: "0.1.0",
    summary: "several people in a role that is for one",
    overridable: true,
    flag_hint: Some("--role ROLE=PERSON, one person in each"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Holders of a role without `many: true`, in the entry that names them.

## Why
Two coordinators each think that the other one has told the customers.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles:
  incident_coordinator: [bob, erin]
#                       ^^^^^^^^^^^ INC208
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles:
  incident_coordinator: bob
  incident_analysts: [carol, dave]
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (key, _, _) in pairs(&turn.entry.roles) {
            let Some(role) = incident.process.role(key).filter(|role| !role.many) else {
                continue;
            };
            let holders = turn.after.holders(key);
            if holders.len() > 1 {
                out.at(
                    turn.index,
                    turn.role_span(key),
                    format!("{} people are {}", holders.len(), role.title),
                )
                .help("name one; the others can be in a role for several")
                .by(role.origin, "the role is for one");
            }
        }
    }
}
