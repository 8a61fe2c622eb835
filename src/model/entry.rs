//! One file of the record: the declaration (`incident.yaml`) or an update. Both carry the same fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::details::StepRecord;
use super::edits::{CustomersChange, Nullable, RoleChange};
use super::ids::{CustomerKey, IncidentId, PersonKey, SeverityKey, StatusKey};
use super::relative_time::{PromiseTime, TimeOrTimeOfDay};
use super::{Entries, Length, Timestamp};
use crate::span::Field;

/// The content of one file of the record. The declaration uses `declared_at` and `declared_by`, an update `at` and `by`.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// What happened, in one line for the team. Audience: internal.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub title: Field<String>,
    /// The new severity; a change needs `reason`.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub severity: Field<SeverityKey>,
    /// Why the severity or the cadence changed.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub reason: Field<String>,
    /// When the incident was declared; the folder's date is its UTC date.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub declared_at: Field<Timestamp>,
    /// The person who declared the incident, a key of `people.yaml`.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub declared_by: Field<PersonKey>,
    /// The time of this update. Optional: the file's name has it.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub at: Field<Timestamp>,
    /// The author of this update, a key of `people.yaml`.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub by: Field<PersonKey>,
    /// The new status.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub status: Field<StatusKey>,
    /// The affected customers: a list, `unknown`, `all`, or `{add, restored, remove}`.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub customers: Field<CustomersChange>,
    /// The impact of the incident on customers; merged with earlier entries key by key.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub impact: Field<Impact>,
    /// The holders of roles: a person or a list replaces the holders, `{add, remove}` edits them, `null` vacates the role.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub roles: Field<Entries<RoleChange>>,
    /// Completed steps, each with its evidence, a link or a sentence; or with `{by, at, evidence}`: who completed the step, and
    /// when.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub steps: Field<Entries<StepRecord>>,
    /// Executive summary: the current status of the incident. Audience: internal and executives.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub current_status: Field<String>,
    /// Executive summary: the actions being performed. Audience: internal and executives.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub current_actions: Field<String>,
    /// Executive summary: the next steps. Audience: internal and executives.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub next_steps: Field<String>,
    /// The promised time of the next update: a time, or a length of time after this entry.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub next_update: Field<PromiseTime>,
    /// When service is expected to be restored; not a promise.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub expected_restoration: Field<Timestamp>,
    /// The new time between updates, instead of the severity's; needs `reason`.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub cadence: Field<Length>,
    /// The message to customers: the only free text of a note on their tickets. The ticket itself shows `impact.headline` and
    /// `impact.symptoms`. Audience: customers.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub customer_message: Field<String>,
    /// The customers that get the message. Default: every customer whose service is not restored; with the resolution or closure
    /// every customer who was told.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub customer_message_to: Field<Vec<Field<CustomerKey>>>,
    /// Why customers who were told of the incident get no last message from this program, such as: called by the sponsor.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub told_otherwise: Field<String>,
    /// The reason to hold all messages and promises to customers, until an update says `hold_customers: null`.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub hold_customers: Field<Nullable<String>>,
    /// Points of the timeline between updates. Audience: internal.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub timeline: Field<Vec<Field<TimelinePoint>>>,
    /// Named links. Audience: internal.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub links: Field<Entries<String>>,
    /// Existing tickets, by customer; they get notes, and are never edited.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub tickets: Field<Entries<String>>,
    /// The address of the Slack channel that people opened for the incident.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub slack_channel: Field<String>,
    /// Whether the incident issue is confidential. Default: true.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub confidential: Field<bool>,
    /// Whether the incident is a drill: nobody outside the team is told. Default: false.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub drill: Field<bool>,
    /// The reason to close the incident without a resolution.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub outcome: Field<ClosureReason>,
    /// The ids of related incidents.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub related: Field<Vec<Field<IncidentId>>>,
    /// The number of customers that messages may reach, if more than the limit of the process.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub reach: Field<u32>,
    /// The keys of effects that people carried out by hand; the program does not apply them.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub sent_by_hand: Field<Vec<Field<String>>>,
    /// The overridden rules, each with its reason.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub overrides: Field<Vec<Field<Override>>>,
}

/// The impact of the incident on customers; every field is optional.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Impact {
    /// The title of the customers' tickets; without it, the first sentence of `symptoms`. Audience: customers.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub headline: Field<String>,
    /// The kind of impact: availability (default), `data_loss` or security; for the last two, degradation and workaround
    /// do not matter.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub kind: Field<ImpactKind>,
    /// How badly service is degraded: a word of the process, such as `severe` or `total`.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub degradation: Field<String>,
    /// The workaround, or `none`.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub workaround: Field<String>,
    /// What customers see: the text of their tickets. Audience: customers; needed before the first words to them.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub symptoms: Field<String>,
    /// When the impact started.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub started_at: Field<Timestamp>,
    /// When the impact was detected.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub detected_at: Field<Timestamp>,
    /// When the impact ended.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub ended_at: Field<Timestamp>,
}

/// The kind of impact.
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
    /// The incident is a duplicate of the incident in `related`.
    Duplicate,
}

/// A rule that this incident overrides.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Override {
    /// The rule's code, such as `INC201`.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub rule: Field<String>,
    /// The reason for the override.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub reason: Field<String>,
}

/// A point of the timeline between updates.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Point")]
pub struct TimelinePoint {
    /// The time of the point: a time, or `HH:MM` (UTC) on the date of the entry.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub at: Field<TimeOrTimeOfDay>,
    /// What happened.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub what: Field<String>,
}
