//! INC412 related-to-itself: an incident that names itself as related.

use super::context::{FindingSink, IncidentContext, items};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC412",
    name: "related-to-itself",
    level: Level::Error,
    since: "0.5.0",
    summary: "an incident that names itself in `related`",
    overridable: false,
    flag_hint: Some("--related with the id of another incident"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
The ids in `related` against the incident's own id. A merged entry is a warning.

## Why
A duplicate of itself hides which incident goes on.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
related: [2026-11-23-pushes-rejected]
#         ^^^^^^^^^^^^^^^^^^^^^^^^^^ INC412
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
related: [2026-11-23-proxy-headers]
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let own = &incident.record.id;
    for turn in incident.entries() {
        let named = turn.entry.related.get().into_iter().flat_map(|list| items(list));
        for (_, span) in named.filter(|(id, _)| *id == own) {
            out.at(turn.index, span, "an incident cannot be related to itself")
                .help("name the other incident");
        }
    }
}
