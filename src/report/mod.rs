//! Scores of incidents: kept and missed promises, and durations. They follow from the record alone, as of any time.
//!
//! `docs/metrics.md` publishes each definition; a test holds its example against this code.
//!
//! *Invariant*: pure. The report ignores entries after its time.

mod csv;
mod human;
mod incident;
mod list;
mod next_update;

pub use incident::IncidentView;
pub use list::IncidentList;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{CustomerKey, Directory, History, Promise, PromiseEnd, Record, State, Timestamp, ToldBy, fold};
use crate::process::{Process, RoleRequirement, StatusKind, StepEffect, Target};
use crate::targets::{Observable, Observed, TargetScore, TargetStats, percent, target_scores};

/// The report of many incidents: the score of each, and totals.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ScoreReport {
    /// The version of the report's format.
    pub format: u32,
    /// The time of the report.
    pub as_of: Timestamp,
    /// One score for each incident, by id.
    pub incidents: Vec<IncidentScore>,
    /// The totals over all incidents.
    pub totals: ScoreTotals,
    /// The ids of incidents that cannot be read completely; no number includes them.
    pub unreadable: Vec<String>,
}

/// The score of one incident: its promises and durations.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct IncidentScore {
    /// The incident's id.
    pub incident: String,
    /// The incident's title.
    pub title: String,
    /// The incident's severity.
    pub severity: String,
    /// The incident's status.
    pub status: String,
    /// Whether the incident is active.
    pub active: bool,
    /// Whether the incident is a drill.
    pub drill: bool,
    /// When the incident was declared.
    pub declared_at: Timestamp,
    /// Promises of the next update to the business.
    pub business: PromiseStats,
    /// Promises of the next update to customers.
    pub customers: PromiseStats,
    /// The targets of the incident's severities, in the order of their due times.
    pub targets: Vec<TargetScore>,
    /// The durations of the incident's phases.
    pub minutes: ElapsedMinutes,
    /// How often the incident became active again after its resolution.
    pub reopened: usize,
}

/// The promises to one audience, and how many were kept, missed or are overdue.
#[derive(Clone, Default, PartialEq, Debug, Serialize)]
pub struct PromiseStats {
    /// Answered in time.
    pub kept: usize,
    /// Answered late.
    pub missed: usize,
    /// Not answered and past the due time.
    pub overdue: usize,
    /// The percentage of kept promises among those that fell due; `None` if no promise fell due.
    pub kept_percent: Option<f64>,
    /// The total lateness of all late promises, in minutes.
    pub late_minutes: i64,
    /// The lateness of the latest promise, in minutes.
    pub worst_minutes: i64,
    /// The promises, the oldest first.
    pub promises: Vec<PromiseScore>,
}

/// One promise of an update, and how it ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PromiseScore {
    /// The stamp of the entry that made the promise.
    pub by: String,
    /// The customer to whom it was made; `None` if it was made to the business or to all customers at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerKey>,
    /// When the promise was made.
    pub made_at: Timestamp,
    /// When the update was due.
    pub due: Timestamp,
    /// How the promise ended.
    pub end: PromiseOutcome,
    /// When an update answered the promise; `None` if none did.
    pub at: Option<Timestamp>,
    /// How late the answer was, or how long it is overdue, in minutes; `None` if the promise is not late.
    pub late_minutes: Option<i64>,
}

/// How a promise ended, or whether it is open or overdue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseOutcome {
    /// Answered in time.
    Kept,
    /// Answered late.
    Missed,
    /// Not answered, and its due time has passed.
    Overdue,
    /// Not answered yet, and not due yet.
    Open,
    /// Ended without an update, by a resolution, a closure or a hold of customer messages.
    Released,
}

/// The durations of an incident's phases, in whole minutes; each is `None` if the phase has not ended.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize)]
pub struct ElapsedMinutes {
    /// From the declaration until all required roles were held.
    pub assemble: Option<i64>,
    /// From the declaration until the business was told, as observed or recorded.
    pub first_broadcast: Option<i64>,
    /// From the declaration until a customer was told, as observed or recorded.
    pub customer_notice: Option<i64>,
    /// From the declaration until the last resolution.
    pub resolve: Option<i64>,
    /// From the start of the impact until its end.
    pub impact: Option<i64>,
}

/// The totals over all incidents of a report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ScoreTotals {
    /// The number of incidents.
    pub incidents: usize,
    /// The promises to the business, as numbers without the list.
    pub business: PromiseStats,
    /// The promises to customers, as numbers without the list.
    pub customers: PromiseStats,
    /// The numbers of all targets, by the part of the work.
    pub targets: BTreeMap<Target, TargetStats>,
    /// The median durations; each median covers the incidents that have this duration.
    pub median_minutes: ElapsedMinutes,
}

