//! Reminders of vacant roles and unrecorded steps, on the issue and in the incident's channel, once for each.

use super::overdue::{is_quiet, reminder};
use super::{Effect, OverdueItem};
use crate::model::{History, Timestamp};
use crate::process::RoleRequirement;
use crate::render::{RenderContext, Renderer};

/// Returns the reminders that are due at `now` of roles that nobody holds and steps that nobody recorded.
#[must_use]
pub fn missing(context: &RenderContext, renderer: &Renderer, now: Timestamp) -> Vec<Effect> {
    if is_quiet(context) {
        return Vec::new();
    }
    let mut all = roles(context, renderer, now);
    all.extend(steps(context, renderer, now));
    all
}

/// The role that is reminded: the first level of the escalation policy of overdue promises.
fn asked<'a>(context: &RenderContext<'a>) -> &'a str {
    let first = context.process.overdue.first();
    first.map(|(_, role)| role.as_str()).unwrap_or_default()
}

fn roles(context: &RenderContext, renderer: &Renderer, now: Timestamp) -> Vec<Effect> {
    let mut all = Vec::new();
    let required = |role: &&crate::process::Role| role.required == RoleRequirement::Always;
    for role in context.process.roles.iter().filter(required) {
        let Some(empty) = empty_since(context.history, role.key.as_str()) else {
            continue;
        };
        let due = Timestamp(context.record.entries[empty].at.0 + context.process.roles_within.value.0);
        if due > now {
            continue;
        }
        // A vacant role cannot be asked: the next role is.
        let to = context.process.roles.iter().map(|other| other.key.as_str());
        let to = std::iter::once(asked(context)).chain(to);
        let held = |key: &&str| !context.history.last().holders(key).is_empty();
        let to = to.clone().find(held).unwrap_or(asked(context));
        let said = [false, true].map(|slack| renderer.missing(&context.missing(&role.title, true, due, to, slack)));
        let stamp = &context.record.entries[empty].stamp;
        let item = OverdueItem::Role {
            role: role.key.clone(),
            stamp: stamp.clone(),
        };
        all.extend(reminder(
            context,
            &item,
            due,
            &format!("nobody is {}", role.title),
            said,
        ));
    }
    all
}

/// The index of the entry since which nobody holds a role; `None` if somebody holds it.
fn empty_since(history: &History, role: &str) -> Option<usize> {
    let held = history.states.iter().rposition(|state| !state.holders(role).is_empty());
    match held {
        None => Some(0),
        Some(last) if last + 1 < history.states.len() => Some(last + 1),
        Some(_) => None,
    }
}

fn steps(context: &RenderContext, renderer: &Renderer, now: Timestamp) -> Vec<Effect> {
    let state = context.history.last();
    let Some(severity) = context.process.severity(state.severity.as_str()) else {
        return Vec::new();
    };
    // Its time begins when its severity was reached.
    let reached = context
        .history
        .states
        .iter()
        .rposition(|one| one.severity != state.severity);
    let reached = context.record.entries[reached.map_or(0, |last| last + 1)].at;
    let due = Timestamp(reached.0 + context.process.steps_within.0);
    if due > now {
        return Vec::new();
    }
    let open = severity
        .steps
        .iter()
        .filter(|step| step.effect.is_none() && !state.steps.contains_key(&step.key));
    open.flat_map(|step| {
        let held = |key: &&str| !state.holders(key).is_empty();
        let by = step.by.iter().map(crate::model::RoleKey::as_str).find(held);
        let to = by.unwrap_or(asked(context));
        let said = [false, true].map(|slack| renderer.missing(&context.missing(&step.title, false, due, to, slack)));
        let item = OverdueItem::Step {
            step: step.key.clone(),
            severity: state.severity.clone(),
        };
        reminder(context, &item, due, "a step is not recorded", said)
    })
    .collect()
}
