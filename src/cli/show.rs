//! `show`, `list` and `summary`: look at incidents.

use std::io::Write;

use anyhow::Context;
use serde::Serialize;

use super::find;
use super::load::{self, Beside};
use super::plan::{Snapshot, plain};
use super::planned::{World, shown};
use super::{Global, Outcome};
use crate::effects::Kind;
use crate::model::time::words;
use crate::model::{Record, State, Timestamp};
use crate::process::StatusKind;
use crate::render::time;
use crate::report::{Ledger, ledger};

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl show 2026-11-23-geo-push-rejected --at 2026-11-23T14:10:00Z")]
pub(super) struct Show {
    /// The incident's id; its beginning or a part that only it has will do.
    id: String,
    /// The state as of this time. Default: all that is written.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    at: Option<Timestamp>,
    /// For machines.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl list --active")]
pub(super) struct List {
    /// Only those that are running.
    #[arg(long)]
    active: bool,
    /// For machines.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl summary 2026-11-23-geo-push-rejected --template review")]
pub(super) struct Summary {
    /// The incident's id; its beginning or a part that only it has will do.
    id: String,
    /// What to render.
    #[arg(long, value_enum, default_value_t = Which::ExecutiveSummary)]
    template: Which,
    /// As of this time. Default: all that is written.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    at: Option<Timestamp>,
}

/// What can be rendered of an incident.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    /// The five fields, as executives read them.
    ExecutiveSummary,
    /// The incident issue's description.
    Issue,
    /// The review after the incident.
    Review,
    /// The last words to customers.
    Customer,
}

/// The record of an incident as of a time.
fn record(root: &std::path::Path, word: &str, at: Option<Timestamp>) -> anyhow::Result<Record> {
    let id = find::id(root, word)?;
    let read = load::incident(root, &id)?;
    let record = read
        .record
        .with_context(|| format!("{id} has no declaration that can be read (see `incidentctl check`)"))?;
    Ok(at.map_or_else(|| record.clone(), |at| record.as_of(at)))
}

/// Prints a rendered text of an incident.
pub(super) fn summary(global: &Global, arguments: &Summary, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let world = World::new(Beside::on_disk(&root, global.process.as_deref())?);
    let record = record(&root, &arguments.id, arguments.at)?;
    let history = world.history(&record);
    let scene = world.scene(&record, &history);
    let effects = world.effects(&record);
    let last = |kind: Kind| effects.iter().rev().find(|effect| effect.kind == kind);
    let text = match arguments.template {
        Which::ExecutiveSummary => last(Kind::Summary).map(|effect| effect.body.clone()),
        Which::Issue => last(Kind::Issue).map(|effect| effect.body.clone()),
        Which::Review => Some(world.renderer.review(&scene.issue(None, &|_| None, &|_| None))),
        Which::Customer => {
            let words = effects
                .iter()
                .rev()
                .find(|effect| matches!(effect.kind, Kind::Ticket | Kind::TicketNote));
            words.map(|effect| effect.body.clone())
        }
    };
    match text {
        Some(text) => write!(out, "{}", shown(&text))?,
        None => writeln!(out, "There are no such words yet.")?,
    }
    Ok(Outcome::Clean)
}

/// One incident for machines.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    promises: Option<Promises>,
    #[serde(flatten)]
    state: Snapshot,
}

/// The ledger of promises.
#[derive(Serialize)]
struct Promises {
    business: Ledger,
    customers: Ledger,
}

/// Prints the state of an incident.
pub(super) fn show(global: &Global, arguments: &Show, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let world = World::new(Beside::on_disk(&root, global.process.as_deref())?);
    let record = record(&root, &arguments.id, arguments.at)?;
    let history = world.history(&record);
    let state = history.last();
    let active = world.process.kind(&state.status) == StatusKind::Active;
    let now = arguments.at.unwrap_or(global.now);
    let business = ledger(&record, &history.promises, now);
    let customers = ledger(&record, &history.customer_promises, now);
    if arguments.json {
        let line = Line {
            id: record.id.as_str(),
            active,
            promises: Some(Promises { business, customers }),
            state: Snapshot::of(&record, state),
        };
        writeln!(out, "{}", serde_json::to_string_pretty(&line)?)?;
        return Ok(Outcome::Clean);
    }
    let (bold, end) = ("\u{1b}[1m", "\u{1b}[0m");
    let process = &world.process;
    writeln!(out, "{bold}{}{end}", plain(&state.title))?;
    let since = words(global.now.0 - state.status_since.0);
    writeln!(
        out,
        "{}  {}, {bold}{}{end} for {since}{}",
        record.id,
        plain(process.severity_title(state.severity.as_str())),
        plain(process.status_title(state.status.as_str())),
        if state.drill { "  [drill]" } else { "" }
    )?;
    writeln!(
        out,
        "\n{:<24} {}",
        "Next update",
        promise(state.next_update, global.now)
    )?;
    if state.customer_next_update.is_some() {
        writeln!(
            out,
            "{:<24} {}",
            "… to customers",
            promise(state.customer_next_update, global.now)
        )?;
    }
    writeln!(out, "{:<24} {}", "Promises", business.words())?;
    if !customers.promises.is_empty() {
        writeln!(out, "{:<24} {}", "… to customers", customers.words())?;
    }
    writeln!(out)?;
    people(&world, state, out)?;
    steps(&world, state, out)?;
    if let Some(said) = &state.current_status {
        writeln!(out, "\n{bold}Current status{end} (of {})", time(said.at))?;
        for line in said.text.trim_end().lines() {
            writeln!(out, "  {}", plain(line))?;
        }
    }
    Ok(Outcome::Clean)
}

