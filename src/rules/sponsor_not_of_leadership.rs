//! INC205 sponsor-not-of-leadership: a role for leadership held by someone who is not of it.

use super::context::{FindingSink, IncidentContext, PEOPLE, Turn, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::{Entries, Person};
use crate::process::Role;

pub(super) static RULE: Rule = Rule {
    code: "INC205",
    name: "sponsor-not-of-leadership",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a role for leadership held by someone who is not of it",
    overridable: true,
    flag_hint: Some("--role ROLE=PERSON"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
The holders of a role with `leadership: true` against `leadership` in people.yaml, in the entry that gives them the role and in each entry
that passes a gate. At words to customers, re-classification, resolution and closure it is an error. A merged entry is a warning.

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
    let for_leadership = || incident.process.roles.iter().filter(|role| role.leadership);
    for turn in incident.entries() {
        let is_gated = incident.gate_of(turn.index, RULE.code).is_some();
        for role in for_leadership() {
            let is_given = pairs(&turn.entry.roles).any(|(key, _, _)| key == role.key.as_str());
            if is_given || is_gated {
                check_holders(turn, role, people, out);
            }
        }
    }
}

/// Reports the holders of a role for leadership who are not of it.
fn check_holders(turn: Turn, role: &Role, people: &Entries<Person>, out: &mut FindingSink) {
    let key = role.key.as_str();
    let given = turn.entry.roles.get().and_then(|roles| roles.get(key));
    let span = given.map_or_else(|| turn.by_span(), |_| turn.role_span(key));
    for person in turn.after.holders(key) {
        let Some(field) = people.get(person.as_str()) else {
            continue;
        };
        if field.get().is_some_and(|known| known.leadership.get() != Some(&true)) {
            out.at(turn.index, span, format!("`{person}` is not of the leadership"))
                .help("name another, or write `leadership: true` in people.yaml")
                .related(PEOPLE, field.key_span(), "this person")
                .by(role.origin, format!("{} is for leadership", role.title));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Level;
    use crate::rules::tests::{TOLD, levels};

    #[test]
    fn a_sponsor_outside_of_leadership_warns_and_is_an_error_at_the_gates() {
        let given = (
            "updates/20261123T0930Z-bob.yaml",
            "by: bob\nroles: { executive_sponsor: dave }\n",
        );
        let found = |entry: &str| {
            let text = format!("by: bob\n{entry}\n");
            let files = [
                ("incident.yaml", TOLD),
                given,
                ("updates/20261123T0940Z-bob.yaml", text.as_str()),
            ];
            levels("INC205", &files)
        };
        let gates = [
            "customer_message: a",
            "severity: sev1\nreason: smaller",
            "status: resolved",
            "status: closed",
        ];
        for gate in gates {
            assert_eq!(found(gate), [Level::Warning, Level::Error], "{gate}");
        }
        assert_eq!(found("current_status: a"), [Level::Warning]);
        let replaced = "customer_message: a\nroles: { executive_sponsor: erin }";
        assert_eq!(found(replaced), [Level::Warning]);
    }
}
