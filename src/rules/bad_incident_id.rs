//! INC006 bad-incident-id: an id that is not a date and a slug, is too long, or has another date than the declaration.

use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC006",
    name: "bad-incident-id",
    level: Level::Error,
    since: "0.1.0",
    summary: "an id that is not a date and a slug, is too long, or has another date than the declaration",
    overridable: false,
    flag_hint: Some("another title, or --slug"),
    docs: DOCS,
    check: CheckFunction::Reader,
};

const DOCS: &str = r"## What it checks
The folder's name is the incident's id: the UTC date of the declaration and a slug of a-z, 0-9 and `-`, at most 60
characters together. A folder whose name is not UTF-8 is such a finding too, and the other incidents are read on.

## Why
The id names channels, branches and markers, and it sorts by date.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-24T09:00:00Z
#            ^^^^^^^^^^^^ INC006
declared_by: alice
customers: [acme, globex]
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
```
";
