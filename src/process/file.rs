//! `process.yaml` as it is written: the embedded process and a team's changes to it have the same form.

use schemars::JsonSchema;
use serde::Deserialize;

use super::bot::BotUser;
use super::sla::{TicketsClose, WrittenTargets};
use crate::model::{Entries, Length, Nullable, RoleKey, StatusKey};
use crate::span::Field;

/// The incident process as data. A process that extends the handbook may leave out every field.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProcessFile {
    /// The process to start from; without it, this file defines the whole process.
    pub extends: Field<BaseProcess>,
    /// The roles, by key; `null` removes a role of the handbook.
    pub roles: Field<Entries<Nullable<WrittenRole>>>,
    /// The time after the declaration within which each required role must be held.
    pub roles_within: Field<Length>,
    /// The severities, by key, the worst first.
    pub severities: Field<Entries<Nullable<WrittenSeverity>>>,
    /// The statuses, by key; an incident starts in the first.
    pub statuses: Field<Entries<Nullable<WrittenStatus>>>,
    /// The GitLab server, the project of the incident issues, and the labels and mentions to use.
    pub gitlab: Field<WrittenGitlab>,
    /// The Slack channels and mentions to use.
    pub slack: Field<WrittenSlack>,
    /// The reminders of promises.
    pub promises: Field<WrittenPromises>,
    /// The time that a manual step may stay unrecorded before people get a reminder.
    pub steps_within: Field<Length>,
    /// The largest number of customers that a run may reach without `reach: N` in the record.
    pub customers_reached_without_asking: Field<u32>,
    /// The largest difference between the time of an update and the server's time.
    pub clock_tolerance: Field<Length>,
    /// When customers' tickets are closed: with the closure of the incident (`closed`, default), `never`, or a length of time after
    /// the closure.
    pub tickets_close: Field<TicketsClose>,
    /// The age of an update from which its messages are held until a person asks for them.
    pub stale_after: Field<Length>,
    /// The levels of single rules, by code.
    pub rules: Field<Entries<RuleLevel>>,
    /// The rules that are errors for an entry that passes a gate, by gate.
    pub gates: Field<Entries<Vec<Field<String>>>>,
}

impl ProcessFile {
    /// The settings of the team's chat service; `None` if the file has no section for one.
    pub(super) fn chat(&self) -> Option<&WrittenSlack> {
        self.slack.get()
    }
}

/// The process that another process starts from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Extends")]
pub enum BaseProcess {
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
    /// The work of the role's holder.
    pub duty: Field<String>,
    /// When somebody must hold the role.
    pub required: Field<RoleRequirement>,
    /// Whether several people may hold the role.
    pub many: Field<bool>,
    /// The roles that the holder must not hold as well.
    pub apart: Field<Vec<Field<RoleKey>>>,
    /// Whether the holder must belong to the leadership.
    pub leadership: Field<bool>,
}

/// When somebody must hold a role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Required")]
pub enum RoleRequirement {
    /// In every incident.
    Always,
    /// In no incident.
    #[default]
    Never,
    /// In incidents that affect a strategic customer.
    Strategic,
}

/// A severity.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SeverityFile")]
pub struct WrittenSeverity {
    /// The name to show.
    pub title: Field<String>,
    /// The number of affected customers.
    pub customers: Field<WrittenCount>,
    /// The words that `impact.degradation` may have. Default: any.
    pub degradation: Field<Vec<Field<String>>>,
    /// The words that `impact.workaround` may have. Default: any.
    pub workaround: Field<Vec<Field<String>>>,
    /// The time between two updates to the business, by status; `default` is for every active status, `null` means never.
    pub cadence: Field<Entries<Nullable<Length>>>,
    /// Whether customers get the same promise of updates.
    pub promises_customers: Field<bool>,
    /// The targets: the longest times within which the process expects its steps. `null` removes a target.
    pub sla: Field<WrittenTargets>,
    /// The roles whose holders write summaries and messages to customers. Default: anyone.
    pub updates_by: Field<Vec<Field<RoleKey>>>,
    /// The steps, by key, in order; they replace all steps of the handbook.
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
    /// The work of the step.
    pub title: Field<String>,
    /// The roles whose holders do and record the step. Default: anyone.
    pub by: Field<Vec<Field<RoleKey>>>,
    /// The effect that the program applies for the step. Without it, people do the step and record their evidence.
    pub effect: Field<StepEffect>,
    /// The channel of the effect, a key of `slack.channels`.
    pub channel: Field<String>,
}

/// The effect that the program applies for a step, and its time: a ping and a channel as soon as the incident is declared, a
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
    /// Whether an incident in this status is active, resolved or closed.
    pub kind: Field<StatusKind>,
    /// The statuses that may follow. Default: from an active status all but closed, from a resolved status all but closed
    /// statuses that are not final, from a closed status none.
    pub to: Field<Vec<Field<StatusKey>>>,
    /// The fields that an entry must have to set this status.
    pub needs: Field<Vec<Field<RequiredField>>>,
}

/// Whether an incident is active, resolved or closed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusKind {
    /// The incident is running.
    #[default]
    Active,
    /// Service is restored; the incident may become active again.
    Resolved,
    /// The incident has ended for good.
    Closed,
}

/// A field that an entry must have to set a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Needed")]
pub enum RequiredField {
    /// `current_status`.
    CurrentStatus,
    /// `current_actions`.
    CurrentActions,
    /// `next_steps`.
    NextSteps,
    /// `customer_message`, if a customer was told of the incident before.
    CustomerMessage,
    /// `reason`.
    Reason,
}

/// GitLab.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "GitlabFile")]
pub struct WrittenGitlab {
    /// The address of the server, the only one that gets the token.
    pub url: Field<String>,
    /// The project of the incident issues. Default: the project of the pipeline.
    pub project: Field<String>,
    /// Former bot users, by id: their issues and notes also count as this program's. A name works too, with a warning, because
    /// another user can take it.
    pub former_bots: Field<Vec<Field<BotUser>>>,
    /// The users or groups to mention, by occasion (`executives`).
    pub mention: Field<Entries<String>>,
    /// The labels: `severity` and `status` are prefixes, `drill` is a label.
    pub labels: Field<Entries<String>>,
}

/// Slack.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SlackFile")]
pub struct WrittenSlack {
    /// The address of the server, the only one that gets the token.
    pub url: Field<String>,
    /// The channel ids, by the names that steps use.
    pub channels: Field<Entries<String>>,
    /// The users or groups that a ping mentions, by severity.
    pub mention: Field<Entries<String>>,
}

/// Reminders.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "PromisesFile")]
pub struct WrittenPromises {
    /// The time before a promise is due at which its author gets a reminder.
    pub nag_before: Field<Length>,
    /// The role that is told of an overdue promise, by the time that it is overdue.
    pub overdue: Field<Entries<RoleKey>>,
}

/// The level of a rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// Not reported.
    Off,
    /// Reported as a note.
    Info,
    /// Reported as a warning.
    Warning,
    /// Reported as an error, which fails the check.
    Error,
}
