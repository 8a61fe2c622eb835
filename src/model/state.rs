//! What an incident is after an entry: the result of the fold.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    CustomerKey, ImpactKind, IncidentId, Length, Outcome, PersonKey, RoleKey, SeverityKey, StatusKey, StepKey,
    Timestamp,
};

/// The state after each entry, in the order of the record; as many states as entries, never none.
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

    /// The state before entry `index`; none before the declaration.
    #[must_use]
    pub fn before(&self, index: usize) -> Option<&State> {
        index.checked_sub(1).and_then(|before| self.states.get(before))
    }

    /// The promise to the business that still stands.
    #[must_use]
    pub fn open_promise(&self) -> Option<&Promise> {
        self.promises.last().filter(|promise| promise.end == PromiseEnd::Open)
    }
}

/// Words, and when they were last set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DatedText {
    /// The words, shared by all states that carry them on.
    pub text: Arc<str>,
    /// When they were written.
    pub at: Timestamp,
}

/// A step that people recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepDone {
    /// When: the time of the entry that records it.
    pub at: Timestamp,
    /// Who wrote that entry.
    pub by: PersonKey,
    /// A link or a sentence.
    pub evidence: String,
    /// The index of the entry.
    pub entry: usize,
}

/// Who is affected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Customers {
    /// Not known yet.
    Unknown,
    /// Everyone.
    All,
    /// These, in the order in which they were named.
    Listed(Vec<CustomerKey>),
}

impl Customers {
    /// The listed customers; none for `unknown` and `all`.
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
    /// The index of the entry that made it.
    pub entry: usize,
    /// When it was made.
    pub made_at: Timestamp,
    /// When the update is due.
    pub due: Timestamp,
    /// Whether the entry named the time; else the cadence did.
    pub explicit: bool,
    /// How it ended.
    pub end: PromiseEnd,
}

/// How a promise ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PromiseEnd {
    /// It still stands (whether it is overdue is a matter of the clock).
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

/// An incident after an entry.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    /// The incident.
    pub id: IncidentId,
    /// When it was declared.
    pub declared_at: Timestamp,
    /// By whom.
    pub declared_by: PersonKey,
    /// The time of the last entry folded in.
    pub at: Timestamp,
    /// What happened, for the team.
    pub title: String,
    /// The classification.
    pub severity: SeverityKey,
    /// The status.
    pub status: StatusKey,
    /// Since when it has this status.
    pub status_since: Timestamp,
    /// Who is affected.
    pub customers: Customers,
    /// Those of the listed customers whose service is back, and since when.
    pub restored: BTreeMap<CustomerKey, Timestamp>,
    /// Customers that were taken off the list; their tickets stay.
    pub removed: Vec<CustomerKey>,
    /// The ticket's title. Audience: customers.
    pub headline: Option<String>,
    /// What is impaired.
    pub kind: ImpactKind,
    /// How badly.
    pub degradation: Option<String>,
    /// `none` or words.
    pub workaround: Option<String>,
    /// What customers see. Audience: customers.
    pub symptoms: Option<Arc<str>>,
    /// When the trouble itself started.
    pub started_at: Option<Timestamp>,
    /// When it was noticed.
    pub detected_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who holds which role; a role without a holder is absent.
    pub roles: BTreeMap<RoleKey, Vec<PersonKey>>,
    /// Steps that people recorded, the first record of each.
    pub steps: BTreeMap<StepKey, StepDone>,
    /// Executive summary, carried forward.
    pub current_status: Option<DatedText>,
    /// Executive summary, carried forward.
    pub current_actions: Option<DatedText>,
    /// Executive summary, carried forward.
    pub next_steps: Option<DatedText>,
    /// The promise to the business that stands after this entry, and when it falls due.
    pub next_update: Option<Timestamp>,
    /// The promise to customers that stands after this entry.
    pub customer_next_update: Option<Timestamp>,
    /// When service is expected back.
    pub expected_restoration: Option<Timestamp>,
    /// The cadence that an entry set instead of the severity's.
    pub cadence: Option<Length>,
    /// The reason for which words to customers are held, and since when.
    pub hold_customers: Option<DatedText>,
    /// Points between updates, by time.
    pub timeline: Vec<DatedText>,
    /// Named links.
    pub links: BTreeMap<String, String>,
    /// Adopted tickets.
    pub tickets: BTreeMap<CustomerKey, String>,
    /// The dedicated channel, where people opened it.
    pub slack_channel: Option<String>,
    /// Whether the issue is confidential.
    pub confidential: bool,
    /// Whether this is an exercise.
    pub drill: bool,
    /// Why it ended without having been resolved.
    pub outcome: Option<Outcome>,
    /// Other incidents that belong to this one.
    pub related: Vec<IncidentId>,
    /// How many customers may be reached.
    pub reach: Option<u32>,
    /// Keys of effects that people carried out.
    pub sent_by_hand: Vec<String>,
    /// Rules set aside, with their reasons.
    pub overrides: Vec<(String, String)>,
}

impl State {
    /// The people in this role; none where it is empty.
    #[must_use]
    pub fn holders(&self, role: &str) -> &[PersonKey] {
        self.roles.get(role).map_or(&[], Vec::as_slice)
    }

    /// The listed customers whose service is not back yet.
    pub fn affected(&self) -> impl Iterator<Item = &CustomerKey> {
        self.customers
            .listed()
            .iter()
            .filter(|customer| !self.restored.contains_key(*customer))
    }
}
