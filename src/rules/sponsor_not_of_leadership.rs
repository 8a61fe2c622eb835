//! INC205 sponsor-not-of-leadership: a role for leadership held by someone who is not of it.

use super::context::{FindingSink, IncidentContext, PEOPLE, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC205",
    name: "sponsor-not-of-leadership",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a role for leadership held by someone who is not of it",
    overridable: true,
    flag_hint: Some("--role ROLE=PERSON"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The holder of a role with `leadership: true` against `leadership` in people.yaml.

## Why
The customers' leadership expects a peer.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
roles: { executive_sponsor: dave }
#                           ^^^^ INC205
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
roles: { executive_sponsor: erin }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let Some(people) = &incident.directory.people else {
        return;
    };
    for turn in incident.entries() {
        for (key, _, _) in pairs(&turn.entry.roles) {
            let Some(role) = incident.process.role(key).filter(|role| role.leadership) else {
                continue;
            };
            for person in turn.after.holders(key) {
                let Some(field) = people.get(person.as_str()) else {
                    continue;
                };
                if field.get().is_some_and(|known| known.leadership.get() != Some(&true)) {
                    out.at(
                        turn.index,
                        turn.role_span(key),
                        format!("`{person}` is not of the leadership"),
                    )
                    .help("name another, or write `leadership: true` in people.yaml")
                    .related(PEOPLE, field.key_span(), "this person")
                    .by(role.origin, format!("{} is for leadership", role.title));
                }
            }
        }
    }
}
