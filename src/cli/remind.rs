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
use crate::ledger::Ledger;
use crate::model::IncidentId;
use crate::run::{ApplyOptions, Selection, Workload, add_reminders, apply, maintain};
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
    let maintained = maintain(forge.as_mut(), &merged, global.now);
    for line in maintained.lines() {
        writeln!(out, "{}", plain(&line))?;
    }
    let annotations = arguments.annotations.as_deref();
    let outcome = print_run_report(global, &workload, forge.as_ref(), &report, annotations, out)?;
    Ok(if maintained.has_failed() && outcome == Outcome::Clean {
        Outcome::Effects
    } else {
        outcome
    })
}
