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
The author of an update with `current_status` or `customer_message` against the severity's `updates_by`.

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
        let speaks = turn.entry.current_status.get().is_some() || turn.entry.customer_message.get().is_some();
        let Some(severity) = incident.severity(turn.after).filter(|_| speaks) else {
            continue;
        };
        let nobody = severity
            .updates_by
            .iter()
            .all(|role| turn.after.holders(role.as_str()).is_empty());
        if severity.updates_by.is_empty() || nobody || turn.author_holds(&severity.updates_by) {
            continue;
        }
        out.at(
            turn.index,
            turn.by_span(),
            format!(
                "`{}` is not {}",
                turn.file.by,
                incident.role_titles(&severity.updates_by)
            ),
        )
        .help("let a holder of the role speak, or hand the role over in the same update")
        .by(severity.origin, format!("who speaks in `{}`", severity.key));
    }
}
