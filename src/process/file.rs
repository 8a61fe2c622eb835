//! `process.yaml` as it is written: the embedded process and a team's changes to it have the same form.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{Entries, Length, Nullable, RoleKey, StatusKey};
use crate::span::Field;

/// The incident process as data. All optional where it extends the handbook.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProcessFile {
    /// Start from the embedded process; without it, everything is written here.
    pub extends: Field<Extends>,
    /// Roles by key. `null` takes one of the handbook's away.
    pub roles: Field<Entries<Nullable<WrittenRole>>>,
    /// How long after the declaration a required role may stay empty.
    pub roles_within: Field<Length>,
    /// Severities by key, the worst first.
    pub severities: Field<Entries<Nullable<WrittenSeverity>>>,
    /// Statuses by key; the first is where an incident starts.
    pub statuses: Field<Entries<Nullable<WrittenStatus>>>,
    /// Where GitLab is, and which of its objects are ours.
    pub gitlab: Field<WrittenGitlab>,
    /// Slack's channels and mentions.
    pub slack: Field<WrittenSlack>,
    /// Reminders of promises.
    pub promises: Field<WrittenPromises>,
    /// How long a step may wait that people have to record, before they are reminded.
    pub steps_within: Field<Length>,
    /// More customers than this need `reach: N` in the record.
    pub customers_reached_without_asking: Field<u32>,
    /// How far an update's time may be from the server's.
    pub clock_tolerance: Field<Length>,
    /// Words whose reason is older are shown, and sent only when asked.
    pub stale_after: Field<Length>,
    /// Levels of single rules by code.
    pub rules: Field<Entries<RuleLevel>>,
    /// Rules that are errors where an entry passes a gate.
    pub gates: Field<Entries<Vec<Field<String>>>>,
}

impl ProcessFile {
    /// The settings of the team's chat service; `None` if the file has no section for one.
    pub(super) fn chat(&self) -> Option<&WrittenSlack> {
        self.slack.get()
    }
}

/// What a process may start from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extends {
    /// The embedded process.
    Handbook,
}

/// A role.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RoleFile")]
pub struct WrittenRole {
    /// The name to show.
    pub title: Field<String>,
    /// What its holder does.
    pub duty: Field<String>,
    /// When it has to be held.
    pub required: Field<Required>,
    /// Several people may hold it.
    pub many: Field<bool>,
    /// Roles that the same person may not hold.
    pub apart: Field<Vec<Field<RoleKey>>>,
    /// Its holder has to be of the leadership.
    pub leadership: Field<bool>,
}

/// When a role has to be held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// In every incident.
    Always,
    /// In none.
    #[default]
    Never,
    /// Where an affected customer is strategic.
    Strategic,
}

/// A severity.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SeverityFile")]
pub struct WrittenSeverity {
    /// The name to show.
    pub title: Field<String>,
    /// How many customers it affects.
    pub customers: Field<WrittenCount>,
    /// The words of `impact.degradation` that fit. Without it: any.
    pub degradation: Field<Vec<Field<String>>>,
    /// The words of `impact.workaround` that fit. Without it: any.
    pub workaround: Field<Vec<Field<String>>>,
    /// How often the business is told, by status; `default` is every active one, `null` is never.
    pub cadence: Field<Entries<Nullable<Length>>>,
    /// The cadence is promised to customers as well.
    pub promises_customers: Field<bool>,
    /// Roles whose holders write summaries and words to customers. Without it: anyone.
    pub updates_by: Field<Vec<Field<RoleKey>>>,
    /// Steps by key, in order. Replaces the handbook's steps as a whole.
    pub steps: Field<Entries<WrittenStep>>,
}

/// A range of numbers, both ends included.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "CountFile")]
pub struct WrittenCount {
    /// At least.
    pub min: Field<u32>,
    /// At most.
    pub max: Field<u32>,
}

/// A step.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "StepFile")]
pub struct WrittenStep {
    /// What is done.
    pub title: Field<String>,
    /// Roles whose holders do and record it. Without it: anyone.
    pub by: Field<Vec<Field<RoleKey>>>,
    /// What the program does for this step. Without it: people do it and record their evidence.
    pub effect: Field<StepEffect>,
    /// The channel of the effect, a key of `slack.channels`.
    pub channel: Field<String>,
}

/// What the program does for a step, and with it when: a ping and a channel as soon as the incident is declared, a
/// broadcast with the first promise, tickets when the customers and their symptoms are known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepEffect {
    /// A message with a mention.
    Ping,
    /// A dedicated channel.
    Channel,
    /// One message with the first promise, and one at the resolution.
    Broadcast,
    /// A ticket for each customer.
    Tickets,
}

/// A status.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "StatusFile")]
pub struct WrittenStatus {
    /// The name to show.
    pub title: Field<String>,
    /// Whether the incident is running.
    pub kind: Field<StatusKind>,
    /// Statuses that may follow. Without it: from an active one all but closed, from a resolved one all but closed ones
    /// that are not final, from a closed one none.
    pub to: Field<Vec<Field<StatusKey>>>,
    /// Fields that the entry has to have which sets this status.
    pub needs: Field<Vec<Field<Needed>>>,
}

/// Whether an incident is running.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusKind {
    /// It is.
    #[default]
    Active,
    /// Service is back; it may come again.
    Resolved,
    /// Final.
    Closed,
}

/// A text that a status may need.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Needed {
    /// `current_status`.
    CurrentStatus,
    /// `current_actions`.
    CurrentActions,
    /// `next_steps`.
    NextSteps,
    /// `customer_message`, where a customer has been told of the incident.
    CustomerMessage,
    /// `reason`.
    Reason,
}

/// GitLab.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "GitlabFile")]
pub struct WrittenGitlab {
    /// Tokens go to this host only.
    pub url: Field<String>,
    /// The project of the incident issues. Default: the one that the pipeline runs in.
    pub project: Field<String>,
    /// Users whose objects are ours too.
    pub former_bots: Field<Vec<Field<String>>>,
    /// Who is mentioned, by occasion (`executives`).
    pub mention: Field<Entries<String>>,
    /// Labels: `severity` and `status` are prefixes, `drill` is a label.
    pub labels: Field<Entries<String>>,
}

/// Slack.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SlackFile")]
pub struct WrittenSlack {
    /// Tokens go to this host only.
    pub url: Field<String>,
    /// Channel ids by the names that steps use.
    pub channels: Field<Entries<String>>,
    /// Who is mentioned in a ping, by severity.
    pub mention: Field<Entries<String>>,
}

/// Reminders.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "PromisesFile")]
pub struct WrittenPromises {
    /// How long before a promise falls due its maker is reminded.
    pub nag_before: Field<Length>,
    /// Who is told of an overdue promise, by how long it is overdue.
    pub overdue: Field<Entries<RoleKey>>,
}

/// The level of a rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// Not reported.
    Off,
    /// Worth knowing.
    Info,
    /// To be looked at.
    Warning,
    /// Fails the check.
    Error,
}
