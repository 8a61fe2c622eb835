//! The desired effects of a record under a process.

use std::collections::{BTreeMap, BTreeSet};

use super::tickets::{Ticket, tickets};
use super::{ApplyStage, Audience, Destination, Effect, IssueFields, Key, Kind, ShortKey, hash_texts};
use crate::model::{CustomerKey, Entry, Impact, IncidentId, Nullable, Stamp, State, Timestamp};
use crate::process::{StatusKind, Step, StepEffect};
use crate::render::{RenderContext, Renderer, escape, time};

/// Returns every effect that the record asks for, in the order in which they are applied.
#[must_use]
pub fn desired(context: &RenderContext, renderer: &Renderer) -> Vec<Effect> {
    let mut maker = Maker {
        context: *context,
        renderer,
        id: &context.record.id,
        channel: channel(context),
        tickets: tickets(context),
        out: Vec::new(),
    };
    maker.open_channel();
    for index in 0..context.record.entries.len() {
        // First: without a summary on the issue, the next run knows that nothing else of the entry was sent.
        maker.summary(index);
        maker.pings(index);
        maker.broadcasts(index);
        maker.executives(index);
        maker.customers(index);
        maker.channel_update(index);
    }
    maker.close_tickets();
    maker.reminders();
    maker.issue();
    let by_hand = context.history.last().sent_by_hand.iter();
    let by_hand: BTreeSet<Key> = by_hand.map(|key| Key::from(key.as_str())).collect();
    maker.out.retain(|effect| !by_hand.contains(&effect.key));
    maker.out
}

/// The steps of the state's severity that the program carries out by this kind of effect.
pub(super) fn steps<'a>(
    context: &RenderContext<'a>,
    state: &State,
    effect: StepEffect,
) -> impl Iterator<Item = &'a Step> {
    let severity = context.process.severity(state.severity.as_str());
    severity
        .into_iter()
        .flat_map(|severity| &severity.steps)
        .filter(move |step| step.effect == Some(effect))
}

/// The key of the channel that this program opens, from the first entry whose severity has the step; `None` if people opened
/// one before that entry.
pub(super) fn channel(context: &RenderContext) -> Option<Key> {
    let first = context
        .history
        .states
        .iter()
        .find(|state| steps(context, state, StepEffect::Channel).next().is_some())?;
    let step = steps(context, first, StepEffect::Channel).next()?;
    first.slack_channel.is_none().then(|| step_key(context, step, first))
}

/// The key of the channel or message that a step makes for the severity of a state.
pub(super) fn step_key(context: &RenderContext, step: &Step, state: &State) -> Key {
    let short = ShortKey::Step {
        step: step.key.clone(),
        severity: state.severity.clone(),
    };
    Key::for_incident(&context.record.id, short)
}

/// Builds the effects of one incident, entry by entry.
pub(super) struct Maker<'a> {
    pub(super) context: RenderContext<'a>,
    pub(super) renderer: &'a Renderer,
    pub(super) id: &'a IncidentId,
    /// The key of the channel that this program opens; `None` if it opens none.
    pub(super) channel: Option<Key>,
    pub(super) tickets: BTreeMap<CustomerKey, Ticket>,
    pub(super) out: Vec<Effect>,
}

