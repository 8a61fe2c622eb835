//! `apply`: does what the record asks for and is not done yet.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;

use super::check::plural;
use super::load::{self, Beside};
use super::plan::plain;
use super::planned::World;
use super::{Global, Outcome};
use crate::apply::{Report, apply};
use crate::effects;
use crate::forge::Outbox;
use crate::model::IncidentId;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl apply --to outbox:/tmp/outbox")]
pub(super) struct Arguments {
    /// Where effects are carried out: `outbox:DIR`. Default outside CI: `outbox:outbox`.
    #[arg(long, value_name = "WHERE", value_parser = target)]
    to: Option<PathBuf>,
    /// Only the effects of this stage.
    #[arg(long, value_enum)]
    stage: Option<StageName>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StageName {
    /// What may be done as soon as the merge request is open.
    Open,
    /// What is done when it is merged.
    Merge,
}

/// Reads `outbox:DIR`.
pub(super) fn target(text: &str) -> Result<PathBuf, String> {
    let folder = text.strip_prefix("outbox:").ok_or("expected outbox:DIR")?;
    if folder.is_empty() {
        Err("expected a folder after outbox:".to_owned())
    } else {
        Ok(PathBuf::from(folder))
    }
}

/// The outbox's folder: a relative one lies in the ledger.
pub(super) fn place(root: &Path, outbox: &Path) -> PathBuf {
    root.join(outbox)
}

/// A path as it is shown: from the ledger's root where it lies in it.
pub(super) fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// Applies the record on the disk.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    if arguments.to.is_none() && std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        bail!("in CI the outbox has to be asked for: --to outbox:DIR (and keep DIR as an artifact)");
    }
    let outbox = place(&root, arguments.to.as_deref().unwrap_or(Path::new("outbox")));
    let world = World::to_act_on(Beside::on_disk(&root, global.process.as_deref())?)?;
    let mut forge = Outbox::new(&outbox);
    let stage = arguments.stage.map(|stage| match stage {
        StageName::Open => effects::Stage::Open,
        StageName::Merge => effects::Stage::Merge,
    });
    let mut report = Report::default();
    let mut unreadable = Vec::new();
    for id in load::ids(&root)?.0 {
        // One that cannot be read holds up no other.
        match load::incident(&root, &id)?.complete() {
            Some(record) => apply(
                &mut forge,
                &IncidentId::from(id.as_str()),
                &world.effects(record),
                stage,
                &mut report,
            ),
            None => unreadable.push(id),
        }
    }
    print(global, &root, &outbox, &report, &unreadable, out)?;
    Ok(if !report.is_complete() {
        Outcome::Effects
    } else if unreadable.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn print(
    global: &Global,
    root: &Path,
    outbox: &Path,
    report: &Report,
    unreadable: &[String],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    for (planned, place) in report.done.iter().filter(|_| !global.quiet) {
        let effect = &planned.effect;
        let place = relative(root, Path::new(place));
        writeln!(
            out,
            "{:<8} {:<17} {}",
            planned.action.word(),
            effect.kind.word(),
            plain(&place)
        )?;
    }
    for (planned, reason) in &report.failed {
        writeln!(
            out,
            "FAILED   {} {}: {}",
            planned.action.word(),
            planned.effect.key,
            plain(reason)
        )?;
    }
    for (id, reason) in &report.unobserved {
        writeln!(out, "UNKNOWN  incidents/{id}: {}", plain(reason))?;
    }
    for id in unreadable {
        writeln!(
            out,
            "SKIPPED  incidents/{}: it cannot be read to the end (see `incidentctl check`)",
            plain(id)
        )?;
    }
    let place = relative(root, outbox);
    if report.is_empty() && unreadable.is_empty() {
        writeln!(out, "Nothing is to do: the outbox in {place} has it all.")?;
        return Ok(());
    }
    let failed = report.failed.len() + report.unobserved.len();
    let failures = if failed > 0 {
        format!(", {failed} failed")
    } else {
        String::new()
    };
    writeln!(
        out,
        "{} carried out{failures}. Look at {place}/ID/issue.md and the files beside it.",
        plural(report.done.len(), "effect")
    )?;
    Ok(())
}
