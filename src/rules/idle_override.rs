//! INC606 idle-override: an override that overrides nothing.

use std::collections::BTreeSet;

use super::context::{FindingSink, IncidentContext, items};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC606",
    name: "idle-override",
    level: Level::Warning,
    since: "0.1.0",
    summary: "an override that overrides nothing",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::AfterAll(check),
};

const DOCS: &str = r"## What it checks
Overrides of rules that find nothing in this incident.

## Why
A gate left open is open for the next mistake as well.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
overrides: [{ rule: INC407, reason: just in case }]
#                   ^^^^^^ INC606
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customer_message: We are on it.
overrides: [{ rule: INC201, reason: paging the on-call coordinator }]
```
";

/// Reports overrides of rules that are not in `fired`, the codes with a finding.
fn check(incident: &IncidentContext, fired: &BTreeSet<&'static str>, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (item, _) in turn.entry.overrides.get().into_iter().flat_map(|list| items(list)) {
            let Some(code) = item.rule.get() else { continue };
            let judged = super::rule_by_code(code)
                .is_some_and(|rule| rule.overridable && matches!(rule.check, CheckFunction::Incident(_)));
            if judged && !fired.contains(code.as_str()) {
                out.at(
                    turn.index,
                    item.rule.span(),
                    format!("`{code}` finds nothing here to override"),
                )
                .help("take the override out");
            }
        }
    }
}
