//! INC203 unknown-person: a person that people.yaml does not have.

use super::context::{Incident, PEOPLE, Report, people};
use super::{Check, Rule};
use crate::diagnostics::Level;
use crate::diagnostics::suggest;
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC203",
    name: "unknown-person",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a person that people.yaml does not have",
    docs: DOCS,
    check: Check::Incident(check),
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

fn check(incident: &Incident, out: &mut Report) {
    let Some(known) = &incident.directory.people else {
        return;
    };
    for turn in incident.entries() {
        for (person, span) in people(turn.entry) {
            if known.get(person.as_str()).is_none() {
                let near = suggest::nearest(person.as_str(), known.iter().map(|(key, _)| key));
                let help = near.map_or("add the person to people.yaml".to_owned(), |near| {
                    format!("did you mean `{near}`?")
                });
                let finding = out
                    .at(turn.index, span, format!("people.yaml has no `{person}`"))
                    .help(help);
                let place = near
                    .and_then(|near| known.get(near))
                    .map_or(Span::default(), super::super::span::Field::key_span);
                finding.related(PEOPLE, place, "people are listed here");
            }
        }
    }
}
