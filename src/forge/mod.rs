//! The interface to a place in which effects are applied, and its two implementations: GitLab and the outbox.
//!
//! *Invariant*: a forge applies effects and reports what exists; it decides nothing.

pub mod gitlab;
mod journal;
mod outbox;

pub use outbox::Outbox;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::effects::{EarlierRuns, Effect, Key, Kind, Observed, ObservedTime, Planned};
use crate::health::DoctorCheckResult;
use crate::model::{CustomerKey, IncidentId, Timestamp};
use crate::transport::Cost;

/// An incident and its desired effects, the input of a forge.
#[derive(Clone, Copy, Debug)]
pub struct DesiredIncident<'a> {
    /// The incident.
    pub incident: &'a IncidentId,
    /// The desired effects.
    pub effects: &'a [Effect],
    /// The earliest time in the incident's record; no object of the incident is older.
    pub since: Timestamp,
    /// The keys of objects that a person asked to create again, although they had been removed.
    pub recreate: &'a BTreeSet<Key>,
}

/// The observed objects of an incident.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Observation {
    /// The objects that this program made, by key.
    pub seen: Observed,
    /// The objects that are left alone, because a person changed them or their author is unknown.
    pub left: BTreeMap<Key, Skipped>,
    /// What earlier runs did with the incident.
    pub earlier: EarlierRuns,
    /// Why the place of an object is unknown. The run fails only if something is to be written there.
    pub unknown: BTreeMap<Key, String>,
}

impl DesiredIncident<'_> {
    /// Whether the incident is active: its issue is to be open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        is_open(self.effects)
    }

    /// The time of the last entry that an earlier run handled: the last one with a summary among the observed objects. `None` if
    /// no entry has one.
    #[must_use]
    pub fn handled_until(&self, is_seen: impl Fn(&Key) -> bool) -> Option<Timestamp> {
        let summaries = self.effects.iter().filter(|effect| effect.kind == Kind::Summary);
        summaries
            .filter(|effect| is_seen(&effect.key))
            .map(|effect| effect.since)
            .max()
    }
}

/// Whether an incident with these effects is active: its issue is to be open.
#[must_use]
pub fn is_open(effects: &[Effect]) -> bool {
    let mut issues = effects.iter().filter(|effect| effect.kind == Kind::Issue);
    issues.all(|issue| issue.open)
}

impl Observation {
    /// Removes the actions that are not taken because of what earlier runs did.
    pub fn withhold(&self, wanted: &DesiredIncident, steps: &mut Vec<Planned>) {
        let is_open = wanted.is_open();
        steps.retain(|planned| !self.earlier.withholds(planned, is_open, &self.seen));
    }

    /// Why it is unknown where an effect's object, or the ticket that it belongs to, is; `None` if it is known.
    #[must_use]
    pub fn why_unknown(&self, effect: &Effect) -> Option<&String> {
        let ticket = || {
            self.unknown
                .get(&effect.parent_key())
                .filter(|_| effect.adopted().is_none())
        };
        self.unknown.get(&effect.key).or_else(ticket)
    }
}

/// The reason why an object is left alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// The reason, and what to do.
    pub why: String,
    /// Whether a needed object is missing, so that the run fails.
    pub blocking: bool,
}

/// Why a forge did not apply an effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The effect was certainly not applied.
    Failed(String),
    /// The request timed out and its result was not found; it may still complete. The next run looks for it first.
    Unknown(String),
    /// A person removed the place, such as the issue or the channel; the effect is not applied.
    Skipped(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) | Self::Unknown(why) | Self::Skipped(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Failure {}

/// Whether a run may go on with an incident's plan or has to observe and plan again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// Apply the plan.
    Proceed,
    /// The observation may be outdated: observe and plan again.
    Replan,
}

/// Why a run cannot begin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuthenticationError {
    /// The forge refuses the token.
    Refused(String),
    /// The forge cannot be asked.
    Unavailable(String),
}

/// Why maintenance was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MaintenanceError {
    /// The token has no right to do the maintenance.
    Forbidden(String),
    /// It failed.
    Failed(String),
}

/// The result of keeping the note on a merge request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoteResult {
    /// A new note was posted.
    Posted,
    /// The note was edited.
    Edited,
    /// The note already has the wanted text; nothing was written.
    Unchanged,
}

/// The project of a customer's tickets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TicketProject {
    /// The customer's key.
    pub customer: CustomerKey,
    /// The project's path or number.
    pub project: String,
    /// Whether the project is a Service Desk.
    pub service_desk: bool,
}

