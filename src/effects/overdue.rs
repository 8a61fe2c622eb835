//! Reminders of overdue promises, on the issue and in the incident's channel, one for each escalation level that has passed.

use super::{ChatFields, Destination, Effect, Introduced, Key, Kind, OverdueItem, ShortKey, TargetChannel, hash_texts};
use crate::model::{Length, OpenPromise, PromiseEnd, RoleKey, Timestamp};
use crate::process::StatusKind;
use crate::render::{RenderContext, Renderer, Template, time};

/// Whether an incident gets no reminders: it is a drill, or it is not running.
pub(super) fn is_quiet(context: &RenderContext) -> bool {
    let state = context.history.last();
    state.drill || context.process.status_kind(&state.status) != StatusKind::Active
}

/// Returns the reminders that are due at `now` of the open promises to the business and to customers. Empty for a drill and for an
/// incident that is not running. While words to customers are held, no promise to them is open.
#[must_use]
pub fn overdue(context: &RenderContext, renderer: &Renderer, now: Timestamp) -> Vec<Effect> {
    if is_quiet(context) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for promise in context.history.open_promises() {
        let due = promise.promise.due;
        let levels = context.process.overdue.iter().cloned().chain(daily(context, due, now));
        let passed = levels.filter(|(after, _)| due.0 + after.0 <= now.0 && !is_said(context, &promise, *after));
        all.extend(passed.flat_map(|(after, role)| level(context, renderer, &promise, after, &role)));
    }
    all
}

/// The newest daily level after the last level of the process; `None` in the first day after it. A level that no run sent on its day is not sent afterwards.
fn daily(context: &RenderContext, due: Timestamp, now: Timestamp) -> Option<(Length, RoleKey)> {
    let (last, role) = context.process.overdue.last()?;
    let days = (now.0 - due.0 - last.0).num_days();
    let after = Length(last.0 + chrono::TimeDelta::days(days));
    (days > 0).then(|| (after, role.clone()))
}

/// Whether a reminder about the business named these customers as well: the business was promised the same update, and got it only
/// after this level had passed.
fn is_said(context: &RenderContext, promise: &OpenPromise, after: Length) -> bool {
    let due = promise.promise.due;
    let mut business = context.history.promises.iter().filter(|other| other.due == due);
    let is_later = |end: PromiseEnd| matches!(end, PromiseEnd::Missed { at } if at.0 >= due.0 + after.0);
    !promise.is_to_business && business.any(|other| is_later(other.end))
}

/// The reminders of one level of the escalation.
fn level(
    context: &RenderContext,
    renderer: &Renderer,
    open: &OpenPromise,
    after: Length,
    role: &RoleKey,
) -> Vec<Effect> {
    let due = open.promise.due;
    let entry = &context.record.entries[open.promise.entry];
    let stamp = entry.stamp.clone();
    let (item, readers) = if open.is_to_business {
        (OverdueItem::Promise { stamp, after }, "")
    } else {
        (OverdueItem::CustomerPromise { stamp, after }, " to customers")
    };
    let why = format!("the update promised{readers} for {} has not come", time(due));
    let said = [
        renderer.promise(Template::Overdue, &context.overdue(open, role.as_str())),
        renderer.promise(Template::Overdue, &context.chat_promise(open, role.as_str())),
    ];
    let mut reminders = reminder(context, &item, Timestamp(due.0 + after.0), &why, said);
    let is_daily = context.process.overdue.last().is_some_and(|(last, _)| after > *last);
    for reminder in reminders.iter_mut().filter(|_| is_daily || !open.is_to_business) {
        reminder.introduced = Some(Introduced::by_entry(entry.at));
    }
    reminders
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
