//! `apply`: does what the record asks for and is not done yet.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::complete;
use super::environment;
use super::observed;
use super::places;
use super::server::{self, About, Access, Connection, Target};
use super::{Global, Outcome};
use crate::chat::ChatService;
use crate::effects::{ApplyStage, ForcedKeys, HoldPolicy, Key};
use crate::forge::Forge;
use crate::ledger::Ledger;
use crate::run::{ApplyOptions, RunReport, Selection, Workload, apply, relative_path};
use crate::terminal::{plain, plural};
use crate::transport::Cost;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl apply --to outbox:/tmp/outbox")]
pub(super) struct Arguments {
    /// The place in which effects are applied: `gitlab` or `outbox:DIR`. Default: GitLab if there is a token or a
    /// pipeline, else
    /// `outbox:outbox`.
    #[arg(long, value_name = "WHERE", value_parser = server::target)]
    to: Option<Target>,
    /// Applies only the effects of this stage. `open` applies only to incidents that the target branch does not have.
    #[arg(long, value_enum)]
    stage: Option<StageName>,
    /// Applies all incidents, not only those that are running or changed in the last 30 days.
    #[arg(long)]
    all: bool,
    /// Creates the object of this key again, although a person removed it.
    #[arg(long, value_name = "KEY")]
    recreate: Vec<Key>,
    /// Sends the message of this key, although its update is old.
    #[arg(long, value_name = "KEY")]
    send_stale: Vec<Key>,
    /// Writes links to the created objects, as GitLab's report of job annotations.
    #[arg(long, value_name = "FILE", add = complete::paths())]
    annotations: Option<PathBuf>,
    /// Writes when issues, tickets and messages were made, for `report` and `show`.
    #[arg(long, value_name = "FILE", add = complete::paths())]
    observed: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StageName {
    /// The effects that are applied as soon as the merge request is open.
    Open,
    /// The effects that are applied after the merge.
    Merge,
}

/// Applies the record: in a pipeline, the one at the default branch's head; otherwise the one on the disk.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let forced = ForcedKeys {
        stale: arguments.send_stale.iter().cloned().collect(),
        recreate: arguments.recreate.iter().cloned().collect(),
    };
    let stage = arguments.stage.map(|stage| match stage {
        StageName::Open => ApplyStage::Open,
        StageName::Merge => ApplyStage::Merge,
    });
    match server::chosen(arguments.to.as_ref()) {
        Target::Outbox(_) if arguments.observed.is_some() => {
            bail!("an outbox observes no times: --observed is for GitLab")
        }
        Target::Outbox(folder) => to_outbox(global, &folder, stage, &forced, out),
        Target::Gitlab => {
            server::token()?;
            let workload = workload(global, arguments, stage, &forced)?;
            to_gitlab(global, &workload, arguments, stage, &forced, out)
        }
    }
}

fn to_outbox(
    global: &Global,
    folder: &Path,
    stage: Option<ApplyStage>,
    forced: &ForcedKeys,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let root = global.root();
    let mut outbox = places::outbox(global, folder)?;
    let ledger = Ledger::Disk(root.clone());
    let workload = Workload::load(&ledger, global.process_file()?.as_ref(), Selection::All, global.now)?;
    let scope = ApplyOptions {
        stage,
        policy: None,
        forced,
    };
    let report = apply(&mut outbox, workload.desired_incidents(forced), scope);
    let shown = plain(&relative_path(&root, outbox.display_path()));
    print(global, &report, &workload, out)?;
    conclude(&report, &workload, out, &|out| {
        if report.is_empty() && workload.unreadable.is_empty() {
            writeln!(out, "Nothing is to do: the outbox in {shown} has it all.")
        } else {
            writeln!(
                out,
                "{}. Look at {shown}/ID/issue.md and the files beside it.",
                report.describe_total()
            )
        }
    })
}

/// The incidents that a run in GitLab acts on.
fn workload(
    global: &Global,
    arguments: &Arguments,
    stage: Option<ApplyStage>,
    forced: &ForcedKeys,
) -> anyhow::Result<Workload> {
    let root = global.root();
    if stage == Some(ApplyStage::Open) {
        return Workload::load_unmerged_declarations(&target_branch(&root)?, &root, global.now);
    }
    let ledger = Ledger::authoritative(&root, &environment::ci_variables())?;
    let selection = if arguments.all {
        Selection::All
    } else {
        Selection::ActiveOrRecent { forced }
    };
    Workload::load(&ledger, global.process_file()?.as_ref(), selection, global.now)
}

/// The target branch of the merge request that declares an incident.
///
/// # Errors
/// Fails if the merge request is into another branch than the default one: people who may push there would choose the
/// process, and with it where tokens go.
fn target_branch(root: &Path) -> anyhow::Result<Ledger> {
    let Some(target) = environment::variable("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") else {
        bail!("`--stage open` is for merge request pipelines: CI_MERGE_REQUEST_TARGET_BRANCH_NAME is not set")
    };
    let default = environment::variable("CI_DEFAULT_BRANCH").context("CI_DEFAULT_BRANCH is not set")?;
    if target != default {
        bail!(
            "`--stage open` acts only for merge requests into the default branch, {}: this one is into {}",
            plain(&default),
            plain(&target)
        );
    }
    Ledger::at_branch_head(root, &target, &environment::ci_variables())
}

