//! INC007 file-name-not-its-time: an update whose `at` or `by` is not what its file's name says.

use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC007",
    name: "file-name-not-its-time",
    level: Level::Error,
    since: "0.1.0",
    summary: "an update whose `at` or `by` is not what its file's name says",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Reader,
};

const DOCS: &str = r"## What it checks
An update's file is named by its time and its author. Where the file says `at` or `by` as well, both have to agree.

## Why
Order is by time: two different times for one update would put it in two places.

## Example
```yaml updates/20261123T0940Z-bob.yaml
at: 2026-11-23T09:45:00Z
#   ^^^^^^^^^^ INC007
by: bob
status: identified
```

## Use instead
```yaml updates/20261123T0945Z-bob.yaml
at: 2026-11-23T09:45:00Z
by: bob
status: identified
```
";
