//! How an incident did against the targets of its severities: what was due when, when it was done, and who held the role.
//!
//! Targets are lengths of time of the process (`severities.S.sla`). What people promise themselves never changes them. A part of
//! the work counts as done when it was observed or recorded; a part that was neither is *unknown*.
//!
//! *Invariant*: pure.

mod score;

pub use score::{TargetOutcome, TargetScore, TargetStats, percent};

use std::collections::BTreeSet;

use crate::model::{
    CustomerKey, Directory, FoldPolicy, History, Length, PersonKey, Promise, PromiseEnd, Record, RoleKey, SeverityKey,
    State, StatusKey, StepKey, Timestamp, ToldBy, expected_updates,
};
use crate::process::{FoldTerms, Process, RoleRequirement, Severity, StatusKind, Step, StepEffect, Target};

/// An object whose time only an observation tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Observable<'a> {
    /// The message or channel of a step, for a severity.
    Step(&'a StepKey, &'a SeverityKey),
    /// A customer's ticket.
    Ticket(&'a CustomerKey),
}

/// When an object was observed to be made; `None` if it was not observed.
pub type Observed<'a> = dyn Fn(Observable) -> Option<Timestamp> + 'a;

/// The observation of a run that observed nothing.
#[must_use]
pub const fn nothing_observed(_: Observable) -> Option<Timestamp> {
    None
}

/// The targets of an incident as of `now`, in the order of their due times.
#[must_use]
pub fn target_scores(
    record: &Record,
    history: &History,
    terms: (&Process, &Directory),
    now: Timestamp,
    observed: &Observed,
) -> Vec<TargetScore> {
    let (process, directory) = terms;
    let incident = Incident {
        record,
        history,
        process,
        directory,
        now,
        observed,
    };
    let mut all: Vec<TargetScore> = incident
        .periods()
        .iter()
        .flat_map(|period| incident.of_period(period))
        .collect();
    all.extend(incident.updates(Target::Update));
    all.extend(incident.updates(Target::CustomerUpdate));
    all.extend(incident.review());
    all.sort_by(|a, b| (a.due, a.target, &a.customer).cmp(&(b.due, b.target, &b.customer)));
    all
}

/// An incident, with everything that its targets depend on.
struct Incident<'a> {
    record: &'a Record,
    history: &'a History,
    process: &'a Process,
    directory: &'a Directory,
    now: Timestamp,
    observed: &'a Observed<'a>,
}

/// The time from the entry that reaches a severity first, until the incident leaves it or is over.
struct Period<'a> {
    severity: &'a Severity,
    /// The index of the entry that reaches it.
    first: usize,
    /// The index of the entry that ends it; `None` if it lasts.
    end: Option<usize>,
}

/// When a part of the work was done, as far as it is known.
enum Done {
    At(Timestamp),
    NotYet,
    /// Only an observation could tell.
    Unknown,
}

impl<'a> Incident<'a> {
    fn at(&self, index: usize) -> Timestamp {
        self.record.entries[index].at
    }

    fn is_active(&self, state: &State) -> bool {
        self.process.status_kind(&state.status) == StatusKind::Active
    }

