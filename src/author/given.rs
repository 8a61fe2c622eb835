//! The input of an authoring command, and the entry that follows from it.

use super::text::{normalize_line, normalize_text};
use crate::diagnostics::suggest;
use crate::model::{
    CustomerKey, CustomersChange, CustomersEdit, Entries, Entry, Impact, ImpactKind, IncidentId, Length, ListEdit,
    Nullable, Override, PersonKey, PromiseTime, RestoredCustomers, RoleChange, SeverityKey, StepDetails, StepRecord,
    TimeOrTimeOfDay, TimelinePoint, Timestamp,
};
use crate::process::Process;
use crate::span::Field;

/// The input for a declaration or an update; the fields have the names of the record.
#[derive(Clone, Default, Debug)]
pub struct EntryInput {
    /// The new severity; a change needs a reason.
    pub severity: Option<String>,
    /// Why the severity or the cadence changes.
    pub reason: Option<String>,
    /// The affected customers, `unknown` or `all`; an update adds the customers to the earlier ones.
    pub customers: Vec<String>,
    /// The customers whose service is restored, each with the time if it is not the time of the entry.
    pub restored: Vec<(String, Option<TimeOrTimeOfDay>)>,
    /// The customers that were listed by mistake.
    pub remove_customers: Vec<String>,
    /// The new holders of a role: `alice,bob`; `+carol` adds, `-dave` removes, an empty text vacates the role.
    pub roles: Vec<(String, String)>,
    /// The steps that are done, each with its evidence: a link or a sentence.
    pub steps: Vec<(String, StepDetails)>,
    /// The title of the customers' tickets. Customers read it.
    pub headline: Option<String>,
    /// The kind of impact: availability, `data_loss` or security.
    pub kind: Option<ImpactKind>,
    /// How badly service is degraded: a word of the process, such as severe or total.
    pub degradation: Option<String>,
    /// The workaround, or `none`.
    pub workaround: Option<String>,
    /// What customers see: the text of their tickets. Customers read it.
    pub symptoms: Option<String>,
    /// When the impact started.
    pub started_at: Option<Timestamp>,
    /// When the impact was detected.
    pub detected_at: Option<Timestamp>,
    /// When the impact ended.
    pub ended_at: Option<Timestamp>,
    /// Executive summary: the current status of the incident.
    pub current_status: Option<String>,
    /// Executive summary: the actions being performed.
    pub current_actions: Option<String>,
    /// Executive summary: the next steps.
    pub next_steps: Option<String>,
    /// The promised time of the next update: a time, or a length of time such as 60m.
    pub next_update: Option<PromiseTime>,
    /// When service is expected back. Not a promise.
    pub expected_restoration: Option<Timestamp>,
    /// How often to update from here on, such as 24h; needs a reason.
    pub cadence: Option<Length>,
    /// The only free text that a ticket note shows; the ticket itself shows the headline and the symptoms. Customers read it.
    pub customer_message: Option<String>,
    /// The customers that get the message; empty for all affected customers.
    pub customer_message_to: Vec<String>,
    /// Why customers who were told get no last message; `None` if they get one.
    pub told_otherwise: Option<String>,
    /// The reason to hold customer messages; `None` if they are not held.
    pub hold_customers: Option<String>,
    /// Whether to end the hold of customer messages.
    pub release_customers: bool,
    /// Points of the timeline: `09:07 deployments locked`, or a time with its date.
    pub timeline: Vec<(TimeOrTimeOfDay, String)>,
    /// Named links.
    pub links: Vec<(String, String)>,
    /// Existing tickets, by customer.
    pub tickets: Vec<(String, String)>,
    /// The dedicated channel that people opened themselves.
    pub slack_channel: Option<String>,
    /// Whether the incident issue is confidential.
    pub confidential: Option<bool>,
    /// Whether the incident is a drill: nobody outside is told.
    pub drill: Option<bool>,
    /// The ids of related incidents.
    pub related: Vec<String>,
    /// How many customers messages may reach, if more than the process's cap.
    pub reach: Option<u32>,
    /// The keys of effects that people carried out by hand, as `incidentctl plan` shows it.
    pub sent_by_hand: Vec<String>,
    /// The overridden rules, each with its reason.
    pub overrides: Vec<(String, String)>,
}

/// How an entry writes its customers: as a list or as an edit of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CustomersForm {
    /// A list.
    List,
    /// An edit of the list, such as an addition.
    Edit,
}

