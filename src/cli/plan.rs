//! `plan`: shows what merging would do, with the exact words, and does nothing.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;
use serde::Serialize;

use super::comment;
use super::complete;
use super::environment;
use super::places;
use super::server::{self, About, Access, Connection, Target};
use super::who::{actors, check_facts};
use super::{Global, Outcome, stderr};
use crate::effects::{Action, ApplyStage, Audience, Destination, ForcedKeys, HoldPolicy, Key, Kind, Planned};
use crate::forge::{AuthenticationError, Outbox};
use crate::ledger::{Ledger, compare};
use crate::run::{
    Change, Plan, Revisions, Selection, Workload, body_with_placeholders, check_revisions, note,
    note_without_revisions, plan_revisions, plan_workload, refusals,
};
use crate::terminal::{self, BAD, CAUTION, FAINT, GOOD, STRONG, plain};

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl plan --base origin/main --format markdown")]
pub(super) struct Arguments {
    /// Plans the change since this revision, from git alone. Default: in CI the pipeline's change; otherwise the effects
    /// that the outbox does not have.
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The revision to plan. Default: HEAD in CI, otherwise the work tree.
    #[arg(long, value_name = "REV", requires = "base")]
    head: Option<String>,
    /// The place whose existing objects the plan is compared with if there is no base: `outbox:DIR` or `gitlab`.
    #[arg(long, value_name = "WHERE", default_value = "outbox:outbox", value_parser = server::target)]
    to: Target,
    /// The format of the plan.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Writes the plan to a file as well; may be given several times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    report: Vec<(Format, PathBuf)>,
    /// Creates or updates one note with the plan on the merge request of the pipeline.
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

/// Makes a plan and prints it.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let (base, head) = (arguments.base.as_deref(), arguments.head.as_deref());
    let plan = match compare(&root, base, head, &environment::ci_variables())? {
        Some(comparison) => {
            let revisions = Revisions::read(comparison, &root, global.process_file()?.as_ref())?;
            let is_note = |format: &Format| *format == Format::Markdown;
            let reported = arguments.report.iter().any(|(format, _)| is_note(format));
            let findings = (is_note(&arguments.format) || arguments.comment || reported).then(|| {
                let mut findings = check_revisions(&revisions, &check_facts(global, actors(global)));
                findings.mask();
                findings
            });
            let plan = plan_revisions(&revisions, global.now)?;
            let note = findings.map(|findings| note(&revisions, &plan, Some(&findings)));
            let note = note.transpose()?.unwrap_or_default();
            Shown {
                plan,
                note,
                unused: revisions.config_before()?.renderer.unused_templates(),
            }
        }
        None => match &arguments.to {
            Target::Outbox(folder) => from_outbox(global, &mut places::outbox(global, folder)?)?,
            Target::Gitlab => from_gitlab(global, arguments.connection)?,
        },
    };
    let write = |format: Format, out: &mut dyn Write| match format {
        Format::Human => human(global, &plan.plan, out),
        Format::Json => json(&plan.plan, out),
        Format::Markdown => Ok(write!(out, "{}", terminal::plain_lines(&plan.note))?),
    };
    for (format, file) in &arguments.report {
        let mut text = Vec::new();
        write(*format, &mut text)?;
        places::write(file, text)?;
    }
    write(arguments.format, out)?;
    // The template of the note is rendered after the plan is complete.
    for why in plan.unused.iter().filter(|why| !plan.plan.note.contains(why.as_str())) {
        writeln!(stderr(), "note: {}", plain(why))?;
    }
    if arguments.comment {
        let annotations = arguments.annotations.as_deref();
        let outcome = comment::keep(global, arguments.connection, annotations, &plan.plan, &plan.note, out)?;
        if outcome != Outcome::Clean {
            return Ok(outcome);
        }
    }
    Ok(if plan.plan.unreadable.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

/// A plan, and its note for a merge request; the note is empty if it was not requested.
struct Shown {
    plan: Plan,
    note: String,
    /// The team's templates that were not used for the plan or the note, each with the reason.
    unused: Vec<String>,
}

/// Plans the effects that are missing in the outbox.
fn from_outbox(global: &Global, outbox: &mut Outbox) -> anyhow::Result<Shown> {
    let root = global.root();
    let ledger = Ledger::Disk(root.clone());
    let workload = Workload::load(&ledger, global.process_file()?.as_ref(), Selection::All, global.now)?;
    let shown = crate::run::relative_path(&root, outbox.display_path());
    let note = format!("Compared with the outbox in {shown}.");
    let plan = plan_workload(&workload, outbox, ("outbox", note), None, true)?;
    let note = note_without_revisions(&workload.config, &plan);
    let unused = workload.config.renderer.unused_templates();
    Ok(Shown { plan, note, unused })
}

/// Plans the effects that are missing in GitLab, for the incidents that `apply` would act on.
fn from_gitlab(global: &Global, connection: Connection) -> anyhow::Result<Shown> {
    let ledger = Ledger::authoritative(&global.root(), &environment::ci_variables())?;
    let selection = Selection::ActiveOrRecent {
        forced: &ForcedKeys::default(),
    };
    let workload = Workload::load(&ledger, global.process_file()?.as_ref(), selection, global.now)?;
    let about = About {
        since: workload.earliest_record_time(global.now),
        now: global.now,
        thorough: false,
        early: false,
    };
    let mut forge = server::forge(
        &workload.config,
        &global.root(),
        connection,
        about,
        Access::ReadWithChat,
    )?;
    match forge.authenticate() {
        Ok(()) => {}
        Err(AuthenticationError::Refused(why) | AuthenticationError::Unavailable(why)) => bail!("{why}"),
    }
    let policy = HoldPolicy {
        now: global.now,
        stale_after: workload.config.process.stale_after,
    };
    // GitLab's index also holds the places in Slack, so missing messages are known without Slack's token.
    let chat = server::has_chat(&workload.config.process);
    let note = format!("Compared with GitLab at {}.", forge.address());
    let mut plan = plan_workload(&workload, forge.as_mut(), ("gitlab", note), Some(policy), chat)?;
    let refused = refusals(forge.as_mut(), &plan);
    let refused = refused.iter().map(|why| ["\nFAILED   ", &plain(why)].concat());
    plan.note.extend(refused);
    let note = note_without_revisions(&workload.config, &plan);
    let unused = workload.config.renderer.unused_templates();
    Ok(Shown { plan, note, unused })
}

fn human(global: &Global, plan: &Plan, out: &mut dyn Write) -> anyhow::Result<()> {
    for planned in &plan.steps {
        let effect = &planned.effect;
        let (style, sign) = match planned.action {
            Action::Create | Action::Schedule | Action::Reopen => (GOOD, '+'),
            Action::Edit => (CAUTION, '~'),
            Action::Close | Action::Cancel => (BAD, '-'),
        };
        let head = format!(
            "{} {} ({})",
            planned.action.display_name(),
            effect.kind.display_name(),
            effect.audience.display_name()
        );
        if global.quiet {
            writeln!(
                out,
                "{style}{sign}{style:#} {head:<43} {}",
                plain(&effect.key.to_string())
            )?;
            continue;
        }
        writeln!(
            out,
            "{style}{sign} {head}{style:#}  {STRONG}{}{STRONG:#}",
            plain(&effect.key.to_string())
        )?;
        writeln!(out, "  in {}: {}", plain(&effect.to.to_string()), plain(&effect.why))?;
        if let Some(title) = &effect.title {
            writeln!(out, "  {STRONG}{}{STRONG:#}", plain(title))?;
        }
        let says_nothing = match planned.action {
            Action::Cancel => true,
            Action::Close => effect.kind == Kind::Ticket,
            _ => effect.kind == Kind::Issue && !global.verbose,
        };
        if !says_nothing {
            for line in body_with_placeholders(&effect.body).lines() {
                writeln!(out, "  {FAINT}|{FAINT:#} {}", plain(line))?;
            }
        }
        writeln!(out)?;
    }
    let of_steps = plan.steps.iter().filter_map(|planned| planned.effect.adopted());
    let shown: BTreeSet<&str> = of_steps.collect();
    for (customer, url) in plan.adopted.iter().filter(|(_, url)| !shown.contains(url.as_str())) {
        writeln!(out, "the ticket of {} is {}", plain(customer.as_str()), plain(url))?;
    }
    for id in &plan.unreadable {
        writeln!(
            out,
            "! incidents/{} cannot be read to the end, or has a credential in a name: nothing is planned for it (see `incidentctl check`)",
            plain(id)
        )?;
    }
    for line in plan.held_lines().iter().filter(|_| !global.quiet) {
        writeln!(out, "{}", plain(line))?;
    }
    writeln!(out, "{}", plan.describe_total())?;
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
    held: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    key: &'a Key,
    kind: Kind,
    action: Action,
    stage: ApplyStage,
    audience: Audience,
    to: &'a Destination,
    title: Option<&'a str>,
    body: String,
    why: &'a str,
}

impl<'a> Step<'a> {
    fn new(planned: &'a Planned, why: &'a str) -> Self {
        let effect = &planned.effect;
        Self {
            key: &effect.key,
            kind: effect.kind,
            action: planned.action,
            stage: effect.stage,
            audience: effect.audience,
            to: &effect.to,
            title: effect.title.as_deref(),
            body: body_with_placeholders(&effect.body),
            why,
        }
    }
}

fn json(plan: &Plan, out: &mut dyn Write) -> anyhow::Result<()> {
    let effects = plan.steps.iter().map(|planned| Step::new(planned, &planned.effect.why));
    let held = plan.held.iter().map(|held| Step::new(&held.planned, &held.why));
    let report = Report {
        format: 1,
        base: plan.base.as_deref(),
        head: plan.head.as_deref(),
        changes: &plan.changes,
        observed: plan.observed,
        effects: effects.collect(),
        held: held.collect(),
    };
    super::print_json(&report, out)
}
