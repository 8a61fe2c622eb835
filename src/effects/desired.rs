//! The desired effects of a record under a process.

use std::collections::{BTreeMap, BTreeSet};

use super::{ApplyStage, Audience, Destination, Effect, IssueFields, Key, Kind, ShortKey, hash_texts};
use crate::model::{CustomerKey, Entry, Impact, IncidentId, Nullable, Stamp, State, Timestamp};
use crate::process::{StatusKind, Step, StepEffect};
use crate::render::{RenderContext, Renderer, Template, escape, time};

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
    maker.reminder();
    maker.issue();
    let by_hand = context.history.last().sent_by_hand.iter();
    let by_hand: BTreeSet<Key> = by_hand.map(|key| Key::from(key.as_str())).collect();
    maker.out.retain(|effect| !by_hand.contains(&effect.key));
    maker.out
}

/// The project of a customer's tickets.
fn project<'a>(context: &RenderContext<'a>, customer: &CustomerKey) -> Option<&'a str> {
    context
        .directory
        .customer(customer.as_str())?
        .tickets
        .get()
        .map(String::as_str)
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

/// A customer's ticket.
struct Ticket {
    /// The index of the first entry that informs the customer.
    entry: usize,
    /// Whether this program creates the ticket at that entry, rather than people.
    created: bool,
    /// The address of the ticket that people opened; later words to the customer go there. `None` if people opened none.
    adopted: Option<String>,
}

impl Ticket {
    /// Whether this program creates the ticket.
    const fn is_ours(&self) -> bool {
        self.created && self.adopted.is_none()
    }
}

/// The customers that an entry addresses.
struct Readers {
    /// The affected customers after the entry.
    listed: BTreeSet<CustomerKey>,
    /// The customers that `customer_message_to` names; `None` if the entry does not have it.
    named: Option<BTreeSet<CustomerKey>>,
    /// Whether the entry makes a promise to customers.
    promised: bool,
}

/// The ticket of each customer that is informed: the customer is named, its symptoms are known, and words are not held.
/// Adopted tickets need no symptoms, because the customer knows them.
fn tickets(context: &RenderContext) -> BTreeMap<CustomerKey, Ticket> {
    let mut all: BTreeMap<CustomerKey, Ticket> = BTreeMap::new();
    for (entry, state) in context.history.states.iter().enumerate() {
        if steps(context, state, StepEffect::Tickets).next().is_none() || state.hold_customers.is_some() {
            continue;
        }
        for customer in state.customers.listed() {
            let adopted = state.tickets.contains_key(customer);
            let known = state.symptoms.as_deref().is_some_and(|text| !text.trim().is_empty());
            let place = project(context, customer).is_some() || context.directory.customers.is_none();
            if adopted || (known && place) {
                all.entry(customer.clone()).or_insert(Ticket {
                    entry,
                    created: !adopted,
                    adopted: context.history.last().tickets.get(customer).cloned(),
                });
            }
        }
    }
    all
}

