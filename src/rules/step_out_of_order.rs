//! INC301 step-out-of-order: a step recorded before one that comes earlier.

use super::context::{FindingSink, IncidentContext, pairs};
use super::places::shorten;
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::process::Step;

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
        let is_open = |step: &Step| !incident.is_automated(step, turn) && !turn.after.steps.contains_key(&step.key);
        let Some(first) = severity.steps.iter().position(is_open) else {
            continue;
        };
        let missing = &severity.steps[first];
        let missing_key = shorten(missing.key.as_str());
        for (key, _, span) in pairs(&turn.entry.steps) {
            if severity.steps.place_of(key).is_some_and(|place| place > first) {
                out.at(turn.index, span, format!("`{key}` is recorded before `{missing_key}`"))
                    .help(format!("record `{missing_key}` first: {}", missing.title))
                    .by(missing.origin, "this step comes earlier");
            }
        }
    }
}
