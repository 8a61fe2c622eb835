//! INC302 steps-missing: a resolution or closure with steps of the process not done.

use super::context::{FindingSink, Gate, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC302",
    name: "steps-missing",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a resolution or closure with steps of the process not done",
    overridable: true,
    flag_hint: Some("--step STEP=EVIDENCE for what was done before"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Whether every step of the severity that people record has been recorded when an incident is resolved or closed; at these
gates it is an error. With an `outcome` nothing is asked.

## Why
What was skipped is found out now, or by the customer.

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
#       ^^^^^^^^ INC302
current_status: all back
customer_message: Service is back.
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
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: resolved
current_status: all back
customer_message: Service is back.
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries().skip(1) {
        let gates = incident.gates(turn.index);
        let ends = gates.contains(&Gate::Resolution) || gates.contains(&Gate::Closure);
        let Some(severity) = incident
            .severity(turn.after)
            .filter(|_| ends && turn.after.outcome.is_none())
        else {
            continue;
        };
        for step in &severity.steps {
            if !incident.is_automated(step, turn) && !turn.after.steps.contains_key(&step.key) {
                out.at(
                    turn.index,
                    turn.status_span(),
                    format!("step `{}` is not done", step.key),
                )
                .help(format!("record it with its evidence: `steps: {{ {}: … }}`", step.key))
                .by(step.origin, step.title.clone());
            }
        }
    }
}
