//! Observe, plan, do, report.
//!
//! *Invariant*: nothing is done that was not observed to be missing in the same run, and one failure stops nothing else.

use crate::effects::{Effect, Planned, Stage, plan};
use crate::forge::Forge;
use crate::model::IncidentId;

/// What became of a run.
#[derive(Default, Debug)]
pub struct Report {
    /// What was done, and where its result is.
    pub done: Vec<(Planned, String)>,
    /// What was not done, and why.
    pub failed: Vec<(Planned, String)>,
    /// Incidents of which nothing could be found out, and why.
    pub unobserved: Vec<(IncidentId, String)>,
}

impl Report {
    /// Whether all that was to be done is done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.unobserved.is_empty()
    }

    /// Whether nothing had to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.is_empty() && self.is_complete()
    }
}

/// Does what is missing of an incident's effects. With `stage`, only those of that stage.
pub fn apply(
    forge: &mut dyn Forge,
    incident: &IncidentId,
    desired: &[Effect],
    stage: Option<Stage>,
    report: &mut Report,
) {
    let observed = match forge.observe(incident) {
        Ok(observed) => observed,
        Err(error) => {
            report.unobserved.push((incident.clone(), format!("{error:#}")));
            return;
        }
    };
    for planned in plan(desired, &observed) {
        if stage.is_some_and(|stage| planned.effect.stage != stage) {
            continue;
        }
        match forge.carry_out(&planned) {
            Ok(place) => report.done.push((planned, place)),
            Err(error) => report.failed.push((planned, format!("{error:#}"))),
        }
    }
}
