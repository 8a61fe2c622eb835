//! `report`: which promises were kept, and how long things took.

use std::io::Write;

use clap::ValueEnum;

use super::complete;
use super::observed::ObservedFile;
use super::{Global, Outcome};
use crate::ledger::{self, Incidents};
use crate::model::Timestamp;
use crate::report::{IncidentScore, ScoreReport, score_incident};
use crate::rules::{self, MaskedRecord};
use crate::targets::Observable;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl report --since 2026-10-01T00:00:00Z --format csv > third-quarter.csv")]
pub(super) struct Arguments {
    /// The incidents: each an id, or a part of an id that no other id has. Default: all.
    #[arg(add = complete::ids())]
    id: Vec<String>,
    /// The format of the scores.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Only incidents that were declared at this time or later.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    since: Option<Timestamp>,
    /// Only incidents that were declared before this time.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    until: Option<Timestamp>,
    /// Scores the record as of this time. Default: now.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    at: Option<Timestamp>,
    #[command(flatten)]
    observed: ObservedFile,
    /// Also counts drills.
    #[arg(long)]
    drills: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines to read.
    Human,
    /// For machines.
    Json,
    /// For spreadsheets, one line for each incident.
    Csv,
}

/// Prints the scores.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let world = global.config()?;
    let now = arguments.at.unwrap_or(global.now);
    let incidents = Incidents::open(&root)?;
    let observations = arguments.observed.read(&root)?;
    let ids = if arguments.id.is_empty() {
        incidents.ids()?.0
    } else {
        let found = arguments.id.iter().map(|word| ledger::find_id(&root, word));
        found.collect::<anyhow::Result<Vec<_>>>()?
    };
    let read = ledger::in_parallel(&ids, |id| {
        let record = incidents.incident(id)?.into_complete_record();
        let record = record.map(|record| world.masked(record));
        let score = |record: MaskedRecord| {
            let observed = |object: Observable| observations.time_of(&record.id, object);
            score_incident(&record, &world.process, &world.directory, now, &observed)
        };
        anyhow::Ok(record.map(score))
    });
    let mut scores: Vec<IncidentScore> = Vec::new();
    let mut unreadable = Vec::new();
    for (id, found) in ids.iter().zip(read) {
        match found? {
            Some(score) => scores.extend(score),
            None => unreadable.push(rules::mask_path(id).unwrap_or_else(|| id.clone())),
        }
    }
    let asked = !arguments.id.is_empty();
    scores.retain(|score| {
        let inside = arguments.since.is_none_or(|since| score.declared_at >= since)
            && arguments.until.is_none_or(|until| score.declared_at < until);
        inside && (asked || arguments.drills || !score.drill)
    });
    let whole = unreadable.is_empty();
    let report = ScoreReport::from_scores(scores, now, unreadable);
    match arguments.format {
        Format::Human => write!(out, "{}", report.human_text())?,
        Format::Json => super::print_json(&report, out)?,
        Format::Csv => write!(out, "{}", report.csv())?,
    }
    Ok(if whole { Outcome::Clean } else { Outcome::Findings })
}
