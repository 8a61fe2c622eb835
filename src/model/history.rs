//! The history of an incident: its states, the promises in it, and the values that both hold.

use std::sync::Arc;

use super::{CustomerKey, PersonKey, State, Timestamp};

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

/// A text, and the time when it was last set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DatedText {
    /// The text. The states that carry it forward share it.
    pub text: Arc<str>,
    /// When the text was written.
    pub at: Timestamp,
}

/// A step that a person recorded as done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepDone {
    /// The time of the entry that records the step.
    pub at: Timestamp,
    /// The author of that entry.
    pub by: PersonKey,
    /// The evidence: a link or a sentence.
    pub evidence: String,
    /// The index of that entry in the record.
    pub entry: usize,
}

/// The customers that the incident affects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Customers {
    /// The affected customers are not known yet.
    Unknown,
    /// Every customer is affected.
    All,
    /// These customers are affected, in the order in which the record names them.
    Listed(Vec<CustomerKey>),
}

impl Customers {
    /// The listed customers; empty for `unknown` and `all`.
    #[must_use]
    pub fn listed(&self) -> &[CustomerKey] {
        match self {
            Self::Listed(list) => list,
            Self::Unknown | Self::All => &[],
        }
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
        /// The time of that update.
        at: Timestamp,
    },
    /// The next update came too late.
    Missed {
        /// The time of that update.
        at: Timestamp,
    },
    /// Ended without an update: held, resolved or closed before it fell due.
    Released,
}
