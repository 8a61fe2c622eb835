//! `plan`: shows what merging would do, with the exact words, and does nothing.

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use serde::Serialize;

use super::check::{self, Findings, plural};
use super::load::{self, Beside};
use super::planned::{World, as_if_done, shown};
use super::revisions::{self, Comparison};
use super::{Global, Outcome};
use crate::diagnostics::Level;
use crate::diagnostics::position::position;
use crate::effects::{Action, Audience, Kind, Planned, Stage};
use crate::forge::{Forge, Outbox};
use crate::model::{Customers, Record, State};
use crate::render::views::{ChangeLine, EffectLine, FindingLine, MergeRequestView, Preview};
use crate::render::{Scene, escape};
use crate::source;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl plan --base origin/main --format markdown")]
pub(super) struct Arguments {
    /// Plan the change since this revision, from git alone. Default: in CI what the pipeline is about; else what the
    /// outbox lacks.
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The revision to plan. Default: HEAD in CI, else the work tree.
    #[arg(long, value_name = "REV", requires = "base")]
    head: Option<String>,
    /// Where effects are carried out: `outbox:DIR`.
    #[arg(long, value_name = "WHERE", default_value = "outbox:outbox", value_parser = super::apply::target)]
    to: std::path::PathBuf,
    /// How the plan is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// For machines: one document, format 1.
    Json,
    /// For a merge request: changes, findings, plan and previews.
    Markdown,
}

/// What is planned, and why.
struct Plan {
    base: Option<String>,
    head: Option<String>,
    observed: &'static str,
    note: String,
    changes: Vec<Change>,
    steps: Vec<Planned>,
    /// Incidents whose files cannot be read to the end; nothing is done for them.
    unreadable: Vec<String>,
}

#[derive(Serialize)]
struct Change {
    incident: String,
    from: Option<Snapshot>,
    to: Option<Snapshot>,
    #[serde(skip)]
    words: Vec<String>,
}

/// An incident's state for machines.
#[derive(Serialize, PartialEq, Eq)]
pub(super) struct Snapshot {
    title: String,
    severity: String,
    status: String,
    customers: Vec<String>,
    restored: Vec<String>,
    updates: usize,
    at: String,
    next_update: Option<String>,
}

impl Snapshot {
    pub(super) fn of(record: &Record, state: &State) -> Self {
        let customers = match &state.customers {
            Customers::Unknown => vec!["unknown".to_owned()],
            Customers::All => vec!["all".to_owned()],
            Customers::Listed(list) => list.iter().map(ToString::to_string).collect(),
        };
        Self {
            title: state.title.clone(),
            severity: state.severity.to_string(),
            status: state.status.to_string(),
            customers,
            restored: state.restored.keys().map(ToString::to_string).collect(),
            updates: record.entries.len() - 1,
            at: state.at.to_string(),
            next_update: state.next_update.map(|at| at.to_string()),
        }
    }
}

