//! `remind`: what a schedule looks after.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use super::apply::print_run_report;
use super::complete;
use super::environment;
use super::server::{self, About, Connection};
use super::workload::Workload;
use super::{Global, Outcome};
use crate::apply::Scope;
use crate::effects::{ForcedKeys, HoldPolicy, missing, overdue};
use crate::forge::Forge;
use crate::forge::gitlab::Fault;
use crate::ledger::Ledger;
use crate::model::Timestamp;
use crate::terminal::plain;

/// How far back abandoned declarations are looked for.
const LOOK_BACK: chrono::TimeDelta = chrono::TimeDelta::days(30);

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl remind")]
pub(super) struct Arguments {
    /// Writes links to what was done, as GitLab's report of job annotations.
    #[arg(long, value_name = "FILE", add = complete::paths())]
    annotations: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// Reminds of overdue promises, repairs differences, withdraws abandoned declarations, deletes merged branches.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    server::token()?;
    let ledger = Ledger::that_counts(&global.root(), &environment::ci_variables())?;
    let merged: BTreeSet<String> = ledger.ids()?.into_iter().collect();
    let mut workload = Workload::of(&ledger, global.process_file()?.as_ref())?;
    workload.retain_active_or_recent(global.now, &ForcedKeys::default());
    let process = &workload.world.process;
    let about = About {
        since: workload.since(global.now),
        now: global.now,
        thorough: true,
        early: false,
    };
    let mut forge = server::forge(
        process,
        &workload.world.directory,
        &global.root(),
        arguments.connection,
        about,
    )?;
    if let Some(outcome) = server::authenticate(&mut forge, out)? {
        return Ok(outcome);
    }
    let asked = ForcedKeys::default();
    let scope = Scope {
        stage: None,
        terms: Some(HoldPolicy {
            now: global.now,
            stale_after: process.stale_after,
        }),
        asked: &asked,
    };
    let report = workload.apply(&mut forge, scope, &|world, record| {
        let history = world.history(record);
        let scene = world.scene(record, &history);
        let mut all = overdue(&scene, &world.renderer, global.now);
        all.extend(missing(&scene, &world.renderer, global.now));
        all
    });
    let mut failed = false;
    let since = Timestamp(global.now.0 - LOOK_BACK);
    let withdrawn = forge.withdraw(&merged, since);
    forge.close();
    failed |= list("WITHDREW", "abandoned declarations are not withdrawn", withdrawn, out)?;
    let deleted = forge.delete_merged_branches();
    failed |= list("DELETED", "merged branches are not deleted", deleted, out)?;
    if let Err(fault) = forge.sweep_lock() {
        writeln!(
            out,
            "NOTE     the lock of a run that is gone is not taken away: {}",
            plain(&fault.to_string())
        )?;
    }
    let outcome = print_run_report(
        global,
        &workload,
        &forge,
        &report,
        arguments.annotations.as_deref(),
        out,
    )?;
    Ok(if failed && outcome == Outcome::Clean {
        Outcome::Effects
    } else {
        outcome
    })
}

/// Tells what was done; whether it failed.
fn list(word: &str, what: &str, done: Result<Vec<String>, Fault>, out: &mut dyn Write) -> std::io::Result<bool> {
    match done {
        Ok(done) => {
            for one in done {
                writeln!(out, "{word:<8} {}", plain(&one))?;
            }
            Ok(false)
        }
        // A missing right is for `doctor`; the rest goes on.
        Err(fault) if fault.status() == Some(403) => {
            writeln!(out, "NOTE     {what}: {}", plain(&fault.to_string()))?;
            Ok(false)
        }
        Err(fault) => {
            writeln!(out, "FAILED   {what}: {}", plain(&fault.to_string()))?;
            Ok(true)
        }
    }
}
