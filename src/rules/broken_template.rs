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
That `templates` is a folder, and each `*.hbs` in it a file, that the program can read. Of each file: UTF-8 text, a name that the
program knows, at most 64 KiB, Handlebars that compiles, no partials and no decorators, blocks at most 32 levels deep, and only these
helpers: `each`, `if`, `unless`, `with`, `lookup`, `eq`, `ne`, `gt`, `gte`, `lt`, `lte`, `and`, `or`, `not`, `len`. The check also renders the template with a value for every variable (docs/templates.md).
A broken one is not used; the shipped one is, and each run says so. So it is if a template takes too many steps in a run or makes more than 1 MiB.

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

/// The finding about a broken template: `problem` is on this line (from 1) of its text, and `way_out` says what to do.
#[must_use]
pub fn unusable_template_finding(path: &str, text: &str, line: usize, problem: &str, way_out: &str) -> Diagnostic {
    finding(path, text, line, format!("this template is not used: {problem}")).with_help(Some(format!(
        "{way_out}; until it is mended, the shipped one is used instead"
    )))
}

/// The finding about a template that fails on a sample of its variables.
#[must_use]
pub fn failing_template_finding(path: &str, text: &str, line: usize, problem: &str) -> Diagnostic {
    let message = format!("this template fails when every variable has a value: {problem}");
    let help = "until it is mended, the shipped one is used where it fails".to_owned();
    finding(path, text, line, message).with_help(Some(help))
}

/// The finding about a template, or the folder of templates, that cannot be read.
#[must_use]
pub fn unreadable_template_finding(path: &str, is_folder: bool, reason: &str) -> Diagnostic {
    let message = if is_folder {
        format!("no template of the team is used: {reason}")
    } else {
        format!("this template is not used: {reason}")
    };
    let help = if is_folder {
        "put a folder here that the program can read, or nothing; until then, the shipped templates are used"
    } else {
        "put a file of UTF-8 text here that the program can read; until then, the shipped template is used"
    };
    Diagnostic::new(RULE.code, RULE.level, path, Span::default(), message).with_help(Some(help.to_owned()))
}

/// A finding about a line of a template.
fn finding(path: &str, text: &str, line: usize, message: String) -> Diagnostic {
    let lines_before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines_before.map(str::len).sum();
    let end = start + text[start..].lines().next().map_or(0, str::len);
    Diagnostic::new(RULE.code, RULE.level, path, Span::between(start, end), message)
}
