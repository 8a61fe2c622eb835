//! INC011 broken-template: a template of the team that cannot be used.

use super::{Check, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC011",
    name: "broken-template",
    level: Level::Error,
    since: "0.1.0",
    summary: "a template of the team that cannot be used",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: Check::Reader,
};

const DOCS: &str = r"## What it checks
Files in `templates/`: a name that the program knows, at most 64 KiB, no partials, few blocks, and Handlebars that compiles.
A broken one is not used; the shipped one is.

## Why
Words have to go out at night even if a template was broken in the afternoon.

## Example
```yaml templates/executive-summary.hbs
{{#if current_status}}
```

## Use instead
```yaml templates/executive-summary.hbs
{{#if current_status}}{{current_status.text}}{{/if}}
```
";
