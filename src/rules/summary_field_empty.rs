//! INC504 summary-field-empty: an executive summary with an empty field.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC504",
    name: "summary-field-empty",
    level: Level::Warning,
    since: "0.1.0",
    summary: "an executive summary with an empty field",
    overridable: true,
    flag_hint: Some("--current-status, --current-actions and --next-steps"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r#"## What it checks
An entry with any of the fields of the executive summary: each of *Current Status*, *Current Actions* and *Next steps* has
words, in this entry or an earlier one, and none is written empty.

## Why
An executive reads five fields. An empty one reads as "we do not know".

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: looking at the proxies
#^^^^^^^^^^^^^ INC504
next_update: 60m
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: looking at the proxies
current_actions: comparing versions
next_steps: roll back
next_update: 60m
```
"#;

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let (entry, after) = (turn.entry, turn.after);
        let fields = [
            ("current_status", &entry.current_status, &after.current_status),
            ("current_actions", &entry.current_actions, &after.current_actions),
            ("next_steps", &entry.next_steps, &after.next_steps),
        ];
        let Some((_, written, _)) = fields.iter().find(|(_, written, _)| written.get().is_some()) else {
            continue;
        };
        let active = incident.is_active(after);
        for (name, field, state) in fields {
            let blank = field.get().is_some_and(|text| text.trim().is_empty());
            let never = state.as_ref().is_none_or(|text| text.text.trim().is_empty());
            if blank || (never && active) {
                let span = if field.is_absent() {
                    written.key_span()
                } else {
                    field.key_span()
                };
                out.at(turn.index, span, format!("the summary has no `{name}`"))
                    .help(format!("add `{name}: …`"));
            }
        }
    }
}
