//! A word on the issue for each rung of the ladder that a promise has passed.

use super::{Audience, Effect, Key, Kind, Stage, hash};
use crate::model::Timestamp;
use crate::process::StatusKind;
use crate::render::{Renderer, Scene, Template, time};

/// What is to be said at `now` of the promise to the business that stands. Nothing in a drill, for an incident that is
/// not running, or while words to customers are held.
#[must_use]
pub fn overdue(scene: &Scene, renderer: &Renderer, now: Timestamp) -> Vec<Effect> {
    let state = scene.history.last();
    let quiet =
        state.drill || state.hold_customers.is_some() || scene.process.kind(&state.status) != StatusKind::Active;
    let Some(promise) = scene.history.open_promise().filter(|_| !quiet) else {
        return Vec::new();
    };
    let stamp = &scene.record.entries[promise.entry].stamp;
    let passed = scene
        .process
        .overdue
        .iter()
        .filter(|(after, _)| promise.due.0 + after.0 <= now.0);
    let note = |(after, role): &(crate::model::Length, crate::model::RoleKey)| Effect {
        key: Key(format!("incident/{}/overdue/{stamp}/{after}", scene.record.id)),
        incident: scene.record.id.clone(),
        kind: Kind::Overdue,
        stage: Stage::Merge,
        audience: Audience::Internal,
        to: "the incident issue".to_owned(),
        title: None,
        labels: Vec::new(),
        body: renderer.promise(Template::Overdue, &scene.overdue(promise.due, role.as_str())),
        open: true,
        at: None,
        hash: hash(&[stamp, &after.to_string()]),
        why: format!("the update promised for {} has not come", time(promise.due)),
        since: Timestamp(promise.due.0 + after.0),
        drill: false,
        issue: None,
        adopted: None,
        emails: false,
    };
    passed.map(note).collect()
}
