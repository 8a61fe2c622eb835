//! INC005 misplaced-file: a file that is not part of the record, or a folder without a declaration.

use super::{CheckFunction, Rule};
use crate::diagnostics::{Diagnostic, Level};
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC005",
    name: "misplaced-file",
    level: Level::Error,
    since: "0.1.0",
    summary: "a file that is not part of the record, or a folder without a declaration",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Reader,
};

const DOCS: &str = r"## What it checks
A file in an incident's folder that is neither `incident.yaml` nor `updates/STAMP.yaml` nor `updates/STAMP-PERSON.yaml`
(STAMP is the UTC time, such as `20260102T0304Z`). Files that are not YAML only warn, except a file, a link or a pipe in place of the
folder `updates`, and a link in it. A folder without `incident.yaml`.

## Why
An update under a wrong name would be lost without a word.

## Example
```yaml updates/update-2.yaml
by: bob
status: identified
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
";

/// The finding about a file in the folder `incidents` that belongs to no incident.
#[must_use]
pub fn stray_file_finding(name: &str) -> Diagnostic {
    let message = format!("`{name}` is not part of the record");
    let help = "an incident is a folder: `incidents/ID/incident.yaml`".to_owned();
    Diagnostic::new(
        RULE.code,
        RULE.level,
        &format!("incidents/{name}"),
        Span::default(),
        message,
    )
    .with_help(Some(help))
}
