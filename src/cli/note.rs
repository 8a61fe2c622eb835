//! The note for a merge request: what changes, what was found, what merging does, and the words that others will read.

use std::io::Write;
use std::path::Path;

use anyhow::Context;

use super::adopted;
use super::check::{Findings, plural};
use super::context::shown;
use super::environment;
use super::plan_value::{Plan, by_email, reached, total};
use super::server::{self, Connection};
use super::settings_change::{SettingsChange, code};
use super::{Global, Outcome};
use crate::diagnostics::Level;
use crate::diagnostics::position::position;
use crate::effects::{Audience, Planned};
use crate::forge::gitlab::Kept;
use crate::ledger::Comparison;
use crate::ledger::Ledger;
use crate::ledger::LedgerConfig;
use crate::render::views::{ChangeLine, EffectLine, FindingLine, MergeRequestView, Preview};
use crate::render::{Renderer, escape};
use crate::terminal::plain;

/// A note is not longer than this: people read it in a browser, and GitLab takes a million characters at most.
const MAX_NOTE: usize = 60_000;

/// The note for a merge request; where it would be long, without the words that others will read. Its template is that of
/// the target branch: a branch under review does not decide how it is shown.
///
/// # Errors
/// Fails if the settings of a side cannot be read.
pub(super) fn markdown(
    global: &Global,
    comparison: Option<&Comparison>,
    plan: &Plan,
    findings: Option<&Findings>,
) -> anyhow::Result<String> {
    let (root, process) = (global.root(), global.process_file()?);
    let (target, settings) = match comparison {
        Some(comparison) => {
            let target = comparison.config_before()?;
            let paths = comparison.settings_changed();
            let after = (!paths.is_empty()).then(|| comparison.config_after(&root, process.as_ref()));
            let change = after
                .transpose()?
                .map(|after| SettingsChange::new(paths, &target, &after));
            (target, change)
        }
        None => (LedgerConfig::on_disk(&root, process.as_ref())?, None),
    };
    let first = settings.map(|change| change.markdown()).unwrap_or_default();
    Ok(format!("{first}{}", rendered(&target.renderer, plan, findings)))
}

/// The note by a template, as long as a note may be.
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

/// Keeps the note on the merge request. Without a token that may write notes, as in merge requests from forks, the plan in
/// the job's output is all there is.
pub(super) fn keep(
    global: &Global,
    connection: Connection,
    annotations: Option<&Path>,
    plan: &Plan,
    note: &str,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let links = |links: &[(String, String)]| -> anyhow::Result<()> {
        let Some(file) = annotations else {
            return Ok(());
        };
        super::places::write(file, server::annotations(links))
    };
    links(&[])?;
    let Some(iid) = environment::variable("CI_MERGE_REQUEST_IID").and_then(|iid| iid.parse::<u64>().ok()) else {
        writeln!(
            out,
            "NOTE     this pipeline is about no merge request, so there is no note to keep"
        )?;
        return Ok(Outcome::Clean);
    };
    if environment::variable("GITLAB_TOKEN").is_none() {
        writeln!(
            out,
            "NOTE     there is no token here that may write notes (a merge request from a fork has none): the plan stands above, \
             and in the job's artifacts"
        )?;
        return Ok(Outcome::Clean);
    }
    let root = global.root();
    let settings = Ledger::trusted_config(&root, None, &environment::ci_variables())?;
    let client = server::writer(&settings.process, &root, connection)?;
    let project = server::project(&settings.process).context("nothing says which project the merge request is in")?;
    let note = adopted::in_front(&client, &settings, &plan.steps, note);
    match client.keep_note(&project, iid, &note) {
        Ok(kept) => {
            let word = match kept {
                Kept::Posted => "posted",
                Kept::Edited => "edited",
                Kept::Unchanged => "kept as it is",
            };
            let url = format!("{}/{project}/-/merge_requests/{iid}", client.web());
            writeln!(out, "The note on {url} is {word}.")?;
            links(&[("the plan on the merge request".to_owned(), url)])?;
            Ok(Outcome::Clean)
        }
        Err(fault) => {
            writeln!(
                out,
                "FAILED   the note on the merge request: {}",
                plain(&fault.to_string())
            )?;
            Ok(Outcome::Effects)
        }
    }
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
        reach: (reached(plan) > 0)
            .then(|| format!("It reaches {}{}.", plural(reached(plan), "customer"), by_email(plan))),
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
                let on = step.effect.adopted.as_deref();
                let on = on.map_or_else(String::new, |url| format!(" on {}", html(url)));
                format!(": {}{on}", html(step.effect.customer().unwrap_or_default()))
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

/// A rendered document inside another: each line quoted, so that its headings are not taken for headings of the note.
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

/// Text inside an HTML element that we write, where a backslash would be seen.
fn html(text: &str) -> String {
    escape::title(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::plan_value::Change;
    use super::*;
    use crate::diagnostics::Diagnostic;
    use crate::effects::{Action, Effect, Key, Kind};
    use crate::render::Renderer;
    use crate::render::escape::{hostile::HOSTILE, proof::acts_beyond};
    use crate::span::Span;

    /// A plan whose every text is this one; bodies are rendered ones, so they are escaped already.
    fn hostile(text: &str) -> (Plan, Findings) {
        let effect = Effect {
            audience: Audience::Customer,
            to: text.to_owned(),
            title: Some(escape::title(text)),
            body: format!("Our words.\n\n{}\n", escape::block(text, 0)),
            why: text.to_owned(),
            ..Effect::blank(Key(format!("incident/x/customer/{text}")), text.into(), Kind::Ticket)
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
