//! The keys of effects: the identity of each effect, as a value and as the text in marks, indexes and file names.
//!
//! *Invariant*: a key's text never changes and nothing is lost: each text has a key, and that key has the same text. Keys are
//! equal and ordered by their text, as they are in an index, so that two readings of one text are one key: the names in a
//! team's process may hold a `/`.

mod parse;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::hash_texts;
use crate::model::{CustomerKey, IncidentId, Length, RoleKey, SeverityKey, Stamp, StepKey};

/// The identity of an effect, such as `incident/ID/update/STAMP`. The same effect has the same key in every run.
#[derive(Clone, Debug)]
pub enum Key {
    /// The incident issue: `incident/ID`.
    Issue(IncidentId),
    /// Any other effect of an incident: `incident/ID/…`.
    Of(IncidentId, ShortKey),
    /// A text that is not a key, such as a mistyped one on the command line.
    Other(String),
}

/// A key without its incident, as the index writes it, such as `update/STAMP`.
#[derive(Clone, Debug)]
pub enum ShortKey {
    /// The executive summary after an entry: `update/STAMP`.
    Summary(Stamp),
    /// A customer's ticket: `customer/CUSTOMER`.
    Ticket(CustomerKey),
    /// A note on a customer's ticket: `customer/CUSTOMER/update/STAMP`.
    TicketNote {
        /// The customer who reads it.
        customer: CustomerKey,
        /// The stamp of the entry with the words.
        stamp: Stamp,
    },
    /// The note that corrects a customer's ticket or note: the key of the corrected object and `/correction-HASH`.
    Correction {
        /// The customer who reads it.
        customer: CustomerKey,
        /// The entry whose note is corrected; `None` if the ticket's own words are corrected.
        stamp: Option<Stamp>,
        /// The hash of the new words.
        hash: String,
    },
    /// The channel or the message of a step: `slack/STEP/SEVERITY`.
    Step {
        /// The step of the process.
        step: StepKey,
        /// The severity that asks for the step.
        severity: SeverityKey,
    },
    /// The broadcast of a resolution: `slack/STEP/SEVERITY/resolved-STAMP`.
    Resolution {
        /// The step of the process.
        step: StepKey,
        /// The severity at the resolution.
        severity: SeverityKey,
        /// The entry that resolves the incident.
        stamp: Stamp,
    },
    /// An update in the incident's channel: `slack/update/STAMP`.
    ChannelUpdate(Stamp),
    /// An update in the channel of the executives: `slack/executives/STAMP`.
    ExecutiveMessage(Stamp),
    /// The reminder of a promise, scheduled in the chat: `nag/STAMP`.
    Reminder(Stamp),
    /// The reminder of the promises that an entry made to customers, scheduled in the chat: `nag/customers/STAMP`.
    CustomerReminder(Stamp),
    /// A note on the issue about something overdue: the text of an [`OverdueItem`].
    Overdue(OverdueItem),
    /// A message in the incident's channel about something overdue: `slack/…`.
    OverdueMessage(OverdueItem),
    /// A key from a newer version of this program; it is kept unchanged.
    Other(String),
}

/// An overdue promise, vacant role or unrecorded step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OverdueItem {
    /// A promised update: `overdue/STAMP/LENGTH`.
    Promise {
        /// The entry that made the promise.
        stamp: Stamp,
        /// How long after the promised time the reminder is due.
        after: Length,
    },
    /// A promised update to customers: `overdue/customers/STAMP/LENGTH`.
    CustomerPromise {
        /// The entry that made the promise.
        stamp: Stamp,
        /// How long after the promised time the reminder is due.
        after: Length,
    },
    /// A role that nobody holds: `missing/role/ROLE/STAMP`.
    Role {
        /// The role.
        role: RoleKey,
        /// The entry since which nobody holds the role.
        stamp: Stamp,
    },
    /// A step that nobody recorded: `missing/step/STEP/SEVERITY`.
    Step {
        /// The step.
        step: StepKey,
        /// The severity that asks for the step.
        severity: SeverityKey,
    },
}

/// The beginning of every effect key's text.
const INCIDENT: &str = "incident/";
/// The beginning of the short key of a channel or message, except a reminder's.
const SLACK: &str = "slack/";
/// The beginning of a reminder's short key.
const NAG: &str = "nag/";
/// The text before the hash of a correction.
const CORRECTION: &str = "/correction-";
/// The text before the stamp of a resolution.
const RESOLVED: &str = "/resolved-";