fn to_gitlab(
    global: &Global,
    workload: &Workload,
    arguments: &Arguments,
    stage: Option<ApplyStage>,
    forced: &ForcedKeys,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let about = About {
        since: workload.earliest_record_time(global.now),
        now: global.now,
        thorough: false,
        early: stage == Some(ApplyStage::Open),
    };
    let mut forge = server::forge(
        &workload.config,
        &global.root(),
        arguments.connection,
        about,
        Access::WriteWithChat,
    )?;
    if let Some(outcome) = server::authenticate(forge.as_mut(), out)? {
        return Ok(outcome);
    }
    let scope = ApplyOptions {
        stage,
        policy: Some(HoldPolicy {
            now: global.now,
            stale_after: workload.config.process.stale_after,
        }),
        forced,
    };
    workload.validate_keys(forced)?;
    let report = apply(forge.as_mut(), workload.desired_incidents(forced), scope);
    if let Some(path) = &arguments.observed {
        observed::export(path, forge.as_ref(), workload)?;
    }
    print_run_report(
        global,
        workload,
        forge.as_ref(),
        &report,
        arguments.annotations.as_deref(),
        out,
    )
}

/// Prints the result of a run in GitLab.
pub(super) fn print_run_report(
    global: &Global,
    workload: &Workload,
    forge: &dyn Forge,
    report: &RunReport,
    annotations: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    if let Some(file) = annotations {
        let links: Vec<_> = report
            .done
            .iter()
            .map(|(planned, url)| {
                (
                    format!(
                        "{} {}",
                        planned.action.display_name(),
                        planned.effect.kind.display_name()
                    ),
                    url.clone(),
                )
            })
            .collect();
        places::write(file, server::annotations(&links))?;
    }
    print(global, report, workload, out)?;
    let silenced = unsent(workload, report, out)?;
    conclude(report, workload, out, &|out| {
        if report.is_empty() && workload.unreadable.is_empty() {
            write!(out, "Nothing is to do: GitLab has it all")?;
        } else {
            write!(out, "{}", report.describe_total())?;
        }
        writeln!(out, " ({}{}).", plain(&workload.from), costs(&forge.costs()))
    })
    .map(|outcome| {
        if silenced && outcome == Outcome::Clean {
            Outcome::Effects
        } else {
            outcome
        }
    })
}

/// Prints the messages that were not sent because there is no Slack token; returns whether there are any.
fn unsent(workload: &Workload, report: &RunReport, out: &mut dyn Write) -> anyhow::Result<bool> {
    // Without channels in the process, the team has no Slack, and people record these steps.
    if report.unsent.is_empty() || !server::has_chat(&workload.config.process) {
        return Ok(false);
    }
    for planned in &report.unsent {
        let (kind, key) = (
            planned.effect.kind.display_name(),
            plain(&planned.effect.key.to_string()),
        );
        writeln!(out, "NOT SENT {kind} {key}")?;
    }
    let ChatService {
        name,
        token_variable,
        section,
        ..
    } = server::chat_service();
    writeln!(
        out,
        "NOT SENT {} of {name}: there is no token. Set the variable {token_variable}, or say it by hand and record it \
         (`sent_by_hand: [KEY]`), or take `{section}` out of process.yaml",
        plural(report.unsent.len(), "message")
    )?;
    Ok(true)
}

/// The requests and the waiting time of each service, in words; a chat without requests is left out.
fn costs(all: &[(&'static str, Cost)]) -> String {
    let mut text = String::new();
    for (index, (service, cost)) in all.iter().enumerate() {
        if index > 0 && cost.requests == 0 {
            continue;
        }
        text += &format!("; {} of {service}", plural(cost.requests as usize, "request"));
        if !cost.waited.is_zero() {
            text += &format!(", {:.1} s of them waiting", cost.waited.as_secs_f64());
        }
        if index == 0 {
            text += &format!(", {} of them written", cost.writes);
        }
    }
    text
}

/// Prints the last line and returns the outcome of the run.
fn conclude(
    report: &RunReport,
    workload: &Workload,
    out: &mut dyn Write,
    last: &dyn Fn(&mut dyn Write) -> std::io::Result<()>,
) -> anyhow::Result<Outcome> {
    last(out)?;
    Ok(if !report.is_complete() {
        Outcome::Effects
    } else if workload.unreadable.is_empty() && workload.masked_notices().is_empty() {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn print(global: &Global, report: &RunReport, workload: &Workload, out: &mut dyn Write) -> anyhow::Result<()> {
    for line in report.lines(workload, &global.root(), global.quiet) {
        writeln!(out, "{}", plain(&line))?;
    }
    Ok(())
}
