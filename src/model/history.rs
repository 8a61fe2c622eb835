//! The history of an incident: its states, and the promises in it.

use super::{State, Timestamp};

/// The history of an incident: its state after each entry, and all promises. It is never empty.
#[derive(Clone, PartialEq, Debug)]
pub struct History {
    /// `states[i]` is the state after `record.entries[i]`.
    pub states: Vec<State>,
    /// Every promise made to the business, oldest first.
    pub promises: Vec<Promise>,
    /// Every promise made to customers, oldest first.
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
}

/// A promise of the next update.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Promise {
    /// The index of the entry that made the promise.
    pub entry: usize,
    /// When the promise was made.
    pub made_at: Timestamp,
    /// When the update is due.
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
