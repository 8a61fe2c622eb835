//! `show`, `list` and `summary`: print incidents, without writing.

use std::io::{IsTerminal, Write};
use std::path::Path;

use super::complete;
use super::observed::ObservedFile;
use super::{Global, Outcome, print_json, stderr};
use crate::effects::Kind;
use crate::ledger::{self, LedgerConfig};
use crate::model::Timestamp;
use crate::report::{IncidentList, IncidentView};
use crate::rules::MaskedRecord;
use crate::run::{Overview, body_with_placeholders, desired_effects};
use crate::targets::Observable;
use crate::terminal::{self, plain};

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl show 2026-11-23-geo-push-rejected --at 2026-11-23T14:10:00Z")]
pub(super) struct Show {
    /// The incident's id, or a part of it that no other id has.
    #[arg(add = complete::ids())]
    id: String,
    /// Shows the state as of this time. Default: the whole record.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    at: Option<Timestamp>,
    /// For machines.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    observed: ObservedFile,
    /// Shows the state again whenever it changes, until Ctrl-C.
    #[arg(long, conflicts_with = "at")]
    watch: bool,
    /// The time between two looks at the record, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, requires = "watch")]
    every: f64,
}

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl list --active")]
pub(super) struct List {
    /// Lists only running incidents.
    #[arg(long)]
    active: bool,
    /// For machines.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl summary 2026-11-23-geo-push-rejected --template review")]
pub(super) struct Summary {
    /// The incident's id, or a part of it that no other id has.
    #[arg(add = complete::ids())]
    id: String,
    /// The text to render.
    #[arg(long, value_enum, default_value_t = Which::ExecutiveSummary)]
    template: Which,
    /// Renders the record as of this time. Default: the whole record.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    at: Option<Timestamp>,
    #[command(flatten)]
    observed: ObservedFile,
    /// Prints plain text, to paste into mail or chat.
    #[arg(long)]
    copy: bool,
}

/// A text of an incident that can be rendered.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    /// The executive summary.
    ExecutiveSummary,
    /// The incident issue's description.
    Issue,
    /// The review after the incident.
    Review,
    /// The latest message to customers.
    Customer,
}

/// The record of an incident as of a time, with its credentials masked.
fn record(root: &Path, config: &LedgerConfig, word: &str, at: Option<Timestamp>) -> anyhow::Result<MaskedRecord> {
    let id = ledger::find_id(root, word)?;
    let record = ledger::require_record(&id, ledger::read_incident(root, &id)?)?;
    let record = config.masked(record);
    Ok(at.map_or_else(|| record.clone(), |at| record.as_of(at)))
}

/// Prints a rendered text of an incident.
pub(super) fn summary(global: &Global, arguments: &Summary, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let config = global.config()?;
    let record = record(&root, &config, &arguments.id, arguments.at)?;
    let history = config.history(&record);
    let now = arguments.at.unwrap_or(global.now);
    let observations = arguments.observed.read(&root)?;
    let observed = |object: Observable| observations.time_of(&record.id, object);
    let context = config.render_context(&record, &history, now).with_observed(&observed);
    let effects = desired_effects(&config, &record, &history, now);
    let last = |kind: Kind| effects.iter().rev().find(|effect| effect.kind == kind);
    let text = match arguments.template {
        Which::ExecutiveSummary => last(Kind::Summary).map(|effect| effect.body.clone()),
        Which::Issue => last(Kind::Issue).map(|effect| effect.body.clone()),
        Which::Review => Some(config.renderer.review(&context.issue(None, &|_| None, &|_| None))),
        Which::Customer => {
            let words = effects
                .iter()
                .rev()
                .find(|effect| matches!(effect.kind, Kind::Ticket | Kind::TicketNote));
            words.map(|effect| effect.body.clone())
        }
    };
    for unused in config.renderer.unused_templates() {
        writeln!(stderr(), "note: {}", plain(&unused))?;
    }
    match text {
        Some(text) if arguments.copy => {
            write!(
                out,
                "{}",
                terminal::plain_lines(&crate::render::plain(&body_with_placeholders(&text)))
            )?;
        }
        Some(text) => write!(out, "{}", terminal::plain_lines(&body_with_placeholders(&text)))?,
        None => writeln!(out, "There are no such words yet.")?,
    }
    Ok(Outcome::Clean)
}

/// Prints the state of an incident, once or until it is interrupted.
pub(super) fn show(global: &Global, arguments: &Show, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let id = ledger::find_id(&root, &arguments.id)?;
    let started = std::time::Instant::now();
    let mut last: Option<MaskedRecord> = None;
    loop {
        let passed = chrono::TimeDelta::from_std(started.elapsed()).unwrap_or_default();
        let now = Timestamp(global.now.0 + chrono::TimeDelta::seconds(passed.num_seconds()));
        let config = global.config()?;
        let record = record(&root, &config, &id, arguments.at)?;
        let terminal = std::io::stdout().is_terminal();
        // A terminal is redrawn every time, because minutes are counted; a pipe gets only changes.
        if terminal || last.as_ref() != Some(&record) {
            let history = config.history(&record);
            let now = arguments.at.unwrap_or(now);
            let observations = arguments.observed.read(&root)?;
            let observed = |object: Observable| observations.time_of(&record.id, object);
            let context = config.render_context(&record, &history, now).with_observed(&observed);
            let view = IncidentView::new(context, now);
            if arguments.watch && terminal {
                // Only this sequence is written to the terminal directly, because `out` filters such sequences.
                out.flush()?;
                write!(anstream::stdout(), "\u{1b}[2J\u{1b}[H")?;
            }
            if arguments.json {
                print_json(&view.machine_values(), out)?;
            } else {
                write!(out, "{}", view.human_text())?;
            }
            out.flush()?;
        }
        if !arguments.watch {
            return Ok(Outcome::Clean);
        }
        last = Some(record);
        std::thread::sleep(std::time::Duration::from_secs_f64(arguments.every.clamp(0.05, 3600.0)));
    }
}

/// Prints all incidents: running ones first, sorted by the time of their next update.
pub(super) fn list(global: &Global, arguments: &List, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let config = global.config()?;
    let Overview { incidents, unreadable } = Overview::read(&global.root(), &config)?;
    let mut list = IncidentList::new(&config.process, incidents, unreadable);
    if arguments.active {
        list.retain_active();
    }
    if arguments.json {
        print_json(&list.machine_values(), out)?;
    } else {
        let width = terminal_size::terminal_size().map_or(usize::MAX, |(width, _)| usize::from(width.0));
        write!(out, "{}", list.human_text(global.now, width))?;
    }
    Ok(Outcome::Clean)
}