impl EntryInput {
    /// The entry for this input, without author and time.
    ///
    /// # Errors
    /// Fails if the customers contain both a name and `unknown` or `all`.
    pub fn entry(&self, form: CustomersForm) -> Result<Entry, String> {
        Ok(Entry {
            severity: optional_field(self.severity.as_deref().map(SeverityKey::from)),
            reason: block(self.reason.as_deref()),
            customers: optional_field(self.customers(form)?),
            impact: optional_field(Some(self.impact()).filter(|impact| *impact != Impact::default())),
            roles: entries(self.roles.iter().map(|(role, people)| (role, role_change(people)))),
            steps: entries(self.steps.iter().map(|(step, details)| (step, step_record(details)))),
            current_status: block(self.current_status.as_deref()),
            current_actions: block(self.current_actions.as_deref()),
            next_steps: block(self.next_steps.as_deref()),
            next_update: optional_field(self.next_update),
            expected_restoration: optional_field(self.expected_restoration),
            cadence: optional_field(self.cadence),
            customer_message: block(self.customer_message.as_deref()),
            customer_message_to: keys(&self.customer_message_to),
            told_otherwise: line(self.told_otherwise.as_deref()),
            hold_customers: if self.release_customers {
                Field::without_place(Nullable::Null)
            } else {
                optional_field(block(self.hold_customers.as_deref()).into_inner().map(Nullable::Value))
            },
            timeline: list(self.timeline.iter().map(|(at, what)| TimelinePoint {
                at: Field::without_place(*at),
                what: Field::without_place(normalize_line(what)),
            })),
            links: entries(self.links.iter().map(|(name, url)| (name, normalize_line(url)))),
            tickets: entries(
                self.tickets
                    .iter()
                    .map(|(customer, url)| (customer, normalize_line(url))),
            ),
            slack_channel: line(self.slack_channel.as_deref()),
            confidential: optional_field(self.confidential),
            drill: optional_field(self.drill),
            related: list(self.related.iter().map(|id| IncidentId::from(id.as_str()))),
            reach: optional_field(self.reach),
            sent_by_hand: list(self.sent_by_hand.iter().map(|key| normalize_line(key))),
            overrides: list(self.overrides.iter().map(|(rule, reason)| Override {
                rule: Field::without_place(rule.to_ascii_uppercase()),
                reason: Field::without_place(normalize_line(reason)),
            })),
            ..Entry::default()
        })
    }

    fn customers(&self, form: CustomersForm) -> Result<Option<CustomersChange>, String> {
        let edits = !self.restored.is_empty() || !self.remove_customers.is_empty();
        if let Some(word) = self
            .customers
            .iter()
            .find(|word| matches!(word.as_str(), "unknown" | "all"))
        {
            if self.customers.len() > 1 || edits {
                return Err(format!(
                    "--customer {word} stands for itself: name no customer beside it"
                ));
            }
            return Ok(Some(match word.as_str() {
                "all" => CustomersChange::All,
                _ => CustomersChange::Unknown,
            }));
        }
        if self.customers.is_empty() && !edits {
            return Ok(None);
        }
        Ok(Some(if form == CustomersForm::List && !edits {
            CustomersChange::List(named(&self.customers))
        } else {
            CustomersChange::Edit(CustomersEdit {
                add: keys(&self.customers),
                restored: self.restored_customers()?,
                remove: keys(&self.remove_customers),
            })
        }))
    }

    /// The restored customers: a list, or customers with times.
    fn restored_customers(&self) -> Result<Field<RestoredCustomers>, String> {
        let keys: Vec<String> = self.restored.iter().map(|(key, _)| key.clone()).collect();
        let timed: Vec<_> = self
            .restored
            .iter()
            .filter_map(|(key, at)| Some((key, (*at)?)))
            .collect();
        Ok(if keys.is_empty() {
            Field::default()
        } else if timed.is_empty() {
            Field::without_place(RestoredCustomers::List(named(&keys)))
        } else if timed.len() < keys.len() {
            return Err("--restored: give a time to each customer or to none".to_owned());
        } else {
            let times = entries(timed.into_iter());
            optional_field(times.into_inner().map(RestoredCustomers::Times))
        })
    }

    fn impact(&self) -> Impact {
        Impact {
            headline: line(self.headline.as_deref()),
            kind: optional_field(self.kind),
            degradation: line(self.degradation.as_deref()),
            workaround: block(self.workaround.as_deref()),
            symptoms: block(self.symptoms.as_deref()),
            started_at: optional_field(self.started_at),
            detected_at: optional_field(self.detected_at),
            ended_at: optional_field(self.ended_at),
        }
    }
}

