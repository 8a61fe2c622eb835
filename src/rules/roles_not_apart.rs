//! INC202 roles-not-apart: one person in two roles that must be apart.

use super::context::{FindingSink, IncidentContext, Turn, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::PersonKey;
use crate::process::Role;

pub(super) static RULE: Rule = Rule {
    code: "INC202",
    name: "roles-not-apart",
    level: Level::Warning,
    since: "0.1.0",
    summary: "one person in two roles that must be apart",
    overridable: true,
    flag_hint: Some("--role ROLE=PERSON, one person in each"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Roles that the process keeps `apart`, such as manager and coordinator, held by one person.

## Why
Who repairs cannot report, and who steers cannot do either: under pressure one of the two is left undone.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles:
  incident_manager: alice
  incident_coordinator: alice
#                       ^^^^^ INC202
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles:
  incident_manager: alice
  incident_coordinator: bob
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (key, _, _) in pairs(&turn.entry.roles) {
            if let Some(role) = incident.process.role(key) {
                clash(incident, turn, role, out);
            }
        }
    }
}

/// Reports each new holder of a role who also holds a role that must be separate; once for each pair.
fn clash(incident: &IncidentContext, turn: Turn, role: &Role, out: &mut FindingSink) {
    let set = |other: &str| turn.entry.roles.get().is_some_and(|roles| roles.get(other).is_some());
    for other in incident.process.roles.iter().filter(|other| other.key != role.key) {
        let apart = role.apart.contains(&other.key) || other.apart.contains(&role.key);
        let twice = set(other.key.as_str()) && position(incident, other) > position(incident, role);
        if !apart || twice {
            continue;
        }
        let held = |person: &&PersonKey| turn.after.holders(other.key.as_str()).contains(person);
        for person in turn.after.holders(role.key.as_str()).iter().filter(held) {
            let name = incident.directory.person_name(person.as_str());
            out.at(
                turn.index,
                turn.role_span(role.key.as_str()),
                format!("`{name}` is both {} and {}", role.title, other.title),
            )
            .help("hand one of the two roles over")
            .by(role.origin, "these roles are to be apart");
        }
    }
}

fn position(incident: &IncidentContext, role: &Role) -> usize {
    incident
        .process
        .roles
        .iter()
        .position(|known| known.key == role.key)
        .unwrap_or_default()
}
