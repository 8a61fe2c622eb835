//! Where effects are carried out: a seam, and behind it GitLab and the outbox.
//!
//! *Invariant*: a forge does what it is told and says what is there; it decides nothing.

pub mod gitlab;
mod journal;
mod outbox;

pub use outbox::Outbox;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::effects::{Effect, Key, Kind, Observed, Planned};
use crate::health::Line;
use crate::model::{CustomerKey, IncidentId, Timestamp};
use crate::transport::Cost;

/// An incident whose effects are to be there.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The incident.
    pub incident: &'a IncidentId,
    /// What is to be there.
    pub effects: &'a [Effect],
    /// The earliest time in its record: nothing of it was created before.
    pub since: Timestamp,
    /// Keys that were asked for again although a person removed their objects.
    pub recreate: &'a BTreeSet<Key>,
}

/// What is there of an incident.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Observation {
    /// The objects that this program made, by key.
    pub seen: Observed,
    /// What is left alone: a person changed it, or it is unknown who made it.
    pub left: BTreeMap<Key, Skipped>,
    /// Why it is unknown where something is. The run is red only where something is to be written there.
    pub unknown: BTreeMap<Key, String>,
}

impl Observation {
    /// Why an effect has no known place: its own is unknown, or that of its customer's ticket.
    #[must_use]
    pub fn why_unknown(&self, effect: &Effect) -> Option<&String> {
        let ticket = || self.unknown.get(&effect.on()).filter(|_| effect.adopted().is_none());
        self.unknown.get(&effect.key).or_else(ticket)
    }
}

/// Something that is left alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// Why, and the way out.
    pub why: String,
    /// Whether something that should be there is not: the run is red.
    pub blocking: bool,
}

/// Why something was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// It was certainly not carried out.
    Failed(String),
    /// The request timed out and its result was not found; it may still complete. The next run looks for it first.
    Unknown(String),
    /// A person took its place away; it is left alone.
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

/// The answer of a forge before the first write of an incident.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// Carry on with what was planned.
    Proceed,
    /// Time has passed since it was observed: observe and plan again.
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
    /// The token has no right to do it.
    Forbidden(String),
    /// It failed.
    Failed(String),
}

/// The result of keeping the note on a merge request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeptNote {
    /// A new note was posted.
    Posted,
    /// The note was edited.
    Edited,
    /// The note already says this.
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

/// Where effects are carried out.
pub trait Forge {
    /// Finds out whether the forge answers and accepts the token, once before anything depends on it.
    ///
    /// # Errors
    /// Fails if the forge refuses the token or does not answer.
    fn authenticate(&mut self) -> Result<(), AuthenticationError> {
        Ok(())
    }

    /// The address of the forge, as people see it.
    fn address(&self) -> String;

    /// The cost of each service so far, by its name.
    fn costs(&self) -> Vec<(&'static str, Cost)> {
        Vec::new()
    }

    /// Why a customer's words do not go to the ticket at this address; `None` if they do.
    ///
    /// # Errors
    /// Fails if the forge does not show the ticket's project to this token.
    fn refusal(&mut self, customer: &CustomerKey, ticket: &str) -> anyhow::Result<Option<String>> {
        let _ = (customer, ticket);
        Ok(None)
    }

    /// The results of examining the token, the projects and their settings. Reads only.
    fn examine(&mut self, tickets: &[TicketProject]) -> Vec<Line> {
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
    fn keep_note(&mut self, merge_request: u64, note: &str) -> anyhow::Result<KeptNote> {
        let _ = (merge_request, note);
        anyhow::bail!("{} has no merge requests", self.address())
    }

    /// Withdraws incidents that a merge request opened and that will never be merged. `merged` are the ids of the default
    /// branch. Returns a line for each.
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

    /// Removes the lock of a run that ended long ago; whether there was one.
    ///
    /// # Errors
    /// Fails if it cannot be found or removed.
    fn sweep_lock(&mut self) -> Result<bool, MaintenanceError> {
        Ok(false)
    }

    /// Whether it carries out effects of this kind at all.
    fn carries(&self, kind: Kind) -> bool {
        let _ = kind;
        true
    }

    /// What is there of this incident.
    ///
    /// # Errors
    /// It cannot be found out; then nothing may be created.
    fn observe(&mut self, wanted: &Wanted) -> anyhow::Result<Observation>;

    /// Makes ready for the steps: keeps other runs away and writes down what is about to be done.
    ///
    /// # Errors
    /// It cannot be made ready; then nothing of this incident may be carried out.
    fn begin(&mut self, wanted: &Wanted, steps: &[Planned]) -> Result<Readiness, Failure> {
        let _ = (wanted, steps);
        Ok(Readiness::Proceed)
    }

    /// Carries one thing out, and says where its result is.
    ///
    /// # Errors
    /// Fails if it was not carried out, or if it is unknown whether it was.
    fn carry_out(&mut self, planned: &Planned) -> Result<String, Failure>;

    /// Writes down what was done for this incident.
    ///
    /// # Errors
    /// It could not be written down; the next run looks for all that was about to be done.
    fn finish(&mut self, wanted: &Wanted) -> Result<(), Failure> {
        let _ = wanted;
        Ok(())
    }

    /// What is worth telling that is no failure, since the last call.
    fn notices(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Lets other runs go on.
    fn close(&mut self) {}
}
