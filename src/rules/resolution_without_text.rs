//! INC405 resolution-without-text: a status without the texts that it needs.

use super::context::{FindingSink, IncidentContext, Turn};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::process::RequiredField;

pub(super) static RULE: Rule = Rule {
    code: "INC405",
    name: "resolution-without-text",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a status set without the words that it needs",
    overridable: true,
    flag_hint: Some("--current-status TEXT and --customer-message TEXT"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
The fields that the process's status `needs`, in the entry that sets it. `customer_message` is needed if customers were told of the incident,
also if all of them are restored; not while words to them are held, nor with `told_otherwise: REASON`. At the resolution it is an error. A
merged entry is a warning.

## Why
The last thing that executives and customers hear is that it is over, and what was done.

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
status: resolved
#       ^^^^^^^^ INC405
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
status: resolved
current_status: all secondaries accept pushes
customer_message: Pushes work again.
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let changed = turn.before.is_some_and(|before| before.status != turn.after.status);
        let Some(status) = incident.process.status(turn.after.status.as_str()).filter(|_| changed) else {
            continue;
        };
        if turn.after.outcome.is_some() {
            continue;
        }
        for needed in &status.needs {
            if let Some(name) = missing(*needed, turn) {
                out.at(
                    turn.index,
                    turn.status_span(),
                    format!("`{}` needs `{name}`", status.key),
                )
                .help(format!("add `{name}: …`"))
                .by(status.origin, "what this status needs");
            }
        }
    }
}

/// The key of a needed text that is missing; `None` if the entry has the text.
fn missing(needed: RequiredField, turn: Turn) -> Option<&'static str> {
    let entry = turn.entry;
    let (name, field) = match needed {
        RequiredField::CurrentStatus => ("current_status", &entry.current_status),
        RequiredField::CurrentActions => ("current_actions", &entry.current_actions),
        RequiredField::NextSteps => ("next_steps", &entry.next_steps),
        RequiredField::Reason => ("reason", &entry.reason),
        RequiredField::CustomerMessage => {
            let state = turn.after;
            if state.told.is_empty() || state.hold_customers.is_some() || state.told_otherwise.is_some() {
                return None;
            }
            ("customer_message", &entry.customer_message)
        }
    };
    let empty = field.get().is_none_or(|text| text.trim().is_empty());
    empty.then_some(name)
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{TOLD, levels, messages};

    const UPDATE: &str = "updates/20261123T0940Z-bob.yaml";
    const RESOLVED: &str = "by: bob\nstatus: resolved\ncurrent_status: it works\n";

    #[test]
    fn customers_who_were_told_hear_the_resolution_also_if_they_are_restored() {
        let restored = format!("{RESOLVED}customers: {{ restored: [acme, globex] }}\n");
        for update in [RESOLVED, &restored] {
            let found = messages("INC405", "", &[("incident.yaml", TOLD), (UPDATE, update)]);
            assert_eq!(found, ["`resolved` needs `customer_message`"]);
        }
    }

    #[test]
    fn a_resolution_needs_no_words_to_customers_who_were_not_told_or_who_are_told_otherwise() {
        let untold = TOLD.replace("symptoms", "headline");
        assert_eq!(levels("INC405", &[("incident.yaml", &untold), (UPDATE, RESOLVED)]), []);
        for reason in ["told_otherwise: called by the sponsor\n", "hold_customers: legal\n"] {
            let update = format!("{RESOLVED}{reason}");
            assert_eq!(
                levels("INC405", &[("incident.yaml", TOLD), (UPDATE, &update)]),
                [],
                "{reason}"
            );
        }
    }
}
