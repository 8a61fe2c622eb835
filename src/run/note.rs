//! The note for a merge request: changes, findings, the effects of merging, and the words that others will read.

use super::body_with_placeholders as shown;
use super::check::Findings;
use super::plan::Plan;
use super::revisions::Revisions;
use super::settings_change::code;
use crate::diagnostics::position::SourceIndex;
use crate::diagnostics::{Diagnostic, Level};
use crate::effects::{Audience, Planned};
use crate::ledger::LedgerConfig;
use crate::model::CustomerKey;
use crate::render::views::{ChangeLine, EffectLine, FindingLine, MergeRequestView, Preview};
use crate::render::{Renderer, escape};
use crate::terminal::plural;

/// The largest length of a note: people read it in a browser, and GitLab accepts at most a million characters.
const MAX_NOTE: usize = 60_000;

/// The largest number of reasons before the note.
const MAX_REFUSALS: usize = 20;
/// The largest number of listed findings, effects and previews.
const MAX_FINDINGS: usize = 50;
const MAX_EFFECTS: usize = 200;
const MAX_PREVIEWS: usize = 20;

/// Renders the note for a merge request; a long note omits the words that others will read. Its template is the target
/// branch's, because a branch under review must not decide how it is shown. `findings` are those of the change.
///
/// # Errors
/// Fails if git cannot be read.
pub fn note(revisions: &Revisions, plan: &Plan, findings: Option<&Findings>) -> anyhow::Result<String> {
    let change = revisions.settings_change()?;
    let first = change.map(|change| change.markdown()).unwrap_or_default();
    Ok(format!(
        "{first}{}",
        rendered(&revisions.config_before()?.renderer, plan, findings)
    ))
}

/// Renders the note about a plan that does not compare revisions.
#[must_use]
pub fn note_without_revisions(config: &LedgerConfig, plan: &Plan) -> String {
    rendered(&config.renderer, plan, None)
}

/// Adds a line before the note for each reason why words must not go to a ticket.
#[must_use]
pub fn prepend_refusals(refusals: &[String], note: &str) -> String {
    let lines = refusals
        .iter()
        .take(MAX_REFUSALS)
        .map(|why| format!("**Not sent**: {}\n\n", escape::line(why)));
    let more = match refusals.len().saturating_sub(MAX_REFUSALS) {
        0 => String::new(),
        more => format!("**Not sent**: and {more} more, in the job's output.\n\n"),
    };
    format!("{}{more}{note}", lines.collect::<String>())
}

/// Renders the note with a renderer's template and cuts it at the largest length.
fn rendered(renderer: &Renderer, plan: &Plan, findings: Option<&Findings>) -> String {
    let mut view = view(plan, findings);
    let note = shown(&renderer.merge_request(&view));
    if note.chars().count() <= MAX_NOTE {
        return note;
    }
    view.previews.clear();
    view.observed = view.observed.map(|observed| {
        format!("{observed} The words that others will read are too long for a note: they are in the job's output.")
    });
    let short = shown(&renderer.merge_request(&view));
    let kept: String = short.chars().take(MAX_NOTE).collect();
    match kept.rsplit_once('\n') {
        Some((whole, _)) if kept.len() < short.len() => {
            format!("{whole}\n\nAnd more: the whole plan is in the job's output.\n")
        }
        _ => kept,
    }
}

