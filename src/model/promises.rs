//! The promises of the next update: one clock for the business and one for each customer.
//!
//! *Rules*: a promise is made by an entry, for a time that the entry names or that the cadence gives. Words to the reader answer
//! it. Words that are held, or that reach nobody, answer nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::policy::FoldPolicy;
use super::{CustomerKey, Customers, Promise, PromiseEnd, RecordEntry, SpokenTo, State, Timestamp};

/// The promises to the business and to each customer, while the entries of a record are applied one after the other.
#[derive(Default)]
pub(super) struct Clocks {
    /// Whether the policy's cadence alone makes promises: times and cadences that entries name are ignored.
    by_cadence_alone: bool,
    business: Promises,
    /// The promises to each customer; to all customers at once under `None`.
    customers: BTreeMap<Option<CustomerKey>, Promises>,
}

/// An entry, with what its promises depend on.
struct Moment<'a> {
    from: &'a RecordEntry,
    index: usize,
    /// Whether the incident is active after the entry.
    is_active: bool,
    /// Whether the entry changes the severity, which starts the new severity's clocks, or makes the incident active again.
    starts_clocks: bool,
    /// The time that the entry names for the next update.
    named: Option<Timestamp>,
    /// The time that follows from the cadence; `None` if there is no cadence.
    by_cadence: Option<Timestamp>,
}

impl Moment<'_> {
    fn promise(&self, customer: Option<&CustomerKey>) -> Option<Promise> {
        Some(Promise {
            customer: customer.cloned(),
            entry: self.index,
            made_at: self.from.at,
            due: self.named.or(self.by_cadence)?,
            explicit: self.named.is_some(),
            end: PromiseEnd::Open,
        })
    }
}

impl Clocks {
    /// Clocks for which the policy's cadence alone counts.
    pub(super) fn by_cadence_alone() -> Self {
        Self {
            by_cadence_alone: true,
            ..Self::default()
        }
    }

    /// Ends and makes the promises of an entry; `state` is the state after the entry, `before` the state before it.
    pub(super) fn advance(
        &mut self,
        state: &State,
        before: Option<&State>,
        from: &RecordEntry,
        index: usize,
        terms: &dyn FoldPolicy,
    ) {
        let is_active = terms.is_active(&state.status);
        let set = state.cadence.filter(|_| !self.by_cadence_alone);
        let cadence = set.or_else(|| terms.cadence(&state.severity, &state.status));
        let named = from.entry.next_update.get().filter(|_| !self.by_cadence_alone);
        let later = |length: super::Length| from.at.0.checked_add_signed(length.0).map(Timestamp);
        let moment = Moment {
            from,
            index,
            is_active,
            starts_clocks: before.is_some_and(|before| {
                before.severity != state.severity || (is_active && !terms.is_active(&before.status))
            }),
            named: named.map(|time| whole_minute(time.resolve(from.at))),
            by_cadence: cadence.filter(|_| is_active).and_then(later).map(whole_minute),
        };
        self.advance_business(&moment);
        self.advance_customers(&moment, state, before, terms);
    }

    fn advance_business(&mut self, moment: &Moment) {
        let entry = &moment.from.entry;
        let is_told = entry.current_status.get().is_some() || moment.named.is_some() || moment.from.declaration;
        if is_told {
            self.business.answer(moment.from.at);
            self.business.0.extend(moment.promise(None));
        } else if !moment.is_active {
            self.business.release(moment.from.at);
        } else if moment.starts_clocks {
            self.business.restart(moment, None, self.by_cadence_alone);
        }
    }

    fn advance_customers(&mut self, moment: &Moment, state: &State, before: Option<&State>, terms: &dyn FoldPolicy) {
        let promises = terms.promises_customers(&state.severity);
        // What customers were told stands, also after the incident moved to a severity that promises them nothing.
        let may_stand = moment.is_active && state.hold_customers.is_none() && (promises || !self.by_cadence_alone);
        let reached = reached_customers(state, terms);
        let affected: BTreeSet<&CustomerKey> = state.affected().collect();
        let spoken = moment.from.entry.speaks_to(state);
        let known = self.customers.keys().cloned();
        let concerned: BTreeSet<Option<CustomerKey>> = known.chain(reached.iter().cloned()).collect();
        for customer in concerned {
            let is_reached = reached.contains(&customer);
            let is_affected = match &customer {
                Some(customer) => affected.contains(customer),
                None => state.customers == Customers::All,
            };
            let stands = may_stand && is_reached && is_affected;
            // Words without named readers go to affected customers, and to everybody when the incident is over.
            let is_reader = is_affected || was_affected(before, customer.as_ref(), state) || !moment.is_active;
            let clock = self.customers.entry(customer.clone()).or_default();
            if is_reached && spoken.includes(customer.as_ref(), is_reader) {
                clock.answer(moment.from.at);
            } else if !stands {
                clock.release(moment.from.at);
            }
            if !(stands && promises) {
                continue;
            }
            if clock.due().is_none() {
                clock.0.extend(moment.promise(customer.as_ref()));
            } else if moment.starts_clocks {
                clock.restart(moment, customer.as_ref(), self.by_cadence_alone);
            }
        }
    }