impl ScoreReport {
    /// Builds the report of these scores.
    #[must_use]
    pub fn from_scores(mut incidents: Vec<IncidentScore>, as_of: Timestamp, unreadable: Vec<String>) -> Self {
        incidents.sort_by(|a, b| a.incident.cmp(&b.incident));
        let totals = ScoreTotals {
            incidents: incidents.len(),
            business: PromiseStats::sum(incidents.iter().map(|score| &score.business)),
            customers: PromiseStats::sum(incidents.iter().map(|score| &score.customers)),
            targets: target_stats(&incidents),
            median_minutes: medians(&incidents),
        };
        Self {
            format: 1,
            as_of,
            incidents,
            totals,
            unreadable,
        }
    }

    /// The report as text for people.
    #[must_use]
    pub fn human_text(&self) -> String {
        human::table(self)
    }

    /// The report as CSV (RFC 4180) with one line for each incident.
    #[must_use]
    pub fn csv(&self) -> String {
        csv::table(self)
    }
}

/// The score of an incident as of `now`; `None` if it was declared later. `observed` tells when objects were made.
#[must_use]
pub fn score_incident(
    record: &Record,
    process: &Process,
    directory: &Directory,
    now: Timestamp,
    observed: &Observed,
) -> Option<IncidentScore> {
    let record = record.as_of(now);
    let history = fold(&record, &process.with(directory));
    let state = history.last();
    if state.declared_at > now {
        return None;
    }
    let targets = target_scores(&record, &history, (process, directory), now, observed);
    let scored = Scored {
        record: &record,
        history: &history,
        process,
        observed,
    };
    Some(IncidentScore {
        incident: record.id.to_string(),
        title: state.title.clone(),
        severity: state.severity.to_string(),
        status: state.status.to_string(),
        active: scored.is_active(state),
        drill: state.drill,
        declared_at: state.declared_at,
        business: promise_stats(&record, &history.promises, now),
        customers: promise_stats(&record, &history.customer_promises, now),
        targets,
        minutes: scored.minutes(),
        reopened: scored.reopened(),
    })
}

/// Computes the statistics of promises as of `now`.
#[must_use]
pub fn promise_stats(record: &Record, promises: &[Promise], now: Timestamp) -> PromiseStats {
    let one = |promise: &Promise| {
        let (end, at) = match promise.end {
            PromiseEnd::Kept { at } => (PromiseOutcome::Kept, Some(at)),
            PromiseEnd::Missed { at } => (PromiseOutcome::Missed, Some(at)),
            PromiseEnd::Open if promise.is_overdue(now) => (PromiseOutcome::Overdue, None),
            PromiseEnd::Open => (PromiseOutcome::Open, None),
            PromiseEnd::Released => (PromiseOutcome::Released, None),
        };
        PromiseScore {
            by: record.entries[promise.entry].stamp.to_string(),
            customer: promise.customer.clone(),
            made_at: promise.made_at,
            due: promise.due,
            end,
            at,
            late_minutes: promise.late_minutes(now),
        }
    };
    let promises: Vec<PromiseScore> = promises.iter().map(one).collect();
    let count = |end: PromiseOutcome| promises.iter().filter(|one| one.end == end).count();
    let lates: Vec<i64> = promises.iter().filter_map(|one| one.late_minutes).collect();
    PromiseStats {
        kept: count(PromiseOutcome::Kept),
        missed: count(PromiseOutcome::Missed),
        overdue: count(PromiseOutcome::Overdue),
        kept_percent: None,
        late_minutes: lates.iter().sum(),
        worst_minutes: lates.iter().copied().max().unwrap_or(0),
        promises,
    }
    .with_percent()
}

impl PromiseStats {
    fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let add = |sum: Self, one: &Self| Self {
            kept: sum.kept + one.kept,
            missed: sum.missed + one.missed,
            overdue: sum.overdue + one.overdue,
            late_minutes: sum.late_minutes + one.late_minutes,
            worst_minutes: sum.worst_minutes.max(one.worst_minutes),
            ..sum
        };
        all.fold(Self::default(), add).with_percent()
    }

    fn with_percent(mut self) -> Self {
        self.kept_percent = percent(self.kept, self.kept + self.missed + self.overdue);
        self
    }
}

/// The numbers of the targets of all incidents, by the part of the work.
fn target_stats(incidents: &[IncidentScore]) -> BTreeMap<Target, TargetStats> {
    let all = || incidents.iter().flat_map(|score| &score.targets);
    let of = |target: Target| (target, TargetStats::of(all().filter(|score| score.target == target)));
    let known = Target::ALL
        .into_iter()
        .filter(|target| all().any(|score| score.target == *target));
    known.map(of).collect()
}

