//! INC409 merged-facts-rewritten: facts of a merged file rewritten.

use super::context::{ChangeContext, FindingSink};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::Entry;
use crate::model::fields::{FieldKind, RecordField};
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC409",
    name: "merged-facts-rewritten",
    level: Level::Error,
    since: "0.1.0",
    summary: "facts of a merged file rewritten",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Change(check),
};

const DOCS: &str = r"## What it checks
With a base: merged files of which more than words changed: severity, status, times, roles, customers, promises and the like.
Words may be corrected; where they were posted, the correction is marked.

## Why
Tickets, mentions and promises were made on these facts. A new update says what is true now, and history keeps both.

## Example
```yaml base/updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: monitoring
#       ^^^^^^^^^^ INC409
```

## Use instead
```yaml base/updates/20261123T0940Z-bob.yaml
by: bob
current_status: identfied
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: identified
```
";

fn check(change: &ChangeContext, out: &mut FindingSink) {
    for rewritten in change.change.rewritten_entries() {
        let facts = rewritten.fields.iter().filter(|field| field.kind == FieldKind::Fact);
        for field in facts {
            let (index, file) = rewritten.to;
            out.at(
                index,
                span(&file.entry, field),
                format!("`{}` of a merged file was changed", field.key()),
            )
            .help("put the old value back and write an update that says what is true now");
        }
    }
}

/// The span of a field; the author's span if the field was removed.
fn span(entry: &Entry, field: &RecordField) -> Span {
    let around = || entry.impact.place().filter(|_| field.name.starts_with("impact."));
    let author = || entry.declared_by.place().or(entry.by.place());
    let place = (field.place)(entry).or_else(around).or_else(author);
    place.map(|place| place.value).unwrap_or_default()
}
