//! INC303 step-by-wrong-role: a step recorded by someone without the role for it.

use std::collections::BTreeMap;

use super::context::{FindingSink, IncidentContext, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::RoleKey;

pub(super) static RULE: Rule = Rule {
    code: "INC303",
    name: "step-by-wrong-role",
    level: Level::Error,
    since: "0.1.0",
    summary: "a step recorded by someone without the role for it",
    overridable: true,
    flag_hint: Some("--by PERSON, if somebody else says it"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The author of an update that records a step against the step's `by`.

## Why
Who did it vouches for it; a step recorded for others is a guess.

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
steps: { brief_analysts: they joined }
#        ^^^^^^^^^^^^^^ INC303
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
steps: { brief_analysts: briefed in the call }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let Some(severity) = incident.severity(turn.after) else {
            continue;
        };
        let mut held: BTreeMap<&RoleKey, bool> = BTreeMap::new();
        for (key, _, span) in pairs(&turn.entry.steps) {
            let Some(step) = severity.step(key).filter(|step| !step.by.is_empty()) else {
                continue;
            };
            let mut holds = |role| {
                let answer = || turn.author_holds(std::slice::from_ref(role));
                *held.entry(role).or_insert_with(answer)
            };
            if !step.by.iter().any(&mut holds) {
                out.at(
                    turn.index,
                    span,
                    format!(
                        "`{key}` is for {}, and `{}` is not",
                        incident.role_titles(&step.by),
                        turn.file.by
                    ),
                )
                .help("let one of them record it, or name the author in the role")
                .by(step.origin, "who does this step");
            }
        }
    }
}
