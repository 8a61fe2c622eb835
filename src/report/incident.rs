//! One incident as `show` prints it: values for machines and text for people.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Serialize;

use super::next_update::describe;
use super::{PromiseStats, promise_stats};
use crate::model::{CustomerKey, Customers, DatedText, PersonKey, RoleKey, Snapshot, State, Timestamp, humanize};
use crate::process::{Role, RoleRequirement, StatusKind, Step};
use crate::render::{RenderContext, time};
use crate::targets::{TargetScore, TargetStats};
use crate::terminal::{BAD, CAUTION, STRONG, plain};

/// The view of one incident at one moment, as `show` prints it.
pub struct IncidentView<'a> {
    context: RenderContext<'a>,
    now: Timestamp,
}

/// The values of one incident, for machines.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    pub(super) id: &'a str,
    pub(super) active: bool,
    #[serde(flatten)]
    pub(super) state: Snapshot,
    #[serde(flatten)]
    pub(super) details: Option<Details>,
}

/// The values that only `show` prints, not `list`.
#[derive(Serialize)]
pub(super) struct Details {
    promises: Promises,
    /// The targets of the severities, in the order of their due times.
    targets: Vec<TargetScore>,
    /// The holders of every role of the process, by role.
    roles: BTreeMap<RoleKey, Vec<PersonKey>>,
    steps: Vec<StepLine>,
    summary: LastWords,
    links: BTreeMap<String, String>,
}

/// The promises to the business and to customers.
#[derive(Serialize)]
struct Promises {
    business: PromiseStats,
    customers: PromiseStats,
}

#[derive(Serialize)]
struct StepLine {
    key: String,
    title: String,
    /// The evidence; `None` if nobody recorded the step.
    done: Option<String>,
    /// Whether the program does the step.
    automatic: bool,
}

/// The latest executive summary.
#[derive(Serialize)]
struct LastWords {
    current_status: Option<String>,
    current_actions: Option<String>,
    next_steps: Option<String>,
}

impl<'a> IncidentView<'a> {
    /// The view of a context's incident at this time.
    #[must_use]
    pub const fn new(context: RenderContext<'a>, now: Timestamp) -> Self {
        Self { context, now }
    }

    fn state(&self) -> &State {
        self.context.history.last()
    }

    fn is_active(&self) -> bool {
        self.context.process.status_kind(&self.state().status) == StatusKind::Active
    }

    fn promises(&self) -> Promises {
        let RenderContext { record, history, .. } = self.context;
        Promises {
            business: promise_stats(record, &history.promises, self.now),
            customers: promise_stats(record, &history.customer_promises, self.now),
        }
    }

