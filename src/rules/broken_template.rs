//! INC011 broken-template: a template of the team with a mistake.

use super::{CheckFunction, Rule};
use crate::diagnostics::{Diagnostic, Level};
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC011",
    name: "broken-template",
    level: Level::Error,
    since: "0.1.0",
    summary: "a template of the team that cannot be used",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Reader,
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

/// The finding about a broken template: `problem` is on this line (from 1) of its text.
#[must_use]
pub fn unusable_template_finding(path: &str, text: &str, line: usize, problem: &str) -> Diagnostic {
    let lines_before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines_before.map(str::len).sum();
    let end = start + text[start..].lines().next().map_or(0, str::len);
    let message = format!("this template is not used: {problem}");
    let help = "until it is mended, the shipped one is used instead".to_owned();
    Diagnostic::new(RULE.code, RULE.level, path, Span::between(start, end), message).with_help(Some(help))
}
