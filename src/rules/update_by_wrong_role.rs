//! INC206 update-by-wrong-role: a summary or customer message by an author without the role for it.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC206",
    name: "update-by-wrong-role",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a summary or words to customers by someone without the role for it",
    overridable: true,
    flag_hint: Some("--by PERSON, if somebody else says it"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The author of an update with `current_status` or `customer_message` against the severity's `updates_by`. While nobody holds these roles, an
internal update is no finding; words to customers are one.

## Why
One voice: the coordinator speaks to the business and to customers, so that two people do not say two things.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave] }
```
```yaml updates/20261123T0940Z-dave.yaml
by: dave
#   ^^^^ INC206
current_status: restarted the secondaries
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
current_status: restarted the secondaries
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries().skip(1) {
        let to_customers = turn.entry.customer_message.get().is_some();
        let speaks = turn.entry.current_status.get().is_some() || to_customers;
        let Some(severity) = incident.severity(turn.after).filter(|_| speaks) else {
            continue;
        };
        let roles = &severity.updates_by;
        if roles.is_empty() || turn.author_holds(roles) {
            continue;
        }
        let is_vacant = roles.iter().all(|role| turn.after.holders(role.as_str()).is_empty());
        if is_vacant && !to_customers {
            continue;
        }
        let titles = incident.role_titles(roles);
        let message = if is_vacant {
            format!("nobody is {titles}, who speaks to customers")
        } else {
            format!("`{}` is not {titles}", turn.file.by)
        };
        out.at(turn.index, turn.by_span(), message)
            .help("let a holder of the role speak, or hand the role over in the same update")
            .by(severity.origin, format!("who speaks in `{}`", severity.key));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::messages;

    #[test]
    fn words_to_customers_while_nobody_holds_the_role_are_a_finding_and_internal_words_are_none() {
        let declaration = "title: a\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: alice\n\
            customers: [acme, globex]\nroles: { incident_manager: alice, incident_analysts: [carol] }\n";
        let update = "updates/20261123T0940Z-bob.yaml";
        let found = |text: &str| {
            let text = format!("by: bob\n{text}\n");
            messages("INC206", "", &[("incident.yaml", declaration), (update, &text)])
        };
        let vacant = ["nobody is Incident Coordinator, who speaks to customers"];
        assert_eq!(found("customer_message: a"), vacant);
        assert_eq!(found("customer_message: a\ncurrent_status: b"), vacant);
        assert_eq!(found("current_status: b"), [""; 0]);
        assert_eq!(
            found("customer_message: a\nroles: { incident_coordinator: bob }"),
            [""; 0]
        );
    }
}