    fn periods(&self) -> Vec<Period<'a>> {
        let states = &self.history.states;
        let mut all: Vec<Period> = Vec::new();
        for (index, state) in states.iter().enumerate() {
            let is_known = all.iter().any(|period| period.severity.key == state.severity);
            let Some(severity) = self.process.severity(state.severity.as_str()) else {
                continue;
            };
            if is_known || !self.is_active(state) {
                continue;
            }
            let lasts = |later: &State| later.severity == state.severity && self.is_active(later);
            let end = states.iter().skip(index).position(|later| !lasts(later));
            all.push(Period {
                severity,
                first: index,
                end: end.map(|end| index + end),
            });
        }
        all
    }

    fn of_period(&self, period: &Period) -> Vec<TargetScore> {
        let from = self.at(period.first);
        let step = |effect: StepEffect| period.severity.steps.iter().find(|step| step.effect == Some(effect));
        let mut all = Vec::new();
        for (target, within) in &period.severity.targets {
            let due = Timestamp(from.0 + within.value.0);
            let score = |done: Done, role: Option<&RoleKey>| self.score(*target, period, (from, due), &done, role);
            match target {
                Target::Notify => {
                    let step = step(StepEffect::Ping);
                    all.extend(step.map(|step| score(self.step_done(step, period), step.by.first())));
                }
                Target::Broadcast => {
                    let step = step(StepEffect::Broadcast);
                    all.extend(step.map(|step| score(self.step_done(step, period), step.by.first())));
                }
                Target::Assemble => {
                    let role = self.process.roles.first().map(|role| &role.key);
                    all.push(score(self.assembled(period), role));
                }
                Target::Restore => all.push(score(self.restored(period), None)),
                Target::CustomersTold => {
                    let step = step(StepEffect::Tickets);
                    all.extend(
                        step.into_iter()
                            .flat_map(|step| self.customers_told(step, period, within.value)),
                    );
                }
                Target::Update | Target::CustomerUpdate | Target::Review => {}
            }
        }
        all
    }

    /// The score of a part that is done at most once in a period.
    fn score(
        &self,
        target: Target,
        period: &Period,
        (from, due): (Timestamp, Timestamp),
        done: &Done,
        role: Option<&RoleKey>,
    ) -> TargetScore {
        let over = period.end.map(|end| self.at(end));
        let (end, at, until) = match *done {
            // Targets are in minutes: seconds are not late.
            Done::At(at) if (at.0 - due.0).num_minutes() <= 0 => (TargetOutcome::Met, Some(at), None),
            Done::At(at) => (TargetOutcome::Missed, Some(at), Some(at)),
            _ if over.is_some_and(|over| over <= due) => (TargetOutcome::Released, None, None),
            Done::Unknown if over.is_none() && self.now <= due => (TargetOutcome::Open, None, None),
            Done::Unknown => (TargetOutcome::Unknown, None, None),
            Done::NotYet if over.is_some() => (TargetOutcome::Missed, None, over),
            Done::NotYet if self.now > due => (TargetOutcome::Overdue, None, Some(self.now)),
            Done::NotYet => (TargetOutcome::Open, None, None),
        };
        TargetScore {
            target,
            severity: period.severity.key.clone(),
            customer: None,
            from,
            due,
            end,
            at,
            late_minutes: until.map(|until| (until.0 - due.0).num_minutes()),
            role: role.cloned(),
            holders: role.map(|role| self.holders(role, due)).unwrap_or_default(),
        }
    }

    /// Who held a role at a time.
    fn holders(&self, role: &RoleKey, at: Timestamp) -> Vec<PersonKey> {
        let before = self.record.entries.iter().rposition(|entry| entry.at <= at);
        let state = &self.history.states[before.unwrap_or(0)];
        state.holders(role.as_str()).to_vec()
    }

    /// When the message of a step was sent, or people recorded the step.
    fn step_done(&self, step: &Step, period: &Period) -> Done {
        let observed = (self.observed)(Observable::Step(&step.key, &period.severity.key));
        // The same step of another severity is another message.
        let of_period = |entry: usize| self.history.states[entry].severity == period.severity.key;
        let recorded = self
            .history
            .last()
            .steps
            .get(&step.key)
            .filter(|done| of_period(done.entry));
        let first = observed.into_iter().chain(recorded.map(|done| done.at)).min();
        first.map_or(Done::Unknown, Done::At)
    }

    fn assembled(&self, period: &Period) -> Done {
        let required = |role: &&crate::process::Role| role.required == RoleRequirement::Always;
        let is_full = |state: &State| {
            let mut roles = self.process.roles.iter().filter(required);
            roles.all(|role| !state.holders(role.key.as_str()).is_empty())
        };
        let states = self.history.states.iter().enumerate().skip(period.first);
        let mut full = states.filter(|(_, state)| is_full(state));
        full.next().map_or(Done::NotYet, |(index, _)| Done::At(self.at(index)))
    }

    fn restored(&self, period: &Period) -> Done {
        let resolved = period
            .end
            .filter(|end| self.process.status_kind(&self.history.states[*end].status) == StatusKind::Resolved);
        let at = resolved.map(|index| self.history.states[index].ended_at.unwrap_or_else(|| self.at(index)));
        at.map_or(Done::NotYet, Done::At)
    }

    /// When each customer that the incident affects in a period was told. While words are held, nobody has to be told.
    fn customers_told(&self, step: &Step, period: &Period, within: Length) -> Vec<TargetScore> {
        let last = period.end.unwrap_or(self.history.states.len());
        let mut known = BTreeSet::new();
        let mut all = Vec::new();
        for index in period.first..last {
            let listed = self.history.states[index].customers.listed();
            let new: Vec<&CustomerKey> = listed.iter().filter(|customer| known.insert(*customer)).collect();
            let from = self.at(index);
            let due = Timestamp(from.0 + within.0);
            let then = self.state_at(due);
            // Built only for entries that name customers: a look at the list for each one would take customers × customers.
            let still_listed: BTreeSet<&CustomerKey> = if new.is_empty() {
                BTreeSet::new()
            } else {
                then.customers.listed().iter().collect()
            };
            for customer in new {
                let done = self.told(customer, from);
                let mut score = self.score(Target::CustomersTold, period, (from, due), &done, step.by.first());
                score.customer = Some(customer.clone());
                let is_moot = then.hold_customers.is_some() || !still_listed.contains(customer);
                if is_moot && !matches!(score.end, TargetOutcome::Met) {
                    score.end = TargetOutcome::Released;
                    score.late_minutes = None;
                }
                all.push(score);
            }
        }
        all
    }

    fn state_at(&self, at: Timestamp) -> &State {
        let before = self.record.entries.iter().rposition(|entry| entry.at <= at);
        &self.history.states[before.unwrap_or(0)]
    }

    /// When a customer was told that the incident affects since `from`.
    fn told(&self, customer: &CustomerKey, from: Timestamp) -> Done {
        let observed = (self.observed)(Observable::Ticket(customer));
        let last = self.history.last();
        let recorded = match last.told.get(customer) {
            Some(ToldBy::AdoptedTicket(entry)) => Some(self.at(*entry)),
            Some(ToldBy::People(entry)) => Some(self.recorded(from).unwrap_or_else(|| self.at(*entry))),
            Some(ToldBy::Ticket(_)) => self.recorded(from),
            None => None,
        };
        let first = observed.into_iter().chain(recorded).min();
        match (first, last.told.get(customer)) {
            (Some(at), _) => Done::At(at),
            (None, Some(_)) => Done::Unknown,
            (None, None) => Done::NotYet,
        }
    }

    /// When people told customers, by their record of the step; `None` if they recorded it for an earlier time.
    fn recorded(&self, from: Timestamp) -> Option<Timestamp> {
        let steps = self.process.severities.iter().flat_map(|severity| &severity.steps);
        let telling = steps.filter(|step| step.effect == Some(StepEffect::Tickets));
        let recorded = telling.filter_map(|step| Some(self.history.last().steps.get(&step.key)?.at));
        recorded.filter(|at| *at >= from).min()
    }

    /// The scores of the updates that a target asks for, one after the other.
    fn updates(&self, target: Target) -> Vec<TargetScore> {
        let terms = UpdateTerms {
            terms: self.process.with(self.directory),
            process: self.process,
            target,
        };
        let (business, customers) = expected_updates(self.record, self.history, &terms);
        let expected = if target == Target::Update { business } else { customers };
        expected.iter().map(|promise| self.update(target, promise)).collect()
    }

    fn update(&self, target: Target, promise: &Promise) -> TargetScore {
        let (end, at) = match promise.end {
            PromiseEnd::Kept { at } => (TargetOutcome::Met, Some(at)),
            PromiseEnd::Missed { at } => (TargetOutcome::Missed, Some(at)),
            PromiseEnd::Released => (TargetOutcome::Released, None),
            PromiseEnd::Open if promise.is_overdue(self.now) => (TargetOutcome::Overdue, None),
            PromiseEnd::Open => (TargetOutcome::Open, None),
        };
        let severity = &self.history.states[promise.entry].severity;
        let by = self
            .process
            .severity(severity.as_str())
            .map(|severity| &severity.updates_by);
        let role = by.and_then(|roles| roles.first());
        TargetScore {
            target,
            severity: severity.clone(),
            customer: promise.customer.clone(),
            from: promise.made_at,
            due: promise.due,
            end,
            at,
            late_minutes: promise.late_minutes(self.now),
            role: role.cloned(),
            holders: role.map(|role| self.holders(role, promise.due)).unwrap_or_default(),
        }
    }

    /// The score of the review after the last resolution. Whether it was held is not recorded.
    fn review(&self) -> Option<TargetScore> {
        let states = &self.history.states;
        let over = states
            .iter()
            .rposition(|state| self.is_active(state))
            .map_or(0, |last| last + 1);
        let is_resolved = |state: &&State| self.process.status_kind(&state.status) == StatusKind::Resolved;
        let resolved = states.get(over).filter(is_resolved)?;
        let severity = self.process.severity(resolved.severity.as_str())?;
        let within = severity.targets.get(&Target::Review)?.value;
        let (from, role) = (self.at(over), self.process.roles.first().map(|role| role.key.clone()));
        let due = Timestamp(from.0 + within.0);
        Some(TargetScore {
            target: Target::Review,
            severity: severity.key.clone(),
            customer: None,
            from,
            due,
            end: if self.now <= due {
                TargetOutcome::Open
            } else {
                TargetOutcome::Unknown
            },
            at: None,
            late_minutes: None,
            holders: role.as_ref().map(|role| self.holders(role, due)).unwrap_or_default(),
            role,
        })
    }
}

/// The terms of the process in which a target is the cadence.
struct UpdateTerms<'a> {
    terms: FoldTerms<'a>,
    process: &'a Process,
    target: Target,
}

impl UpdateTerms<'_> {
    fn within(&self, severity: &SeverityKey) -> Option<Length> {
        let severity = self.process.severity(severity.as_str())?;
        severity.targets.get(&self.target).map(|within| within.value)
    }
}

impl FoldPolicy for UpdateTerms<'_> {
    fn initial_status(&self) -> StatusKey {
        self.terms.initial_status()
    }

    fn is_active(&self, status: &StatusKey) -> bool {
        self.terms.is_active(status)
    }

    fn cadence(&self, severity: &SeverityKey, _: &StatusKey) -> Option<Length> {
        self.within(severity)
    }

    fn promises_customers(&self, severity: &SeverityKey) -> bool {
        self.within(severity).is_some()
    }

    fn ticket_step(&self, severity: &SeverityKey) -> Option<StepKey> {
        self.terms.ticket_step(severity)
    }

    fn has_ticket_project(&self, customer: &CustomerKey) -> bool {
        self.terms.has_ticket_project(customer)
    }
}

#[cfg(test)]
mod tests;
