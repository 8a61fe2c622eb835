//! Reminders of overdue promises, on the issue and in the incident's channel, one for each escalation level that has passed.

use super::{ChatFields, Destination, Effect, Key, Kind, OverdueItem, ShortKey, TargetChannel, hash_texts};
use crate::model::{Length, RoleKey, Timestamp};
use crate::process::StatusKind;
use crate::render::{RenderContext, Renderer, Template, time};

/// Whether an incident gets no reminders: it is a drill, it is not running, or words to customers are held.
pub(super) fn is_quiet(context: &RenderContext) -> bool {
    let state = context.history.last();
    state.drill || state.hold_customers.is_some() || context.process.status_kind(&state.status) != StatusKind::Active
}

/// Returns the reminders that are due at `now` of the current promise to the business. Empty for a drill, for an incident
/// that is not running, and while words to customers are held.
#[must_use]
pub fn overdue(context: &RenderContext, renderer: &Renderer, now: Timestamp) -> Vec<Effect> {
    let Some(promise) = context.history.open_promise().filter(|_| !is_quiet(context)) else {
        return Vec::new();
    };
    let stamp = &context.record.entries[promise.entry].stamp;
    let passed = context
        .process
        .overdue
        .iter()
        .filter(|(after, _)| promise.due.0 + after.0 <= now.0);
    let words = |(after, role): &(Length, RoleKey)| {
        let since = Timestamp(promise.due.0 + after.0);
        let why = format!("the update promised for {} has not come", time(promise.due));
        let said = [
            renderer.promise(Template::Overdue, &context.overdue(promise.due, role.as_str())),
            renderer.promise(Template::Overdue, &context.chat_promise(promise.due, role.as_str())),
        ];
        let item = OverdueItem::Promise {
            stamp: stamp.clone(),
            after: *after,
        };
        reminder(context, &item, since, &why, said)
    };
    passed.flat_map(words).collect()
}

/// The reminder on the issue, and the reminder in the incident's channel if the incident has one. `said` holds the text of
/// both.
pub(super) fn reminder(
    context: &RenderContext,
    item: &OverdueItem,
    since: Timestamp,
    why: &str,
    said: [String; 2],
) -> Vec<Effect> {
    let id = &context.record.id;
    let [on_issue, in_chat] = said;
    let short = ShortKey::Overdue(item.clone());
    let note = Effect {
        to: Destination::IncidentIssue,
        body: on_issue,
        hash: hash_texts(&[&short.to_string()]),
        why: why.to_owned(),
        since,
        ..Effect::with_empty_fields(Key::for_incident(id, short), id.clone(), Kind::Overdue)
    };
    let room = match &context.history.last().slack_channel {
        Some(address) => Some(TargetChannel::Address(address.clone())),
        None => super::desired::channel(context).map(|_| TargetChannel::Dedicated),
    };
    let message = room.map(|room| Effect {
        key: Key::for_incident(id, ShortKey::OverdueMessage(item.clone())),
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
