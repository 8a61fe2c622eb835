//! A plan as a value: what changes, what is done, and how many customers it reaches.

use serde::Serialize;

use super::check::plural;
use super::context::ProcessContext;
use crate::effects::{Audience, Planned};
use crate::model::{Customers, Record, State};
use crate::render::{Scene, escape};

/// What is planned, and why.
pub(super) struct Plan {
    pub(super) base: Option<String>,
    pub(super) head: Option<String>,
    pub(super) observed: &'static str,
    pub(super) note: String,
    pub(super) changes: Vec<Change>,
    pub(super) steps: Vec<Planned>,
    /// Incidents whose files cannot be read to the end; nothing is done for them.
    pub(super) unreadable: Vec<String>,
}

/// An incident that changes.
#[derive(Serialize)]
pub(super) struct Change {
    pub(super) incident: String,
    pub(super) from: Option<Snapshot>,
    pub(super) to: Option<Snapshot>,
    #[serde(skip)]
    pub(super) words: Vec<String>,
}

/// An incident's state for machines.
#[derive(Serialize, PartialEq, Eq)]
pub(super) struct Snapshot {
    title: String,
    severity: String,
    status: String,
    customers: Vec<String>,
    restored: Vec<String>,
    updates: usize,
    at: String,
    next_update: Option<String>,
}

impl Snapshot {
    pub(super) fn of(record: &Record, state: &State) -> Self {
        let customers = match &state.customers {
            Customers::Unknown => vec!["unknown".to_owned()],
            Customers::All => vec!["all".to_owned()],
            Customers::Listed(list) => list.iter().map(ToString::to_string).collect(),
        };
        Self {
            title: state.title.clone(),
            severity: state.severity.to_string(),
            status: state.status.to_string(),
            customers,
            restored: state.restored.keys().map(ToString::to_string).collect(),
            updates: record.entries.len() - 1,
            at: state.at.to_string(),
            next_update: state.next_update.map(|at| at.to_string()),
        }
    }
}

/// What changed of an incident; `None` where its state and its updates are the same.
pub(super) fn change(world: &ProcessContext, from: Option<&Record>, to: &Record) -> Option<Change> {
    let history = world.history(to);
    let old = from.map(|from| (from, world.history(from)));
    let before = old.as_ref().map(|(from, history)| Snapshot::of(from, history.last()));
    let after = Snapshot::of(to, history.last());
    let scene: Scene = world.scene(to, &history);
    let known: Vec<&str> = from
        .iter()
        .flat_map(|from| &from.entries)
        .map(|entry| entry.path.as_str())
        .collect();
    let new = to
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| !known.contains(&entry.path.as_str()));
    let words: Vec<String> = new
        .flat_map(|(index, entry)| {
            if entry.declaration {
                return vec![format!(
                    "declared as {}",
                    escape::line(world.process.severity_title(&after.severity))
                )];
            }
            let changes = scene.changes(index);
            if changes.is_empty() {
                vec![format!("update by {}", escape::line(entry.by.as_str()))]
            } else {
                changes
            }
        })
        .collect();
    if before.as_ref() == Some(&after) && words.is_empty() {
        return None;
    }
    Some(Change {
        incident: to.id.to_string(),
        from: before,
        to: Some(after),
        words,
    })
}

/// The last line: how much, and how many customers read something.
pub(super) fn total(plan: &Plan) -> String {
    if plan.steps.is_empty() {
        return "Nothing is to do.".to_owned();
    }
    let mut text = format!("{} to carry out", plural(plan.steps.len(), "effect"));
    let customers = reached(plan);
    if customers > 0 {
        text += &format!("; reaches {}{}", plural(customers, "customer"), by_email(plan));
    }
    text + "."
}

/// How many of them are told by e-mail as well.
pub(super) fn by_email(plan: &Plan) -> String {
    let mailed = plan.steps.iter().filter(|step| step.effect.emails);
    let customers: std::collections::BTreeSet<&str> = mailed.filter_map(|step| step.effect.customer()).collect();
    match customers.len() {
        0 => ", nobody by e-mail".to_owned(),
        count => format!(", {count} of them by e-mail"),
    }
}

/// How many customers read something new.
pub(super) fn reached(plan: &Plan) -> usize {
    let steps = plan
        .steps
        .iter()
        .filter(|step| step.effect.audience == Audience::Customer);
    let customers: std::collections::BTreeSet<&str> = steps.filter_map(|step| step.effect.customer()).collect();
    customers.len()
}
