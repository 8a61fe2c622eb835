//! The state of an incident after each entry: the result of the fold.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    CustomerKey, ImpactKind, IncidentId, Length, Outcome, PersonKey, RoleKey, SeverityKey, StatusKey, StepKey,
    Timestamp,
};

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

/// The state of an incident after an entry.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    /// The incident's id.
    pub id: IncidentId,
    /// When the incident was declared.
    pub declared_at: Timestamp,
    /// Who declared the incident.
    pub declared_by: PersonKey,
    /// The time of the last entry in this state.
    pub at: Timestamp,
    /// What happened, in one line for the team.
    pub title: String,
    /// The severity.
    pub severity: SeverityKey,
    /// The status.
    pub status: StatusKey,
    /// When the incident entered this status.
    pub status_since: Timestamp,
    /// The customers that the incident affects.
    pub customers: Customers,
    /// The listed customers whose service is restored, each with the time.
    pub restored: BTreeMap<CustomerKey, Timestamp>,
    /// Customers that an update removed from the list; their tickets stay.
    pub removed: Vec<CustomerKey>,
    /// The ticket's title. Audience: customers.
    pub headline: Option<String>,
    /// The kind of impact.
    pub kind: ImpactKind,
    /// How badly service is degraded, as a word of the process.
    pub degradation: Option<String>,
    /// The workaround, or `none`.
    pub workaround: Option<String>,
    /// What customers see. Audience: customers.
    pub symptoms: Option<Arc<str>>,
    /// When the impact started.
    pub started_at: Option<Timestamp>,
    /// When the impact was detected.
    pub detected_at: Option<Timestamp>,
    /// When the impact ended.
    pub ended_at: Option<Timestamp>,
    /// The holders of each role; a role without a holder is absent.
    pub roles: BTreeMap<RoleKey, Vec<PersonKey>>,
    /// The steps that people recorded, each with its first record.
    pub steps: BTreeMap<StepKey, StepDone>,
    /// Executive summary, carried forward.
    pub current_status: Option<DatedText>,
    /// Executive summary, carried forward.
    pub current_actions: Option<DatedText>,
    /// Executive summary, carried forward.
    pub next_steps: Option<DatedText>,
    /// The due time of the open promise to the business; `None` if no promise is open.
    pub next_update: Option<Timestamp>,
    /// The due time of the open promise to customers; `None` if no promise is open.
    pub customer_next_update: Option<Timestamp>,
    /// When service is expected back.
    pub expected_restoration: Option<Timestamp>,
    /// The cadence that an entry set; `None` if the severity's cadence applies.
    pub cadence: Option<Length>,
    /// Why and since when customer messages are on hold; `None` if they are not.
    pub hold_customers: Option<DatedText>,
    /// The timeline points between updates, by time.
    pub timeline: Vec<DatedText>,
    /// Named links.
    pub links: BTreeMap<String, String>,
    /// The web addresses of adopted tickets, by customer.
    pub tickets: BTreeMap<CustomerKey, String>,
    /// The dedicated channel that people opened; `None` if people opened no channel.
    pub slack_channel: Option<String>,
    /// Whether the incident issue is confidential.
    pub confidential: bool,
    /// Whether this incident is a drill.
    pub drill: bool,
    /// Why the incident was closed without a resolution; `None` if it was not.
    pub outcome: Option<Outcome>,
    /// Other incidents that belong to this one.
    pub related: Vec<IncidentId>,
    /// How many customers the record allows messages to reach; `None` if the process's cap applies.
    pub reach: Option<u32>,
    /// The keys of effects that people carried out by hand.
    pub sent_by_hand: Vec<String>,
    /// The overridden rules, each with its reason.
    pub overrides: Vec<(String, String)>,
}

impl State {
    /// The holders of a role; empty if nobody holds it.
    #[must_use]
    pub fn holders(&self, role: &str) -> &[PersonKey] {
        self.roles.get(role).map_or(&[], Vec::as_slice)
    }

    /// The listed customers whose service is not restored yet.
    pub fn affected(&self) -> impl Iterator<Item = &CustomerKey> {
        self.customers
            .listed()
            .iter()
            .filter(|customer| !self.restored.contains_key(*customer))
    }
}