/// Builds the effects of one incident, entry by entry.
pub(super) struct Maker<'a> {
    pub(super) context: RenderContext<'a>,
    pub(super) renderer: &'a Renderer,
    pub(super) id: &'a IncidentId,
    /// The key of the channel that this program opens; `None` if it opens none.
    pub(super) channel: Option<Key>,
    tickets: BTreeMap<CustomerKey, Ticket>,
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

    fn ticket_key(&self, customer: &CustomerKey) -> Key {
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

    /// Adds a ticket for each customer that this entry informs first, and a note for each customer that it informs again.
    fn customers(&mut self, index: usize) {
        let told: Vec<CustomerKey> = self
            .tickets
            .iter()
            .filter(|(_, ticket)| ticket.entry <= index)
            .map(|(customer, _)| customer.clone())
            .collect();
        let readers = self.readers(index);
        for customer in told {
            let ticket = &self.tickets[&customer];
            if ticket.entry == index && ticket.created {
                self.ticket(index, &customer);
            }
            self.note(index, &customer, &readers);
        }
    }

    /// The customers that an entry addresses.
    fn readers(&self, index: usize) -> Readers {
        let named = self.context.record.entries[index].entry.customer_message_to.get();
        let promises = &self.context.history.customer_promises;
        Readers {
            listed: self.state(index).customers.listed().iter().cloned().collect(),
            named: named.map(|list| list.iter().filter_map(|field| field.get()).cloned().collect()),
            promised: promises.iter().any(|promise| promise.entry == index),
        }
    }

    fn ticket(&mut self, index: usize, customer: &CustomerKey) {
        let state = self.state(index);
        let view = self.context.customer(index);
        let title = self.context.ticket_title(index);
        let symptoms = state.symptoms.clone().unwrap_or_default();
        let headline = state.headline.clone().unwrap_or_default();
        let to = Destination::TicketProject {
            name: project(&self.context, customer).map(str::to_owned),
            adopted: self.tickets[customer].adopted.clone(),
        };
        let mut effect = self.effect(self.ticket_key(customer), Kind::Ticket, to, &[&headline, &symptoms]);
        effect.audience = Audience::Customer;
        effect.since = self.at(index);
        effect.title = Some(title);
        effect.body = self.renderer.customer(Template::CustomerTicket, &view);
        let name = self.context.directory.customer_name(customer.as_str());
        effect.why = format!("{name} is affected{}", self.by_email(customer));
        self.out.push(effect);
    }

    /// The end of the reason in the plan that says who gets the words by e-mail; empty if the project is not a Service Desk.
    /// A Service Desk e-mails external participants, and a ticket that this program creates has none.
    /// <https://docs.gitlab.com/user/project/service_desk/external_participants/>
    fn by_email(&self, customer: &CustomerKey) -> &'static str {
        match (self.is_service_desk(customer), self.tickets[customer].is_ours()) {
            (false, _) => "",
            (true, false) => "; e-mails the ticket's external participants",
            (true, true) => "; reaches nobody by e-mail until the ticket has external participants",
        }
    }

    /// Whether this customer's project is a Service Desk.
    fn is_service_desk(&self, customer: &CustomerKey) -> bool {
        let known = self.context.directory.customer(customer.as_str());
        known.is_some_and(|known| known.service_desk.get() == Some(&true))
    }

    /// Adds a note if the entry has words for this customer, restores its service, or makes it a new promise.
    fn note(&mut self, index: usize, customer: &CustomerKey, readers: &Readers) {
        let state = self.state(index);
        if state.hold_customers.is_some() {
            return;
        }
        let before = self.context.history.before(index);
        let entry = &self.context.record.entries[index].entry;
        let was_back = before.is_some_and(|before| before.restored.contains_key(customer));
        let is_back = state.restored.contains_key(customer);
        let restored = is_back && !was_back;
        let listed = readers.listed.contains(customer);
        let addressed = match &readers.named {
            Some(named) => named.contains(customer),
            None => listed && (!is_back || restored),
        };
        let message = entry
            .customer_message
            .get()
            .filter(|text| addressed && !text.trim().is_empty());
        let first = self.tickets[customer].entry == index && self.tickets[customer].created;
        if message.is_none() && !restored && !(readers.promised && addressed && !first) {
            return;
        }
        let mut view = self.context.customer(index);
        if message.is_none() {
            view.message = None;
        }
        if is_back {
            view.next_update = None;
        }
        let template = if restored || (self.resolves(index) && listed) {
            Template::CustomerResolution
        } else {
            Template::CustomerUpdate
        };
        let restored_word = if restored { "restored" } else { "" };
        let words = [message.map_or("", String::as_str), restored_word];
        let mut effect = self.effect(
            self.key(ShortKey::TicketNote {
                customer: customer.clone(),
                stamp: self.stamp(index),
            }),
            Kind::TicketNote,
            Destination::CustomerTicket {
                adopted: self.tickets[customer].adopted.clone(),
            },
            &words,
        );
        effect.audience = Audience::Customer;
        effect.since = self.at(index);
        effect.body = self.renderer.customer(template, &view);
        let name = self.context.directory.customer_name(customer.as_str());
        let what = match (message.is_some(), restored) {
            (_, true) => "service is restored for",
            (true, false) => "there are words for",
            (false, false) => "there is a new promise to",
        };
        effect.emails = self.is_service_desk(customer) && !self.tickets[customer].is_ours();
        effect.why = format!("{what} {name}{}", self.by_email(customer));
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
