//! `show`, `list` and `summary`: look at incidents.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use anyhow::Context;
use serde::Serialize;

use super::complete;
use super::{Global, Outcome, print_json};
use crate::effects::Kind;
use crate::ledger::LedgerConfig;
use crate::ledger::{self, Incidents};
use crate::model::time::humanize;
use crate::model::{CustomerKey, Customers, History, Record, State, Timestamp};
use crate::process::{Required, Role, StatusKind, Step};
use crate::render::time;
use crate::report::{PromiseStats, promise_stats};
use crate::run::Snapshot;
use crate::run::{effects, preview};
use crate::terminal::{self, plain};

/// A promise that falls due so soon is worth a colour.
const SOON: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl show 2026-11-23-geo-push-rejected --at 2026-11-23T14:10:00Z")]
pub(super) struct Show {
    /// The incident's id; its beginning or a part that only it has will do.
    #[arg(add = complete::ids())]
    id: String,
    /// The state as of this time. Default: all that is written.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    at: Option<Timestamp>,
    /// For machines.
    #[arg(long)]
    json: bool,
    /// Shows it again when something changes, until Ctrl-C.
    #[arg(long, conflicts_with = "at")]
    watch: bool,
    /// How often to look, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, requires = "watch")]
    every: f64,
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
    #[arg(add = complete::ids())]
    id: String,
    /// What to render.
    #[arg(long, value_enum, default_value_t = Which::ExecutiveSummary)]
    template: Which,
    /// As of this time. Default: all that is written.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    at: Option<Timestamp>,
    /// As plain text, to paste into mail or chat.
    #[arg(long)]
    copy: bool,
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
    let id = ledger::find_id(root, word)?;
    let read = ledger::incident(root, &id)?;
    let record = read.record.with_context(|| {
        format!(
            "{} has no declaration that can be read (see `incidentctl check`)",
            plain(&id)
        )
    })?;
    Ok(at.map_or_else(|| record.clone(), |at| record.as_of(at)))
}

/// Prints a rendered text of an incident.
pub(super) fn summary(global: &Global, arguments: &Summary, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let world = global.config()?;
    let record = record(&root, &arguments.id, arguments.at)?;
    let history = world.history(&record);
    let scene = world.scene(&record, &history);
    let effects = effects(&world, &record, &history);
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
        Some(text) if arguments.copy => write!(out, "{}", terminal::lines(&crate::render::plain(&preview(&text))))?,
        Some(text) => write!(out, "{}", terminal::lines(&preview(&text)))?,
        None => writeln!(out, "There are no such words yet.")?,
    }
    Ok(Outcome::Clean)
}

/// One incident for machines.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    active: bool,
    #[serde(flatten)]
    state: Snapshot,
    #[serde(flatten)]
    details: Option<Details>,
}

/// What `show` has beyond `list`.
#[derive(Serialize)]
struct Details {
    promises: Promises,
    /// Holders by role; every role of the process.
    roles: BTreeMap<String, Vec<String>>,
    steps: Vec<StepLine>,
    summary: Summed,
    links: BTreeMap<String, String>,
}

/// The ledger of promises.
#[derive(Serialize)]
struct Promises {
    business: PromiseStats,
    customers: PromiseStats,
}

#[derive(Serialize)]
struct StepLine {
    key: String,
    title: String,
    /// The evidence; none: nobody recorded it.
    done: Option<String>,
    /// The program does it.
    automatic: bool,
}

/// The last words of the executive summary.
#[derive(Serialize)]
struct Summed {
    current_status: Option<String>,
    current_actions: Option<String>,
    next_steps: Option<String>,
}

/// An incident, read to be shown.
struct View<'a> {
    world: &'a LedgerConfig,
    record: Record,
    history: History,
    now: Timestamp,
}

