//! `effects(record, process)`: everything that is to be there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Audience, Effect, IssueFields, Key, Kind, Stage, hash};
use crate::model::{CustomerKey, Entry, Impact, Nullable, State, Timestamp};
use crate::process::{StatusKind, Step, StepEffect};
use crate::render::{Renderer, Scene, Template, escape, time};

/// Every effect that the record asks for, in the order in which it is carried out.
#[must_use]
pub fn desired(scene: &Scene, renderer: &Renderer) -> Vec<Effect> {
    let mut maker = Maker {
        scene: *scene,
        renderer,
        id: scene.record.id.as_str(),
        channel: channel(scene),
        tickets: tickets(scene),
        out: Vec::new(),
    };
    maker.issue();
    maker.open_channel();
    for index in 0..scene.record.entries.len() {
        maker.pings(index);
        maker.broadcasts(index);
        maker.summary(index);
        maker.customers(index);
        maker.channel_update(index);
    }
    maker.nag();
    let by_hand: BTreeSet<&str> = scene.history.last().sent_by_hand.iter().map(String::as_str).collect();
    maker.out.retain(|effect| !by_hand.contains(effect.key.0.as_str()));
    maker.out
}

/// The project of a customer's tickets.
fn project<'a>(scene: &Scene<'a>, customer: &CustomerKey) -> Option<&'a str> {
    scene
        .directory
        .customer(customer.as_str())?
        .tickets
        .get()
        .map(String::as_str)
}

/// The steps of a state's severity that have this effect.
fn steps<'a>(scene: &Scene<'a>, state: &State, effect: StepEffect) -> impl Iterator<Item = &'a Step> {
    let severity = scene.process.severity(state.severity.as_str());
    severity
        .into_iter()
        .flat_map(|severity| &severity.steps)
        .filter(move |step| step.effect == Some(effect))
}

/// The key of the channel that we open: by the first entry whose severity has the step, unless people had one by then.
fn channel(scene: &Scene) -> Option<String> {
    let first = scene
        .history
        .states
        .iter()
        .find(|state| steps(scene, state, StepEffect::Channel).next().is_some())?;
    let step = steps(scene, first, StepEffect::Channel).next()?;
    first
        .slack_channel
        .is_none()
        .then(|| format!("incident/{}/slack/{}/{}", scene.record.id, step.key, first.severity))
}

/// What a customer was told first: by which entry, and whether by a ticket of ours.
struct Ticket {
    entry: usize,
    ours: bool,
}

/// When each customer is first told: it is named, what it sees is known, and words are not held. Adopted tickets need
/// no symptoms: the customer knows.
fn tickets(scene: &Scene) -> BTreeMap<CustomerKey, Ticket> {
    let mut all: BTreeMap<CustomerKey, Ticket> = BTreeMap::new();
    for (entry, state) in scene.history.states.iter().enumerate() {
        if steps(scene, state, StepEffect::Tickets).next().is_none() || state.hold_customers.is_some() {
            continue;
        }
        for customer in state.customers.listed() {
            let adopted = state.tickets.contains_key(customer);
            let known = state.symptoms.as_deref().is_some_and(|text| !text.trim().is_empty());
            let place = project(scene, customer).is_some() || scene.directory.customers.is_none();
            if adopted || (known && place) {
                all.entry(customer.clone()).or_insert(Ticket { entry, ours: !adopted });
            }
        }
    }
    all
}

struct Maker<'a> {
    scene: Scene<'a>,
    renderer: &'a Renderer,
    id: &'a str,
    channel: Option<String>,
    tickets: BTreeMap<CustomerKey, Ticket>,
    out: Vec<Effect>,
}

