//! INC003 wrong-type: a value of the wrong type, or a required one that is missing.

use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC003",
    name: "wrong-type",
    level: Level::Error,
    since: "0.1.0",
    summary: "a value of the wrong type, or a required one that is missing",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Reader,
};

const DOCS: &str = r"## What it checks
A value that is not what its key expects (text, a whole number, `true` or `false`, a list, a time with offset, a length such
as `60m`), a required key that is missing, and an update that says nothing. Nothing is converted: `no` is text, `017` is
not a number, and a number is not text.

## Why
A value that is read as something else than was meant is worse than one that is refused.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
next_update: in an hour
#            ^^^^^^^^^^ INC003
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
next_update: 60m
```
";
