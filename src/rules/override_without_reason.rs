//! INC605 override-without-reason: an override without a reason or a rule.

use super::context::{FindingSink, IncidentContext, items};
use super::is_overridable;
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC605",
    name: "override-without-reason",
    level: Level::Error,
    since: "0.1.0",
    summary: "an override without a reason or a rule",
    overridable: false,
    flag_hint: Some("--override RULE=REASON with a reason"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Each item of `overrides` has a `rule` and a `reason` with words, and the rule may be overridden at all.

## Why
An override opens a gate loudly: the review reads the reason.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
overrides: [{ rule: INC201 }]
#                   ^^^^^^ INC605
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

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (item, place) in turn.entry.overrides.get().into_iter().flat_map(|list| items(list)) {
            let Some(code) = item.rule.get() else {
                if item.rule.is_absent() {
                    out.at(turn.index, place, "an override without its rule")
                        .help("add `rule: INC…`");
                }
                continue;
            };
            if item.reason.get().is_none_or(|reason| reason.trim().is_empty()) {
                out.at(
                    turn.index,
                    item.rule.span(),
                    format!("`{code}` is overridden without a reason"),
                )
                .help("add `reason: …`");
            }
            if !is_overridable(code) {
                out.at(turn.index, item.rule.span(), format!("`{code}` cannot be overridden"))
                    .help(format!("`incidentctl explain {code}` says what to do instead"));
            }
        }
    }
}
