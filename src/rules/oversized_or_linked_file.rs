//! INC008 oversized-or-linked-file: a file over 1 MiB, or a link instead of a file.

use super::{CheckFunction, Rule};
use crate::diagnostics::{Diagnostic, Level};
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC008",
    name: "oversized-or-linked-file",
    level: Level::Error,
    since: "0.1.0",
    summary: "a file over 1 MiB, or a link instead of a file",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Reader,
};

const DOCS: &str = r"## What it checks
A file larger than 1 MiB, and a symbolic link or a submodule where a file is expected. Links are not followed.

## Why
A link can point out of the ledger, and evidence of that size belongs elsewhere.

## Example
```yaml updates/20261123T0940Z-bob.yaml -> ../elsewhere.yaml

```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
links: { log: https://logs.example.com/1 }
```
";

/// The finding about a link in place of a template or of the folder of templates.
#[must_use]
pub fn linked_template_finding(path: &str, is_folder: bool) -> Diagnostic {
    let (what, instead) = if is_folder {
        ("folder", "put the folder itself here")
    } else {
        ("file", "put the file itself here")
    };
    let message = format!("a link instead of a {what}: no template is read through it");
    let help = format!("{instead}; links are not followed. Until then the shipped templates are used instead");
    Diagnostic::new(RULE.code, RULE.level, path, Span::default(), message).with_help(Some(help))
}