impl Maker<'_> {
    fn state(&self, index: usize) -> &State {
        &self.scene.history.states[index]
    }

    fn kind(&self, state: &State) -> StatusKind {
        self.scene.process.kind(&state.status)
    }

    /// Whether an entry resolves an active incident.
    fn resolves(&self, index: usize) -> bool {
        let before = self.scene.history.before(index);
        self.kind(self.state(index)) == StatusKind::Resolved
            && before.is_some_and(|before| self.kind(before) == StatusKind::Active)
    }

    fn at(&self, index: usize) -> Timestamp {
        self.scene.record.entries[index].at
    }

    fn stamp(&self, index: usize) -> &str {
        &self.scene.record.entries[index].stamp
    }

    fn ticket_key(&self, customer: &CustomerKey) -> String {
        format!("incident/{}/customer/{customer}", self.id)
    }

    /// An effect with all that most have in common.
    fn effect(&self, key: String, kind: Kind, to: String, words: &[&str]) -> Effect {
        Effect {
            key: Key(key),
            incident: self.scene.record.id.clone(),
            kind,
            stage: Stage::Merge,
            audience: Audience::Internal,
            to,
            title: None,
            labels: Vec::new(),
            body: String::new(),
            open: true,
            at: None,
            hash: hash(words),
            why: String::new(),
            since: self.scene.record.entries[0].at,
            drill: self.scene.history.last().drill,
            issue: None,
            adopted: None,
            emails: false,
        }
    }

    fn issue(&mut self) {
        let state = self.scene.history.last();
        let ours = |customer: &CustomerKey| {
            self.tickets
                .get(customer)
                .filter(|ticket| ticket.ours)
                .map(|_| self.ticket_key(customer))
        };
        let view = self.scene.issue(self.channel.as_deref(), &ours);
        let body = self.renderer.issue(&view);
        let process = self.scene.process;
        let to = process
            .gitlab_project
            .clone()
            .unwrap_or_else(|| "this project".to_owned());
        let mut effect = self.effect(format!("incident/{}", self.id), Kind::Issue, to, &[&body]);
        effect.stage = Stage::Open;
        effect.title = Some(escape::title(&state.title));
        effect.labels = self.labels(state);
        effect.body = body;
        effect.open = process.kind(&state.status) == StatusKind::Active;
        effect.since = state.at;
        effect.issue = Some(IssueFields {
            confidential: state.confidential,
            severity: severity(process.rank(state.severity.as_str())),
            assignee: self.assignee(state),
        });
        effect.why = format!(
            "the incident is {}",
            process.status_title(state.status.as_str()).to_lowercase()
        );
        self.out.push(effect);
    }

    /// Who is responsible on GitLab: the first role of the process that somebody holds whose user is known.
    fn assignee(&self, state: &State) -> Option<String> {
        let roles = self.scene.process.roles.iter();
        let mut people = roles.flat_map(|role| state.holders(role.key.as_str()));
        people.find_map(|person| self.scene.directory.person(person.as_str())?.gitlab.get().cloned())
    }

    fn labels(&self, state: &State) -> Vec<String> {
        let labels = &self.scene.process.labels;
        let scoped = [("severity", state.severity.as_str()), ("status", state.status.as_str())];
        let mut all: Vec<_> = scoped
            .iter()
            .filter_map(|(name, value)| Some(format!("{}{value}", labels.get(*name)?)))
            .collect();
        all.extend(labels.get("drill").filter(|_| state.drill).cloned());
        all.sort();
        all
    }

    fn open_channel(&mut self) {
        let Some(key) = self.channel.clone() else { return };
        let last = self.scene.record.entries.len() - 1;
        let view = self.scene.slack(last, None, false);
        let body = self.renderer.slack(Template::SlackChannel, &view);
        let mut effect = self.effect(key, Kind::Channel, format!("inc-{}", self.id), &[&body]);
        effect.stage = Stage::Open;
        effect.open = self.kind(self.scene.history.last()) != StatusKind::Closed;
        effect.body = body;
        effect.why = "step: a dedicated channel".to_owned();
        self.out.push(effect);
    }

    /// A ping for each severity that the incident reaches.
    fn pings(&mut self, index: usize) {
        let state = self.state(index);
        let reached = self.scene.history.states[..index]
            .iter()
            .any(|earlier| earlier.severity == state.severity);
        if reached || self.kind(state) != StatusKind::Active {
            return;
        }
        let all: Vec<_> = steps(&self.scene, state, StepEffect::Ping).collect();
        for step in all {
            let state = self.state(index);
            let key = format!("incident/{}/slack/{}/{}", self.id, step.key, state.severity);
            let view = self.scene.slack(index, self.channel.as_deref(), true);
            let mut effect = self.effect(
                key,
                Kind::Ping,
                self.room(step),
                &[&state.title, state.severity.as_str()],
            );
            effect.stage = if index == 0 { Stage::Open } else { Stage::Merge };
            effect.since = self.at(index);
            effect.body = self.renderer.slack(Template::SlackPing, &view);
            effect.why = format!(
                "{} is reached",
                self.scene.process.severity_title(state.severity.as_str())
            );
            self.out.push(effect);
        }
    }

    /// The channel of a step: in a drill the drills' channel.
    fn room(&self, step: &Step) -> String {
        let name = step.channel.as_deref().unwrap_or("the dedicated channel");
        if self.scene.history.last().drill {
            "drill".to_owned()
        } else {
            name.to_owned()
        }
    }

    /// One message with the first words of each severity, and one at each resolution.
    fn broadcasts(&mut self, index: usize) {
        let (state, entry) = (self.state(index), &self.scene.record.entries[index].entry);
        let speaks = entry.current_status.get().is_some();
        let spoken = (0..index).any(|earlier| {
            self.state(earlier).severity == state.severity
                && self.scene.record.entries[earlier].entry.current_status.get().is_some()
        });
        let resolved = self.resolves(index);
        let first = speaks && !spoken && self.kind(state) == StatusKind::Active;
        if !first && !resolved {
            return;
        }
        let all: Vec<_> = steps(&self.scene, state, StepEffect::Broadcast).collect();
        for step in all {
            let state = self.state(index);
            let mut key = format!("incident/{}/slack/{}/{}", self.id, step.key, state.severity);
            if resolved {
                let _ = write!(key, "/resolved-{}", self.stamp(index));
            }
            let view = self.scene.slack(index, self.channel.as_deref(), false);
            let mut effect = self.effect(key, Kind::Broadcast, self.room(step), &words(entry));
            effect.since = self.at(index);
            effect.body = self.renderer.slack(Template::SlackBroadcast, &view);
            effect.why = if resolved {
                "the incident is resolved"
            } else {
                "the first words on the current status"
            }
            .to_owned();
            self.out.push(effect);
        }
    }

    fn summary(&mut self, index: usize) {
        let stamp = self.stamp(index).to_owned();
        let view = self.scene.summary(index, self.channel.as_deref());
        let body = self.renderer.executive_summary(&view);
        let entry = &self.scene.record.entries[index].entry;
        let key = format!("incident/{}/update/{stamp}", self.id);
        let mut effect = self.effect(key, Kind::Summary, "the incident issue".to_owned(), &words(entry));
        effect.audience = Audience::Executive;
        effect.since = self.at(index);
        effect.body = body;
        effect.why = why(&self.scene, index);
        let elsewhere = self.scene.process.channels.contains_key("executives") && !self.scene.history.last().drill;
        self.out.push(effect);
        if elsewhere && entry.current_status.get().is_some() {
            let key = format!("incident/{}/slack/executives/{stamp}", self.id);
            let view = self.scene.slack(index, self.channel.as_deref(), false);
            let mut effect = self.effect(key, Kind::Broadcast, "executives".to_owned(), &words(entry));
            effect.audience = Audience::Executive;
            effect.since = self.at(index);
            effect.body = self.renderer.slack(Template::SlackBroadcast, &view);
            effect.why = "executives read along".to_owned();
            self.out.push(effect);
        }
    }

    /// A ticket for each customer that is told for the first time, and a note for each that has something to hear.
    fn customers(&mut self, index: usize) {
        let told: Vec<CustomerKey> = self
            .tickets
            .iter()
            .filter(|(_, ticket)| ticket.entry <= index)
            .map(|(customer, _)| customer.clone())
            .collect();
        for customer in told {
            let ticket = &self.tickets[&customer];
            if ticket.entry == index && ticket.ours {
                self.ticket(index, &customer);
            }
            self.note(index, &customer);
        }
    }

    fn ticket(&mut self, index: usize, customer: &CustomerKey) {
        let state = self.state(index);
        let view = self.scene.customer(index);
        let title = self.scene.ticket_title(index);
        let symptoms = state.symptoms.clone().unwrap_or_default();
        let headline = state.headline.clone().unwrap_or_default();
        let to = project(&self.scene, customer)
            .unwrap_or("a project that customers.yaml does not name")
            .to_owned();
        let mut effect = self.effect(self.ticket_key(customer), Kind::Ticket, to, &[&headline, &symptoms]);
        effect.audience = Audience::Customer;
        effect.since = self.at(index);
        effect.title = Some(title);
        effect.body = self.renderer.customer(Template::CustomerTicket, &view);
        let name = self.scene.directory.customer_name(customer.as_str());
        effect.emails = self.is_service_desk(customer);
        effect.why = format!("{name} is affected{}", emails(effect.emails));
        self.out.push(effect);
    }

    /// Whether words to this customer leave by e-mail.
    fn is_service_desk(&self, customer: &CustomerKey) -> bool {
        let known = self.scene.directory.customer(customer.as_str());
        known.is_some_and(|known| known.service_desk.get() == Some(&true))
    }

    /// A note where the entry has words for this customer, restores it, or makes it a new promise.
    fn note(&mut self, index: usize, customer: &CustomerKey) {
        let state = self.state(index);
        if state.hold_customers.is_some() {
            return;
        }
        let before = self.scene.history.before(index);
        let entry = &self.scene.record.entries[index].entry;
        let was_back = before.is_some_and(|before| before.restored.contains_key(customer));
        let is_back = state.restored.contains_key(customer);
        let restored = is_back && !was_back;
        let listed = state.customers.listed().contains(customer);
        let named = entry.customer_message_to.get();
        let addressed = match named {
            Some(list) => list.iter().filter_map(|field| field.get()).any(|one| one == customer),
            None => listed && (!is_back || restored),
        };
        let message = entry
            .customer_message
            .get()
            .filter(|text| addressed && !text.trim().is_empty());
        let first = self.tickets[customer].entry == index && self.tickets[customer].ours;
        let promised = self
            .scene
            .history
            .customer_promises
            .iter()
            .any(|promise| promise.entry == index);
        if message.is_none() && !restored && !(promised && addressed && !first) {
            return;
        }
        let mut view = self.scene.customer(index);
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
        let (stamp, to) = (self.stamp(index).to_owned(), self.ticket_key(customer));
        let restored_word = if restored { "restored" } else { "" };
        let words = [message.map_or("", String::as_str), restored_word];
        let mut effect = self.effect(
            format!("{to}/update/{stamp}"),
            Kind::TicketNote,
            "the customer's ticket".to_owned(),
            &words,
        );
        effect.audience = Audience::Customer;
        effect.since = self.at(index);
        effect.body = self.renderer.customer(template, &view);
        let name = self.scene.directory.customer_name(customer.as_str());
        let what = match (message.is_some(), restored) {
            (_, true) => "service is restored for",
            (true, false) => "there are words for",
            (false, false) => "there is a new promise to",
        };
        effect.emails = self.is_service_desk(customer);
        effect.adopted = self
            .scene
            .history
            .last()
            .tickets
            .get(customer)
            .filter(|_| !self.tickets[customer].ours)
            .cloned();
        effect.why = format!("{what} {name}{}", emails(effect.emails));
        self.out.push(effect);
    }

    /// Each update in the dedicated channel.
    fn channel_update(&mut self, index: usize) {
        let reaches = self.channel.is_some() || self.state(index).slack_channel.is_some();
        if index == 0 || !reaches {
            return;
        }
        let entry = &self.scene.record.entries[index].entry;
        let view = self.scene.slack(index, self.channel.as_deref(), false);
        let key = format!("incident/{}/slack/update/{}", self.id, self.stamp(index));
        let mut effect = self.effect(
            key,
            Kind::ChannelUpdate,
            "the dedicated channel".to_owned(),
            &words(entry),
        );
        effect.since = self.at(index);
        effect.body = self.renderer.slack(Template::SlackUpdate, &view);
        effect.why = why(&self.scene, index);
        self.out.push(effect);
    }

    /// A reminder of the promise that stands.
    fn nag(&mut self) {
        let state = self.scene.history.last();
        let Some(promise) = self.scene.history.open_promise() else {
            return;
        };
        if self.kind(state) == StatusKind::Closed {
            return;
        }
        let key = format!("incident/{}/nag/{}", self.id, self.stamp(promise.entry));
        let view = self.scene.promise(promise.due);
        let body = self.renderer.promise(Template::Nag, &view);
        let at = Timestamp(promise.due.0 - self.scene.process.nag_before.0);
        let mut effect = self.effect(key, Kind::Nag, "the dedicated channel".to_owned(), &[&body]);
        effect.body = body;
        effect.at = Some(at);
        effect.why = format!("the next update is promised for {}", time(promise.due));
        self.out.push(effect);
    }
}

/// The word of GitLab's incidents for how bad a severity is.
const fn severity(rank: usize) -> &'static str {
    match rank {
        0 => "critical",
        1 => "high",
        2 => "medium",
        _ => "low",
    }
}

/// What the plan adds where words leave by e-mail.
const fn emails(leave: bool) -> &'static str {
    if leave { "; e-mails external participants" } else { "" }
}

/// Why an entry has something to tell.
fn why(scene: &Scene, index: usize) -> String {
    if index == 0 {
        "the incident is declared".to_owned()
    } else {
        format!("update of {}", time(scene.record.entries[index].at))
    }
}

/// The words of an entry that its summary and its messages are made from.
fn words(entry: &Entry) -> Vec<&str> {
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