/// The record of a step: short, if nobody and no time is named.
fn step_record(details: &StepDetails) -> StepRecord {
    let evidence = normalize_text(details.evidence.get().map_or("", String::as_str));
    if details.by.is_absent() && details.at.is_absent() {
        StepRecord::Evidence(evidence)
    } else {
        StepRecord::Detailed(StepDetails {
            evidence: Field::without_place(evidence),
            ..details.clone()
        })
    }
}

/// A field with a text of one or more lines; absent if the text is empty.
fn block(text: Option<&str>) -> Field<String> {
    optional_field(text.map(normalize_text).filter(|text| !text.is_empty()))
}

/// A field with a text of one line; absent if the text is empty.
fn line(text: Option<&str>) -> Field<String> {
    optional_field(text.map(normalize_line).filter(|text| !text.is_empty()))
}

/// Converts a list of people to the role change that makes them the holders; an empty list vacates the role.
fn role_change(people: &str) -> RoleChange {
    let named: Vec<&str> = people
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let person = |name: &str| Field::without_place(PersonKey::from(name));
    match named.as_slice() {
        [] => RoleChange::Vacate,
        all if all.iter().any(|name| name.starts_with(['+', '-'])) => {
            let leave = all.iter().filter_map(|name| name.strip_prefix('-'));
            let join = all.iter().filter(|name| !name.starts_with('-'));
            RoleChange::Edit(ListEdit {
                add: list(join.map(|name| PersonKey::from(name.trim_start_matches('+')))),
                remove: list(leave.map(PersonKey::from)),
            })
        }
        [one] => RoleChange::One(PersonKey::from(*one)),
        several => RoleChange::Many(several.iter().map(|name| person(name)).collect()),
    }
}

/// A field with a value; an absent field for `None`.
#[must_use]
pub fn optional_field<T>(value: Option<T>) -> Field<T> {
    value.map_or_else(Field::default, Field::without_place)
}

/// A field with a list; absent if the list is empty.
fn list<T>(items: impl Iterator<Item = T>) -> Field<Vec<Field<T>>> {
    let items: Vec<_> = items.map(Field::without_place).collect();
    optional_field(Some(items).filter(|items| !items.is_empty()))
}

fn named(keys: &[String]) -> Vec<Field<CustomerKey>> {
    let keys = keys
        .iter()
        .map(|key| Field::without_place(CustomerKey::from(key.trim())));
    keys.collect()
}

fn keys(keys: &[String]) -> Field<Vec<Field<CustomerKey>>> {
    optional_field(Some(named(keys)).filter(|keys| !keys.is_empty()))
}

/// A field with a mapping, in which the last value of a key wins; absent if the mapping is empty.
fn entries<T>(pairs: impl Iterator<Item = (impl AsRef<str>, T)>) -> Field<Entries<T>> {
    let mut all: Vec<(String, Field<T>)> = Vec::new();
    for (key, value) in pairs {
        all.retain(|(known, _)| known != key.as_ref());
        all.push((key.as_ref().to_owned(), Field::without_place(value)));
    }
    optional_field(Some(Entries::new(all)).filter(|all| !all.is_empty()))
}

/// The role change that gives a role to a person. With `by`, the author, the person joins the other holders and
/// replaces the author; without `by`, the person becomes the only holder.
#[must_use]
pub fn hand_over(person: PersonKey, holders: &[PersonKey], by: Option<PersonKey>) -> RoleChange {
    let Some(by) = by else {
        return RoleChange::One(person);
    };
    let leaves = (holders.contains(&by) && by != person).then_some(by);
    RoleChange::Edit(ListEdit {
        add: list(std::iter::once(person)),
        remove: list(leaves.into_iter()),
    })
}

/// Adds a role change to an entry; it replaces another change of the same role.
pub fn add_role_change(entry: &mut Entry, role: &str, change: RoleChange) {
    let others = entry.roles.get().cloned().unwrap_or_default();
    let others = others
        .iter()
        .filter_map(|(role, field)| Some((role, field.get()?.clone())));
    entry.roles = entries(others.chain([(role, change)]));
}

/// Checks that the process has a role.
///
/// # Errors
/// Fails if the process does not have the role; the error lists its roles.
pub fn ensure_known_role(process: &Process, role: &str) -> Result<(), String> {
    if process.role(role).is_some() {
        return Ok(());
    }
    let known = process.roles.iter().map(|role| role.key.as_str());
    let near = suggest::nearest_word(role, known.clone()).map(|near| format!("; did you mean `{near}`?"));
    let all = known.collect::<Vec<_>>().join(", ");
    Err(format!("there is no role `{role}` ({all}){}", near.unwrap_or_default()))
}
