//! Parses texts into keys; every text has a key.

use super::{INCIDENT, Key, OverdueItem, ShortKey};
use crate::model::{Length, Stamp};

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        let Some(rest) = text.strip_prefix(INCIDENT) else {
            return Self::Other(text.to_owned());
        };
        match rest.split_once('/') {
            Some((incident, short)) => Self::Of(incident.into(), short.into()),
            None => Self::Issue(rest.into()),
        }
    }
}

impl From<&str> for ShortKey {
    fn from(text: &str) -> Self {
        let segments: Vec<&str> = text.split('/').collect();
        known(&segments).unwrap_or_else(|| Self::Other(text.to_owned()))
    }
}

/// The short key of these segments; `None` if this version does not know the form.
fn known(segments: &[&str]) -> Option<ShortKey> {
    let item = || OverdueItem::of(segments).map(ShortKey::Overdue);
    let correction = |customer: &str, stamp: Option<&str>, end: &str| {
        let hash = end.strip_prefix("correction-")?.to_owned();
        let (customer, stamp) = (customer.into(), stamp.map(Stamp::from));
        Some(ShortKey::Correction { customer, stamp, hash })
    };
    match *segments {
        ["update", stamp] => Some(ShortKey::Summary(stamp.into())),
        ["nag", stamp] => Some(ShortKey::Reminder(stamp.into())),
        ["nag", "customers", stamp] => Some(ShortKey::CustomerReminder(stamp.into())),
        ["customer", customer] => Some(ShortKey::Ticket(customer.into())),
        ["customer", customer, end] => correction(customer, None, end),
        ["customer", customer, "update", stamp] => Some(ShortKey::TicketNote {
            customer: customer.into(),
            stamp: stamp.into(),
        }),
        ["customer", customer, "update", stamp, end] => correction(customer, Some(stamp), end),
        ["slack", ref rest @ ..] => in_chat(rest),
        _ => item(),
    }
}

/// The short key of a channel or message, from its segments after the first.
fn in_chat(segments: &[&str]) -> Option<ShortKey> {
    if let Some(item) = OverdueItem::of(segments) {
        return Some(ShortKey::OverdueMessage(item));
    }
    match *segments {
        ["update", stamp] => Some(ShortKey::ChannelUpdate(stamp.into())),
        ["executives", stamp] => Some(ShortKey::ExecutiveMessage(stamp.into())),
        [step, severity] => Some(ShortKey::Step {
            step: step.into(),
            severity: severity.into(),
        }),
        [step, severity, end] => Some(ShortKey::Resolution {
            step: step.into(),
            severity: severity.into(),
            stamp: end.strip_prefix("resolved-")?.into(),
        }),
        _ => None,
    }
}

/// The length of time with exactly this text.
fn length(text: &str) -> Option<Length> {
    Length::parse(text).ok().filter(|length| length.to_string() == text)
}

impl OverdueItem {
    /// The overdue item of these segments; `None` if they name no overdue item.
    fn of(segments: &[&str]) -> Option<Self> {
        match *segments {
            ["overdue", stamp, after] => {
                let (stamp, after) = (stamp.into(), length(after)?);
                Some(Self::Promise { stamp, after })
            }
            ["overdue", "customers", stamp, after] => {
                let (stamp, after) = (stamp.into(), length(after)?);
                Some(Self::CustomerPromise { stamp, after })
            }
            ["missing", "role", role, stamp] => Some(Self::Role {
                role: role.into(),
                stamp: stamp.into(),
            }),
            ["missing", "step", step, severity] => Some(Self::Step {
                step: step.into(),
                severity: severity.into(),
            }),
            _ => None,
        }
    }
}
