//! The plan of a run: the effects that are missing, and the changes that ask for them.

use std::collections::BTreeSet;

use super::change::{Change, change};
use super::revisions::Revisions;
use super::workload::Workload;
use crate::effects::{
    Action, Audience, EarlierRuns, Effect, ForcedKeys, HeldStep, HoldPolicy, Observed, ObservedObject, Planned, hold,
    plan,
};
use crate::forge::{Forge, is_open};
use crate::ledger::LedgerConfig;
use crate::model::{CustomerKey, Timestamp};
use crate::rules::{self, MaskedRecord};
use crate::terminal::plural;

/// The plan of a run, with the changes that ask for its actions.
#[derive(Debug)]
pub struct Plan {
    /// The earlier revision; `None` if the plan does not compare revisions.
    pub base: Option<String>,
    /// The later revision; `None` for the work tree, or if the plan does not compare revisions.
    pub head: Option<String>,
    /// The source of the observed objects: `git`, `outbox` or `gitlab`.
    pub observed: &'static str,
    /// One sentence about the comparison.
    pub note: String,
    /// The incidents that change; empty if the plan does not compare revisions.
    pub changes: Vec<Change>,
    /// The planned actions, in order.
    pub steps: Vec<Planned>,
    /// The actions that `apply` would hold back, with the reasons; empty if the plan compares revisions.
    pub held: Vec<HeldStep>,
    /// The ids of incidents with a file that cannot be read, or with a name that has a credential; nothing is planned for them.
    pub unreadable: Vec<String>,
    /// The tickets that the change adopts, by customer and address.
    pub adopted: BTreeSet<(CustomerKey, String)>,
}

impl Plan {
    /// The last line of the plan: the number of effects, and the number of customers who read something.
    #[must_use]
    pub fn describe_total(&self) -> String {
        let effects = self.steps.iter().filter(|step| !step.effect.is_held_by_drill()).count();
        if effects == 0 {
            return "Nothing is to do.".to_owned();
        }
        let mut text = format!("{} to carry out", plural(effects, "effect"));
        if let Some(reach) = self.describe_readers() {
            text += &format!("; reaches {reach}");
        }
        text + "."
    }

    /// The number of customers who read something new, and how many of them by e-mail, in words; `None` if it is zero.
    #[must_use]
    pub fn describe_readers(&self) -> Option<String> {
        let customers = self.customers(|effect| effect.audience == Audience::Customer && !effect.drill);
        let by_email = match self.customers(|effect| effect.emails) {
            0 => "nobody by e-mail".to_owned(),
            count => format!("{count} of them by e-mail"),
        };
        (customers > 0).then(|| format!("{}, {by_email}", plural(customers, "customer")))
    }

    /// The lines about the actions that are held back.
    #[must_use]
    pub fn held_lines(&self) -> Vec<String> {
        self.held.iter().flat_map(super::lines::held).collect()
    }

    /// Adds the team's templates that could not be used to the sentence about the comparison.
    pub fn note_unused_templates(&mut self, config: &LedgerConfig) {
        let unused = config.renderer.unused_templates();
        self.note.extend(unused.iter().map(|why| ["\nNOTE     ", why].concat()));
    }

    /// The number of customers with an effect that is counted.
    fn customers(&self, is_counted: impl Fn(&Effect) -> bool) -> usize {
        // A closure shows nobody anything new.
        let shown = self.steps.iter().filter(|step| step.action != Action::Close);
        let counted = shown.map(|step| &step.effect).filter(|effect| is_counted(effect));
        counted
            .filter_map(Effect::customer)
            .collect::<BTreeSet<&CustomerKey>>()
            .len()
    }
}

