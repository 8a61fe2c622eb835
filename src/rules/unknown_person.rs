//! INC203 unknown-person: a person that people.yaml does not have.

use super::context::{FindingSink, IncidentContext, PEOPLE, people};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC203",
    name: "unknown-person",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a person that people.yaml does not have",
    overridable: true,
    flag_hint: Some("--role or --by with a key of people.yaml, or a new line in people.yaml"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Authors and holders of roles against `people.yaml`, where there is one.

## Why
A misspelt name is told of nothing and asked for nothing.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
roles: { executive_sponsor: erinn }
#                           ^^^^^ INC203
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
roles: { executive_sponsor: erin }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let Some(known) = &incident.directory.people else {
        return;
    };
    for turn in incident.entries() {
        for (person, span) in people(turn.entry) {
            if known.get(person.as_str()).is_none() {
                out.unlisted(turn.index, span, person.as_str(), known, ("person", PEOPLE));
            }
        }
    }
}
