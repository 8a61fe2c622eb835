//! The incident process as data: roles, severities, steps, statuses, gates. The program embeds the handbook's process;
//! a team's `process.yaml` changes it.
//!
//! *Invariant*: every team file yields a process; the rules report what does not fit in it.

mod bot;
mod file;
mod keyed;
mod names;
mod resolve;
mod sla;

use std::collections::BTreeMap;

pub use bot::BotUser;
pub use file::{
    BaseProcess, ProcessFile, RequiredField, RoleRequirement, RuleLevel, StatusKind, StepEffect, WrittenCount,
    WrittenGitlab, WrittenPromises, WrittenRole, WrittenSeverity, WrittenSlack, WrittenStatus, WrittenStep,
};
pub use keyed::{HasKey, Keyed};
pub use resolve::resolve;
pub use sla::{Target, TicketsClose, WrittenTargets};

use crate::model::{CustomerKey, Directory, FoldPolicy, Length, RoleKey, SeverityKey, StatusKey, StepKey};
use crate::span::Span;

/// The embedded process, in the format of `process.yaml`.
pub const HANDBOOK: &str = include_str!("handbook.yaml");

/// The name under which findings show the embedded process.
pub const HANDBOOK_PATH: &str = "handbook.yaml (embedded)";

/// The path of the team's process file, from the ledger's root.
pub const PROCESS_PATH: &str = "process.yaml";

/// The file and place that define a part of the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Origin {
    /// [`HANDBOOK_PATH`] or [`PROCESS_PATH`].
    pub path: &'static str,
    /// The place in that file.
    pub span: Span,
}

/// A value of the process, with the file and place that define it.
#[derive(Clone, PartialEq, Debug)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The file and place that define the value.
    pub origin: Origin,
}

/// A role of the process.
#[derive(Clone, PartialEq, Debug)]
pub struct Role {
    /// The key.
    pub key: RoleKey,
    /// The name to show.
    pub title: String,
    /// What the holder of the role does.
    pub duty: String,
    /// When somebody must hold the role.
    pub required: RoleRequirement,
    /// Whether several people may hold the role.
    pub many: bool,
    /// Other roles that the holder must not hold.
    pub apart: Vec<RoleKey>,
    /// Whether the holder must belong to the leadership.
    pub leadership: bool,
    /// The file and place that define it.
    pub origin: Origin,
}

/// A severity of the process.
#[derive(Clone, PartialEq, Debug)]
pub struct Severity {
    /// The key.
    pub key: SeverityKey,
    /// The name to show.
    pub title: String,
    /// The minimum and maximum number of affected customers; `None` if any number fits.
    pub customers: Option<Sourced<(u32, Option<u32>)>>,
    /// The words of `impact.degradation` that fit; `None` if any word fits.
    pub degradation: Option<Sourced<Vec<String>>>,
    /// The words of `impact.workaround` that fit; `None` if any text fits.
    pub workaround: Option<Sourced<Vec<String>>>,
    /// The time between two updates to the business, by status or `default`.
    pub cadence: BTreeMap<StatusKey, Sourced<Option<Length>>>,
    /// Whether customers get the same promise of updates.
    pub promises_customers: bool,
    /// The targets: within which time the process expects each part of the work.
    pub targets: BTreeMap<Target, Sourced<Length>>,
    /// The roles whose holders write summaries and customer messages; empty if anyone may.
    pub updates_by: Vec<RoleKey>,
    /// The steps, in order.
    pub steps: Keyed<Step>,
    /// The file and place that define it.
    pub origin: Origin,
}

/// A step of a severity.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// The key.
    pub key: StepKey,
    /// What people or the program do in this step.
    pub title: String,
    /// The roles whose holders do the step; empty if anyone may.
    pub by: Vec<RoleKey>,
    /// The effect that the program carries out for the step; `None` if people do the step.
    pub effect: Option<StepEffect>,
    /// The key of the effect's Slack channel.
    pub channel: Option<String>,
    /// The file and place that define it.
    pub origin: Origin,
}