/// Prints the state of an incident, once or until it is interrupted.
pub(super) fn show(global: &Global, arguments: &Show, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let id = ledger::find_id(&root, &arguments.id)?;
    let started = std::time::Instant::now();
    let mut last: Option<Record> = None;
    loop {
        let passed = chrono::TimeDelta::from_std(started.elapsed()).unwrap_or_default();
        let now = Timestamp(global.now.0 + chrono::TimeDelta::seconds(passed.num_seconds()));
        let world = global.config()?;
        let record = record(&root, &id, arguments.at)?;
        let terminal = std::io::stdout().is_terminal();
        // A terminal counts the minutes; a pipe gets what changed.
        if terminal || last.as_ref() != Some(&record) {
            let view = View {
                world: &world,
                history: world.history(&record),
                record: record.clone(),
                now: arguments.at.unwrap_or(now),
            };
            if arguments.watch && terminal {
                // This alone goes to the terminal directly: what stands before it lets no such sequence pass.
                out.flush()?;
                write!(anstream::stdout(), "\u{1b}[2J\u{1b}[H")?;
            }
            if arguments.json {
                view.json(out)?;
            } else {
                view.human(out)?;
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

const BOLD: &str = "\u{1b}[1m";
const RED: &str = "\u{1b}[31m";
const YELLOW: &str = "\u{1b}[33m";
const GREEN: &str = "\u{1b}[32m";
const END: &str = "\u{1b}[0m";

impl View<'_> {
    fn state(&self) -> &State {
        self.history.last()
    }

    fn is_active(&self) -> bool {
        self.world.process.kind(&self.state().status) == StatusKind::Active
    }

    fn promises(&self) -> Promises {
        Promises {
            business: promise_stats(&self.record, &self.history.promises, self.now),
            customers: promise_stats(&self.record, &self.history.customer_promises, self.now),
        }
    }

    fn json(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let state = self.state();
        let text = |said: &Option<crate::model::Text>| said.as_ref().map(|said| said.text.to_string());
        let holders = |role: &Role| {
            let people = state.holders(role.key.as_str()).iter().map(ToString::to_string);
            (role.key.to_string(), people.collect())
        };
        let line = Line {
            id: self.record.id.as_str(),
            active: self.is_active(),
            state: Snapshot::of(&self.record, state),
            details: Some(Details {
                promises: self.promises(),
                roles: self.world.process.roles.iter().map(holders).collect(),
                steps: self.steps().map(|step| self.step_line(step)).collect(),
                summary: Summed {
                    current_status: text(&state.current_status),
                    current_actions: text(&state.current_actions),
                    next_steps: text(&state.next_steps),
                },
                links: state.links.clone(),
            }),
        };
        print_json(&line, out)
    }

    /// The steps of the severity, in order.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        let severity = self.world.process.severity(self.state().severity.as_str());
        severity.into_iter().flat_map(|severity| &severity.steps)
    }

    fn step_line(&self, step: &Step) -> StepLine {
        StepLine {
            key: step.key.to_string(),
            title: step.title.clone(),
            done: self.state().steps.get(&step.key).map(|done| done.evidence.clone()),
            automatic: step.effect.is_some(),
        }
    }

    fn human(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let (state, process) = (self.state(), &self.world.process);
        writeln!(out, "{BOLD}{}{END}", plain(&state.title))?;
        writeln!(
            out,
            "{}  {}, {BOLD}{}{END} for {}{}",
            plain(self.record.id.as_str()),
            plain(process.severity_title(state.severity.as_str())),
            plain(process.status_title(state.status.as_str())),
            humanize(self.now.0 - state.status_since.0),
            if state.drill { "  [drill]" } else { "" }
        )?;
        writeln!(out)?;
        row(out, "Next update", &promise(state.next_update, self.now))?;
        if state.customer_next_update.is_some() {
            row(out, "… to customers", &promise(state.customer_next_update, self.now))?;
        }
        let Promises { business, customers } = self.promises();
        row(out, "Promises", &business.describe())?;
        if !customers.promises.is_empty() {
            row(out, "… to customers", &customers.describe())?;
        }
        writeln!(out)?;
        self.people(out)?;
        self.print_steps(out)?;
        for (title, said) in [
            ("Current status", &state.current_status),
            ("Current actions", &state.current_actions),
            ("Next steps", &state.next_steps),
        ] {
            let Some(said) = said else { continue };
            writeln!(out, "\n{BOLD}{title}{END} (of {})", time(said.at))?;
            for line in said.text.trim_end().lines() {
                writeln!(out, "  {}", plain(line))?;
            }
        }
        if !state.links.is_empty() {
            writeln!(out)?;
        }
        for (name, link) in &state.links {
            row(out, &plain(name), &plain(link))?;
        }
        Ok(())
    }

    fn people(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let (state, directory) = (self.state(), &self.world.directory);
        for role in &self.world.process.roles {
            let names: Vec<_> = state
                .holders(role.key.as_str())
                .iter()
                .map(|person| plain(directory.person_name(person.as_str())))
                .collect();
            let names = match (names.is_empty(), role.required == Required::Always && self.is_active()) {
                (true, true) => format!("{RED}nobody{END}"),
                (true, false) => "—".to_owned(),
                (false, _) => names.join(", "),
            };
            row(out, &plain(&role.title), &names)?;
        }
        let customers = match &state.customers {
            Customers::Unknown => "not known yet".to_owned(),
            Customers::All => "all".to_owned(),
            Customers::Listed(list) => {
                let name = |customer: &CustomerKey| {
                    let back = state.restored.contains_key(customer);
                    let name = plain(directory.customer_name(customer.as_str()));
                    format!("{name}{}", if back { " (restored)" } else { "" })
                };
                list.iter().map(name).collect::<Vec<_>>().join(", ")
            }
        };
        row(out, "Customers", &customers)?;
        if let Some(held) = &state.hold_customers {
            row(out, "… are not told", &format!("{YELLOW}{}{END}", plain(&held.text)))?;
        }
        Ok(())
    }

    fn print_steps(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        writeln!(out)?;
        let done = &self.state().steps;
        let is_open = |step: &&Step| step.effect.is_none() && !done.contains_key(&step.key);
        let next = self.steps().find(is_open).filter(|_| self.is_active());
        for step in self.steps() {
            let (mark, note) = match (done.get(&step.key), step.effect) {
                (Some(done), _) => ("x", format!("  {} ({})", plain(&done.evidence), time(done.at))),
                (None, Some(_)) => ("a", "  automatic".to_owned()),
                (None, None) if next.is_some_and(|next| next.key == step.key) => (" ", self.whose(step)),
                (None, None) => (" ", String::new()),
            };
            writeln!(out, "[{mark}] {}{note}", plain(&step.title))?;
        }
        Ok(())
    }

    /// That a step is the next one, and whose it is.
    fn whose(&self, step: &Step) -> String {
        let by: Vec<_> = step
            .by
            .iter()
            .map(|role| plain(self.world.process.role_title(role.as_str())))
            .collect();
        let by = if by.is_empty() {
            String::new()
        } else {
            format!(", by {}", by.join(" or "))
        };
        format!("  {YELLOW}next{by}{END}")
    }
}

fn row(out: &mut dyn Write, name: &str, value: &str) -> std::io::Result<()> {
    writeln!(out, "{name:<24} {value}")
}

/// When an update is due, and how far away that is: red past its time, yellow in its last quarter of an hour.
fn promise(due: Option<Timestamp>, now: Timestamp) -> String {
    let Some(due) = due else {
        return "none promised".to_owned();
    };
    let left = due.0 - now.0;
    let away = humanize(left);
    if due < now {
        format!("{RED}by {}, overdue by {away}{END}", time(due))
    } else {
        let color = if left <= SOON { YELLOW } else { GREEN };
        format!("{color}by {}, in {away}{END}", time(due))
    }
}

/// Prints all incidents: the running ones first, the one whose update is due next at the top.
pub(super) fn list(global: &Global, arguments: &List, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let world = global.config()?;
    let incidents = Incidents::open(&root)?;
    let (ids, _) = incidents.ids()?;
    let states = ledger::in_parallel(&ids, |id| {
        let read = incidents.incident(id)?;
        anyhow::Ok(read.record.map(|record| {
            let last = world.history(&record).last().clone();
            (record, last)
        }))
    });
    let mut rows: Vec<(bool, Record, State)> = Vec::new();
    let mut unreadable = Vec::new();
    for (id, state) in ids.iter().zip(states) {
        match state? {
            Some((record, state)) => {
                let active = world.process.kind(&state.status) == StatusKind::Active;
                rows.push((active, record, state));
            }
            None => unreadable.push(id),
        }
    }
    let running = rows.iter().filter(|(active, ..)| *active).count();
    let over = rows.len() - running;
    rows.retain(|(active, ..)| *active || !arguments.active);
    rows.sort_by_key(|(active, record, state)| {
        // Without a promise after those with one; what is over by its id, which begins with its date, the newest first.
        let due = state
            .next_update
            .filter(|_| *active)
            .map_or(i64::MAX, |due| due.0.timestamp());
        (!*active, due, std::cmp::Reverse(record.id.clone()))
    });
    if arguments.json {
        let lines: Vec<_> = rows
            .iter()
            .map(|(active, record, state)| Line {
                id: record.id.as_str(),
                active: *active,
                details: None,
                state: Snapshot::of(record, state),
            })
            .collect();
        print_json(&lines, out)?;
        return Ok(Outcome::Clean);
    }
    if rows.is_empty() && unreadable.is_empty() {
        let words = if over == 0 {
            "There is no incident yet: `incidentctl declare`."
        } else {
            "No incident is running."
        };
        writeln!(out, "{words}")?;
        return Ok(Outcome::Clean);
    }
    table(&world, &rows, global.now, out)?;
    for id in unreadable {
        writeln!(out, "{}  cannot be read (see `incidentctl check`)", plain(id))?;
    }
    writeln!(out, "\n{running} running, {over} over")?;
    Ok(Outcome::Clean)
}

/// Lines in columns; the title takes what the terminal has left.
fn table(
    world: &LedgerConfig,
    rows: &[(bool, Record, State)],
    now: Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let status = |state: &State| plain(world.process.status_title(state.status.as_str()));
    let id = |record: &Record| plain(record.id.as_str());
    let severity = |state: &State| plain(state.severity.as_str());
    let width = |get: &dyn Fn(&(bool, Record, State)) -> usize| rows.iter().map(get).max().unwrap_or(0);
    let (ids, severities) = (
        width(&|(_, record, _)| id(record).chars().count()),
        width(&|(_, _, state)| severity(state).chars().count()),
    );
    let statuses = width(&|(_, _, state)| status(state).chars().count());
    let wide = terminal_size::terminal_size().map_or(usize::MAX, |(wide, _)| usize::from(wide.0));
    for (active, record, state) in rows {
        let due = state
            .next_update
            .filter(|_| *active)
            .map(|_| format!("  next update {}", promise(state.next_update, now)))
            .unwrap_or_default();
        let first = format!(
            "{:<ids$}  {:<severities$}  {:<statuses$}",
            id(record),
            severity(state),
            status(state)
        );
        let room = wide.saturating_sub(ids + severities + statuses + 6).max(20);
        let title: String = plain(&state.title).chars().take(room).collect();
        let (start, end) = if *active { (BOLD, END) } else { ("", "") };
        writeln!(out, "{start}{first}{end}  {title}{due}")?;
    }
    Ok(())
}