/// Plans a change: the effects that the later revision asks for and the earlier one did not.
///
/// # Errors
/// Fails if git cannot be read, or if the later process, people or customers have a mistake.
pub fn plan_revisions(revisions: &Revisions, now: Timestamp) -> anyhow::Result<Plan> {
    let comparison = &revisions.comparison;
    let after = &revisions.after;
    after.ensure_usable()?;
    // Settings that did not change, or that a person tries out, hold for both sides.
    let before = if comparison.affects_all_incidents() {
        revisions.config_before()?
    } else {
        after
    };
    let same_settings = std::ptr::eq(before, after);
    let mut plan = Plan {
        base: Some(comparison.base().to_owned()),
        head: comparison.head().map(str::to_owned),
        observed: "git",
        note: format!(
            "Compared with {} ({}); what failed earlier cannot be seen from git.",
            comparison.base().get(..12).unwrap_or(comparison.base()),
            comparison.why
        ),
        changes: Vec::new(),
        steps: Vec::new(),
        held: Vec::new(),
        unreadable: Vec::new(),
        adopted: BTreeSet::new(),
    };
    for incident in &revisions.incidents {
        let changed = &incident.changed;
        let Some(read) = changed.after.as_ref() else { continue };
        let record = read.complete_record().map(|record| after.masked(record.clone()));
        let Some(record) = record.filter(MaskedRecord::may_act) else {
            let id = changed.change.id.as_str();
            plan.unreadable
                .push(rules::mask_path(id).unwrap_or_else(|| id.to_owned()));
            continue;
        };
        let history = after.history(&record);
        let from = changed.change.from.clone().map(|from| before.masked(from));
        let from = from.as_ref();
        let mut old_history = from.map(|from| before.history(from));
        let done = from.zip(old_history.as_ref());
        let done = done.map(|(from, history)| as_if_done(&super::desired_effects(before, from, history, now)));
        // Both states are shown under the process that will apply.
        if !same_settings {
            old_history = from.map(|from| after.history(from));
        }
        let old = from.zip(old_history.as_ref());
        let known = old.map(|(_, history)| &history.last().tickets);
        let tickets = history.last().tickets.iter();
        let new = tickets.filter(|(customer, url)| known.is_none_or(|known| known.get(*customer) != Some(*url)));
        plan.adopted
            .extend(new.map(|(customer, url)| (customer.clone(), url.clone())));
        plan.changes.extend(change(after, old, &record, &history));
        let desired = super::desired_effects(after, &record, &history, now);
        let is_first = done.is_none();
        let observed = done.unwrap_or_default();
        let mut steps = crate::effects::plan(&desired, &observed);
        let is_open = is_open(&desired);
        let earlier = EarlierRuns::found(None, is_open || !is_first);
        steps.retain(|planned| !earlier.withholds(planned, is_open, &observed));
        plan.steps.extend(steps);
    }
    plan.note_unused_templates(after);
    Ok(plan)
}

/// Plans the effects that are missing in a forge. `observed` is the name of the forge and `note` the sentence about the comparison.
/// `policy` decides what is held back; `chat` says whether the team has a chat.
///
/// # Errors
/// Fails if the forge cannot be observed.
pub fn plan_workload(
    workload: &Workload,
    forge: &mut dyn Forge,
    (observed, note): (&'static str, String),
    policy: Option<HoldPolicy>,
    chat: bool,
) -> anyhow::Result<Plan> {
    let forced = ForcedKeys::default();
    let (mut steps, mut held) = (Vec::new(), Vec::new());
    for item in &workload.items {
        let wanted = item.desired_incident(&forced);
        let observation = forge.observe(&wanted)?;
        let mut missing = plan(&item.effects, &observation.seen);
        observation.withhold(&wanted, &mut missing);
        missing.retain(|planned| {
            let is_skipped = observation.left.contains_key(&planned.effect.key)
                || observation.why_unknown(&planned.effect).is_some();
            !is_skipped && (chat || !planned.effect.kind.is_chat())
        });
        let (go, back) = hold(missing, &observation.seen, policy, &forced);
        steps.extend(go);
        held.extend(back);
    }
    let mut plan = Plan {
        base: None,
        head: None,
        observed,
        note,
        changes: Vec::new(),
        steps,
        held,
        unreadable: workload.unreadable.clone(),
        adopted: BTreeSet::new(),
    };
    plan.note_unused_templates(&workload.config);
    Ok(plan)
}

/// The objects that a forge shows after all effects are applied.
fn as_if_done(effects: &[Effect]) -> Observed {
    let seen = effects
        .iter()
        .map(|effect| (effect.key.clone(), ObservedObject::after_applying(effect)));
    seen.collect()
}