fn people(world: &World, state: &State, out: &mut dyn Write) -> anyhow::Result<()> {
    for role in &world.process.roles {
        let names: Vec<_> = state
            .holders(role.key.as_str())
            .iter()
            .map(|person| plain(world.directory.person_name(person.as_str())))
            .collect();
        let names = if names.is_empty() {
            "—".to_owned()
        } else {
            names.join(", ")
        };
        writeln!(out, "{:<24} {names}", plain(&role.title))?;
    }
    let customers = match &state.customers {
        crate::model::Customers::Unknown => "not known yet".to_owned(),
        crate::model::Customers::All => "all".to_owned(),
        crate::model::Customers::Listed(list) => {
            let name = |customer: &crate::model::CustomerKey| {
                let back = if state.restored.contains_key(customer) {
                    " (restored)"
                } else {
                    ""
                };
                format!("{}{back}", plain(world.directory.customer_name(customer.as_str())))
            };
            list.iter().map(name).collect::<Vec<_>>().join(", ")
        }
    };
    writeln!(out, "{:<24} {customers}", "Customers")?;
    Ok(())
}

fn steps(world: &World, state: &State, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out)?;
    for step in world
        .process
        .severity(state.severity.as_str())
        .into_iter()
        .flat_map(|severity| &severity.steps)
    {
        let (mark, note) = match (state.steps.get(&step.key), step.effect) {
            (Some(done), _) => ("x", format!("  {} ({})", plain(&done.evidence), time(done.at))),
            (None, Some(_)) => ("a", "  automatic".to_owned()),
            (None, None) => (" ", String::new()),
        };
        writeln!(out, "[{mark}] {}{note}", plain(&step.title))?;
    }
    Ok(())
}

/// When an update is due, and how far away that is.
fn promise(due: Option<Timestamp>, now: Timestamp) -> String {
    let Some(due) = due else {
        return "none promised".to_owned();
    };
    let away = words(due.0 - now.0);
    if due < now {
        format!("\u{1b}[31mby {}, overdue by {away}\u{1b}[0m", time(due))
    } else {
        format!("by {}, in {away}", time(due))
    }
}

/// Prints all incidents.
pub(super) fn list(global: &Global, arguments: &List, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let world = World::new(Beside::on_disk(&root, global.process.as_deref())?);
    let (ids, _) = load::ids(&root)?;
    let states = load::in_parallel(&ids, |id| {
        let read = load::incident(&root, id)?;
        anyhow::Ok(read.record.map(|record| {
            let last = world.history(&record).last().clone();
            (record, last)
        }))
    });
    let mut lines = Vec::new();
    for (id, state) in ids.iter().zip(states) {
        let Some((record, state)) = state? else {
            if !arguments.json {
                writeln!(out, "{:<60}  cannot be read (see `incidentctl check`)", plain(id))?;
            }
            continue;
        };
        let active = world.process.kind(&state.status) == StatusKind::Active;
        if arguments.active && !active {
            continue;
        }
        if arguments.json {
            lines.push((id, active, Snapshot::of(&record, &state)));
            continue;
        }
        let due = state
            .next_update
            .map(|_| format!("  next update {}", promise(state.next_update, global.now)))
            .unwrap_or_default();
        let status = world.process.status_title(state.status.as_str());
        writeln!(
            out,
            "{id}  {}  {}  {}{due}",
            state.severity,
            plain(status),
            plain(&state.title)
        )?;
    }
    if arguments.json {
        let lines: Vec<_> = lines
            .into_iter()
            .map(|(id, active, state)| Line {
                id,
                active,
                promises: None,
                state,
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&lines)?)?;
    }
    Ok(Outcome::Clean)
}
