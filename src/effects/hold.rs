//! Planned effects that `apply` holds back until a person asks for them: outdated words, late words, and what a drill does not
//! send.
//!
//! The outbox holds back only what a drill does not tell customers, because it sends nothing to people.

use std::collections::BTreeSet;

use super::{Action, Effect, Key, Kind, Observed, Planned, ShortKey};
use crate::model::{CustomerKey, Length, Stamp, Timestamp};

/// The policy that decides when words are too old to be sent without a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HoldPolicy {
    /// The time of the run.
    pub now: Timestamp,
    /// The age from which words are sent only on request.
    pub stale_after: Length,
}

/// The keys of effects that a person forced on the command line.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ForcedKeys {
    /// Effects to send even if their words are old.
    pub stale: BTreeSet<Key>,
    /// Effects to create again even if a person removed their objects.
    pub recreate: BTreeSet<Key>,
}

impl ForcedKeys {
    /// The keys that are created again and the keys that are sent although they are old.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.stale.iter().chain(&self.recreate)
    }
}

/// A planned action that is held back, with the reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldStep {
    /// The action that is held back.
    pub planned: Planned,
    /// Why it is held back, and how to send it anyway.
    pub why: String,
}

/// The shortest time before a scheduled message: Slack refuses nearer times.
/// <https://docs.slack.dev/reference/methods/chat.scheduleMessage>
const TOO_NEAR: chrono::TimeDelta = chrono::TimeDelta::minutes(2);

/// Splits planned actions into those to apply now and those held back. Late reminders and reminders of drills are dropped. Without
/// a policy only the words that a drill tells no customer are held.
#[must_use]
pub fn hold(
    steps: Vec<Planned>,
    observed: &Observed,
    policy: Option<HoldPolicy>,
    forced: &ForcedKeys,
) -> (Vec<Planned>, Vec<HeldStep>) {
    let mut go = Vec::new();
    let mut held = Vec::new();
    for planned in steps {
        if policy.is_some_and(|policy| is_moot(&planned, policy.now)) {
            continue;
        }
        match reason(&planned, observed, policy, forced) {
            Some(why) => held.push(HeldStep { planned, why }),
            None => go.push(planned),
        }
    }
    (go, held)
}

/// Whether this is a reminder that comes too late or belongs to a drill.
fn is_moot(planned: &Planned, now: Timestamp) -> bool {
    let effect = &planned.effect;
    let late = effect.at.is_some_and(|at| at.0 <= now.0 + TOO_NEAR);
    planned.action == Action::Schedule && (late || effect.drill)
}

/// Why an action is held back; `None` if it is applied.
fn reason(planned: &Planned, observed: &Observed, policy: Option<HoldPolicy>, forced: &ForcedKeys) -> Option<String> {
    let effect = &planned.effect;
    if !matches!(planned.action, Action::Create | Action::Schedule) {
        return None;
    }
    if effect.is_held_by_drill() {
        return Some("a drill tells no customer".to_owned());
    }
    let policy = policy?;
    if effect.drill && effect.kind == Kind::Channel {
        return Some("a drill opens no channel: it speaks in the channel for drills".to_owned());
    }
    if forced.stale.contains(&effect.key) {
        return None;
    }
    if effect.since.0 + policy.stale_after.0 < policy.now.0 {
        let age = crate::model::humanize(policy.now.0 - effect.since.0);
        return Some(format!(
            "its reason is {age} old; to send it nevertheless: --send-stale {}",
            effect.key
        ));
    }
    is_late(effect, observed).then(|| {
        format!(
            "a later update was sent to this customer already; to send it nevertheless: --send-stale {}",
            effect.key
        )
    })
}

/// Whether the customer has already received a later update, by the times with which the stamps begin.
fn is_late(effect: &Effect, observed: &Observed) -> bool {
    let Some((customer, own)) = note_of_update(&effect.key) else {
        return false;
    };
    let of_incident = observed.keys().filter(|key| key.incident() == effect.key.incident());
    let mut stamps = of_incident.filter_map(note_of_update);
    let moment = |stamp: &Stamp| (seconds(stamp), stamp.clone());
    stamps.any(|(other, stamp)| other == customer && moment(stamp) > moment(own))
}

/// The time with which a stamp begins, as digits down to the second. The name of an update has its seconds only if another update
/// of the same author has the same minute: `20260105T0940Z` is `20260105T094000Z`.
fn seconds(stamp: &Stamp) -> String {
    let time = stamp.as_str().split(['Z', '-']).next().unwrap_or_default();
    format!("{time:0<15}")
}

/// The customer and the stamp of a note with the words of an update; `None` for a correction and for everything else.
fn note_of_update(key: &Key) -> Option<(&CustomerKey, &Stamp)> {
    match key.short_key()? {
        ShortKey::TicketNote { customer, stamp } => Some((customer, stamp)),
        _ => None,
    }
    .filter(|(_, stamp)| stamp.as_str().starts_with(|c: char| c.is_ascii_digit()))
}
