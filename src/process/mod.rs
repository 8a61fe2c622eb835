//! The incident process as data: roles, severities, steps, statuses, gates. The handbook's is embedded; a team's
//! `process.yaml` changes it.
//!
//! *Invariant*: whatever a team's file says, there is a process; what does not fit in it is a rule's business.

mod file;
mod resolve;

use std::collections::BTreeMap;

pub use file::{
    CountFile, Extends, GitlabFile, Needed, ProcessFile, PromisesFile, Required, RoleFile, RuleLevel, SeverityFile,
    SlackFile, StatusFile, StatusKind, StepEffect, StepFile,
};
pub use resolve::resolve;

use crate::model::{FoldPolicy, Length, RoleKey, SeverityKey, StatusKey, StepKey};
use crate::span::Span;

/// The embedded process, in the format of `process.yaml`.
pub const HANDBOOK: &str = include_str!("handbook.yaml");

/// The name under which findings show the embedded process.
pub const HANDBOOK_PATH: &str = "handbook.yaml (embedded)";

/// The team's file.
pub const PROCESS_PATH: &str = "process.yaml";

/// Where something of the process is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Origin {
    /// [`HANDBOOK_PATH`] or [`PROCESS_PATH`].
    pub path: &'static str,
    /// The place in that file.
    pub span: Span,
}

/// A part of the process, and where it is written.
#[derive(Clone, PartialEq, Debug)]
pub struct Sourced<T> {
    /// The part.
    pub value: T,
    /// Where.
    pub origin: Origin,
}

/// A role.
#[derive(Clone, PartialEq, Debug)]
pub struct Role {
    /// Its key.
    pub key: RoleKey,
    /// The name to show.
    pub title: String,
    /// What its holder does.
    pub duty: String,
    /// When it has to be held.
    pub required: Required,
    /// Several people may hold it.
    pub many: bool,
    /// Roles that the same person may not hold.
    pub apart: Vec<RoleKey>,
    /// Its holder has to be of the leadership.
    pub leadership: bool,
    /// Where it is written.
    pub origin: Origin,
}

/// A severity.
#[derive(Clone, PartialEq, Debug)]
pub struct Severity {
    /// Its key.
    pub key: SeverityKey,
    /// The name to show.
    pub title: String,
    /// How many customers it affects: at least, at most.
    pub customers: Option<Sourced<(u32, Option<u32>)>>,
    /// The words of `impact.degradation` that fit.
    pub degradation: Option<Sourced<Vec<String>>>,
    /// The words of `impact.workaround` that fit.
    pub workaround: Option<Sourced<Vec<String>>>,
    /// How often the business is told, by status or `default`.
    pub cadence: BTreeMap<String, Sourced<Option<Length>>>,
    /// The cadence is promised to customers as well.
    pub promises_customers: bool,
    /// Roles whose holders write summaries and words to customers; none: anyone.
    pub updates_by: Vec<RoleKey>,
    /// Steps, in order.
    pub steps: Vec<Step>,
    /// Where it is written.
    pub origin: Origin,
}

/// A step of a severity.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Its key.
    pub key: StepKey,
    /// What is done.
    pub title: String,
    /// Roles whose holders do it; none: anyone.
    pub by: Vec<RoleKey>,
    /// What the program does for it.
    pub effect: Option<StepEffect>,
    /// The channel of the effect.
    pub channel: Option<String>,
    /// Where it is written.
    pub origin: Origin,
}

/// A status.
#[derive(Clone, PartialEq, Debug)]
pub struct Status {
    /// Its key.
    pub key: StatusKey,
    /// The name to show.
    pub title: String,
    /// Whether the incident is running.
    pub kind: StatusKind,
    /// Statuses that may follow; none given: as the kind says.
    pub to: Option<Vec<StatusKey>>,
    /// Texts that the entry has to have which sets it.
    pub needs: Vec<Needed>,
    /// Where it is written.
    pub origin: Origin,
}