/// An incident with its history and process, for the computation of its score.
struct Scored<'a> {
    record: &'a Record,
    history: &'a History,
    process: &'a Process,
    observed: &'a Observed<'a>,
}

impl Scored<'_> {
    fn is_active(&self, state: &State) -> bool {
        self.process.status_kind(&state.status) == StatusKind::Active
    }

    /// The time of the first state that meets a condition; `None` if no state does.
    fn first(&self, is_so: impl Fn(usize, &State) -> bool) -> Option<Timestamp> {
        let found = self
            .history
            .states
            .iter()
            .enumerate()
            .find(|(at, state)| is_so(*at, state));
        found.map(|(_, state)| state.at)
    }

    /// When people recorded a step with this effect, or when its message was sent; `None` if neither is known.
    fn step_time(&self, effect: StepEffect) -> Option<Timestamp> {
        let state = self.history.last();
        let severities = self.process.severities.iter();
        let steps = severities.flat_map(|severity| severity.steps.iter().map(move |step| (severity, step)));
        let done = steps.filter(|(_, step)| step.effect == Some(effect));
        let times = done.flat_map(|(severity, step)| {
            let recorded = state.steps.get(&step.key).map(|done| done.at);
            recorded
                .into_iter()
                .chain((self.observed)(Observable::Step(&step.key, &severity.key)))
        });
        times.min()
    }

    /// When the first customer was told, on a ticket that was observed or that people opened; `None` if that is not known.
    fn ticket_time(&self) -> Option<Timestamp> {
        let told = self.history.last().told.iter();
        let times = told.filter_map(|(customer, told)| {
            let observed = (self.observed)(Observable::Ticket(customer));
            let adopted = matches!(told, ToldBy::AdoptedTicket(_)).then(|| self.record.entries[told.entry()].at);
            observed.into_iter().chain(adopted).min()
        });
        times.min()
    }

    fn minutes(&self) -> ElapsedMinutes {
        let state = self.history.last();
        let declared = state.declared_at;
        let since = |from: Timestamp, at: Option<Timestamp>| Some((at?.0 - from.0).num_minutes().max(0));
        let noticed = self
            .ticket_time()
            .into_iter()
            .chain(self.step_time(StepEffect::Tickets))
            .min();
        let resolved = self.resolved();
        ElapsedMinutes {
            assemble: since(declared, self.first(|_, state| self.is_assembled(state))),
            first_broadcast: since(declared, self.step_time(StepEffect::Broadcast)),
            customer_notice: since(declared, noticed),
            resolve: since(declared, resolved),
            impact: state
                .started_at
                .and_then(|from| since(from, state.ended_at.or(resolved))),
        }
    }

    /// Whether somebody holds every role that the process always requires.
    fn is_assembled(&self, state: &State) -> bool {
        let mut required = self
            .process
            .roles
            .iter()
            .filter(|role| role.required == RoleRequirement::Always);
        required.all(|role| !state.holders(role.key.as_str()).is_empty())
    }

    /// The time of the last resolution; `None` if the incident is active or was closed without a resolution.
    fn resolved(&self) -> Option<Timestamp> {
        if self.is_active(self.history.last()) {
            return None;
        }
        let over = self
            .history
            .states
            .iter()
            .rev()
            .take_while(|state| !self.is_active(state));
        let resolved = over.filter(|state| self.process.status_kind(&state.status) == StatusKind::Resolved);
        resolved.last().map(|state| state.at)
    }

    fn reopened(&self) -> usize {
        let pairs = self.history.states.windows(2);
        pairs
            .filter(|pair| !self.is_active(&pair[0]) && self.is_active(&pair[1]))
            .count()
    }
}

/// The median of each duration.
fn medians(incidents: &[IncidentScore]) -> ElapsedMinutes {
    let of = |get: fn(&ElapsedMinutes) -> Option<i64>| {
        let mut all: Vec<i64> = incidents.iter().filter_map(|score| get(&score.minutes)).collect();
        all.sort_unstable();
        let middle = all.len() / 2;
        match all.len() {
            0 => None,
            odd if odd % 2 == 1 => Some(all[middle]),
            _ => Some(i64::midpoint(all[middle - 1], all[middle])),
        }
    };
    ElapsedMinutes {
        assemble: of(|minutes| minutes.assemble),
        first_broadcast: of(|minutes| minutes.first_broadcast),
        customer_notice: of(|minutes| minutes.customer_notice),
        resolve: of(|minutes| minutes.resolve),
        impact: of(|minutes| minutes.impact),
    }
}
