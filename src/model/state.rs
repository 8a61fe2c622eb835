//! The state of an incident after an entry, and how an entry changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::edits::CustomersEdit;
use super::parts::{Customers, DatedText, StepDone, ToldBy};
use super::{
    ClosureReason, CustomerKey, CustomersChange, Entries, Impact, ImpactKind, IncidentId, Length, Nullable, PersonKey,
    Record, RecordEntry, RestoredCustomers, RoleChange, RoleKey, SeverityKey, StatusKey, StepKey, Timestamp,
};
use crate::span::Field;

/// The state of an incident after an entry.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    /// The incident's id.
    pub id: IncidentId,
    /// When the incident was declared.
    pub declared_at: Timestamp,
    /// Who declared the incident.
    pub declared_by: PersonKey,
    /// The time of the last entry in this state.
    pub at: Timestamp,
    /// What happened, in one line for the team.
    pub title: String,
    /// The severity.
    pub severity: SeverityKey,
    /// The status.
    pub status: StatusKey,
    /// When the incident entered this status.
    pub status_since: Timestamp,
    /// The customers that the incident affects.
    pub customers: Customers,
    /// The listed customers whose service is restored, each with the time.
    pub restored: BTreeMap<CustomerKey, Timestamp>,
    /// Customers that an update removed from the list; their tickets stay.
    pub removed: Vec<CustomerKey>,
    /// The ticket's title. Audience: customers.
    pub headline: Option<String>,
    /// The kind of impact.
    pub kind: ImpactKind,
    /// How badly service is degraded, as a word of the process.
    pub degradation: Option<String>,
    /// The workaround, or `none`.
    pub workaround: Option<String>,
    /// What customers see. Audience: customers.
    pub symptoms: Option<Arc<str>>,
    /// When the impact started.
    pub started_at: Option<Timestamp>,
    /// When the impact was detected.
    pub detected_at: Option<Timestamp>,
    /// When the impact ended.
    pub ended_at: Option<Timestamp>,
    /// The holders of each role; a role without a holder is absent.
    pub roles: BTreeMap<RoleKey, Vec<PersonKey>>,
    /// The steps that people recorded, each with its first record.
    pub steps: BTreeMap<StepKey, StepDone>,
    /// Executive summary, carried forward.
    pub current_status: Option<DatedText>,
    /// Executive summary, carried forward.
    pub current_actions: Option<DatedText>,
    /// Executive summary, carried forward.
    pub next_steps: Option<DatedText>,
    /// The due time of the open promise to the business; `None` if no promise is open.
    pub next_update: Option<Timestamp>,
    /// The earliest due time of the open promises to customers; `None` if no promise is open.
    pub customer_next_update: Option<Timestamp>,
    /// The due time of the open promise to each customer. The states that have the same promises share them.
    pub customer_due: Arc<BTreeMap<CustomerKey, Timestamp>>,
    /// The customers who were told of the incident. The states that have the same customers share them.
    pub told: Arc<BTreeMap<CustomerKey, ToldBy>>,
    /// Why customers get no last message from this program; `None` if they get one.
    pub told_otherwise: Option<String>,
    /// When service is expected back.
    pub expected_restoration: Option<Timestamp>,
    /// The cadence that an entry set; `None` if the severity's cadence applies.
    pub cadence: Option<Length>,
    /// Why and since when customer messages are on hold; `None` if they are not.
    pub hold_customers: Option<DatedText>,
    /// The timeline points between updates, by time.
    pub timeline: Vec<DatedText>,
    /// Named links.
    pub links: BTreeMap<String, String>,
    /// The web addresses of adopted tickets, by customer.
    pub tickets: BTreeMap<CustomerKey, String>,
    /// The dedicated channel that people opened; `None` if people opened no channel.
    pub slack_channel: Option<String>,
    /// Whether the incident issue is confidential.
    pub confidential: bool,
    /// Whether this incident is a drill.
    pub drill: bool,
    /// Why the incident was closed without a resolution; `None` if it was not.
    pub outcome: Option<ClosureReason>,
    /// Other incidents that belong to this one.
    pub related: Vec<IncidentId>,
    /// How many customers the record allows messages to reach; `None` if the process's cap applies.
    pub reach: Option<u32>,
    /// The keys of effects that people carried out by hand.
    pub sent_by_hand: Vec<String>,
    /// The overridden rules, each with its reason.
    pub overrides: Vec<(String, String)>,
}

impl State {
    /// The holders of a role; empty if nobody holds it.
    #[must_use]
    pub fn holders(&self, role: &str) -> &[PersonKey] {
        self.roles.get(role).map_or(&[], Vec::as_slice)
    }

    /// Whether the customer is one of the listed customers.
    #[must_use]
    pub fn is_listed(&self, customer: &CustomerKey) -> bool {
        self.customers.listed().contains(customer)
    }

    /// The listed customers whose service is not restored yet.
    pub fn affected(&self) -> impl Iterator<Item = &CustomerKey> {
        self.customers
            .listed()
            .iter()
            .filter(|customer| !self.restored.contains_key(*customer))
    }
}

