//! Reminders of overdue promises, on the issue and in the incident's channel, one for each escalation level that has passed.

use super::{ChatFields, Destination, Effect, Key, Kind, OverdueItem, Room, ShortKey, hash};
use crate::model::{Length, RoleKey, Timestamp};
use crate::process::StatusKind;
use crate::render::{Renderer, Scene, Template, time};

/// Whether an incident gets no reminders: it is a drill, it is not running, or words to customers are held.
pub(super) fn is_quiet(scene: &Scene) -> bool {
    let state = scene.history.last();
    state.drill || state.hold_customers.is_some() || scene.process.status_kind(&state.status) != StatusKind::Active
}

/// Returns the reminders that are due at `now` of the current promise to the business. Empty for a drill, for an incident
/// that is not running, and while words to customers are held.
#[must_use]
pub fn overdue(scene: &Scene, renderer: &Renderer, now: Timestamp) -> Vec<Effect> {
    let Some(promise) = scene.history.open_promise().filter(|_| !is_quiet(scene)) else {
        return Vec::new();
    };
    let stamp = &scene.record.entries[promise.entry].stamp;
    let passed = scene
        .process
        .overdue
        .iter()
        .filter(|(after, _)| promise.due.0 + after.0 <= now.0);
    let words = |(after, role): &(Length, RoleKey)| {
        let since = Timestamp(promise.due.0 + after.0);
        let why = format!("the update promised for {} has not come", time(promise.due));
        let said = [
            renderer.promise(Template::Overdue, &scene.overdue(promise.due, role.as_str())),
            renderer.promise(Template::Overdue, &scene.chat_promise(promise.due, role.as_str())),
        ];
        let item = OverdueItem::Promise {
            stamp: stamp.clone(),
            after: *after,
        };
        reminder(scene, &item, since, &why, said)
    };
    passed.flat_map(words).collect()
}

/// A reminder on the issue, and one in the incident's channel if there is one. `said` holds the text of both.
pub(super) fn reminder(
    scene: &Scene,
    item: &OverdueItem,
    since: Timestamp,
    why: &str,
    said: [String; 2],
) -> Vec<Effect> {
    let id = &scene.record.id;
    let [on_issue, in_chat] = said;
    let short = ShortKey::Overdue(item.clone());
    let note = Effect {
        to: Destination::IncidentIssue,
        body: on_issue,
        hash: hash(&[&short.to_string()]),
        why: why.to_owned(),
        since,
        ..Effect::blank(Key::of(id, short), id.clone(), Kind::Overdue)
    };
    let room = match &scene.history.last().slack_channel {
        Some(address) => Some(Room::Address(address.clone())),
        None => super::desired::channel(scene).map(|_| Room::Dedicated),
    };
    let message = room.map(|room| Effect {
        key: Key::of(id, ShortKey::OverdueMessage(item.clone())),
        kind: Kind::ChannelUpdate,
        to: Destination::DedicatedChannel,
        body: in_chat,
        chat: Some(ChatFields {
            room,
            people: Vec::new(),
        }),
        ..note.clone()
    });
    std::iter::once(note).chain(message).collect()
}