/// A place in which effects are applied: GitLab or the outbox.
pub trait Forge {
    /// Checks once, before the first read, that the forge answers and accepts the token.
    ///
    /// # Errors
    /// Fails if the forge refuses the token or does not answer.
    fn authenticate(&mut self) -> Result<(), AuthenticationError> {
        Ok(())
    }

    /// The address of the forge, as people see it.
    fn address(&self) -> String;

    /// The requests and the waiting time of each service so far, by the service's name.
    fn costs(&self) -> Vec<(&'static str, Cost)> {
        Vec::new()
    }

    /// Why a customer's words must not go to the adopted ticket at this address; `None` if they may.
    ///
    /// # Errors
    /// Fails if the forge does not show the ticket's project to this token.
    fn adopted_ticket_refusal(&mut self, customer: &CustomerKey, ticket: &str) -> anyhow::Result<Option<String>> {
        let _ = (customer, ticket);
        Ok(None)
    }

    /// The results of examining the token, the projects and their settings. Reads only.
    fn examine(&mut self, tickets: &[TicketProject]) -> Vec<DoctorCheckResult> {
        let _ = tickets;
        Vec::new()
    }

    /// The users behind a merge request: its author first, then its approvers.
    ///
    /// # Errors
    /// Fails if the merge request cannot be read.
    fn actors(&mut self, merge_request: u64) -> anyhow::Result<Vec<String>> {
        let _ = merge_request;
        Ok(Vec::new())
    }

    /// Keeps one note of this program on a merge request.
    ///
    /// # Errors
    /// Fails if the note cannot be kept.
    fn post_or_edit_note(&mut self, merge_request: u64, note: &str) -> anyhow::Result<NoteResult> {
        let _ = (merge_request, note);
        anyhow::bail!("{} has no merge requests", self.address())
    }

    /// Withdraws incidents whose issue was opened from a merge request that will never be merged, and returns a line for each.
    /// `merged` are the ids of the default branch.
    ///
    /// # Errors
    /// Fails if they cannot be found or withdrawn.
    fn withdraw(&mut self, merged: &BTreeSet<IncidentId>, since: Timestamp) -> Result<Vec<String>, MaintenanceError> {
        let _ = (merged, since);
        Ok(Vec::new())
    }

    /// Deletes merged branches of incidents, and returns their names.
    ///
    /// # Errors
    /// Fails if they cannot be found or deleted.
    fn delete_merged_branches(&mut self) -> Result<Vec<String>, MaintenanceError> {
        Ok(Vec::new())
    }

    /// Removes the lock of a run that ended long ago, and returns whether there was one.
    ///
    /// # Errors
    /// Fails if it cannot be found or removed.
    fn sweep_lock(&mut self) -> Result<bool, MaintenanceError> {
        Ok(false)
    }

    /// Whether the forge can apply effects of this kind.
    fn carries(&self, kind: Kind) -> bool {
        let _ = kind;
        true
    }

    /// Returns the observed objects of an incident.
    ///
    /// # Errors
    /// Fails if the objects cannot be read; then nothing may be created.
    fn observe(&mut self, wanted: &DesiredIncident) -> anyhow::Result<Observation>;

    /// Prepares for the planned actions of an incident: takes the lock and stores what is about to be created.
    ///
    /// # Errors
    /// Fails if the preparation fails; then no action of this incident may be applied.
    fn begin(&mut self, wanted: &DesiredIncident, steps: &[Planned]) -> Result<Readiness, Failure> {
        let _ = (wanted, steps);
        Ok(Readiness::Proceed)
    }

    /// Applies one planned action and returns the address of its result.
    ///
    /// # Errors
    /// Fails if the action was not applied, or if it is unknown whether it was.
    fn carry_out(&mut self, planned: &Planned) -> Result<String, Failure>;

    /// Stores in the index where each object of this incident is.
    ///
    /// # Errors
    /// Fails if the places cannot be stored; the next run then looks for all objects that were about to be created.
    fn finish(&mut self, wanted: &DesiredIncident) -> Result<(), Failure> {
        let _ = wanted;
        Ok(())
    }

    /// The objects of an incident of which it is known when the server made them.
    fn observed_times(&self, incident: &IncidentId) -> Vec<(Key, ObservedTime)> {
        let _ = incident;
        Vec::new()
    }

    /// Returns the notices since the last call; a notice is not a failure.
    fn notices(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Releases the lock, so that other runs can write.
    fn close(&mut self) {}
}
