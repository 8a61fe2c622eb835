//! INC001 syntax-error: a file that is not YAML, or more than a record needs of it.

use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC001",
    name: "syntax-error",
    level: Level::Error,
    since: "0.1.0",
    summary: "a file that is not YAML, or more than a record needs of it",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Reader,
};

const DOCS: &str = r"## What it checks
A file that cannot be read to its end: mistakes of YAML's syntax, bytes that are not UTF-8, several documents, anchors,
aliases, tags, directives, and nesting deeper than 32 levels.

## Why
What cannot be read cannot be carried out. Anchors, aliases and tags can make a small file huge, and no record needs them.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: [unclosed
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: closed again
```
";
