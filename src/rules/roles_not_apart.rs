//! INC202 roles-not-apart: one person in two roles that must be apart.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{FindingSink, IncidentContext, Turn, pairs};
use super::places::shorten;
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
    let apart = apart(incident);
    for turn in incident.entries() {
        for (key, _, _) in pairs(&turn.entry.roles) {
            let role = incident.process.role(key);
            if let Some((role, others)) = role.and_then(|role| Some((role, apart.get(key)?))) {
                clash(incident, turn, (role, others), out);
            }
        }
    }
}

/// For each role, the places in the process of the roles that must be separate from it.
fn apart<'a>(incident: &IncidentContext<'a>) -> BTreeMap<&'a str, BTreeSet<usize>> {
    let roles = &incident.process.roles;
    let mut all: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (place, role) in roles.iter().enumerate() {
        for other in &role.apart {
            let other = roles.place_of(other.as_str()).filter(|other| *other != place);
            if let Some(other) = other {
                all.entry(role.key.as_str()).or_default().insert(other);
                all.entry(roles[other].key.as_str()).or_default().insert(place);
            }
        }
    }
    all
}

/// Reports each new holder of a role who also holds a role that must be separate; once for each pair.
fn clash(incident: &IncidentContext, turn: Turn, (role, others): (&Role, &BTreeSet<usize>), out: &mut FindingSink) {
    let roles = &incident.process.roles;
    let set = |other: &str| turn.entry.roles.get().is_some_and(|roles| roles.get(other).is_some());
    let holders = turn.after.holders(role.key.as_str());
    let place = roles.place_of(role.key.as_str()).unwrap_or_default();
    for other in others {
        let twice = *other > place && set(roles[*other].key.as_str());
        let other = &roles[*other];
        if twice {
            continue;
        }
        let held: BTreeSet<&PersonKey> = turn.after.holders(other.key.as_str()).iter().collect();
        for person in holders.iter().filter(|person| held.contains(person)) {
            let name = shorten(incident.directory.person_name(person.as_str()));
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
