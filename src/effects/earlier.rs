//! The record of earlier runs of an incident, by which later runs leave effects out.
//!
//! A version that brings a new kind of effect applies it only to entries that no earlier version has handled, so that nobody gets
//! last month's words. An incident that was over before its first run calls nobody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Effect, Kind, Observed, Planned};
use crate::model::Timestamp;

/// The generation of effects that this version knows. Generation 1 came with version 0.5.0.
pub const GENERATION: u32 = 1;

/// The first generation that knows an effect, and the time of the entry that asks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Introduced {
    /// The first generation of effects that knows it.
    pub generation: u32,
    /// The time of the entry that asks for it.
    pub entry: Timestamp,
}

impl Introduced {
    /// The mark of an effect that this version introduces, asked for by an entry that was made at this time.
    #[must_use]
    pub const fn by_entry(entry: Timestamp) -> Self {
        Self {
            generation: GENERATION,
            entry,
        }
    }
}

/// What earlier runs did with an incident.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EarlierRuns {
    /// By generation of effects: the time of the last entry that runs of earlier generations handled; the first moment of time if
    /// there is none.
    #[serde(rename = "g", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub handled_until: BTreeMap<u32, Timestamp>,
    /// Whether the incident was over before its first run.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    pub was_over: bool,
}

impl EarlierRuns {
    /// Whether nothing is known yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What earlier runs did, if no run of this generation noted it: `last` is the time of the last entry with a summary, `None`
    /// if there is no summary; `is_open` says whether the incident is active.
    #[must_use]
    pub fn found(last: Option<Timestamp>, is_open: bool) -> Self {
        let until = last.unwrap_or(Timestamp(chrono::DateTime::UNIX_EPOCH));
        Self {
            handled_until: BTreeMap::from([(GENERATION, until)]),
            was_over: last.is_none() && !is_open,
        }
    }

    /// The same, for an incident that is active or not: what became active again is not over.
    #[must_use]
    pub fn as_active(mut self, is_open: bool) -> Self {
        self.was_over &= !is_open;
        self
    }

    /// Whether an effect is left out because the incident was over before its first run.
    #[must_use]
    pub fn leaves_out(&self, effect: &Effect, is_open: bool, observed: &Observed) -> bool {
        self.was_over && !is_open && is_for_participants(effect, observed)
    }

    /// The same, with a line for this generation.
    #[must_use]
    pub fn with_this_generation(mut self, last: Option<Timestamp>) -> Self {
        let found = Self::found(last, true).handled_until;
        for (generation, until) in found {
            self.handled_until.entry(generation).or_insert(until);
        }
        self
    }

    /// Whether an action is not taken, because an earlier version handled its entry without it, or because the incident was over
    /// before its first run.
    #[must_use]
    pub fn withholds(&self, planned: &Planned, is_open: bool, observed: &Observed) -> bool {
        let effect = &planned.effect;
        let creates = matches!(planned.action, Action::Create | Action::Schedule);
        let closes = planned.action == Action::Close && effect.kind == Kind::Ticket;
        let is_new = closes || (creates && effect.kind != Kind::Ticket);
        (is_new && self.is_handled(effect)) || (creates && self.leaves_out(effect, is_open, observed))
    }

    /// Whether runs of a version that did not know the effect handled the entry that asks for it.
    #[must_use]
    pub fn is_handled(&self, effect: &Effect) -> bool {
        let Some(introduced) = effect.introduced else {
            return false;
        };
        let mut known = self.handled_until.range(introduced.generation..);
        known.next().is_some_and(|(_, until)| introduced.entry <= *until)
    }
}

/// Whether an effect calls people, or opens a customer's ticket or writes on a ticket that was not opened.
fn is_for_participants(effect: &Effect, observed: &Observed) -> bool {
    match effect.kind {
        Kind::Ping | Kind::Channel | Kind::Nag | Kind::ChannelUpdate | Kind::Ticket => true,
        Kind::TicketNote => effect.adopted().is_none() && !observed.contains_key(&effect.parent_key()),
        Kind::Issue | Kind::Broadcast | Kind::Summary | Kind::Overdue => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::Key;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn planned(key: &str, kind: Kind, action: Action, entry: &str) -> Planned {
        let introduced = Introduced {
            generation: 1,
            entry: time(entry),
        };
        Planned {
            action,
            effect: Effect {
                introduced: Some(introduced),
                ..Effect::with_empty_fields(Key::from(key), "i".into(), kind)
            },
        }
    }

    const EARLY: &str = "2026-01-05T09:00:00Z";
    const LATE: &str = "2026-01-05T10:00:00Z";

    #[test]
    fn what_is_new_applies_to_entries_after_those_that_an_older_version_handled() {
        let runs = EarlierRuns::found(Some(time(EARLY)), true);
        let none = Observed::new();
        let note = |entry| {
            planned(
                "incident/i/customer/a/update/s",
                Kind::TicketNote,
                Action::Create,
                entry,
            )
        };
        assert!(runs.withholds(&note(EARLY), true, &none));
        assert!(!runs.withholds(&note(LATE), true, &none));
        assert!(!EarlierRuns::found(None, true).withholds(&note(EARLY), true, &none));
        let ticket = |action| planned("incident/i/customer/a", Kind::Ticket, action, EARLY);
        assert!(runs.withholds(&ticket(Action::Close), true, &none));
        assert!(!runs.withholds(&ticket(Action::Create), true, &none));
    }

    #[test]
    fn what_was_over_before_its_first_run_calls_nobody_until_it_is_open_again() {
        let runs = EarlierRuns::found(None, false);
        let none = Observed::new();
        let ping = planned("incident/i/slack/notify/sev0", Kind::Ping, Action::Create, LATE);
        assert!(runs.withholds(&ping, false, &none));
        assert!(!runs.withholds(&ping, true, &none));
        let summary = planned("incident/i/update/s", Kind::Summary, Action::Create, LATE);
        assert!(!runs.withholds(&summary, false, &none));
    }

    #[test]
    fn the_stored_form_is_the_form_of_version_0_5_0() {
        let runs = EarlierRuns::found(None, false);
        let text = serde_json::to_string(&runs).expect("JSON");
        assert_eq!(text, r#"{"g":{"1":"1970-01-01T00:00:00Z"},"o":true}"#);
        assert_eq!(serde_json::from_str::<EarlierRuns>(&text).expect("it is read"), runs);
    }
}