    /// The incident's values, for machines.
    #[must_use]
    pub fn machine_values(&self) -> impl Serialize + use<'a> {
        let RenderContext { process, record, .. } = self.context;
        let state = self.state();
        let text = |said: &Option<DatedText>| said.as_ref().map(|said| said.text.to_string());
        let holders = |role: &Role| (role.key.clone(), state.holders(role.key.as_str()).to_vec());
        Line {
            id: record.id.as_str(),
            active: self.is_active(),
            state: Snapshot::from_state(record, state),
            details: Some(Details {
                promises: self.promises(),
                targets: self.context.targets(),
                roles: process.roles.iter().map(holders).collect(),
                steps: self.steps().map(|step| self.step_line(step)).collect(),
                summary: LastWords {
                    current_status: text(&state.current_status),
                    current_actions: text(&state.current_actions),
                    next_steps: text(&state.next_steps),
                },
                links: state.links.clone(),
            }),
        }
    }

    /// The steps of the severity, in order.
    fn steps(&self) -> impl Iterator<Item = &'a Step> + use<'a> {
        let severity = self.context.process.severity(self.state().severity.as_str());
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

    /// The incident's text for people, with terminal colours.
    #[must_use]
    pub fn human_text(&self) -> String {
        let mut out = String::new();
        // A string takes whatever is written to it.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let (state, process) = (self.state(), self.context.process);
        writeln!(out, "{STRONG}{}{STRONG:#}", plain(&state.title))?;
        writeln!(
            out,
            "{}  {}, {STRONG}{}{STRONG:#} for {}{}",
            plain(self.context.record.id.as_str()),
            plain(process.severity_title(state.severity.as_str())),
            plain(process.status_title(state.status.as_str())),
            humanize(self.now.0 - state.status_since.0),
            if state.drill { "  [drill]" } else { "" }
        )?;
        writeln!(out)?;
        row(out, "Next update", &describe(state.next_update, self.now))?;
        if state.customer_next_update.is_some() {
            row(out, "… to customers", &describe(state.customer_next_update, self.now))?;
        }
        let Promises { business, customers } = self.promises();
        row(out, "Promises", &business.describe())?;
        if !customers.promises.is_empty() {
            row(out, "… to customers", &customers.describe())?;
        }
        let targets = self.context.targets();
        if !targets.is_empty() {
            row(out, "Targets", &TargetStats::of(&targets).describe())?;
        }
        for late in targets.iter().filter(|score| score.is_late()) {
            let name = |customer: &CustomerKey| plain(self.context.directory.customer_name(customer.as_str()));
            let customer = late
                .customer
                .as_ref()
                .map_or_else(String::new, |customer| format!(", {}", name(customer)));
            let who = late.role.as_ref().map_or_else(String::new, |role| {
                let names = late
                    .holders
                    .iter()
                    .map(|person| plain(self.context.directory.person_name(person.as_str())));
                let names = names.collect::<Vec<_>>().join(", ");
                let names = if names.is_empty() { "nobody" } else { &names };
                format!(" ({}: {names})", plain(self.context.process.role_title(role.as_str())))
            });
            let words = format!(
                "{}{customer}: {CAUTION}{}{CAUTION:#}{who}",
                late.target.title(),
                late.outcome()
            );
            row(out, "…", &words)?;
        }
        writeln!(out)?;
        self.write_people(out)?;
        self.write_steps(out)?;
        for (title, said) in [
            ("Current status", &state.current_status),
            ("Current actions", &state.current_actions),
            ("Next steps", &state.next_steps),
        ] {
            let Some(said) = said else { continue };
            writeln!(out, "\n{STRONG}{title}{STRONG:#} (of {})", time(said.at))?;
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

    fn write_people(&self, out: &mut String) -> fmt::Result {
        let (state, directory) = (self.state(), self.context.directory);
        for role in &self.context.process.roles {
            let names: Vec<_> = state
                .holders(role.key.as_str())
                .iter()
                .map(|person| plain(directory.person_name(person.as_str())))
                .collect();
            let names = match (
                names.is_empty(),
                role.required == RoleRequirement::Always && self.is_active(),
            ) {
                (true, true) => format!("{BAD}nobody{BAD:#}"),
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
            row(
                out,
                "… are not told",
                &format!("{CAUTION}{}{CAUTION:#}", plain(&held.text)),
            )?;
        }
        Ok(())
    }

    fn write_steps(&self, out: &mut String) -> fmt::Result {
        writeln!(out)?;
        let done = &self.state().steps;
        let is_open = |step: &&Step| step.effect.is_none() && !done.contains_key(&step.key);
        let next = self.steps().find(is_open).filter(|_| self.is_active());
        for step in self.steps() {
            let (mark, note) = match (done.get(&step.key), step.effect) {
                (Some(done), _) => ("x", format!("  {} ({})", plain(&done.evidence), time(done.at))),
                (None, Some(_)) => ("a", "  automatic".to_owned()),
                (None, None) if next.is_some_and(|next| next.key == step.key) => (" ", self.next_note(step)),
                (None, None) => (" ", String::new()),
            };
            writeln!(out, "[{mark}] {}{note}", plain(&step.title))?;
        }
        Ok(())
    }

    /// The note after the next step: the roles that do the step.
    fn next_note(&self, step: &Step) -> String {
        let by: Vec<_> = step
            .by
            .iter()
            .map(|role| plain(self.context.process.role_title(role.as_str())))
            .collect();
        let by = if by.is_empty() {
            String::new()
        } else {
            format!(", by {}", by.join(" or "))
        };
        format!("  {CAUTION}next{by}{CAUTION:#}")
    }
}

fn row(out: &mut String, name: &str, value: &str) -> fmt::Result {
    writeln!(out, "{name:<24} {value}")
}
