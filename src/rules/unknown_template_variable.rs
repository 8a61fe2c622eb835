//! INC013 unknown-template-variable: a variable of a template that does not exist.

use super::{CheckFunction, Rule};
use crate::diagnostics::{Diagnostic, Level, suggest};
use crate::process::Process;
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC013",
    name: "unknown-template-variable",
    level: Level::Warning,
    since: "0.3.0",
    summary: "a variable of a template that does not exist",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Reader,
};

const DOCS: &str = r"## What it checks
Variables in `templates/*.hbs`, in the scope of `each` and `with`. docs/templates.md lists the variables of each template. The finding is
an error if the change under check adds or changes the template.

## Why
A template with a misspelt variable fails, and the shipped one takes its place.

## Example
```yaml templates/nag.hbs
{{who}}: an update is due at {{deu}}
```

## Use instead
```yaml templates/nag.hbs
{{who}}: an update is due at {{due}}
```
";

/// A variable of a template that does not exist: the place of its tag (from 1), its name, the part of the name that does not
/// exist, and the names that exist in its place.
#[derive(Clone, Copy, Debug)]
pub struct VariableInTemplate<'a> {
    /// The line of the tag.
    pub line: usize,
    /// The column of the tag.
    pub column: usize,
    /// The variable as the template writes it.
    pub name: &'a str,
    /// The part of the name that does not exist.
    pub part: &'a str,
    /// The names that exist in its place.
    pub known: &'a [String],
}

/// The finding about a variable that does not exist.
#[must_use]
pub fn unknown_template_variable_finding(path: &str, text: &str, variable: VariableInTemplate) -> Diagnostic {
    let lines_before = text.split_inclusive('\n').take(variable.line.saturating_sub(1));
    let line_start: usize = lines_before.map(str::len).sum();
    let column = text[line_start..].char_indices().nth(variable.column.saturating_sub(1));
    let tag = line_start + column.map_or(0, |(at, _)| at);
    let start = tag + text[tag..].find(variable.name).unwrap_or_default();
    let end = (start + variable.name.len()).min(text.len());
    let known = variable.known.iter().map(String::as_str);
    let help = suggest::did_you_mean(variable.part, known);
    let message = format!("there is no variable `{}` here", variable.name);
    let help = help.unwrap_or_else(|| "docs/templates.md lists the variables of each template".to_owned());
    Diagnostic::new(RULE.code, RULE.level, path, Span::between(start, end), message).with_help(Some(help))
}

/// Turns findings about unknown variables into errors if they are in one of these paths and the process sets no level.
pub fn fail_changed_templates(process: &Process, findings: &mut [Diagnostic], changed: &[&str]) {
    if process.levels.contains_key(RULE.code) {
        return;
    }
    for finding in findings {
        if finding.code == RULE.code && changed.contains(&finding.path.as_str()) {
            finding.level = Level::Error;
        }
    }
}