/// The initial state: what holds before the fields of the declaration are applied.
pub(super) fn declared(record: &Record, initial_status: StatusKey) -> State {
    let declaration = record.declaration();
    State {
        id: record.id.clone(),
        declared_at: declaration.at,
        declared_by: declaration.by.clone(),
        at: declaration.at,
        title: String::new(),
        severity: SeverityKey(String::new()),
        status: initial_status,
        status_since: declaration.at,
        customers: Customers::Unknown,
        restored: BTreeMap::new(),
        removed: Vec::new(),
        headline: None,
        kind: ImpactKind::default(),
        degradation: None,
        workaround: None,
        symptoms: None,
        started_at: None,
        detected_at: None,
        ended_at: None,
        roles: BTreeMap::new(),
        steps: BTreeMap::new(),
        current_status: None,
        current_actions: None,
        next_steps: None,
        next_update: None,
        customer_next_update: None,
        customer_due: Arc::default(),
        told: Arc::default(),
        told_otherwise: None,
        expected_restoration: None,
        cadence: None,
        hold_customers: None,
        timeline: Vec::new(),
        links: BTreeMap::new(),
        tickets: BTreeMap::new(),
        slack_channel: None,
        confidential: true,
        drill: false,
        outcome: None,
        related: Vec::new(),
        reach: None,
        sent_by_hand: Vec::new(),
        overrides: Vec::new(),
    }
}

/// Sets `slot` if the field has a value.
fn set<T: Clone>(slot: &mut T, field: &Field<T>) {
    if let Some(value) = field.get() {
        slot.clone_from(value);
    }
}

/// Sets an optional `slot` if the field has a value.
fn set_some<T: Clone>(slot: &mut Option<T>, field: &Field<T>) {
    if let Some(value) = field.get() {
        *slot = Some(value.clone());
    }
}

/// The readable values of a list.
fn items<T>(field: &Field<Vec<Field<T>>>) -> impl Iterator<Item = &T> {
    field.get().into_iter().flatten().filter_map(Field::get)
}

/// The pairs of a mapping with a readable value.
fn pairs<T>(field: &Field<Entries<T>>) -> impl Iterator<Item = (&str, &T)> {
    field
        .get()
        .into_iter()
        .flat_map(Entries::iter)
        .filter_map(|(key, value)| Some((key, value.get()?)))
}

/// Appends the items that the list does not have yet.
fn add<'a, T: Ord + Clone + 'a>(list: &mut Vec<T>, items: impl IntoIterator<Item = &'a T>) {
    let mut items = items.into_iter().peekable();
    if items.peek().is_none() {
        return;
    }
    let mut known: BTreeSet<T> = list.iter().cloned().collect();
    let new = items.filter(|item| known.insert((*item).clone()));
    list.extend(new.cloned());
}

/// Removes items from a list.
fn remove<T: Ord>(list: &mut Vec<T>, items: &BTreeSet<&T>) {
    list.retain(|known| !items.contains(known));
}

/// Applies all fields of an entry to the state, except its promises.
pub(super) fn apply(state: &mut State, from: &RecordEntry, index: usize) {
    let (entry, at) = (&from.entry, from.at);
    state.at = at;
    set(&mut state.title, &entry.title);
    set(&mut state.severity, &entry.severity);
    if let Some(status) = entry.status.get().filter(|status| **status != state.status) {
        state.status = status.clone();
        state.status_since = at;
        state.outcome = None;
    }
    if let Some(change) = entry.customers.get() {
        apply_customers(state, change, at);
    }
    if let Some(impact) = entry.impact.get() {
        apply_impact(state, impact);
    }
    for (role, change) in pairs(&entry.roles) {
        apply_role(&mut state.roles, RoleKey(role.to_owned()), change);
    }
    for (step, record) in pairs(&entry.steps) {
        let doer = record.by().and_then(Field::get);
        let done = StepDone {
            at: record.at().map_or(at, |time| time.resolve(at)),
            by: doer.unwrap_or(&from.by).clone(),
            evidence: record.evidence().to_owned(),
            entry: index,
        };
        state.steps.entry(StepKey(step.to_owned())).or_insert(done);
    }
    let summary = [
        (&mut state.current_status, &entry.current_status),
        (&mut state.current_actions, &entry.current_actions),
        (&mut state.next_steps, &entry.next_steps),
    ];
    for (slot, field) in summary {
        if let Some(text) = field.get() {
            *slot = Some(DatedText {
                text: text.as_str().into(),
                at,
            });
        }
    }
    match entry.hold_customers.get() {
        Some(Nullable::Value(reason)) => {
            state.hold_customers = Some(DatedText {
                text: reason.as_str().into(),
                at,
            });
        }
        Some(Nullable::Null) => state.hold_customers = None,
        None => {}
    }
    apply_rest(state, from);
}

