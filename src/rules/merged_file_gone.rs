//! INC408 merged-file-gone: a merged file renamed or deleted.

use super::context::{ChangeContext, FindingSink};
use super::{CheckFunction, Rule};
use crate::changes::IncidentChange;
use crate::diagnostics::{Diagnostic, Level};
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC408",
    name: "merged-file-gone",
    level: Level::Error,
    since: "0.1.0",
    summary: "a merged file renamed or deleted",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Change(check),
};

const DOCS: &str = r"## What it checks
With a base: files of the record that were merged and are not there any more. No override lifts it.

## Why
What was carried out cannot be taken back by deleting its reason, and under another name it would be carried out again.

## Example
```yaml base/updates/20261123T0930Z-bob.yaml
by: bob
status: identified
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```

## Use instead
```yaml base/updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
";

fn check(change: &ChangeContext, out: &mut FindingSink) {
    for path in &change.change.gone {
        let before = change
            .change
            .from
            .iter()
            .flat_map(|record| &record.entries)
            .find(|entry| entry.path == *path);
        let same = |entry: &crate::model::RecordEntry| before.is_some_and(|before| before.entry == entry.entry);
        let renamed = change.change.added_entries().find(|(_, entry)| same(entry));
        let message = match renamed {
            Some((_, entry)) => format!("a merged file was renamed to `{}`", entry.path),
            None => "a merged file was deleted".to_owned(),
        };
        out.at_file(path, message)
            .help("bring it back; what changed since belongs into a new update");
    }
}

/// The findings about a deleted incident.
#[must_use]
pub fn incident_gone_findings(change: &IncidentChange) -> Vec<Diagnostic> {
    let finding = |path: &String| {
        let message = "a merged file was deleted";
        let help = "bring it back; a merged incident ends with `status: closed`".to_owned();
        Diagnostic::new(RULE.code, RULE.level, path, Span::default(), message).with_help(Some(help))
    };
    change.gone.iter().map(finding).collect()
}
