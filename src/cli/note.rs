//! The note for a merge request: what changes, what was found, what merging does, and the words that others will read.

use std::io::Write;

use super::Global;
use super::check::{Findings, plural};
use super::load::Beside;
use super::plan::{Plan, plain, reached, total};
use super::planned::shown;
use crate::diagnostics::Level;
use crate::diagnostics::position::position;
use crate::effects::{Audience, Planned};
use crate::render::escape;
use crate::render::views::{ChangeLine, EffectLine, FindingLine, MergeRequestView, Preview};

/// The note for a merge request.
pub(super) fn markdown(
    global: &Global,
    plan: &Plan,
    findings: Option<&Findings>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let beside = Beside::on_disk(&global.root(), global.process.as_deref())?;
    let note = beside.renderer.merge_request(&view(plan, findings));
    write!(out, "{}", shown(&note))?;
    Ok(())
}

/// What the note for a merge request shows.
fn view(plan: &Plan, findings: Option<&Findings>) -> MergeRequestView {
    MergeRequestView {
        headline: if plan.steps.is_empty() {
            "Merging this does nothing".to_owned()
        } else {
            format!("Merging this: {}", total(plan))
        },
        findings: findings.map(lines).unwrap_or_default(),
        changes: plan
            .changes
            .iter()
            .map(|change| ChangeLine {
                incident: code(&change.incident),
                what: change.words.join("; "),
            })
            .collect(),
        observed: Some(escape::line(&plan.note)),
        effects: plan.steps.iter().take(200).map(line).collect(),
        reach: (reached(plan) > 0).then(|| format!("It reaches {}.", plural(reached(plan), "customer"))),
        previews: previews(plan),
    }
}

fn lines(findings: &Findings) -> Vec<FindingLine> {
    let shown = findings
        .all
        .iter()
        .filter(|finding| finding.level > Level::Info)
        .take(50);
    shown
        .map(|finding| {
            let text = findings
                .sources
                .get(&finding.path)
                .map(String::as_str)
                .unwrap_or_default();
            FindingLine {
                level: if finding.level == Level::Error {
                    "**error**"
                } else {
                    "warning"
                }
                .to_owned(),
                code: finding.code.to_owned(),
                place: code(&format!("{}:{}", finding.path, position(text, finding.span.start).line)),
                message: escape::message(&finding.message),
            }
        })
        .collect()
}

fn line(planned: &Planned) -> EffectLine {
    let effect = &planned.effect;
    EffectLine {
        action: planned.action.word().to_owned(),
        kind: effect.kind.word().to_owned(),
        audience: effect.audience.word().to_owned(),
        to: escape::line(&effect.to),
        why: escape::line(&effect.why),
    }
}

/// The words that executives and customers will read.
fn previews(plan: &Plan) -> Vec<Preview> {
    let read = plan
        .steps
        .iter()
        .filter(|step| step.effect.audience != Audience::Internal && !step.effect.kind.is_chat());
    read.take(20)
        .map(|step| {
            let to = if step.effect.audience == Audience::Customer {
                format!(": {}", html(step.effect.key.0.split('/').nth(3).unwrap_or_default()))
            } else {
                String::new()
            };
            Preview {
                title: format!("{}{}", step.effect.kind.word(), to),
                body: quoted(&step.effect.body),
            }
        })
        .collect()
}

/// A rendered document inside another: each line quoted, so that a heading of it is none of ours.
fn quoted(body: &str) -> String {
    let lines: Vec<_> = body
        .lines()
        .map(|line| {
            if line.is_empty() {
                ">".to_owned()
            } else {
                format!("> {line}")
            }
        })
        .collect();
    lines.join("\n")
}

/// A name as code, on one line.
fn code(text: &str) -> String {
    format!("`{}`", plain(text).replace('`', "'"))
}

/// Text inside an HTML element of ours, where a backslash would be seen.
fn html(text: &str) -> String {
    escape::title(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::plan::Change;
    use super::*;
    use crate::diagnostics::Diagnostic;
    use crate::effects::{Action, Effect, Key, Kind, Stage};
    use crate::model::Timestamp;
    use crate::render::Renderer;
    use crate::render::escape::{hostile::HOSTILE, proof::acts_beyond};
    use crate::span::Span;

    /// A plan whose every text is this one; bodies are rendered ones, so they are escaped already.
    fn hostile(text: &str) -> (Plan, Findings) {
        let effect = Effect {
            key: Key(format!("incident/x/customer/{text}")),
            incident: text.into(),
            kind: Kind::Ticket,
            stage: Stage::Merge,
            audience: Audience::Customer,
            to: text.to_owned(),
            title: Some(escape::title(text)),
            labels: Vec::new(),
            body: format!("Words of ours.\n\n{}\n", escape::block(text, 0)),
            open: true,
            at: None,
            hash: String::new(),
            why: text.to_owned(),
            since: Timestamp(chrono::DateTime::UNIX_EPOCH),
            drill: false,
            issue: None,
            adopted: None,
            emails: false,
        };
        let plan = Plan {
            base: None,
            head: None,
            observed: "git",
            note: text.to_owned(),
            changes: vec![Change {
                incident: text.to_owned(),
                from: None,
                to: None,
                words: vec![escape::line(text)],
            }],
            steps: vec![Planned {
                action: Action::Create,
                effect,
            }],
            unreadable: Vec::new(),
        };
        let mut findings = Findings::default();
        let message = format!("unknown key `{text}`");
        findings.all.push(Diagnostic::new(
            "INC002",
            Level::Error,
            &format!("incidents/{text}"),
            Span::default(),
            message,
        ));
        (plan, findings)
    }

    #[test]
    fn nothing_acts_in_the_note_for_a_merge_request() {
        let renderer = Renderer::new(&BTreeMap::new()).0;
        for text in HOSTILE {
            let (plan, findings) = hostile(text);
            let note = shown(&renderer.merge_request(&view(&plan, Some(&findings))));
            let ours: Vec<&str> = note
                .lines()
                .filter(|line| line.starts_with("<details>") || *line == "</details>")
                .collect();
            assert_eq!(acts_beyond(&note, &ours), Vec::<String>::new(), "{text:?} in {note}");
        }
    }
}