/// Plans and prints.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let comparison = revisions::compare(&root, arguments.base.as_deref(), arguments.head.as_deref())?;
    let (plan, findings) = match &comparison {
        Some(comparison) => {
            let findings = if arguments.format == Format::Markdown {
                let mut findings = check::change(global, comparison)?;
                findings.mask();
                Some(findings)
            } else {
                None
            };
            (from_git(global, comparison)?, findings)
        }
        None => (
            from_outbox(global, &root, &super::apply::place(&root, &arguments.to))?,
            None,
        ),
    };
    match arguments.format {
        Format::Human => human(global, &plan, out)?,
        Format::Json => json(&plan, out)?,
        Format::Markdown => markdown(global, &plan, findings.as_ref(), out)?,
    }
    Ok(if plan.unreadable.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

/// What the change between two revisions asks for.
fn from_git(global: &Global, comparison: &Comparison) -> anyhow::Result<Plan> {
    let root = global.root();
    let head = World::to_act_on(comparison.beside_after(&root, global.process.as_deref())?)?;
    let all = comparison.touches_all();
    let base = if all {
        Some(World::new(comparison.beside_before()?))
    } else {
        None
    };
    let ids = if all {
        comparison.all_ids(&root)?
    } else {
        comparison.ids()
    };
    let mut plan = Plan {
        base: Some(comparison.base().to_owned()),
        head: comparison.head().map(str::to_owned),
        observed: "git",
        note: format!(
            "Compared with {} ({}); what failed earlier cannot be seen from git.",
            short(comparison.base()),
            comparison.why
        ),
        changes: Vec::new(),
        steps: Vec::new(),
        unreadable: Vec::new(),
    };
    for changed in comparison.changed(&root, &ids)? {
        let Some(after) = changed.after.as_ref() else { continue };
        let Some(record) = after.record.as_ref().filter(|_| after.is_complete()) else {
            plan.unreadable.push(changed.change.id.to_string());
            continue;
        };
        let from = changed.before.as_ref().and_then(|read| read.record.as_ref());
        let observed = from
            .map(|from| as_if_done(&base.as_ref().unwrap_or(&head).effects(from)))
            .unwrap_or_default();
        plan.changes.extend(change(&head, from, record));
        plan.steps.extend(head.plan(record, &observed));
    }
    Ok(plan)
}

/// What the outbox lacks.
fn from_outbox(global: &Global, root: &Path, outbox: &Path) -> anyhow::Result<Plan> {
    let world = World::to_act_on(Beside::on_disk(root, global.process.as_deref())?)?;
    let forge = Outbox::new(outbox);
    let mut plan = Plan {
        base: None,
        head: None,
        observed: "outbox",
        note: format!("Compared with the outbox in {}.", super::apply::relative(root, outbox)),
        changes: Vec::new(),
        steps: Vec::new(),
        unreadable: Vec::new(),
    };
    for id in load::ids(root)?.0 {
        let read = source::read_record(&id, &load::folder(root, &id)?);
        let Some(record) = read.record.as_ref().filter(|_| read.is_complete()) else {
            plan.unreadable.push(id);
            continue;
        };
        plan.steps.extend(world.plan(record, &forge.observe(&record.id)?));
    }
    Ok(plan)
}

/// What changed of an incident; none where its state and its updates are the same.
fn change(world: &World, from: Option<&Record>, to: &Record) -> Option<Change> {
    let history = world.history(to);
    let old = from.map(|from| (from, world.history(from)));
    let before = old.as_ref().map(|(from, history)| Snapshot::of(from, history.last()));
    let after = Snapshot::of(to, history.last());
    let scene: Scene = world.scene(to, &history);
    let known: Vec<&str> = from
        .iter()
        .flat_map(|from| &from.entries)
        .map(|entry| entry.path.as_str())
        .collect();
    let new = to
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| !known.contains(&entry.path.as_str()));
    let words: Vec<String> = new
        .flat_map(|(index, entry)| {
            if entry.declaration {
                return vec![format!(
                    "declared as {}",
                    escape::line(world.process.severity_title(&after.severity))
                )];
            }
            let changes = scene.changes(index);
            if changes.is_empty() {
                vec![format!("update by {}", escape::line(entry.by.as_str()))]
            } else {
                changes
            }
        })
        .collect();
    if before.as_ref() == Some(&after) && words.is_empty() {
        return None;
    }
    Some(Change {
        incident: to.id.to_string(),
        from: before,
        to: Some(after),
        words,
    })
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

fn human(global: &Global, plan: &Plan, out: &mut dyn Write) -> anyhow::Result<()> {
    let (bold, dim, end) = ("\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m");
    for planned in &plan.steps {
        let effect = &planned.effect;
        let color = match planned.action {
            Action::Create | Action::Schedule | Action::Reopen => "\u{1b}[32m+",
            Action::Edit => "\u{1b}[33m~",
            Action::Close | Action::Cancel => "\u{1b}[31m-",
        };
        let head = format!(
            "{} {} ({})",
            planned.action.word(),
            effect.kind.word(),
            effect.audience.word()
        );
        if global.quiet {
            writeln!(out, "{color}{end} {head:<43} {}", plain(&effect.key.0))?;
            continue;
        }
        writeln!(out, "{color} {head}{end}  {bold}{}{end}", plain(&effect.key.0))?;
        writeln!(out, "  in {}: {}", plain(&effect.to), plain(&effect.why))?;
        if let Some(title) = &effect.title {
            writeln!(out, "  {bold}{}{end}", plain(title))?;
        }
        if planned.action != Action::Cancel && (effect.kind != Kind::Issue || global.verbose) {
            for line in shown(&effect.body).lines() {
                writeln!(out, "  {dim}|{end} {}", plain(line))?;
            }
        }
        writeln!(out)?;
    }
    for id in &plan.unreadable {
        writeln!(
            out,
            "! incidents/{} cannot be read to the end: nothing is planned for it (see `incidentctl check`)",
            plain(id)
        )?;
    }
    writeln!(out, "{}", total(plan))?;
    writeln!(out, "{}", plan.note)?;
    Ok(())
}

/// Text without control characters: what a terminal would obey.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}

/// The last line: how much, and how many customers read something.
fn total(plan: &Plan) -> String {
    if plan.steps.is_empty() {
        return "Nothing is to do.".to_owned();
    }
    let mut text = format!("{} to carry out", plural(plan.steps.len(), "effect"));
    let customers = reached(plan);
    if customers > 0 {
        text += &format!("; reaches {}", plural(customers, "customer"));
    }
    text + "."
}

/// How many customers read something new.
fn reached(plan: &Plan) -> usize {
    let steps = plan
        .steps
        .iter()
        .filter(|step| step.effect.audience == Audience::Customer);
    let customers: std::collections::BTreeSet<&str> =
        steps.filter_map(|step| step.effect.key.0.split('/').nth(3)).collect();
    customers.len()
}

#[derive(Serialize)]
struct Report<'a> {
    format: u8,
    base: Option<&'a str>,
    head: Option<&'a str>,
    changes: &'a [Change],
    observed: &'a str,
    effects: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    key: &'a str,
    kind: Kind,
    action: Action,
    stage: Stage,
    audience: Audience,
    to: &'a str,
    title: Option<&'a str>,
    body: String,
    why: &'a str,
}

fn json(plan: &Plan, out: &mut dyn Write) -> anyhow::Result<()> {
    let effects = plan.steps.iter().map(|planned| Step {
        key: &planned.effect.key.0,
        kind: planned.effect.kind,
        action: planned.action,
        stage: planned.effect.stage,
        audience: planned.effect.audience,
        to: &planned.effect.to,
        title: planned.effect.title.as_deref(),
        body: shown(&planned.effect.body),
        why: &planned.effect.why,
    });
    let report = Report {
        format: 1,
        base: plan.base.as_deref(),
        head: plan.head.as_deref(),
        changes: &plan.changes,
        observed: plan.observed,
        effects: effects.collect(),
    };
    writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    Ok(())
}

/// The note for a merge request.
fn markdown(global: &Global, plan: &Plan, findings: Option<&Findings>, out: &mut dyn Write) -> anyhow::Result<()> {
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

    use super::*;
    use crate::diagnostics::Diagnostic;
    use crate::effects::{Effect, Key};
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
