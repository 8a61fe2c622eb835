//! INC002 unknown-key: a key that the format does not have.

use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC002",
    name: "unknown-key",
    level: Level::Error,
    since: "0.1.0",
    summary: "a key that the format does not have",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Reader,
};

const DOCS: &str = r"## What it checks
A key that is not part of the record, of `process.yaml`, `people.yaml` or `customers.yaml`. The nearest known key is named.

## Why
A misspelt key is a word that nobody would ever see.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
statsu: identified
#^^^^^ INC002
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
```
";