/// A status of the process.
#[derive(Clone, PartialEq, Debug)]
pub struct Status {
    /// The key.
    pub key: StatusKey,
    /// The name to show.
    pub title: String,
    /// Whether the incident is active, resolved or closed in this status.
    pub kind: StatusKind,
    /// The statuses that may follow; `None` if the kind decides.
    pub to: Option<Vec<StatusKey>>,
    /// The texts that an entry needs to set this status.
    pub needs: Vec<RequiredField>,
    /// The file and place that define it.
    pub origin: Origin,
}

/// The process that applies: the handbook's with the team's changes.
#[derive(Clone, PartialEq, Debug)]
pub struct Process {
    /// The roles, in order.
    pub roles: Keyed<Role>,
    /// How long after the declaration a required role may stay empty.
    pub roles_within: Sourced<Length>,
    /// How long a manual step may stay unrecorded before people get a reminder.
    pub steps_within: Length,
    /// The severities, the worst first.
    pub severities: Keyed<Severity>,
    /// The statuses; an incident starts in the first.
    pub statuses: Keyed<Status>,
    /// The address of GitLab, which may receive the GitLab token.
    pub gitlab_url: Option<String>,
    /// The address of the chat service's API, which may receive its token.
    pub chat_url: Option<String>,
    /// The project of the incident issues.
    pub gitlab_project: Option<String>,
    /// GitLab users, by id or by name, whose issues and notes also count as the program's. Digits are an id.
    pub former_bots: Vec<String>,
    /// The GitLab mentions, by occasion.
    pub gitlab_mention: BTreeMap<String, String>,
    /// The GitLab labels, by use.
    pub labels: BTreeMap<String, String>,
    /// The Slack channel ids, by name.
    pub channels: BTreeMap<String, String>,
    /// The Slack mentions in a ping, by severity.
    pub slack_mention: BTreeMap<SeverityKey, String>,
    /// How long before the due time the author of a promise gets a reminder.
    pub nag_before: Length,
    /// The escalation policy: after which overdue time the holders of which role are told; shortest time first.
    pub overdue: Vec<(Length, RoleKey)>,
    /// How many customers a run may reach without `reach` in the record.
    pub reach: Sourced<u32>,
    /// How far the time of an update may differ from the server's.
    pub clock_tolerance: Length,
    /// When customers' tickets are closed.
    pub tickets_close: TicketsClose,
    /// The age after which an unsent message is held until a person asks for it.
    pub stale_after: Length,
    /// The levels that the process sets, by rule code.
    pub levels: BTreeMap<String, Sourced<RuleLevel>>,
    /// The codes of the rules that are errors at each gate.
    pub gates: BTreeMap<String, Sourced<Vec<String>>>,
    /// The team's file; `None` if it does not exist.
    pub team: Option<ProcessFile>,
}

impl Process {
    /// The role with this key.
    #[must_use]
    pub fn role(&self, key: &str) -> Option<&Role> {
        self.roles.with_key(key)
    }

    /// The severity with this key.
    #[must_use]
    pub fn severity(&self, key: &str) -> Option<&Severity> {
        self.severities.with_key(key)
    }

    /// The status with this key.
    #[must_use]
    pub fn status(&self, key: &str) -> Option<&Status> {
        self.statuses.with_key(key)
    }

    /// Whether an incident with this status is active, resolved or closed; active if the status is unknown.
    #[must_use]
    pub fn status_kind(&self, status: &StatusKey) -> StatusKind {
        self.status(status.as_str())
            .map_or(StatusKind::Active, |status| status.kind)
    }

    /// The title of a role; the key if the role is unknown.
    #[must_use]
    pub fn role_title<'a>(&'a self, key: &'a str) -> &'a str {
        self.role(key).map_or(key, |role| &role.title)
    }

    /// The title of a status; the key if the status is unknown.
    #[must_use]
    pub fn status_title<'a>(&'a self, key: &'a str) -> &'a str {
        self.status(key).map_or(key, |status| &status.title)
    }

    /// The title of a severity; the key if the severity is unknown.
    #[must_use]
    pub fn severity_title<'a>(&'a self, key: &'a str) -> &'a str {
        self.severity(key).map_or(key, |severity| &severity.title)
    }

