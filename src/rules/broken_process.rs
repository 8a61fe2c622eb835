//! INC010 broken-process: a process.yaml that refers to a key that the process does not have.

use super::context::{Gate, items, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::suggest::Suggestions;
use crate::diagnostics::{Diagnostic, Level};
use crate::model::{Entries, Length, Nullable, RoleKey};
use crate::process::{PROCESS_PATH, Process, ProcessFile};
use crate::span::{Field, Span};

pub(super) static RULE: Rule = Rule {
    code: "INC010",
    name: "broken-process",
    level: Level::Error,
    since: "0.1.0",
    summary: "a process.yaml that refers to what it does not have",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Process(check),
};

const DOCS: &str = r#"## What it checks
References inside `process.yaml`: roles in `apart`, `by`, `updates_by` and `overdue`, statuses in `to` and `cadence`, codes in
`rules` and `gates`, the names of gates; that there are severities and statuses at all; and that mentions and labels are text on
one line.

## Why
A process that points at nothing is enforced on nobody. Mentions and labels are sent as they are: a line break in one would
begin a line of its own, on which GitLab or Slack could act.

## Example
```yaml process.yaml
extends: handbook
roles:
  incident_manager: { apart: [incident_cordinator] }
#                             ^^^^^^^^^^^^^^^^^^^ INC010
gitlab:
  mention: { executives: "@executives\n/close" }
#                        ^^^^^^^^^^^^^^^^^^^^^ INC010
```

## Use instead
```yaml process.yaml
extends: handbook
roles:
  incident_manager: { apart: [incident_coordinator] }
gitlab:
  mention: { executives: "@executives" }
```
"#;

/// The findings of the rule, and the suggestions for unknown words.
struct Faults<'a> {
    found: &'a mut Vec<Diagnostic>,
    suggestions: Suggestions,
}

fn check(process: &Process, out: &mut Vec<Diagnostic>) {
    let out = &mut Faults {
        found: out,
        suggestions: Suggestions::default(),
    };
    let Some(team) = &process.team else { return };
    if process.severities.is_empty() || process.statuses.is_empty() {
        let help = "write `extends: handbook`, or define at least one severity and one status";
        report(
            Span::default(),
            "the process has no severities or no statuses",
            Some(help.to_owned()),
            out,
        );
    }
    roles(process, team, out);
    severities(process, team, out);
    statuses(process, team, out);
    codes(team, out);
    lines(team, out);
}

/// Reports mentions and labels that are not a text on one line.
fn lines(team: &ProcessFile, out: &mut Faults) {
    let gitlab = team.gitlab.get();
    let slack = team.slack.get();
    let texts = [
        ("gitlab.mention", gitlab.map(|gitlab| &gitlab.mention)),
        ("gitlab.labels", gitlab.map(|gitlab| &gitlab.labels)),
        ("slack.mention", slack.map(|slack| &slack.mention)),
    ];
    for (place, entries) in texts {
        for (key, field) in entries.and_then(Field::get).into_iter().flat_map(Entries::iter) {
            let acts = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
            if field.get().is_some_and(|text| text.contains(acts)) {
                let message = format!("`{key}` of `{place}` has a line break or another control character");
                report(field.span(), &message, Some("write it on one line".to_owned()), out);
            }
        }
    }
}

fn roles(process: &Process, team: &ProcessFile, out: &mut Faults) {
    for (_, role, _) in pairs(&team.roles) {
        if let Nullable::Value(role) = role {
            role_list(process, &role.apart, out);
        }
    }
    let ladder = team.promises.get().map(|promises| &promises.overdue);
    for (after, role, span) in ladder.into_iter().flat_map(pairs) {
        role_word(process, role, span, out);
        if let Err(message) = Length::parse(after) {
            report(span, &message, None, out);
        }
    }
}

fn severities(process: &Process, team: &ProcessFile, out: &mut Faults) {
    for (_, severity, _) in pairs(&team.severities) {
        let Nullable::Value(severity) = severity else { continue };
        role_list(process, &severity.updates_by, out);
        for (_, step, _) in pairs(&severity.steps) {
            role_list(process, &step.by, out);
        }
        for (status, _, span) in pairs(&severity.cadence) {
            if status != "default" {
                status_word(process, status, span, out);
            }
        }
    }
}

fn statuses(process: &Process, team: &ProcessFile, out: &mut Faults) {
    for (_, status, _) in pairs(&team.statuses) {
        if let Nullable::Value(status) = status {
            for (to, span) in status.to.get().into_iter().flat_map(|list| items(list)) {
                status_word(process, to.as_str(), span, out);
            }
        }
    }
}

fn codes(team: &ProcessFile, out: &mut Faults) {
    let known = super::RULES.iter().map(|rule| rule.code);
    let code = |code: &str, span, out: &mut Faults| {
        if super::rule_by_code(code).is_none() {
            let help = out.suggestions.nearest_word(code, known.clone()).map(meant);
            report(span, &format!("there is no rule `{code}`"), help, out);
        }
    };
    for (found, _, span) in pairs(&team.rules) {
        code(found, span, out);
    }
    for (gate, list, span) in pairs(&team.gates) {
        if !Gate::ALL.iter().any(|known| known.key() == gate) {
            let help = out
                .suggestions
                .did_you_mean(gate, Gate::ALL.iter().map(|gate| gate.key()));
            report(span, &format!("there is no gate `{gate}`"), help, out);
        }
        for (found, span) in items(list) {
            code(found, span, out);
        }
    }
}

fn meant(near: &str) -> String {
    format!("did you mean `{near}`?")
}

fn role_list(process: &Process, list: &Field<Vec<Field<RoleKey>>>, out: &mut Faults) {
    for (role, span) in list.get().into_iter().flat_map(|list| items(list)) {
        role_word(process, role, span, out);
    }
}

fn role_word(process: &Process, role: &RoleKey, span: Span, out: &mut Faults) {
    if process.role(role.as_str()).is_none() {
        let help = out
            .suggestions
            .did_you_mean(role.as_str(), process.roles.iter().map(|role| role.key.as_str()));
        report(span, &format!("the process has no role `{role}`"), help, out);
    }
}

fn status_word(process: &Process, status: &str, span: Span, out: &mut Faults) {
    if process.status(status).is_none() {
        let help = out
            .suggestions
            .did_you_mean(status, process.statuses.iter().map(|status| status.key.as_str()));
        report(span, &format!("the process has no status `{status}`"), help, out);
    }
}

fn report(span: Span, message: &str, help: Option<String>, out: &mut Faults) {
    out.found
        .push(Diagnostic::new(RULE.code, RULE.level, PROCESS_PATH, span, message).with_help(help));
}
