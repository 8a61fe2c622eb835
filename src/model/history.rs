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

    /// The open promises to customers: for each entry that made some, one of them and the customers to whom they were made. The
    /// list is empty if the promise was made to all customers at once.
    #[must_use]
    pub fn open_customer_promises(&self) -> Vec<(&Promise, Vec<&CustomerKey>)> {
        let open = self
            .customer_promises
            .iter()
            .filter(|promise| promise.end == PromiseEnd::Open);
        let mut by_entry: Vec<(&Promise, Vec<&CustomerKey>)> = Vec::new();
        for promise in open {
            match by_entry.last_mut() {
                Some((first, all)) if first.entry == promise.entry => all.extend(&promise.customer),
                _ => by_entry.push((promise, promise.customer.iter().collect())),
            }
        }
        by_entry
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
