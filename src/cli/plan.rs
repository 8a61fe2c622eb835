//! `plan`: shows what merging would do, with the exact words, and does nothing.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use super::adopted;
use super::check::{self, plural};
use super::complete;
use super::context::{ProcessContext, as_if_done, shown};
use super::note;
use super::places;
use super::server::{self, About, Connection, Target};
use super::workload::Workload;
use super::{Global, Outcome};
use crate::effects::{Action, Audience, ForcedKeys, HoldPolicy, Kind, Planned, Stage, hold, plan};
use crate::forge::{Forge, Outbox};
use crate::ledger::Incidents;
use crate::ledger::Ledger;
use crate::ledger::{Comparison, compare};
use crate::model::{Customers, Record, State};
use crate::render::{Scene, escape};
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

/// What is planned, and why.
pub(super) struct Plan {
    pub(super) base: Option<String>,
    pub(super) head: Option<String>,
    pub(super) observed: &'static str,
    pub(super) note: String,
    pub(super) changes: Vec<Change>,
    pub(super) steps: Vec<Planned>,
    /// Incidents whose files cannot be read to the end; nothing is done for them.
    pub(super) unreadable: Vec<String>,
}

/// An incident that changes.
#[derive(Serialize)]
pub(super) struct Change {
    pub(super) incident: String,
    pub(super) from: Option<Snapshot>,
    pub(super) to: Option<Snapshot>,
    #[serde(skip)]
    pub(super) words: Vec<String>,
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
    let comparison = compare(
        &root,
        arguments.base.as_deref(),
        arguments.head.as_deref(),
        &super::ci_variables(),
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
        &Ledger::that_counts(&global.root(), &super::ci_variables())?,
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
            (slack || !planned.effect.kind.is_chat()) && !observation.left.contains_key(&planned.effect.key)
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

/// What changed of an incident; none where its state and its updates are the same.
fn change(world: &ProcessContext, from: Option<&Record>, to: &Record) -> Option<Change> {
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
    writeln!(out, "{}", plain(&plan.note))?;
    Ok(())
}

/// The last line: how much, and how many customers read something.
pub(super) fn total(plan: &Plan) -> String {
    if plan.steps.is_empty() {
        return "Nothing is to do.".to_owned();
    }
    let mut text = format!("{} to carry out", plural(plan.steps.len(), "effect"));
    let customers = reached(plan);
    if customers > 0 {
        text += &format!("; reaches {}{}", plural(customers, "customer"), by_email(plan));
    }
    text + "."
}

/// How many of them are told by e-mail as well.
pub(super) fn by_email(plan: &Plan) -> String {
    let mailed = plan.steps.iter().filter(|step| step.effect.emails);
    let customers: std::collections::BTreeSet<&str> = mailed.filter_map(|step| step.effect.customer()).collect();
    match customers.len() {
        0 => ", nobody by e-mail".to_owned(),
        count => format!(", {count} of them by e-mail"),
    }
}

/// How many customers read something new.
pub(super) fn reached(plan: &Plan) -> usize {
    let steps = plan
        .steps
        .iter()
        .filter(|step| step.effect.audience == Audience::Customer);
    let customers: std::collections::BTreeSet<&str> = steps.filter_map(|step| step.effect.customer()).collect();
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
    super::print_json(&report, out)
}
