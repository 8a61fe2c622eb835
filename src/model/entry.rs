//! One file of the record: the declaration (`incident.yaml`) or an update. Both carry the same fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::edits::{CustomersChange, Nullable, RoleChange};
use super::ids::{CustomerKey, IncidentId, PersonKey, SeverityKey, StatusKey};
use super::relative_time::{PromiseTime, TimeOrTimeOfDay};
use super::{Entries, Length, Timestamp};
use crate::span::Field;

/// What one file says. The declaration uses `declared_at` and `declared_by`, an update `at` and `by`.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// What happened, in one line for the team. Audience: internal.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub title: Field<String>,
    /// The classification from here on; a change needs `reason`.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub severity: Field<SeverityKey>,
    /// Why the severity or the cadence changed.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub reason: Field<String>,
    /// When the incident was declared; the folder's date is its UTC date.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub declared_at: Field<Timestamp>,
    /// Who declared it, a key of `people.yaml`.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub declared_by: Field<PersonKey>,
    /// When this update was made. Optional: the file's name has it.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub at: Field<Timestamp>,
    /// Who wrote this update, a key of `people.yaml`.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub by: Field<PersonKey>,
    /// The status from here on.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub status: Field<StatusKey>,
    /// The affected customers: a list, `unknown`, `all`, or `{add, restored, remove}`.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub customers: Field<CustomersChange>,
    /// What the incident does to customers; merged key by key.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub impact: Field<Impact>,
    /// Who holds which role: a person or a list replaces, `{add, remove}` edits, `null` vacates.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub roles: Field<Entries<RoleChange>>,
    /// Steps that were done, each with its evidence: a link or a sentence.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub steps: Field<Entries<String>>,
    /// Executive summary: the current status of the incident. Audience: internal and executives.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub current_status: Field<String>,
    /// Executive summary: the actions being performed. Audience: internal and executives.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub current_actions: Field<String>,
    /// Executive summary: the next steps. Audience: internal and executives.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub next_steps: Field<String>,
    /// The promise: a time, or a length of time from this entry.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub next_update: Field<PromiseTime>,
    /// When service is expected back. Not a promise.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub expected_restoration: Field<Timestamp>,
    /// From here on, instead of the severity's cadence; needs `reason`.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub cadence: Field<Length>,
    /// The only free text that a ticket note shows. Audience: customers.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub customer_message: Field<String>,
    /// Who gets the message. Default: every customer not yet restored.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub customer_message_to: Field<Vec<Field<CustomerKey>>>,
    /// Suspends words to customers and their promises until an update says `hold_customers: null`.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub hold_customers: Field<Nullable<String>>,
    /// Points between updates. Audience: internal.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub timeline: Field<Vec<Field<TimelinePoint>>>,
    /// Named links. Audience: internal.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub links: Field<Entries<String>>,
    /// Tickets that exist already, by customer: notes only, never edited.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub tickets: Field<Entries<String>>,
    /// The dedicated channel, where people opened it themselves.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub slack_channel: Field<String>,
    /// Whether the incident issue is confidential. Default: true.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub confidential: Field<bool>,
    /// An exercise: nobody outside is told. Default: false.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub drill: Field<bool>,
    /// With a closed status: why it ends without having been resolved.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub outcome: Field<ClosureReason>,
    /// Other incidents that belong to this one.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub related: Field<Vec<Field<IncidentId>>>,
    /// How many customers may be reached, where that is more than the process's cap.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub reach: Field<u32>,
    /// Keys of effects that people carried out by hand; they are not done again.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub sent_by_hand: Field<Vec<Field<String>>>,
    /// Break glass: rules that are set aside, each with its reason.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub overrides: Field<Vec<Field<Override>>>,
}

/// What the incident does to customers. All optional.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Impact {
    /// The ticket's title. Audience: customers.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub headline: Field<String>,
    /// availability (default), `data_loss` or security: for the last two, degradation and workaround are moot.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub kind: Field<ImpactKind>,
    /// How badly service is degraded: a word of the process, such as `severe` or `total`.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub degradation: Field<String>,
    /// `none`, or the workaround in words.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub workaround: Field<String>,
    /// What customers see. Audience: customers; needed before the first words to them.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub symptoms: Field<String>,
    /// When the trouble itself started.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub started_at: Field<Timestamp>,
    /// When it was noticed.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub detected_at: Field<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub ended_at: Field<Timestamp>,
}

/// What is impaired.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImpactKind {
    /// Service is degraded or down.
    #[default]
    Availability,
    /// Data was lost.
    DataLoss,
    /// Security was or may have been breached.
    Security,
}

/// Why an incident is closed without having been resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Outcome")]
pub enum ClosureReason {
    /// There was no incident.
    FalseAlarm,
    /// Another incident covers it; `related` says which.
    Duplicate,
}

/// A rule that is set aside in this incident.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Override {
    /// The rule's code, such as `INC201`.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub rule: Field<String>,
    /// Why.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub reason: Field<String>,
}

/// A point of the timeline between updates.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Point")]
pub struct TimelinePoint {
    /// When: a time, or `HH:MM` (UTC) on the date of the entry.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub at: Field<TimeOrTimeOfDay>,
    /// What happened.
    #[serde(skip_serializing_if = "Field::has_no_value")]
    pub what: Field<String>,
}