impl Maker<'_> {
    pub(super) fn state(&self, index: usize) -> &State {
        &self.context.history.states[index]
    }

    pub(super) fn kind(&self, state: &State) -> StatusKind {
        self.context.process.status_kind(&state.status)
    }

    /// Whether the entry at this index resolves an active incident.
    pub(super) fn resolves(&self, index: usize) -> bool {
        let before = self.context.history.before(index);
        self.kind(self.state(index)) == StatusKind::Resolved
            && before.is_some_and(|before| self.kind(before) == StatusKind::Active)
    }

    /// Whether the entry at this index closes the incident.
    pub(super) fn closes(&self, index: usize) -> bool {
        let before = self.context.history.before(index);
        self.kind(self.state(index)) == StatusKind::Closed
            && before.is_some_and(|before| self.kind(before) != StatusKind::Closed)
    }

    pub(super) fn at(&self, index: usize) -> Timestamp {
        self.context.record.entries[index].at
    }

    pub(super) fn stamp(&self, index: usize) -> Stamp {
        self.context.record.entries[index].stamp.clone()
    }

    /// A key of this incident.
    pub(super) fn key(&self, short: ShortKey) -> Key {
        Key::for_incident(self.id, short)
    }

    pub(super) fn ticket_key(&self, customer: &CustomerKey) -> Key {
        self.key(ShortKey::Ticket(customer.clone()))
    }

    /// The key of the channel that this program opens, as text for templates; `None` if it opens none.
    pub(super) fn channel_text(&self) -> Option<String> {
        self.channel.as_ref().map(Key::to_string)
    }

    /// An effect with the fields that most effects share.
    pub(super) fn effect(&self, key: Key, kind: Kind, to: Destination, words: &[&str]) -> Effect {
        Effect {
            to,
            hash: hash_texts(words),
            since: self.context.record.entries[0].at,
            drill: self.context.history.last().drill,
            ..Effect::with_empty_fields(key, self.context.record.id.clone(), kind)
        }
    }

    fn issue(&mut self) {
        let state = self.context.history.last();
        let ours = |customer: &CustomerKey| {
            self.tickets
                .get(customer)
                .filter(|ticket| ticket.is_ours())
                .map(|_| self.ticket_key(customer).to_string())
        };
        let sent = |step: &Step| {
            let key = match step.effect {
                Some(StepEffect::Channel) => self.channel.clone()?,
                _ => step_key(&self.context, step, state),
            };
            let is_made = self.out.iter().any(|effect| effect.key == key);
            is_made.then(|| key.to_string())
        };
        let view = self.context.issue(self.channel_text().as_deref(), &ours, &sent);
        let body = self.renderer.issue(&view);
        let process = self.context.process;
        let to = Destination::Project {
            name: process.gitlab_project.clone(),
        };
        let mut effect = self.effect(Key::Issue(self.id.clone()), Kind::Issue, to, &[&body]);
        effect.stage = ApplyStage::Open;
        effect.title = Some(escape::title(&state.title));
        effect.labels = self.labels(state);
        effect.body = body;
        effect.open = process.status_kind(&state.status) == StatusKind::Active;
        effect.since = state.at;
        effect.issue = Some(IssueFields {
            confidential: state.confidential,
            severity: severity(process.severity_rank(state.severity.as_str())),
            assignee: self.assignee(state),
            closed: process.status_kind(&state.status) == StatusKind::Closed,
        });
        effect.why = format!(
            "the incident is {}",
            process.status_title(state.status.as_str()).to_lowercase()
        );
        // All other effects depend on it.
        self.out.insert(0, effect);
    }

    /// The GitLab user to assign: the first known user among the holders of the roles, in the order of the process;
    /// `None` if no user is known.
    fn assignee(&self, state: &State) -> Option<String> {
        let roles = self.context.process.roles.iter();
        let mut people = roles.flat_map(|role| state.holders(role.key.as_str()));
        people.find_map(|person| self.context.directory.person(person.as_str())?.gitlab.get().cloned())
    }

    fn labels(&self, state: &State) -> Vec<String> {
        let labels = &self.context.process.labels;
        let scoped = [("severity", state.severity.as_str()), ("status", state.status.as_str())];
        let mut all: Vec<_> = scoped
            .iter()
            .filter_map(|(name, value)| Some(format!("{}{value}", labels.get(*name)?)))
            .collect();
        all.extend(labels.get("drill").filter(|_| state.drill).cloned());
        all.sort();
        all
    }

    fn summary(&mut self, index: usize) {
        let view = self.context.summary(index, self.channel_text().as_deref());
        let body = self.renderer.executive_summary(&view);
        let entry = &self.context.record.entries[index].entry;
        let key = self.key(ShortKey::Summary(self.stamp(index)));
        let mut effect = self.effect(key, Kind::Summary, Destination::IncidentIssue, &source_text(entry));
        effect.audience = Audience::Executive;
        effect.since = self.at(index);
        effect.body = body;
        effect.why = why(&self.context, index);
        self.out.push(effect);
    }
}

/// The severity of a GitLab incident for a severity's rank.
const fn severity(rank: usize) -> &'static str {
    match rank {
        0 => "critical",
        1 => "high",
        2 => "medium",
        _ => "low",
    }
}

/// The reason that the plan gives for an entry's effects.
pub(super) fn why(context: &RenderContext, index: usize) -> String {
    if index == 0 {
        "the incident is declared".to_owned()
    } else {
        format!("update of {}", time(context.record.entries[index].at))
    }
}

/// The texts of an entry from which its summary and its messages are rendered.
pub(super) fn source_text(entry: &Entry) -> Vec<&str> {
    let none = "";
    let mut all = vec![
        entry.title.get().map_or(none, String::as_str),
        entry.severity.get().map_or(none, |key| key.as_str()),
        entry.status.get().map_or(none, |key| key.as_str()),
        entry.reason.get().map_or(none, String::as_str),
        entry.current_status.get().map_or(none, String::as_str),
        entry.current_actions.get().map_or(none, String::as_str),
        entry.next_steps.get().map_or(none, String::as_str),
    ];
    if let Some(Impact { headline, symptoms, .. }) = entry.impact.get() {
        all.extend([headline, symptoms].map(|field| field.get().map_or(none, String::as_str)));
    }
    if let Some(Nullable::Value(held)) = entry.hold_customers.get() {
        all.push(held);
    }
    all
}
