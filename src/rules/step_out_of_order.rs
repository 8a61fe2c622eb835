//! INC301 step-out-of-order: a step recorded before one that comes earlier.

use super::context::{FindingSink, IncidentContext, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC301",
    name: "step-out-of-order",
    level: Level::Error,
    since: "0.1.0",
    summary: "a step recorded before one that comes earlier",
    overridable: true,
    flag_hint: Some("--step STEP=EVIDENCE for what was done before"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Steps that people record, in the order of the severity's list. Steps that the program carries out are not judged.

## Why
The order is the process: a briefing before the analysts are there briefs nobody.

## Example
```yaml process.yaml
extends: handbook
severities:
  sev0:
    steps:
      assemble: { title: Assemble the team }
      brief: { title: Brief the team }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
steps: { brief: done in the call }
#        ^^^^^ INC301
```

## Use instead
```yaml process.yaml
extends: handbook
severities:
  sev0:
    steps:
      assemble: { title: Assemble the team }
      brief: { title: Brief the team }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
steps: { assemble: all here by 09:35, brief: done in the call }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let Some(severity) = incident.severity(turn.after) else {
            continue;
        };
        for (key, _, span) in pairs(&turn.entry.steps) {
            let Some(place) = severity.steps.iter().position(|step| step.key.as_str() == key) else {
                continue;
            };
            let missing = severity.steps[..place]
                .iter()
                .find(|step| !incident.is_automated(step, turn.after) && !turn.after.steps.contains_key(&step.key));
            if let Some(missing) = missing {
                out.at(
                    turn.index,
                    span,
                    format!("`{key}` is recorded before `{}`", missing.key),
                )
                .help(format!("record `{}` first: {}", missing.key, missing.title))
                .by(missing.origin, "this step comes earlier");
            }
        }
    }
}