/// The number of pieces into which the text of a short key is split to compare it.
const PIECES: usize = 6;

impl Key {
    /// The key of an effect of an incident other than its issue.
    #[must_use]
    pub fn for_incident(incident: &IncidentId, short: ShortKey) -> Self {
        Self::Of(incident.clone(), short)
    }

    /// The incident; `None` if this is not the key of an effect.
    #[must_use]
    pub const fn incident(&self) -> Option<&IncidentId> {
        match self {
            Self::Issue(incident) | Self::Of(incident, _) => Some(incident),
            Self::Other(_) => None,
        }
    }

    /// The key without its incident; `None` for the issue and for texts that are not keys.
    #[must_use]
    pub const fn short_key(&self) -> Option<&ShortKey> {
        match self {
            Self::Of(_, short) => Some(short),
            Self::Issue(_) | Self::Other(_) => None,
        }
    }

    /// The customer who reads the effect; `None` if no customer does.
    #[must_use]
    pub fn customer(&self) -> Option<&CustomerKey> {
        self.short_key()?.customer()
    }

    /// Whether the effect is a scheduled reminder, which is cancelled when the record no longer asks for it.
    #[must_use]
    pub fn is_reminder(&self) -> bool {
        self.short_key().is_some_and(ShortKey::is_reminder)
    }

    /// Whether the effect is a channel or a message, other than a reminder.
    #[must_use]
    pub fn is_in_chat(&self) -> bool {
        self.short_key().is_some_and(ShortKey::is_in_chat)
    }

    /// Whether this is the key of a note on the object of `parent`, such as a note on a ticket.
    #[must_use]
    pub fn is_below(&self, parent: &Self) -> bool {
        let text = self.to_string();
        let rest = text.strip_prefix(&parent.to_string());
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// A hash of the key, which identifies an object without revealing the incident.
    #[must_use]
    pub fn digest(&self) -> String {
        hash_texts(&[&self.to_string()])
    }

    /// The parts of the key after the first slash, used as folders and a file name.
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        self.to_string().split('/').skip(1).map(str::to_owned).collect()
    }

    fn pieces(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let (start, short) = match self {
            Self::Issue(incident) => ([INCIDENT, incident.as_str(), ""], None),
            Self::Of(incident, short) => ([INCIDENT, incident.as_str(), "/"], Some(short)),
            Self::Other(text) => ([text.as_str(), "", ""], None),
        };
        let rest = short.map(ShortKey::pieces);
        start.into_iter().map(Cow::Borrowed).chain(rest.into_iter().flatten())
    }
}

impl ShortKey {
    /// The customer who reads the effect; `None` if no customer does.
    #[must_use]
    pub const fn customer(&self) -> Option<&CustomerKey> {
        match self {
            Self::Ticket(customer) | Self::TicketNote { customer, .. } | Self::Correction { customer, .. } => {
                Some(customer)
            }
            _ => None,
        }
    }

    /// The customer whose ticket this is; `None` if this is not a ticket.
    #[must_use]
    pub const fn ticket(&self) -> Option<&CustomerKey> {
        match self {
            Self::Ticket(customer) => Some(customer),
            _ => None,
        }
    }

    /// Whether the effect is a reminder, including reminders of newer versions.
    #[must_use]
    pub fn is_reminder(&self) -> bool {
        match self {
            Self::Reminder(_) | Self::CustomerReminder(_) => true,
            Self::Other(text) => text.starts_with(NAG),
            _ => false,
        }
    }

    /// Whether the effect is a channel or a message other than a reminder, including those of newer versions.
    #[must_use]
    pub fn is_in_chat(&self) -> bool {
        match self {
            Self::Step { .. }
            | Self::Resolution { .. }
            | Self::ChannelUpdate(_)
            | Self::ExecutiveMessage(_)
            | Self::OverdueMessage(_) => true,
            Self::Other(text) => text.starts_with(SLACK),
            _ => false,
        }
    }

    /// The key of the note that corrects what a customer read.
    #[must_use]
    pub fn correction(&self, hash: &str) -> Self {
        let (customer, stamp) = match self {
            Self::Ticket(customer) => (customer, None),
            Self::TicketNote { customer, stamp } => (customer, Some(stamp)),
            other => return Self::Other(format!("{other}{CORRECTION}{hash}")),
        };
        Self::Correction {
            customer: customer.clone(),
            stamp: stamp.cloned(),
            hash: hash.to_owned(),
        }
    }

