//! INC304 step-without-evidence: a step recorded without evidence.

use super::context::{FindingSink, IncidentContext, pairs, value_span};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::process::StepEffect;

pub(super) static RULE: Rule = Rule {
    code: "INC304",
    name: "step-without-evidence",
    level: Level::Error,
    since: "0.1.0",
    summary: "a step recorded without evidence",
    overridable: true,
    flag_hint: Some("--step STEP=EVIDENCE"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Each step's value: a link or a sentence, not empty and not just a word such as `yes`. A step that no ticket can stand for
(`customers: all`, or a customer without a project) needs a link.

## Why
An auditor reads the evidence, not the tick.

## Example
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
steps: { brief_analysts: done }
#                        ^^^^ INC304
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
steps: { brief_analysts: joined the call at 09:18 }
```
";

/// Words that only say that a step was done.
const TICKS: &[&str] = &[
    "", "-", "x", "y", "yes", "ok", "okay", "done", "true", "n/a", "na", "todo", "tbd",
];

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (key, evidence, _) in pairs(&turn.entry.steps) {
            let value = value_span(&turn.entry.steps, key);
            if TICKS.contains(&evidence.trim().trim_end_matches('.').to_lowercase().as_str()) {
                out.at(turn.index, value, format!("`{key}` is recorded without evidence"))
                    .help("give a link, or a sentence that says when and how");
                continue;
            }
            let step = incident.severity(turn.after).and_then(|severity| severity.step(key));
            let tickets = step.filter(|step| step.effect == Some(StepEffect::Tickets));
            if tickets.is_some_and(|step| !incident.is_automated(step, turn)) && !evidence.contains("://") {
                out.at(
                    turn.index,
                    value,
                    format!("`{key}` needs a link: no ticket is created for it"),
                )
                .help("link what customers were told: a status page, their own tickets");
            }
        }
    }
}
