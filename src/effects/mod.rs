//! The effects that an incident asks for, with deterministic keys, and the plan: the actions that are still needed.
//!
//! *Invariant*: pure and total. No clock, no environment, no network: the same record gives the same bytes everywhere.
//! What is created once is the union over all prefixes of the record; what is edited in place follows the last state.

mod chat;
mod customers;
mod desired;
mod destination;
mod earlier;
mod hold;
mod key;
mod missing;
mod observations;
mod overdue;
mod plan;
mod tickets;

pub use desired::desired;
pub use destination::Destination;
pub use earlier::{EarlierRuns, GENERATION, Introduced};
pub use hold::{ForcedKeys, HeldStep, HoldPolicy, hold};
pub use key::{Key, OverdueItem, ShortKey};
pub use missing::missing;
pub use observations::{Observations, ObservedTime};
pub use overdue::overdue;
pub use plan::{Action, Observed, ObservedObject, Planned, correction, plan};

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model::{CustomerKey, IncidentId, Timestamp};

/// The kind of object that an effect creates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The incident issue.
    Issue,
    /// The dedicated channel.
    Channel,
    /// The call for participants.
    Ping,
    /// A message to the business.
    Broadcast,
    /// The executive summary, a note on the issue.
    Summary,
    /// A customer's ticket.
    Ticket,
    /// A note on a customer's ticket.
    TicketNote,
    /// A message in the dedicated channel.
    ChannelUpdate,
    /// A scheduled reminder of a promise.
    Nag,
    /// A reminder that a promise, a role or a step is overdue.
    Overdue,
}

impl Kind {
    /// The name for people, such as in a plan.
    #[must_use]
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Issue => "incident issue",
            Self::Channel => "Slack channel",
            Self::Ping => "Slack ping",
            Self::Broadcast => "Slack broadcast",
            Self::Summary => "executive summary",
            Self::Ticket => "customer ticket",
            Self::TicketNote => "customer note",
            Self::ChannelUpdate => "Slack update",
            Self::Nag => "reminder",
            Self::Overdue => "overdue note",
        }
    }

    /// Whether the object is in Slack.
    #[must_use]
    pub const fn is_chat(self) -> bool {
        matches!(
            self,
            Self::Channel | Self::Ping | Self::Broadcast | Self::ChannelUpdate | Self::Nag
        )
    }

    /// Whether the object is edited to follow the last state, rather than created once.
    #[must_use]
    pub const fn is_kept_up_to_date(self) -> bool {
        matches!(self, Self::Issue | Self::Channel | Self::Nag)
    }
}

/// The earliest point at which an effect may be applied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplyStage {
    /// As soon as the merge request that declares the incident is open.
    Open,
    /// After the merge request that declares the incident is merged.
    Merge,
}

/// The readers of an effect's words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The team.
    Internal,
    /// The leadership.
    Executive,
    /// One customer.
    Customer,
}

impl Audience {
    /// The name for people, such as in a plan.
    #[must_use]
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Executive => "executives",
            Self::Customer => "customer",
        }
    }
}

/// An object that should exist in GitLab, in Slack or in the outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    /// Its identity.
    pub key: Key,
    /// The incident that it belongs to.
    pub incident: IncidentId,
    /// What it makes.
    pub kind: Kind,
    /// The earliest point at which it may be applied.
    pub stage: ApplyStage,
    /// Who reads it.
    pub audience: Audience,
    /// The place where it is applied.
    pub to: Destination,
    /// The title; `None` for objects without one.
    pub title: Option<String>,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// The text for readers; it may contain references to other effects ([`crate::render::reference`]).
    pub body: String,
    /// Whether the object should be open; only issues, channels and tickets can be closed.
    pub open: bool,
    /// The time at which it is sent; `None` if it is not scheduled.
    pub at: Option<Timestamp>,
    /// A hash of the record's texts: a posted text changes only when this hash changes, never because a template changed.
    pub hash: String,
    /// The reason that the plan shows.
    pub why: String,
    /// The time of the entry that asks for it.
    pub since: Timestamp,
    /// Whether the incident is a drill.
    pub drill: bool,
    /// Since when this program knows the effect; `None` if every version knows it. For a ticket, it is its closure that is new.
    pub introduced: Option<Introduced>,
    /// The fields that only the incident issue has.
    pub issue: Option<IssueFields>,
    /// The chat fields; `None` for effects outside the chat.
    pub chat: Option<ChatFields>,
    /// Whether creating it sends e-mails: the ticket was opened through a Service Desk.
    pub emails: bool,
}

/// The fields that only messages and channels have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChatFields {
    /// The channel that the message goes to.
    pub room: TargetChannel,
    /// The users to invite, sorted.
    pub people: Vec<String>,
}

/// The chat channel that a message goes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TargetChannel {
    /// The channel that this program opens for the incident.
    Dedicated,
    /// The address of the channel that people opened for the incident.
    Address(String),
    /// A channel of the team: its name in process.yaml.
    Named(String),
}

/// The fields that only the incident issue has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssueFields {
    /// Whether only the team may read the issue.
    pub confidential: bool,
    /// The severity of the GitLab incident: critical, high, medium or low.
    pub severity: &'static str,
    /// The GitLab user to assign; `None` if no user is known.
    pub assignee: Option<String>,
    /// Whether the incident is closed for good.
    pub closed: bool,
}

impl Effect {
    /// An effect whose audience is the team and whose other fields are empty.
    #[must_use]
    pub fn with_empty_fields(key: Key, incident: IncidentId, kind: Kind) -> Self {
        Self {
            key,
            incident,
            kind,
            stage: ApplyStage::Merge,
            audience: Audience::Internal,
            to: Destination::IncidentIssue,
            title: None,
            labels: Vec::new(),
            body: String::new(),
            open: true,
            at: None,
            hash: String::new(),
            why: String::new(),
            since: Timestamp(chrono::DateTime::UNIX_EPOCH),
            drill: false,
            introduced: None,
            issue: None,
            chat: None,
            emails: false,
        }
    }

    /// Whether these are words to a customer that are held because the incident is a drill.
    #[must_use]
    pub fn is_held_by_drill(&self) -> bool {
        self.drill && self.audience == Audience::Customer
    }

    /// The customer who reads the effect's text; `None` if no customer does.
    #[must_use]
    pub fn customer(&self) -> Option<&CustomerKey> {
        self.key.customer()
    }

    /// The address of the ticket that people opened, to which the customer's notes go; `None` if it does not exist.
    #[must_use]
    pub fn adopted(&self) -> Option<&str> {
        self.to.adopted()
    }

    /// The key of the parent effect: the ticket for a customer note, otherwise the issue.
    #[must_use]
    pub fn parent_key(&self) -> Key {
        match self.customer() {
            Some(customer) => Key::for_incident(&self.incident, ShortKey::Ticket(customer.clone())),
            None => Key::Issue(self.incident.clone()),
        }
    }
}

/// A short hash of a list of texts; the boundaries between the texts count.
#[must_use]
pub fn hash_texts(words: &[&str]) -> String {
    let mut digest = Sha256::new();
    for word in words {
        digest.update(word.len().to_le_bytes());
        digest.update(word.as_bytes());
    }
    digest.finalize().iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
