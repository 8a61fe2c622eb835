//! The history of an incident: its states, and the promises in it.

use super::{CustomerKey, State, Timestamp};

/// The history of an incident: its state after each entry, and all promises. It is never empty.
#[derive(Clone, PartialEq, Debug)]
pub struct History {
    /// `states[i]` is the state after `record.entries[i]`.
    pub states: Vec<State>,
    /// Every promise made to the business, oldest first.
    pub promises: Vec<Promise>,
    /// Every promise made to customers, oldest first; promises of one entry by customer.
    pub customer_promises: Vec<Promise>,
}

impl History {
    /// The state after the last entry.
    #[must_use]
    pub fn last(&self) -> &State {
        &self.states[self.states.len() - 1]
    }

    /// The state before entry `index`; `None` for the declaration.
    #[must_use]
    pub fn before(&self, index: usize) -> Option<&State> {
        index.checked_sub(1).and_then(|before| self.states.get(before))
    }

    /// The open promise to the business; `None` if no promise is open.
    #[must_use]
    pub fn open_promise(&self) -> Option<&Promise> {
        self.promises.last().filter(|promise| promise.end == PromiseEnd::Open)
    }

    /// The open promises, each with everybody to whom the same update is promised for the same time: the business, and customers whose
    /// promise falls due at the same time; then the other customers, by the entry that promised.
    #[must_use]
    pub fn open_promises(&self) -> Vec<OpenPromise<'_>> {
        let mut all: Vec<OpenPromise> = self.open_promise().map(OpenPromise::to_business).into_iter().collect();
        let open = self
            .customer_promises
            .iter()
            .filter(|promise| promise.end == PromiseEnd::Open);
        for promise in open {
            let is_same = |other: &&mut OpenPromise| {
                let promised = other.promise;
                promised.due == promise.due && (other.is_to_business || promised.entry == promise.entry)
            };
            if let Some(other) = all.iter_mut().find(is_same) {
                other.add(promise);
            } else {
                let mut new = OpenPromise::to_customers(promise);
                new.add(promise);
                all.push(new);
            }
        }
        all
    }
}

/// An open promise, with everybody to whom it was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenPromise<'a> {
    /// The promise, or one of several that are alike.
    pub promise: &'a Promise,
    /// Whether it was made to the business.
    pub is_to_business: bool,
    /// Whether it was made to all customers at once.
    pub is_to_all_customers: bool,
    /// The customers to whom it was made.
    pub customers: Vec<&'a CustomerKey>,
}

impl<'a> OpenPromise<'a> {
    const fn to_business(promise: &'a Promise) -> Self {
        Self {
            promise,
            is_to_business: true,
            is_to_all_customers: false,
            customers: Vec::new(),
        }
    }

    fn to_customers(promise: &'a Promise) -> Self {
        Self {
            is_to_business: false,
            ..Self::to_business(promise)
        }
    }

    fn add(&mut self, promise: &'a Promise) {
        match &promise.customer {
            Some(customer) => self.customers.push(customer),
            None => self.is_to_all_customers = true,
        }
    }
}

/// A promise of the next update.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Promise {
    /// The customer to whom it was made; `None` if it was made to the business or to all customers at once.
    pub customer: Option<CustomerKey>,
    /// The index of the entry that made the promise.
    pub entry: usize,
    /// When the promise was made.
    pub made_at: Timestamp,
    /// When the update is due, in whole minutes.
    pub due: Timestamp,
    /// Whether the entry named the due time; otherwise it follows from the cadence.
    pub explicit: bool,
    /// How the promise ended.
    pub end: PromiseEnd,
}

impl Promise {
    /// Whether the promise is open and was due before `now`.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.end == PromiseEnd::Open && self.due < now
    }

    /// The time until which the promise was late, as of `now`; `None` if it is not late.
    #[must_use]
    pub fn late_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.end {
            PromiseEnd::Missed { at } => Some(at),
            _ => self.is_overdue(now).then_some(now),
        }
    }

    /// By how many minutes the promise was late, as of `now`; `None` if it is not late.
    #[must_use]
    pub fn late_minutes(&self, now: Timestamp) -> Option<i64> {
        self.late_until(now).map(|until| (until.0 - self.due.0).num_minutes())
    }
}

/// How a promise ended, or that it is still open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PromiseEnd {
    /// The promise is still open; it may be overdue.
    Open,
    /// The next update came in time.
    Kept {
        /// The time of the update that ended the promise.
        at: Timestamp,
    },
    /// The next update came too late.
    Missed {
        /// The time of the update that ended the promise.
        at: Timestamp,
    },
    /// Ended without an update: held, resolved or closed before it fell due.
    Released,
}
