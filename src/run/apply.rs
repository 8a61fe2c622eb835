//! Applies a workload: observes, plans, applies and reports.
//!
//! *Invariant*: a run applies only what it observed to be missing, and one failure stops nothing else.

use std::collections::{BTreeMap, BTreeSet};

use crate::effects::{ApplyStage, ForcedKeys, HeldStep, HoldPolicy, Key, Kind, Planned, hold, plan};
use crate::forge::{DesiredIncident, Failure, Forge, Observation, Readiness, Skipped};
use crate::model::{CustomerKey, IncidentId};

/// The options of a run: its stage, its hold policy and its forced keys.
#[derive(Clone, Copy, Debug)]
pub struct ApplyOptions<'a> {
    /// The stage whose effects are applied; `None` for all stages.
    pub stage: Option<ApplyStage>,
    /// The hold policy; `None` if only the words of drills to customers are held back.
    pub policy: Option<HoldPolicy>,
    /// The keys that a person asked for.
    pub forced: &'a ForcedKeys,
}

/// The result of a run: applied, failed, held and skipped actions.
#[derive(Default, Debug)]
pub struct RunReport {
    /// The applied actions, each with the address of its result.
    pub done: Vec<(Planned, String)>,
    /// The actions that were not applied, with the reasons.
    pub failed: Vec<(Planned, Failure)>,
    /// The planned actions that are held back until a person asks for them.
    pub held: Vec<HeldStep>,
    /// The objects that are left alone, with the reasons.
    pub left: Vec<(Key, Skipped)>,
    /// The missing effects that this forge cannot apply.
    pub unsent: Vec<Planned>,
    /// The incidents that could not be observed or whose index could not be written, with the reasons.
    pub unobserved: Vec<(IncidentId, String)>,
    /// The notices of the run, which are not failures.
    pub notices: Vec<String>,
}

impl RunReport {
    /// Whether everything that was to be done is done.
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

/// Applies the missing effects of each incident, then releases the forge.
pub fn apply<'a>(
    forge: &mut dyn Forge,
    incidents: impl IntoIterator<Item = DesiredIncident<'a>>,
    scope: ApplyOptions,
) -> RunReport {
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

fn attempt(
    forge: &mut dyn Forge,
    wanted: &DesiredIncident,
    scope: ApplyOptions,
    report: &mut RunReport,
) -> Result<(), String> {
    // The first observation is made before the run holds the lock, so it is repeated.
    let mut looks = 0;
    let (steps, left, held, unsent) = loop {
        looks += 1;
        let observation = forge.observe(wanted).map_err(|error| format!("{error:#}"))?;
        let mut steps = plan(wanted.effects, &observation.seen);
        observation.withhold(wanted, &mut steps);
        steps.retain(|planned| {
            let left = observation.left.contains_key(&planned.effect.key);
            !left && scope.stage.is_none_or(|stage| planned.effect.stage == stage)
        });
        let (steps, held) = hold(steps, &observation.seen, scope.policy, scope.forced);
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
    let mut unfinished = Unfinished::new(wanted, &held, &left);
    report.held.extend(held);
    report.left.extend(left);
    report.unsent.extend(unsent);
    let any = !steps.is_empty();
    for planned in steps {
        let carried = match unfinished.why_open(&planned) {
            Some(why) => Err(why),
            None => forge.carry_out(&planned),
        };
        match carried {
            Ok(place) => report.done.push((planned, place)),
            Err(failure) => {
                unfinished.add(&planned, &failure);
                report.failed.push((planned, failure));
            }
        }
    }
    if any {
        forge.finish(wanted).map_err(|failure| failure.to_string())?;
    }
    Ok(())
}

/// The readers whose words are missing, so that their tickets and channels stay open.
struct Unfinished {
    /// Whether words failed that are not a customer's.
    is_team: bool,
    /// The customers whose words failed.
    failed: BTreeSet<CustomerKey>,
    /// The customers whose last words are held back or left out.
    held: BTreeSet<CustomerKey>,
}

impl Unfinished {
    fn new(wanted: &DesiredIncident, held: &[HeldStep], left: &[(Key, Skipped)]) -> Self {
        let notes = wanted.effects.iter().filter(|effect| effect.kind == Kind::TicketNote);
        // The effects are in the order of the entries.
        let last: BTreeMap<Option<&CustomerKey>, &Key> = notes.map(|note| (note.customer(), &note.key)).collect();
        let held = held.iter().map(|step| &step.planned.effect.key);
        // What a person removed is no word that is missing.
        let left = left.iter().filter(|(_, skipped)| skipped.blocking);
        let waiting = held.chain(left.map(|(key, _)| key));
        let waiting = waiting.filter(|key| last.get(&key.customer()).is_some_and(|last| last == key));
        Self {
            is_team: false,
            failed: BTreeSet::new(),
            held: waiting.filter_map(|key| key.customer()).cloned().collect(),
        }
    }

    fn add(&mut self, planned: &Planned, failure: &Failure) {
        if matches!(failure, Failure::Skipped(_)) {
            return;
        }
        match planned.effect.customer() {
            Some(customer) => drop(self.failed.insert(customer.clone())),
            None => self.is_team = true,
        }
    }

    /// Why an action that ends a place is not taken yet; `None` if it is taken.
    fn why_open(&self, planned: &Planned) -> Option<Failure> {
        if !planned.is_ending() {
            return None;
        }
        let waits = match planned.effect.customer() {
            Some(customer) if self.held.contains(customer) => {
                return Some(Failure::Skipped(
                    "it stays open: its last words are held back".to_owned(),
                ));
            }
            Some(customer) => self.failed.contains(customer),
            None => self.is_team,
        };
        waits.then(|| Failure::Failed("it stays open until all has been said in it".to_owned()))
    }
}

/// Splits planned actions into those to apply and those to leave alone. An unknown place fails the run if it is to be written.
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