    /// The position of a severity among all severities: 0 is the worst, an unknown severity comes last.
    #[must_use]
    pub fn severity_rank(&self, key: &str) -> usize {
        self.severities.place_of(key).unwrap_or(self.severities.len())
    }

    /// Whether the status `to` may follow the status `from`.
    #[must_use]
    pub fn may_follow(&self, from: &StatusKey, to: &StatusKey) -> bool {
        let Some(status) = self.status(from.as_str()) else {
            return true;
        };
        match (&status.to, status.kind) {
            (Some(allowed), _) => allowed.contains(to),
            (None, StatusKind::Active | StatusKind::Resolved) => true,
            (None, StatusKind::Closed) => false,
        }
    }

    /// The cadence of a severity in a status, with the place that defines it; `None` if there is no cadence.
    #[must_use]
    pub fn cadence_of(&self, severity: &SeverityKey, status: &StatusKey) -> Option<Sourced<Length>> {
        let severity = self.severity(severity.as_str())?;
        let by_status = severity.cadence.get(status);
        let default = || {
            let active = self.status_kind(status) == StatusKind::Active;
            severity.cadence.get("default").filter(|_| active)
        };
        let sourced = by_status.or_else(default)?;
        sourced.value.map(|value| Sourced {
            value,
            origin: sourced.origin,
        })
    }
}

impl Severity {
    /// The step with this key.
    #[must_use]
    pub fn step(&self, key: &str) -> Option<&Step> {
        self.steps.with_key(key)
    }
}

/// Implements [`HasKey`] for types with a field `key`.
macro_rules! has_key {
    ($($type:ty),+) => {
        $(impl HasKey for $type {
            fn key(&self) -> &str {
                self.key.as_str()
            }
        })+
    };
}

has_key!(Role, Severity, Step, Status);

impl Process {
    /// The status of an incident whose declaration names no status.
    #[must_use]
    pub fn initial_status(&self) -> StatusKey {
        let first = self.statuses.first().map(|status| status.key.clone());
        first.unwrap_or_else(|| StatusKey::from("investigating"))
    }

    /// The cadence of a severity in a status; `None` if there is no cadence.
    #[must_use]
    pub fn cadence(&self, severity: &SeverityKey, status: &StatusKey) -> Option<Length> {
        self.cadence_of(severity, status).map(|cadence| cadence.value)
    }

    /// The process together with people and customers, as the fold needs it.
    #[must_use]
    pub const fn with<'a>(&'a self, directory: &'a Directory) -> FoldTerms<'a> {
        FoldTerms {
            process: self,
            directory,
            other: directory,
        }
    }
}

/// What the fold asks of the process and of the customers.
#[derive(Clone, Copy)]
pub struct FoldTerms<'a> {
    process: &'a Process,
    directory: &'a Directory,
    /// The same people and customers under other names.
    other: &'a Directory,
}

impl<'a> FoldTerms<'a> {
    /// The same terms for records that name customers as another directory does, such as one with masked credentials.
    #[must_use]
    pub const fn or(self, other: &'a Directory) -> Self {
        Self { other, ..self }
    }
}

impl FoldPolicy for FoldTerms<'_> {
    fn initial_status(&self) -> StatusKey {
        self.process.initial_status()
    }

    fn is_active(&self, status: &StatusKey) -> bool {
        self.process.status_kind(status) == StatusKind::Active
    }

    fn cadence(&self, severity: &SeverityKey, status: &StatusKey) -> Option<Length> {
        self.process.cadence(severity, status)
    }

    fn promises_customers(&self, severity: &SeverityKey) -> bool {
        let severity = self.process.severity(severity.as_str());
        severity.is_some_and(|severity| severity.promises_customers)
    }

    fn ticket_step(&self, severity: &SeverityKey) -> Option<StepKey> {
        let steps = &self.process.severity(severity.as_str())?.steps;
        let step = steps.iter().find(|step| step.effect == Some(StepEffect::Tickets))?;
        Some(step.key.clone())
    }

    fn has_ticket_project(&self, customer: &CustomerKey) -> bool {
        let key = customer.as_str();
        self.directory.has_ticket_project(key) || self.other.has_ticket_project(key)
    }
}

#[cfg(test)]
mod tests;
