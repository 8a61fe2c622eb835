//! `remind`: reminders, repairs and maintenance for scheduled runs.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use super::apply::print_run_report;
use super::complete;
use super::environment;
use super::observed;
use super::server::{self, About, Access, Connection};
use super::{Global, Outcome};
use crate::effects::{ForcedKeys, HoldPolicy};
use crate::forge::MaintenanceError;
use crate::ledger::Ledger;
use crate::model::IncidentId;
use crate::run::{ApplyOptions, MaintenanceResult, Selection, Workload, add_reminders, apply, maintain};
use crate::terminal::plain;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl remind")]
pub(super) struct Arguments {
    /// Writes links to the created objects, as GitLab's report of job annotations.
    #[arg(long, value_name = "FILE", add = complete::paths())]
    annotations: Option<PathBuf>,
    /// Writes when issues, tickets and messages were made, for `report` and `show`.
    #[arg(long, value_name = "FILE", add = complete::paths())]
    observed: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// Reminds of overdue promises, repairs differences, withdraws abandoned declarations, deletes merged branches.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    server::token()?;
    let ledger = Ledger::authoritative(&global.root(), &environment::ci_variables())?;
    let merged: BTreeSet<IncidentId> = ledger.ids()?.into_iter().map(IncidentId).collect();
    let forced = ForcedKeys::default();
    let selection = Selection::ActiveOrRecent { forced: &forced };
    let mut workload = Workload::load(&ledger, global.process_file()?.as_ref(), selection, global.now)?;
    add_reminders(&mut workload, global.now);
    let about = About {
        since: workload.earliest_record_time(global.now),
        now: global.now,
        thorough: true,
        early: false,
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
        stage: None,
        policy: Some(HoldPolicy {
            now: global.now,
            stale_after: workload.config.process.stale_after,
        }),
        forced: &forced,
    };
    let report = apply(forge.as_mut(), workload.desired_incidents(&forced), scope);
    if let Some(path) = &arguments.observed {
        observed::export(path, forge.as_ref(), &workload)?;
    }
    let failed = print_maintenance(maintain(forge.as_mut(), &merged, global.now), out)?;
    let annotations = arguments.annotations.as_deref();
    let outcome = print_run_report(global, &workload, forge.as_ref(), &report, annotations, out)?;
    Ok(if failed && outcome == Outcome::Clean {
        Outcome::Effects
    } else {
        outcome
    })
}

/// Prints the results of the maintenance, and returns whether a part of it failed.
fn print_maintenance(done: MaintenanceResult, out: &mut dyn Write) -> std::io::Result<bool> {
    let withdrawal = print_list(
        "WITHDREW",
        "abandoned declarations are not withdrawn",
        done.withdrawn,
        out,
    )?;
    let deletion = print_list("DELETED", "merged branches are not deleted", done.deleted, out)?;
    if let Err(MaintenanceError::Forbidden(why) | MaintenanceError::Failed(why)) = done.lock {
        writeln!(
            out,
            "NOTE     the lock of a run that is gone is not taken away: {}",
            plain(&why)
        )?;
    }
    Ok(withdrawal || deletion)
}

/// Prints one line for each item of a maintenance result, and returns whether it failed.
fn print_list(
    word: &str,
    what: &str,
    done: Result<Vec<String>, MaintenanceError>,
    out: &mut dyn Write,
) -> std::io::Result<bool> {
    match done {
        Ok(done) => {
            for one in done {
                writeln!(out, "{word:<8} {}", plain(&one))?;
            }
            Ok(false)
        }
        // `doctor` reports a missing right; the rest goes on.
        Err(MaintenanceError::Forbidden(why)) => {
            writeln!(out, "NOTE     {what}: {}", plain(&why))?;
            Ok(false)
        }
        Err(MaintenanceError::Failed(why)) => {
            writeln!(out, "FAILED   {what}: {}", plain(&why))?;
            Ok(true)
        }
    }
}
