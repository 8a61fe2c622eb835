//! Observe, plan, do, report.
//!
//! *Invariant*: nothing is done that was not observed to be missing in the same run, and one failure stops nothing else.

use crate::effects::{Action, ForcedKeys, Held, HoldPolicy, Key, Kind, Planned, Stage, hold, plan};
use crate::forge::{Failure, Forge, Observation, Readiness, Skipped, Wanted};
use crate::model::IncidentId;

/// What a run is to do.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Only the effects of this stage.
    pub stage: Option<Stage>,
    /// What is held back; none: nothing.
    pub terms: Option<HoldPolicy>,
    /// What was asked for by name.
    pub asked: &'a ForcedKeys,
}

/// What became of a run.
#[derive(Default, Debug)]
pub struct RunReport {
    /// What was done, and where its result is.
    pub done: Vec<(Planned, String)>,
    /// What was not done, and why.
    pub failed: Vec<(Planned, Failure)>,
    /// What is planned and held back until it is asked for.
    pub held: Vec<Held>,
    /// What is left alone.
    pub left: Vec<(Key, Skipped)>,
    /// What is missing and cannot be carried out by this forge.
    pub unsent: Vec<Planned>,
    /// Incidents of which nothing could be found out, or whose index could not be written, and why.
    pub unobserved: Vec<(IncidentId, String)>,
    /// What is worth telling that is no failure.
    pub notices: Vec<String>,
}

impl RunReport {
    /// Whether all that was to be done is done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let failed = |(_, failure): &(Planned, Failure)| !matches!(failure, Failure::Skipped(_));
        !self.failed.iter().any(failed)
            && self.unobserved.is_empty()
            && !self.left.iter().any(|(_, left)| left.blocking)
    }

    /// Whether nothing had to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.is_empty() && self.failed.is_empty() && self.is_complete()
    }
}

/// Does what is missing of each incident's effects, and lets the forge go.
pub fn apply<'a>(forge: &mut dyn Forge, incidents: impl IntoIterator<Item = Wanted<'a>>, scope: Scope) -> RunReport {
    let mut report = RunReport::default();
    for wanted in incidents {
        if let Err(why) = attempt(forge, &wanted, scope, &mut report) {
            report.unobserved.push((wanted.incident.clone(), why));
        }
        for notice in forge.notices() {
            if !report.notices.contains(&notice) {
                report.notices.push(notice);
            }
        }
    }
    forge.close();
    report.notices.extend(forge.notices());
    report
}

fn attempt(forge: &mut dyn Forge, wanted: &Wanted, scope: Scope, report: &mut RunReport) -> Result<(), String> {
    // The first look is before the run has the forge for itself; what it shows is looked at again.
    let mut looks = 0;
    let (steps, left, held, unsent) = loop {
        looks += 1;
        let observation = forge.observe(wanted).map_err(|error| format!("{error:#}"))?;
        let mut steps = plan(wanted.effects, &observation.seen);
        steps.retain(|planned| {
            let left = observation.left.contains_key(&planned.effect.key);
            !left && scope.stage.is_none_or(|stage| planned.effect.stage == stage)
        });
        let (steps, held) = match scope.terms {
            Some(terms) => hold(steps, &observation.seen, terms, scope.asked),
            None => (steps, Vec::new()),
        };
        let (steps, left) = part(steps, observation);
        let (steps, unsent): (Vec<_>, Vec<_>) = steps
            .into_iter()
            .partition(|planned| forge.carries(planned.effect.kind));
        if steps.is_empty() {
            break (steps, left, held, unsent);
        }
        match forge.begin(wanted, &steps) {
            Ok(Readiness::Replan) if looks < 3 => {}
            Ok(_) => break (steps, left, held, unsent),
            Err(failure) => {
                report.held.extend(held);
                report.left.extend(left);
                return Err(format!("nothing of it was carried out: {failure}"));
            }
        }
    };
    report.held.extend(held);
    report.left.extend(left);
    report.unsent.extend(unsent);
    let any = !steps.is_empty();
    let mut whole = true;
    for planned in steps {
        let ends = planned.action == Action::Close && planned.effect.kind == Kind::Channel;
        let carried = if ends && !whole {
            let why = "it stays open until all has been said in it";
            Err(Failure::Failed(why.to_owned()))
        } else {
            forge.carry_out(&planned)
        };
        match carried {
            Ok(place) => report.done.push((planned, place)),
            Err(failure) => {
                whole &= matches!(failure, Failure::Skipped(_));
                report.failed.push((planned, failure));
            }
        }
    }
    if any {
        forge.finish(wanted).map_err(|failure| failure.to_string())?;
    }
    Ok(())
}

/// Parts the steps that are carried out from what is left alone. What has no known place is red if it is to be written.
fn part(steps: Vec<Planned>, observation: Observation) -> (Vec<Planned>, Vec<(Key, Skipped)>) {
    let (mut go, mut left) = (Vec::new(), Vec::new());
    let skipped = |why: &String, blocking| Skipped {
        why: why.clone(),
        blocking,
    };
    for planned in steps {
        match observation.why_unknown(&planned.effect) {
            Some(why) => left.push((planned.effect.key, skipped(why, true))),
            None => go.push(planned),
        }
    }
    let quiet = observation.unknown.iter();
    left.extend(quiet.map(|(key, why)| (key.clone(), skipped(why, false))));
    left.extend(observation.left);
    (go, left)
}