/// Applies the times, links, flags and lists of an entry.
fn apply_rest(state: &mut State, from: &RecordEntry) {
    let entry = &from.entry;
    set_some(&mut state.expected_restoration, &entry.expected_restoration);
    set_some(&mut state.cadence, &entry.cadence);
    set_some(&mut state.slack_channel, &entry.slack_channel);
    set_some(&mut state.outcome, &entry.outcome);
    set_some(&mut state.told_otherwise, &entry.told_otherwise);
    set_some(&mut state.reach, &entry.reach);
    set(&mut state.confidential, &entry.confidential);
    set(&mut state.drill, &entry.drill);
    for point in items(&entry.timeline) {
        if let (Some(moment), Some(what)) = (point.at.get(), point.what.get()) {
            state.timeline.push(DatedText {
                text: what.as_str().into(),
                at: moment.resolve(from.at),
            });
        }
    }
    state.timeline.sort_by_key(|point| point.at);
    for (name, link) in pairs(&entry.links) {
        state.links.insert(name.to_owned(), link.clone());
    }
    for (customer, ticket) in pairs(&entry.tickets) {
        state.tickets.insert(CustomerKey(customer.to_owned()), ticket.clone());
    }
    add(&mut state.related, items(&entry.related));
    add(&mut state.sent_by_hand, items(&entry.sent_by_hand));
    let overrides =
        items(&entry.overrides).filter_map(|item| Some((item.rule.get()?.clone(), item.reason.get()?.clone())));
    add(&mut state.overrides, &overrides.collect::<Vec<_>>());
}

/// Merges the impact of an entry into the state, key by key.
fn apply_impact(state: &mut State, impact: &Impact) {
    set_some(&mut state.headline, &impact.headline);
    set(&mut state.kind, &impact.kind);
    set_some(&mut state.degradation, &impact.degradation);
    set_some(&mut state.workaround, &impact.workaround);
    if let Some(symptoms) = impact.symptoms.get() {
        state.symptoms = Some(symptoms.as_str().into());
    }
    set_some(&mut state.started_at, &impact.started_at);
    set_some(&mut state.detected_at, &impact.detected_at);
    set_some(&mut state.ended_at, &impact.ended_at);
}

/// Applies a change of the affected customers. A restored customer that is named again becomes affected again.
fn apply_customers(state: &mut State, change: &CustomersChange, at: Timestamp) {
    match change {
        CustomersChange::Unknown => state.customers = Customers::Unknown,
        CustomersChange::All => state.customers = Customers::All,
        CustomersChange::List(list) => {
            let mut listed = Vec::new();
            add(&mut listed, list.iter().filter_map(Field::get));
            let named: BTreeSet<_> = listed.iter().collect();
            let before = std::mem::replace(&mut state.customers, Customers::Unknown);
            let gone = before.listed().iter().filter(|customer| !named.contains(customer));
            remove_customers(state, &gone.collect::<Vec<_>>());
            affect(state, &named);
            state.customers = Customers::Listed(listed);
        }
        CustomersChange::Edit(edit) => edit_customers(state, edit, at),
    }
}

/// Applies an edit of the list: customers that are added, restored or removed.
fn edit_customers(state: &mut State, edit: &CustomersEdit, at: Timestamp) {
    let mut listed = state.customers.listed().to_vec();
    affect(state, &items(&edit.add).collect());
    add(&mut listed, items(&edit.add));
    for (customer, _, time) in edit.restored.get().into_iter().flat_map(RestoredCustomers::iter) {
        let restored_at = time.map_or(at, |time| time.resolve(at));
        state.restored.entry(customer.into()).or_insert(restored_at);
    }
    let removed: Vec<_> = items(&edit.remove).collect();
    remove(&mut listed, &removed.iter().copied().collect());
    remove_customers(state, &removed);
    if !listed.is_empty() || matches!(state.customers, Customers::Listed(_)) {
        state.customers = Customers::Listed(listed);
    }
}

/// Marks customers as affected: neither restored nor removed.
fn affect(state: &mut State, customers: &BTreeSet<&CustomerKey>) {
    for customer in customers {
        state.restored.remove(*customer);
    }
    remove(&mut state.removed, customers);
}

/// Moves customers from the list of affected customers to the removed ones.
fn remove_customers(state: &mut State, customers: &[&CustomerKey]) {
    for customer in customers {
        state.restored.remove(*customer);
    }
    add(&mut state.removed, customers.iter().copied());
}

/// Applies a change of a role's holders; an empty role is absent.
fn apply_role(roles: &mut BTreeMap<RoleKey, Vec<PersonKey>>, role: RoleKey, change: &RoleChange) {
    let mut holders = Vec::new();
    match change {
        RoleChange::Vacate => {}
        RoleChange::One(person) => holders.push(person.clone()),
        RoleChange::Many(people) => add(&mut holders, people.iter().filter_map(Field::get)),
        RoleChange::Edit(edit) => {
            holders = roles.get(&role).cloned().unwrap_or_default();
            add(&mut holders, items(&edit.add));
            remove(&mut holders, &items(&edit.remove).collect());
        }
    }
    if holders.is_empty() {
        roles.remove(&role);
    } else {
        roles.insert(role, holders);
    }
}