/// The data of the note for a merge request.
fn view(plan: &Plan, findings: Option<&Findings>) -> MergeRequestView {
    MergeRequestView {
        headline: if plan.steps.is_empty() {
            "Merging this does nothing".to_owned()
        } else {
            format!("Merging this: {}", plan.describe_total())
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
        observed: Some(format!("{}{}", escape::line(&plan.note), left_out(plan, findings))),
        effects: plan.steps.iter().take(MAX_EFFECTS).map(line).collect(),
        reach: plan.describe_readers().map(|reach| format!("It reaches {reach}.")),
        previews: previews(plan),
    }
}

/// The omissions of the note's lists, in words; empty if the lists are complete.
fn left_out(plan: &Plan, findings: Option<&Findings>) -> String {
    let counts = [
        (findings.map_or(0, |all| listed(all).count()), MAX_FINDINGS, "finding"),
        (plan.steps.len(), MAX_EFFECTS, "effect"),
        (read(plan).count(), MAX_PREVIEWS, "preview"),
    ];
    let over = counts.into_iter().filter(|(count, max, _)| count > max);
    let words: Vec<String> = over.map(|(count, max, noun)| plural(count - max, noun)).collect();
    if words.is_empty() {
        return String::new();
    }
    format!(
        " Not listed here: {}; the output of `check` and `plan` has them all.",
        words.join(", ")
    )
}

/// The findings that the note lists.
fn listed(findings: &Findings) -> impl Iterator<Item = &Diagnostic> {
    findings.all.iter().filter(|finding| finding.level > Level::Info)
}

/// The steps whose words executives and customers will read.
fn read(plan: &Plan) -> impl Iterator<Item = &Planned> {
    plan.steps
        .iter()
        .filter(|step| step.effect.audience != Audience::Internal && !step.effect.kind.is_chat())
}

fn lines(findings: &Findings) -> Vec<FindingLine> {
    let index = SourceIndex::new(&findings.all, &findings.sources);
    listed(findings)
        .take(MAX_FINDINGS)
        .map(|finding| FindingLine {
            level: if finding.level == Level::Error {
                "**error**"
            } else {
                "warning"
            }
            .to_owned(),
            code: finding.code.to_owned(),
            place: code(&format!(
                "{}:{}",
                finding.path,
                index.position(&finding.path, finding.span.start).line
            )),
            message: escape::message(&finding.message),
        })
        .collect()
}

fn line(planned: &Planned) -> EffectLine {
    let effect = &planned.effect;
    EffectLine {
        action: planned.action.display_name().to_owned(),
        kind: effect.kind.display_name().to_owned(),
        audience: effect.audience.display_name().to_owned(),
        to: escape::line(&effect.to.to_string()),
        why: escape::line(&effect.why),
    }
}

/// The words that executives and customers will read.
fn previews(plan: &Plan) -> Vec<Preview> {
    read(plan)
        .take(MAX_PREVIEWS)
        .map(|step| {
            let to = if step.effect.audience == Audience::Customer {
                let on = step.effect.adopted();
                let on = on.map_or_else(String::new, |url| format!(" on {}", html(url)));
                format!(": {}{on}", html(step.effect.customer().map_or("", CustomerKey::as_str)))
            } else {
                String::new()
            };
            Preview {
                title: format!("{}{}", step.effect.kind.display_name(), to),
                body: quoted(&step.effect.body),
            }
        })
        .collect()
}

/// A rendered document as a Markdown quotation, so that its headings do not become headings of the note.
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

/// Escapes text for an HTML element, in which backslashes would be visible.
fn html(text: &str) -> String {
    escape::title(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::change::Change;
    use super::*;
    use crate::effects::{Action, Destination, Effect, Key, Kind};
    use crate::render::Renderer;
    use crate::render::escape::{hostile::HOSTILE, proof::acts_beyond};
    use crate::span::Span;

    /// A plan whose every text is this one; bodies are rendered ones, so they are escaped already.
    fn hostile(text: &str) -> (Plan, Findings) {
        let effect = Effect {
            audience: Audience::Customer,
            to: Destination::TeamChannel(text.to_owned()),
            title: Some(escape::title(text)),
            body: format!("Our words.\n\n{}\n", escape::block(text, 0)),
            why: text.to_owned(),
            ..Effect::with_empty_fields(
                Key::from(format!("incident/x/customer/{text}").as_str()),
                text.into(),
                Kind::Ticket,
            )
        };
        let plan = Plan {
            held: Vec::new(),
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
            adopted: std::collections::BTreeSet::new(),
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
    fn the_note_says_what_its_lists_leave_out() {
        let (mut plan, mut findings) = hostile("acme");
        plan.steps = vec![plan.steps[0].clone(); MAX_EFFECTS + 1];
        findings.all = vec![findings.all[0].clone(); MAX_FINDINGS + 2];
        let note = rendered(&Renderer::new(&BTreeMap::new()).0, &plan, Some(&findings));
        let says =
            "Not listed here: 2 findings, 1 effect, 181 previews; the output of `check` and `plan` has them all.";
        assert!(note.contains(says), "{note}");
        assert!(!rendered(&Renderer::new(&BTreeMap::new()).0, &hostile("acme").0, None).contains("Not listed"));
        let refusals: Vec<String> = (0..=MAX_REFUSALS).map(|number| format!("ticket {number}")).collect();
        let note = prepend_refusals(&refusals, "the note");
        assert!(
            note.contains("**Not sent**: and 1 more, in the job's output."),
            "{note}"
        );
        assert!(!prepend_refusals(&refusals[1..], "the note").contains("more"));
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
