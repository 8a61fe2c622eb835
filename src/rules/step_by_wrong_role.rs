//! INC303 step-by-wrong-role: a step completed by someone without the role for it.

use std::collections::BTreeMap;

use super::context::{FindingSink, IncidentContext, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::{PersonKey, RoleKey};

pub(super) static RULE: Rule = Rule {
    code: "INC303",
    name: "step-by-wrong-role",
    level: Level::Error,
    since: "0.1.0",
    summary: "a step completed by someone without the role for it",
    overridable: true,
    flag_hint: Some("--done-by PERSON"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The person whom the record of a step names as its doer (`by`) against the step's `by` in process.yaml: the doer holds one of the roles
before or after the entry. Anybody may record a step, and a record that names no doer is no finding.

## Why
A step is done by those who hold its role. Nobody is refused for having written it down.

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
steps: { brief_analysts: { by: bob, at: 09:31, evidence: told them what we know } }
#                              ^^^ INC303
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
steps: { brief_analysts: { by: carol, at: 09:31, evidence: joined the channel } }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let Some(severity) = incident.severity(turn.after) else {
            continue;
        };
        let mut held: BTreeMap<(&PersonKey, &RoleKey), bool> = BTreeMap::new();
        for (key, record, _) in pairs(&turn.entry.steps) {
            let doer = record.by().and_then(|field| Some((field.get()?, field.span())));
            let step = severity.step(key).filter(|step| !step.by.is_empty());
            let (Some((doer, span)), Some(step)) = (doer, step) else {
                continue;
            };
            let mut holds = |role| {
                let answer = || turn.is_held_by(doer, std::slice::from_ref(role));
                *held.entry((doer, role)).or_insert_with(answer)
            };
            if !step.by.iter().any(&mut holds) {
                out.at(
                    turn.index,
                    span,
                    format!("`{key}` is for {}, and `{doer}` is not", incident.role_titles(&step.by)),
                )
                .help("name who did it, or give the role to this person in the same entry")
                .by(step.origin, "who does this step");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::messages;

    #[test]
    fn anybody_records_a_step_and_the_doer_holds_its_role_before_or_after_the_entry() {
        let update = "updates/20261123T0940Z-bob.yaml";
        let found = |text: &str| messages("INC303", "", &[(update, &format!("by: bob\n{text}\n"))]);
        assert_eq!(found("steps: { brief_analysts: they joined }"), [""; 0]);
        assert_eq!(
            found("steps: { brief_analysts: { at: 09:31, evidence: they joined } }"),
            [""; 0]
        );
        let by_erin = "steps: { brief_analysts: { by: erin, evidence: joined the call } }";
        assert_eq!(
            found(by_erin),
            ["`brief_analysts` is for Incident Analyst/Group, and `erin` is not"]
        );
        let joins = format!("roles: {{ incident_analysts: {{ add: [erin] }} }}\n{by_erin}");
        assert_eq!(found(&joins), [""; 0]);
        let leaves = "roles: { incident_analysts: { remove: [carol] } }\n\
            steps: { brief_analysts: { by: carol, evidence: joined the call } }";
        assert_eq!(found(leaves), [""; 0]);
    }

    #[test]
    fn a_doer_who_is_not_in_people_yaml_is_unknown() {
        let update = "by: bob\nsteps: { brief_analysts: { by: zoe, evidence: joined the call } }\n";
        let found = messages("INC203", "", &[("updates/20261123T0940Z-bob.yaml", update)]);
        assert_eq!(found, ["people.yaml has no `zoe`"]);
    }
}
