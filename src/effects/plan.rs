//! The plan: the actions that bring the observed objects to the desired effects, in order.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Destination, Effect, Key, Kind};

/// The action that `apply` takes on an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Create an object that does not exist.
    Create,
    /// Edit an object whose content differs.
    Edit,
    /// Close an open object.
    Close,
    /// Reopen a closed object.
    Reopen,
    /// Schedule a message.
    Schedule,
    /// Cancel a scheduled message that the record no longer asks for.
    Cancel,
}

impl Action {
    /// The action's name for people, such as in a plan.
    #[must_use]
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Edit => "edit",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Schedule => "schedule",
            Self::Cancel => "cancel",
        }
    }
}

/// The observed state of an effect's object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObservedObject {
    /// The hash of the record's texts from which the object was made.
    pub hash: String,
    /// A hash of the object's content: title, labels, time and words.
    pub content: String,
    /// Whether the object is open.
    pub open: bool,
}

impl ObservedObject {
    /// The state that the object has after this effect is applied.
    #[must_use]
    pub fn after_applying(effect: &Effect) -> Self {
        Self {
            hash: effect.hash.clone(),
            content: content(effect),
            open: effect.open,
        }
    }
}

/// The observed objects by their effects' keys.
pub type Observed = BTreeMap<Key, ObservedObject>;

/// One action of a plan, with its effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planned {
    /// The action.
    pub action: Action,
    /// The effect that the action is about.
    pub effect: Effect,
}

impl Planned {
    /// Whether the action ends a place in which other words are written: a channel is archived, and a ticket is closed, after all
    /// its words are there.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.action == Action::Close && matches!(self.effect.kind, Kind::Channel | Kind::Ticket)
    }
}

/// A hash of an object's content; whether the object is open does not matter.
fn content(effect: &Effect) -> String {
    let at = effect.at.map(|at| at.to_string()).unwrap_or_default();
    let title = effect.title.as_deref().unwrap_or_default();
    super::hash_texts(&[title, &effect.labels.join(", "), &at, &effect.body])
}

/// Returns the actions that bring the observed objects to the desired effects, in order; cancellations come first.
#[must_use]
pub fn plan(desired: &[Effect], observed: &Observed) -> Vec<Planned> {
    let wanted: std::collections::BTreeSet<&Key> = desired.iter().map(|effect| &effect.key).collect();
    let gone = observed.keys().filter(|key| !wanted.contains(key) && key.is_reminder());
    let cancelled = gone.map(|key| Planned {
        action: Action::Cancel,
        effect: cancelled(key, desired),
    });
    let rest = desired.iter().filter_map(|effect| step(effect, observed));
    let closed = desired.iter().filter_map(|effect| closed_ticket(effect, observed));
    let (last, first): (Vec<_>, Vec<_>) = cancelled.chain(rest).chain(closed).partition(Planned::is_ending);
    first.into_iter().chain(last).collect()
}

/// The action that one effect needs; `None` if it needs none.
fn step(effect: &Effect, observed: &Observed) -> Option<Planned> {
    let planned = |action, effect: &Effect| {
        Some(Planned {
            action,
            effect: effect.clone(),
        })
    };
    let Some(seen) = observed.get(&effect.key) else {
        // The customer has a ticket that people opened.
        if effect.kind == Kind::Ticket && effect.adopted().is_some() {
            return None;
        }
        return planned(
            if effect.kind == Kind::Nag {
                Action::Schedule
            } else {
                Action::Create
            },
            effect,
        );
    };
    if effect.kind.is_kept_up_to_date() {
        return match (seen.open, effect.open, seen.content == content(effect)) {
            (true, false, _) => planned(Action::Close, effect),
            (false, true, _) => planned(Action::Reopen, effect),
            (_, _, false) => planned(Action::Edit, effect),
            (_, _, true) => None,
        };
    }
    if seen.hash == effect.hash {
        return None;
    }
    match effect.kind {
        // What a customer has read stays as it was: a correction is a new note.
        Kind::Ticket | Kind::TicketNote => {
            let correction = correction(effect);
            let there = observed.contains_key(&correction.key);
            (!there).then_some(Planned {
                action: Action::Create,
                effect: correction,
            })
        }
        // A ping has already called the participants; an edit would call them again.
        Kind::Ping | Kind::Overdue => None,
        _ => {
            let mut effect = effect.clone();
            effect.body = format!("{}\n*Corrected after it was first posted.*\n", effect.body);
            planned(Action::Edit, &effect)
        }
    }
}

/// The closure of a customer's ticket; `None` if the ticket stays as it is. A person's reopening wins: a ticket that this program
/// closed counts as closed from then on.
fn closed_ticket(effect: &Effect, observed: &Observed) -> Option<Planned> {
    let is_ticket = effect.kind == Kind::Ticket && effect.adopted().is_none();
    let is_seen_open = observed.get(&effect.key).is_some_and(|seen| seen.open);
    (is_ticket && is_seen_open && !effect.open).then(|| Planned {
        action: Action::Close,
        effect: Effect {
            why: "the incident is closed".to_owned(),
            ..effect.clone()
        },
    })
}

/// The note that corrects a customer's ticket or note.
#[must_use]
pub fn correction(effect: &Effect) -> Effect {
    Effect {
        key: match effect.key.short_key() {
            Some(short) => Key::for_incident(&effect.incident, short.correction(&effect.hash)),
            None => Key::from(format!("{}/correction-{}", effect.key, effect.hash).as_str()),
        },
        kind: Kind::TicketNote,
        title: None,
        to: Destination::CustomerTicket {
            adopted: effect.adopted().map(str::to_owned),
        },
        body: format!("**Correction**\n\n{}", effect.body),
        why: "the words were corrected after they were sent".to_owned(),
        ..effect.clone()
    }
}

/// The effect that stands for a scheduled reminder to cancel.
fn cancelled(key: &Key, desired: &[Effect]) -> Effect {
    let any = desired.first();
    let incident = any.map(|effect| &effect.incident).or(key.incident());
    let incident = incident.cloned().unwrap_or_else(|| "".into());
    let since = any.map(|effect| effect.since);
    let blank = Effect::with_empty_fields(key.clone(), incident, Kind::Nag);
    Effect {
        to: Destination::DedicatedChannel,
        open: false,
        why: "the promise has ended".to_owned(),
        since: since.unwrap_or(blank.since),
        drill: any.is_some_and(|effect| effect.drill),
        ..blank
    }
}
