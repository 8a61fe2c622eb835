//! Parts of the state of an incident: texts with their times, completed steps, affected customers.

use std::sync::Arc;

use super::{CustomerKey, PersonKey, Timestamp};

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
    /// When the step was completed; the time of the entry that records it if the entry does not say it.
    pub at: Timestamp,
    /// Who completed the step; the author of the entry that records it if the entry names nobody.
    pub by: PersonKey,
    /// The evidence: a link or a sentence.
    pub evidence: String,
    /// The index in the record of the entry that records the step.
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

/// How a customer was told of the incident, and by which entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ToldBy {
    /// By a ticket that this program creates, with this entry of the record.
    Ticket(usize),
    /// On a ticket that people opened, with this entry of the record.
    AdoptedTicket(usize),
    /// By people, who recorded the step with this entry of the record: the customer has no project for tickets.
    People(usize),
}

impl ToldBy {
    /// The index of the entry.
    #[must_use]
    pub const fn entry(self) -> usize {
        match self {
            Self::Ticket(entry) | Self::AdoptedTicket(entry) | Self::People(entry) => entry,
        }
    }
}
