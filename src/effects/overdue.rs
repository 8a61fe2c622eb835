//! Reminders of overdue promises, on the issue and in the incident's channel, one for each escalation level that has passed.

use super::customers::introduced;
use super::{ChatFields, Destination, Effect, Key, Kind, OverdueItem, ShortKey, TargetChannel, hash_texts};
use crate::model::{CustomerKey, Length, Promise, RoleKey, Timestamp};
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
    let business = context
        .history
        .open_promise()
        .map(|promise| (promise, Vec::new(), false));
    let customers = context.history.open_customer_promises().into_iter();
    let all = business
        .into_iter()
        .chain(customers.map(|(promise, customers)| (promise, customers, true)));
    all.flat_map(|(promise, customers, is_to_customers)| {
        let overdue = Overdue {
            promise,
            customers,
            is_to_customers,
        };
        overdue.reminders(context, renderer, now)
    })
    .collect()
}

/// An open promise to the business or to customers.
struct Overdue<'a> {
    promise: &'a Promise,
    customers: Vec<&'a CustomerKey>,
    is_to_customers: bool,
}

impl Overdue<'_> {
    /// The reminders of each escalation level that has passed.
    fn reminders(&self, context: &RenderContext, renderer: &Renderer, now: Timestamp) -> Vec<Effect> {
        let due = self.promise.due;
        let passed = context
            .process
            .overdue
            .iter()
            .filter(|(after, _)| due.0 + after.0 <= now.0);
        let reminders = passed.flat_map(|(after, role)| self.reminder(context, renderer, *after, role));
        reminders.collect()
    }

    fn reminder(&self, context: &RenderContext, renderer: &Renderer, after: Length, role: &RoleKey) -> Vec<Effect> {
        let (due, role) = (self.promise.due, role.as_str());
        let entry = &context.record.entries[self.promise.entry];
        let stamp = entry.stamp.clone();
        let (item, why) = if self.is_to_customers {
            let item = OverdueItem::CustomerPromise { stamp, after };
            (
                item,
                format!("the update promised to customers for {} has not come", time(due)),
            )
        } else {
            let item = OverdueItem::Promise { stamp, after };
            (item, format!("the update promised for {} has not come", time(due)))
        };
        let said = [
            renderer.promise(Template::Overdue, &context.overdue(due, role, &self.customers)),
            renderer.promise(Template::Overdue, &context.chat_promise(due, role, &self.customers)),
        ];
        let since = Timestamp(due.0 + after.0);
        let mut reminders = reminder(context, &item, since, &why, said);
        if self.is_to_customers {
            for reminder in &mut reminders {
                reminder.introduced = Some(introduced(entry.at));
            }
        }
        reminders
    }
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
