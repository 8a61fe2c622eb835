//! What an incident asks for, as a set of effects with deterministic keys; and the plan: what is missing of it.
//!
//! *Invariant*: pure and total. No clock, no environment, no network: the same record gives the same bytes everywhere.
//! What is created once is the union over all prefixes of the record; what is edited in place follows the last state.

mod chat;
mod desired;
mod destination;
mod hold;
mod key;
mod missing;
mod overdue;
mod plan;

pub use desired::desired;
pub use destination::Destination;
pub use hold::{ForcedKeys, Held, HoldPolicy, hold};
pub use key::{Key, OverdueItem, ShortKey};
pub use missing::missing;
pub use overdue::overdue;
pub use plan::{Action, Observed, Planned, Seen, plan};

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model::{CustomerKey, IncidentId, Timestamp};

/// What kind of object an effect makes.
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
    /// A word on the issue that a promise is overdue.
    Overdue,
}

impl Kind {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
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

    /// Whether it lives in Slack.
    #[must_use]
    pub const fn is_chat(self) -> bool {
        matches!(
            self,
            Self::Channel | Self::Ping | Self::Broadcast | Self::ChannelUpdate | Self::Nag
        )
    }

    /// Whether the object follows the last state, rather than being made once.
    #[must_use]
    pub const fn follows_state(self) -> bool {
        matches!(self, Self::Issue | Self::Channel | Self::Nag)
    }
}

/// When an effect may be carried out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// As soon as the merge request that declares the incident is open.
    Open,
    /// When it is merged.
    Merge,
}

/// Who reads an effect's words.
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
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Executive => "executives",
            Self::Customer => "customer",
        }
    }
}

/// Something that is to be in GitLab, in Slack or in the outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    /// Its identity.
    pub key: Key,
    /// The incident that it belongs to.
    pub incident: IncidentId,
    /// What it makes.
    pub kind: Kind,
    /// When.
    pub stage: Stage,
    /// Who reads it.
    pub audience: Audience,
    /// Where.
    pub to: Destination,
    /// The title, of what has one.
    pub title: Option<String>,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// The words. May hold references to other effects ([`crate::render::reference`]).
    pub body: String,
    /// Whether the object is open, of what can be closed.
    pub open: bool,
    /// When it is to be sent, of what is scheduled.
    pub at: Option<Timestamp>,
    /// A hash of the source words: a posted text changes only when it does, never because a template did.
    pub hash: String,
    /// Why, for the plan.
    pub why: String,
    /// When the entry was made that asks for it.
    pub since: Timestamp,
    /// The incident is an exercise.
    pub drill: bool,
    /// What only the incident issue has.
    pub issue: Option<IssueFields>,
    /// Where in the chat, of what is said there.
    pub chat: Option<ChatFields>,
    /// E-mails leave when it is created: the ticket was opened through a Service Desk.
    pub emails: bool,
}

/// What only messages and channels have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChatFields {
    /// Where it is said.
    pub room: Room,
    /// Users who are invited, sorted.
    pub people: Vec<String>,
}

/// Where something is said in the chat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Room {
    /// The channel that we open for the incident.
    Dedicated,
    /// The channel that people opened for it, by its address.
    Address(String),
    /// A channel of the team, by its name in process.yaml.
    Named(String),
}

/// What only the incident issue has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssueFields {
    /// Only the team may read it.
    pub confidential: bool,
    /// How bad it is, in the words of GitLab's incidents: critical, high, medium, low.
    pub severity: &'static str,
    /// The user on GitLab who is responsible, where one is known.
    pub assignee: Option<String>,
    /// The incident is closed for good.
    pub closed: bool,
}

impl Effect {
    /// An effect of the team, with nothing in it yet.
    #[must_use]
    pub fn blank(key: Key, incident: IncidentId, kind: Kind) -> Self {
        Self {
            key,
            incident,
            kind,
            stage: Stage::Merge,
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
            issue: None,
            chat: None,
            emails: false,
        }
    }

    /// The customer who reads it; none where it is for others.
    #[must_use]
    pub fn customer(&self) -> Option<&CustomerKey> {
        self.key.customer()
    }

    /// The address of the ticket that people opened: notes for the customer go there, and none is created any more.
    #[must_use]
    pub fn adopted(&self) -> Option<&str> {
        self.to.adopted()
    }

    /// The effect on whose object this one is a note: the ticket for what a customer reads, else the issue.
    #[must_use]
    pub fn on(&self) -> Key {
        match self.customer() {
            Some(customer) => Key::of(&self.incident, ShortKey::Ticket(customer.clone())),
            None => Key::Issue(self.incident.clone()),
        }
    }
}

/// A short hash of words; where one ends and the next begins counts.
#[must_use]
pub fn hash(words: &[&str]) -> String {
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
