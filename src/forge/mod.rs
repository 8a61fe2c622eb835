//! Where effects are carried out: a seam, and behind it the outbox.
//!
//! *Invariant*: a forge does what it is told and says what is there; it decides nothing.

mod outbox;

pub use outbox::Outbox;

use crate::effects::{Observed, Planned};
use crate::model::IncidentId;

/// Where effects are carried out.
pub trait Forge {
    /// What is there of this incident.
    ///
    /// # Errors
    /// It cannot be found out; then nothing may be created.
    fn observe(&self, incident: &IncidentId) -> anyhow::Result<Observed>;

    /// Carries one thing out, and says where its result is.
    ///
    /// # Errors
    /// It was not carried out, or nobody knows; the next run observes first.
    fn carry_out(&mut self, planned: &Planned) -> anyhow::Result<String>;
}
