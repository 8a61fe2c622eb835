//! INC410 update-before-merged-one: a new update earlier than one that is merged.

use super::context::{ChangeContext, FindingSink};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC410",
    name: "update-before-merged-one",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a new update earlier than one that is merged",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Change(check),
};

const DOCS: &str = r"## What it checks
With a base: a new update whose time is earlier than the last merged one's.

## Why
It takes effect in the past: customers are not told of it, because they have heard newer words.

## Example
```yaml base/updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
```yaml updates/20261123T0920Z-carol.yaml
by: carol
#   ^^^^^ INC410
steps: { brief_analysts: joined at 09:18 }
```

## Use instead
```yaml base/updates/20261123T0920Z-carol.yaml
by: carol
steps: { brief_analysts: joined at 09:18 }
```
```yaml updates/20261123T0920Z-carol.yaml
by: carol
steps: { brief_analysts: joined at 09:18 }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
";

fn check(change: &ChangeContext, out: &mut FindingSink) {
    let Some(merged) = change.change.from.as_ref().and_then(|record| record.entries.last()) else {
        return;
    };
    for (index, file) in change.change.added_entries().filter(|(_, file)| !file.declaration) {
        if file.at < merged.at {
            let span = if file.entry.at.is_absent() {
                file.entry.by.span()
            } else {
                file.entry.at.span()
            };
            out.at(
                index,
                span,
                format!("the update is of {}, and one of {} is merged", file.at, merged.at),
            )
            .help("name it by the time at which it was written; earlier points belong into `timeline`")
            .related(&merged.path, merged.entry.by.span(), "the merged one");
        }
    }
}