    fn pieces(&self) -> [Cow<'_, str>; PIECES] {
        match self {
            Self::Summary(stamp) => pieces(["update/", stamp.as_str()]),
            Self::Ticket(customer) => pieces(["customer/", customer.as_str()]),
            Self::TicketNote { customer, stamp } => {
                pieces(["customer/", customer.as_str(), "/update/", stamp.as_str()])
            }
            Self::Correction { customer, stamp, hash } => {
                let (update, stamp) = stamp.as_ref().map_or(("", ""), |stamp| ("/update/", stamp.as_str()));
                pieces(["customer/", customer.as_str(), update, stamp, CORRECTION, hash])
            }
            Self::Step { step, severity } => pieces([SLACK, step.as_str(), "/", severity.as_str()]),
            Self::Resolution { step, severity, stamp } => {
                let (step, severity) = (step.as_str(), severity.as_str());
                pieces([SLACK, step, "/", severity, RESOLVED, stamp.as_str()])
            }
            Self::ChannelUpdate(stamp) => pieces(["slack/update/", stamp.as_str()]),
            Self::ExecutiveMessage(stamp) => pieces(["slack/executives/", stamp.as_str()]),
            Self::Reminder(stamp) => pieces([NAG, stamp.as_str()]),
            Self::CustomerReminder(stamp) => pieces([NAG, "customers/", stamp.as_str()]),
            Self::Overdue(item) => item.pieces(""),
            Self::OverdueMessage(item) => item.pieces(SLACK),
            Self::Other(text) => pieces([text]),
        }
    }
}

impl OverdueItem {
    fn pieces<'a>(&'a self, before: &'a str) -> [Cow<'a, str>; PIECES] {
        match self {
            Self::Promise { stamp, after } => {
                let mut all = pieces([before, "overdue/", stamp.as_str(), "/"]);
                all[4] = after.to_string().into();
                all
            }
            Self::CustomerPromise { stamp, after } => {
                let mut all = pieces([before, "overdue/customers/", stamp.as_str(), "/"]);
                all[4] = after.to_string().into();
                all
            }
            Self::Role { role, stamp } => pieces([before, "missing/role/", role.as_str(), "/", stamp.as_str()]),
            Self::Step { step, severity } => pieces([before, "missing/step/", step.as_str(), "/", severity.as_str()]),
        }
    }
}

/// The pieces of a key's text, padded with empty pieces to a fixed number.
fn pieces<const N: usize>(parts: [&str; N]) -> [Cow<'_, str>; PIECES] {
    let mut all = [const { Cow::Borrowed("") }; PIECES];
    for (piece, part) in all.iter_mut().zip(parts) {
        *piece = Cow::Borrowed(part);
    }
    all
}

/// Compares two texts, given in pieces, by their bytes. Nothing is copied, because maps compare often.
fn compare<'a>(mut one: impl Iterator<Item = Cow<'a, str>>, mut other: impl Iterator<Item = Cow<'a, str>>) -> Ordering {
    let (mut left, mut right) = (Cow::Borrowed(""), Cow::Borrowed(""));
    let (mut i, mut j) = (0, 0);
    loop {
        while i == left.len() {
            match one.next() {
                Some(piece) => (left, i) = (piece, 0),
                None if j == right.len() && other.all(|piece| piece.is_empty()) => return Ordering::Equal,
                None => return Ordering::Less,
            }
        }
        while j == right.len() {
            match other.next() {
                Some(piece) => (right, j) = (piece, 0),
                None => return Ordering::Greater,
            }
        }
        let length = (left.len() - i).min(right.len() - j);
        let (a, b) = (&left.as_bytes()[i..i + length], &right.as_bytes()[j..j + length]);
        match a.cmp(b) {
            Ordering::Equal => (i, j) = (i + length, j + length),
            unequal => return unequal,
        }
    }
}

macro_rules! text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.pieces()
                    .into_iter()
                    .try_for_each(|piece| f.write_str(&piece))
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(text: &str) -> Result<Self, Infallible> {
                Ok(text.into())
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other) == Ordering::Equal
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                compare(self.pieces().into_iter(), other.pieces().into_iter())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(String::deserialize(deserializer)?.as_str().into())
            }
        }
    };
}

text!(Key);
text!(ShortKey);

#[cfg(test)]
mod tests;
