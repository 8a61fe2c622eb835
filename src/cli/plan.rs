//! `plan`: shows what merging would do, with the exact words, and does nothing.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use super::adopted;
use super::check::{self};
use super::complete;
use super::context::{ProcessContext, as_if_done, shown};
use super::environment;
use super::note;
use super::places;
use super::plan_value::{Change, Plan, change, total};
use super::server::{self, About, Connection, Target};
use super::workload::Workload;
use super::{Global, Outcome};
use crate::effects::{Action, Audience, ForcedKeys, HoldPolicy, Kind, Stage, hold, plan};
use crate::forge::{Forge, Outbox};
use crate::ledger::Incidents;
use crate::ledger::Ledger;
use crate::ledger::{Comparison, compare};
use crate::terminal;
pub(super) use crate::terminal::plain;

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
    /// Where effects are carried out, where no base is named: `outbox:DIR`, or `gitlab`, which is asked what it has.
    #[arg(long, value_name = "WHERE", default_value = "outbox:outbox", value_parser = server::target)]
    to: Target,
    /// How the plan is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Writes the plan to a file as well; may be given several times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    report: Vec<(Format, PathBuf)>,
    /// Keeps one note with the plan on the merge request that the pipeline is about.
    #[arg(long)]
    comment: bool,
    /// Writes a link to the note, as GitLab's report of job annotations.
    #[arg(long, value_name = "FILE", add = complete::paths())]
    annotations: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .ok_or("expected FORMAT=FILE, such as json=plan.json")?;
    Ok((Format::from_str(format, false)?, PathBuf::from(file)))
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

/// Plans and prints.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let comparison = compare(
        &root,
        arguments.base.as_deref(),
        arguments.head.as_deref(),
        &environment::ci_variables(),
    )?;
    let (plan, findings) = match &comparison {
        Some(comparison) => {
            let note = arguments.report.iter().any(|(format, _)| *format == Format::Markdown);
            let findings = if arguments.format == Format::Markdown || arguments.comment || note {
                let mut findings = check::change(global, comparison)?;
                findings.mask();
                Some(findings)
            } else {
                None
            };
            (from_git(global, comparison)?, findings)
        }
        None => match &arguments.to {
            Target::Outbox(folder) => (from_outbox(global, &root, &places::outbox(global, folder)?)?, None),
            Target::Gitlab => (from_gitlab(global, arguments.connection)?, None),
        },
    };
    let markdown = || note::markdown(global, comparison.as_ref(), &plan, findings.as_ref());
    let write = |format: Format, out: &mut dyn Write| match format {
        Format::Human => human(global, &plan, out),
        Format::Json => json(&plan, out),
        Format::Markdown => Ok(write!(out, "{}", terminal::lines(&markdown()?))?),
    };
    for (format, file) in &arguments.report {
        let mut text = Vec::new();
        write(*format, &mut text)?;
        places::write(file, text)?;
    }
    write(arguments.format, out)?;
    if arguments.comment {
        let annotations = arguments.annotations.as_deref();
        let outcome = note::keep(global, arguments.connection, annotations, &plan, &markdown()?, out)?;
        if outcome != Outcome::Clean {
            return Ok(outcome);
        }
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
    let head = ProcessContext::to_act_on(comparison.config_after(&root, global.process_file()?.as_ref())?)?;
    let all = comparison.touches_all();
    let base = if all {
        Some(ProcessContext::new(comparison.config_before()?))
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
        let Some(record) = after.complete() else {
            plan.unreadable.push(changed.change.id.to_string());
            continue;
        };
        let from = changed.change.from.as_ref();
        let observed = from
            .map(|from| as_if_done(&base.as_ref().unwrap_or(&head).effects(from)))
            .unwrap_or_default();
        plan.changes.extend(change(&head, from, record));
        plan.steps.extend(head.plan(record, &observed));
    }
    Ok(plan)
}

/// What the outbox lacks.
fn from_outbox(global: &Global, root: &Path, outbox: &Outbox) -> anyhow::Result<Plan> {
    let world = ProcessContext::to_act_on(global.config()?)?;
    let incidents = Incidents::open(root)?;
    let mut plan = Plan {
        base: None,
        head: None,
        observed: "outbox",
        note: format!(
            "Compared with the outbox in {}.",
            super::apply::relative(root, outbox.shown())
        ),
        changes: Vec::new(),
        steps: Vec::new(),
        unreadable: Vec::new(),
    };
    for id in incidents.ids()?.0 {
        let read = incidents.incident(&id)?;
        let Some(record) = read.complete() else {
            plan.unreadable.push(id);
            continue;
        };
        plan.steps.extend(world.plan(record, &outbox.seen(&record.id)?));
    }
    Ok(plan)
}

/// What GitLab lacks, of the incidents that `apply` would look after.
fn from_gitlab(global: &Global, connection: Connection) -> anyhow::Result<Plan> {
    let mut workload = Workload::of(
        &Ledger::that_counts(&global.root(), &environment::ci_variables())?,
        global.process_file()?.as_ref(),
    )?;
    workload.retain_active_or_recent(global.now, &ForcedKeys::default());
    let process = &workload.world.process;
    let about = About {
        since: workload.since(global.now),
        now: global.now,
        thorough: false,
        early: false,
    };
    let mut forge = server::forge(process, &workload.world.directory, &global.root(), connection, about)?;
    // Where Slack's things are stands in GitLab as well: what it lacks is known without its token.
    let slack = server::has_slack(process);
    forge.authenticate()?;
    let asked = ForcedKeys::default();
    let terms = HoldPolicy {
        now: global.now,
        stale_after: process.stale_after,
    };
    let mut steps = Vec::new();
    for record in &workload.records {
        let effects = workload.world.effects(record);
        let wanted = Workload::wanted(record, &effects, &asked);
        let observation = forge.observe(&wanted)?;
        let missing = plan(&effects, &observation.seen).into_iter().filter(|planned| {
            let left = observation.left.contains_key(&planned.effect.key);
            (slack || !planned.effect.kind.is_chat()) && !left && observation.why_unknown(&planned.effect).is_none()
        });
        steps.extend(hold(missing.collect(), &observation.seen, terms, &asked).0);
    }
    let refused = adopted::below(forge.client(), process, &workload.world.directory, &steps);
    Ok(Plan {
        base: None,
        head: None,
        observed: "gitlab",
        note: format!("Compared with GitLab at {}.{refused}", forge.client().web()),
        changes: Vec::new(),
        steps,
        unreadable: workload.unreadable,
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
    writeln!(out, "{}", plain(&plan.note))?;
    Ok(())
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
    super::print_json(&report, out)
}
