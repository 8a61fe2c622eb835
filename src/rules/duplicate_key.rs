//! INC004 duplicate-key: a key that stands twice in its mapping.

use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC004",
    name: "duplicate-key",
    level: Level::Error,
    since: "0.1.0",
    summary: "a key that stands twice in its mapping",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Reader,
};

const DOCS: &str = r"## What it checks
The same key twice in one mapping. The first counts.

## Why
Readers disagree on which of the two counts, and one of them is lost.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: identified
status: monitoring
#^^^^^ INC004
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: monitoring
```
";