    /// Writes the due times of the open promises to the state.
    pub(super) fn note_due_times(&self, state: &mut State) {
        state.next_update = self.business.due();
        let due = |(customer, clock): (&Option<CustomerKey>, &Promises)| Some((customer.clone(), clock.due()?));
        let all: Vec<(Option<CustomerKey>, Timestamp)> = self.customers.iter().filter_map(due).collect();
        state.customer_next_update = all.iter().map(|(_, due)| *due).min();
        let named = all.into_iter().filter_map(|(customer, due)| Some((customer?, due)));
        let named: BTreeMap<CustomerKey, Timestamp> = named.collect();
        if *state.customer_due != named {
            state.customer_due = Arc::new(named);
        }
    }

    /// The promises to the business and the promises to customers, both the oldest first.
    pub(super) fn into_promises(self) -> (Vec<Promise>, Vec<Promise>) {
        let mut customers: Vec<Promise> = self.customers.into_values().flat_map(|clock| clock.0).collect();
        // Stable: promises of one entry stay in the order of the customers.
        customers.sort_by_key(|promise| promise.entry);
        (self.business.0, customers)
    }
}

/// The customers whom words can reach; `None` stands for all customers at once, whom people told outside of tickets.
fn reached_customers(state: &State, terms: &dyn FoldPolicy) -> BTreeSet<Option<CustomerKey>> {
    match &state.customers {
        Customers::Unknown => BTreeSet::new(),
        Customers::All => {
            let step = terms.ticket_step(&state.severity);
            let is_told = step.is_some_and(|step| state.steps.contains_key(&step));
            is_told.then_some(None).into_iter().collect()
        }
        Customers::Listed(_) => state.told.keys().cloned().map(Some).collect(),
    }
}

/// Whether an entry restores the service of a customer, who gets the entry's words once more.
fn was_affected(before: Option<&State>, customer: Option<&CustomerKey>, state: &State) -> bool {
    customer.is_some_and(|customer| {
        let is_restored = |state: &State| state.restored.contains_key(customer);
        is_restored(state) && !before.is_some_and(is_restored)
    })
}

impl SpokenTo<'_> {
    /// Whether the words reach a customer; `is_reader` says whether words without named readers are for it.
    fn includes(&self, customer: Option<&CustomerKey>, is_reader: bool) -> bool {
        match self {
            Self::Nobody => false,
            Self::Everyone => is_reader,
            Self::Named(named) => customer.is_none_or(|customer| named.contains(customer)),
        }
    }
}

/// The promises to one reader, oldest first.
#[derive(Default)]
struct Promises(Vec<Promise>);

impl Promises {
    /// Ends the open promise by an update made at `at`: kept if `at` is not later than due, else missed.
    fn answer(&mut self, at: Timestamp) {
        self.end(|due| {
            if whole_minute(at) <= due {
                PromiseEnd::Kept { at }
            } else {
                PromiseEnd::Missed { at }
            }
        });
    }

    /// Ends the open promise without an update; an overdue promise counts as missed.
    fn release(&mut self, at: Timestamp) {
        self.end(|due| {
            if whole_minute(at) <= due {
                PromiseEnd::Released
            } else {
                PromiseEnd::Missed { at }
            }
        });
    }

    /// Starts the clock of a new severity. An open promise stays if an entry named its time or if it is due earlier, because readers
    /// were told so; `by_cadence_alone` replaces it in any case.
    fn restart(&mut self, moment: &Moment, customer: Option<&CustomerKey>, by_cadence_alone: bool) {
        let next = moment.promise(customer);
        let is_kept = self.open().is_some_and(|open| {
            let is_earlier = |next: &Promise| open.explicit || open.due <= next.due;
            !by_cadence_alone && next.as_ref().is_none_or(is_earlier)
        });
        if !is_kept {
            self.release(moment.from.at);
            self.0.extend(next);
        }
    }

    fn end(&mut self, how: impl FnOnce(Timestamp) -> PromiseEnd) {
        if let Some(open) = self.0.last_mut().filter(|promise| promise.end == PromiseEnd::Open) {
            open.end = how(open.due);
        }
    }

    /// The open promise; `None` if no promise is open.
    fn open(&self) -> Option<&Promise> {
        self.0.last().filter(|promise| promise.end == PromiseEnd::Open)
    }

    /// The due time of the open promise; `None` if no promise is open.
    fn due(&self) -> Option<Timestamp> {
        self.open().map(|promise| promise.due)
    }
}

/// A time without its seconds: nobody reads the seconds of a promise.
fn whole_minute(at: Timestamp) -> Timestamp {
    let seconds = at.0.timestamp().rem_euclid(60);
    let fraction = i64::from(at.0.timestamp_subsec_nanos());
    Timestamp(at.0 - chrono::TimeDelta::seconds(seconds) - chrono::TimeDelta::nanoseconds(fraction))
}