/// The process that applies.
#[derive(Clone, PartialEq, Debug)]
pub struct Process {
    /// Roles, in order.
    pub roles: Vec<Role>,
    /// How long a required role may stay empty.
    pub roles_within: Sourced<Length>,
    /// How long a step may wait that people have to record, before they are reminded.
    pub steps_within: Length,
    /// Severities, the worst first.
    pub severities: Vec<Severity>,
    /// Statuses; the first is where an incident starts.
    pub statuses: Vec<Status>,
    /// The host that tokens may go to.
    pub gitlab_url: Option<String>,
    /// The address that Slack's token may go to.
    pub slack_url: Option<String>,
    /// The project of the incident issues.
    pub gitlab_project: Option<String>,
    /// Users whose objects are ours too.
    pub former_bots: Vec<String>,
    /// Who is mentioned on GitLab, by occasion.
    pub gitlab_mention: BTreeMap<String, String>,
    /// Labels by use.
    pub labels: BTreeMap<String, String>,
    /// Slack channel ids by name.
    pub channels: BTreeMap<String, String>,
    /// Who is mentioned in a ping, by severity.
    pub slack_mention: BTreeMap<String, String>,
    /// How long before a promise falls due its maker is reminded.
    pub nag_before: Length,
    /// Who is told of an overdue promise, by how long it is overdue; the shortest first.
    pub overdue: Vec<(Length, RoleKey)>,
    /// More customers than this need `reach` in the record.
    pub reach: Sourced<u32>,
    /// How far an update's time may be from the server's.
    pub clock_tolerance: Length,
    /// Words whose reason is older are sent only when asked.
    pub stale_after: Length,
    /// Levels of single rules by code.
    pub levels: BTreeMap<String, Sourced<RuleLevel>>,
    /// Codes by gate.
    pub gates: BTreeMap<String, Sourced<Vec<String>>>,
    /// The team's file, where there is one.
    pub team: Option<ProcessFile>,
}

impl Process {
    /// The role of this key.
    #[must_use]
    pub fn role(&self, key: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.key.as_str() == key)
    }

    /// The severity of this key.
    #[must_use]
    pub fn severity(&self, key: &str) -> Option<&Severity> {
        self.severities.iter().find(|severity| severity.key.as_str() == key)
    }

    /// The status of this key.
    #[must_use]
    pub fn status(&self, key: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.key.as_str() == key)
    }

    /// Whether the incident is running in this status; yes where the status is unknown.
    #[must_use]
    pub fn status_kind(&self, status: &StatusKey) -> StatusKind {
        self.status(status.as_str())
            .map_or(StatusKind::Active, |status| status.kind)
    }

    /// The name of a role to show.
    #[must_use]
    pub fn role_title<'a>(&'a self, key: &'a str) -> &'a str {
        self.role(key).map_or(key, |role| &role.title)
    }

    /// The name of a status to show.
    #[must_use]
    pub fn status_title<'a>(&'a self, key: &'a str) -> &'a str {
        self.status(key).map_or(key, |status| &status.title)
    }

    /// The name of a severity to show.
    #[must_use]
    pub fn severity_title<'a>(&'a self, key: &'a str) -> &'a str {
        self.severity(key).map_or(key, |severity| &severity.title)
    }

    /// How bad a severity is: 0 is the worst; unknown ones come last.
    #[must_use]
    pub fn severity_rank(&self, key: &str) -> usize {
        let place = self.severities.iter().position(|severity| severity.key.as_str() == key);
        place.unwrap_or(self.severities.len())
    }

    /// Whether `to` may follow `from`.
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

    /// The cadence of a severity in a status, and where it is written.
    #[must_use]
    pub fn cadence_of(&self, severity: &SeverityKey, status: &StatusKey) -> Option<Sourced<Length>> {
        let severity = self.severity(severity.as_str())?;
        let by_status = severity.cadence.get(status.as_str());
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
    /// The step of this key.
    #[must_use]
    pub fn step(&self, key: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.key.as_str() == key)
    }
}

impl FoldPolicy for Process {
    fn initial_status(&self) -> StatusKey {
        let first = self.statuses.first().map(|status| status.key.clone());
        first.unwrap_or_else(|| StatusKey::from("investigating"))
    }

    fn is_active(&self, status: &StatusKey) -> bool {
        self.status_kind(status) == StatusKind::Active
    }

    fn cadence(&self, severity: &SeverityKey, status: &StatusKey) -> Option<Length> {
        self.cadence_of(severity, status).map(|cadence| cadence.value)
    }

    fn promises_customers(&self, severity: &SeverityKey) -> bool {
        self.severity(severity.as_str())
            .is_some_and(|severity| severity.promises_customers)
    }
}

#[cfg(test)]
mod tests;
