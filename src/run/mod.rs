//! The core of the commands `check`, `plan`, `apply`, `remind` and `push`, as functions from a workload to a result.
//!
//! *Invariant*: no flag, no environment variable, no clock and no printing. A record is read, folded and turned into effects
//! once in a run.

mod adopted;
mod apply;
mod change;
mod check;
mod declared;
mod left;
mod lines;
mod note;
mod overview;
mod pipeline_image;
mod plan;
mod push;
mod remind;
mod revisions;
mod settings;
mod settings_change;
mod workload;

pub use adopted::{examine as examine_adopted, refusals};
pub use apply::{ApplyOptions, RunReport, apply};
pub use change::Change;
pub use check::{CheckFacts, Findings, check_ledger, check_revisions};
pub use declared::{ExistingDeclaration, find_declaration};
pub use lines::relative_path;
pub use note::{note, note_without_revisions, prepend_refusals};
pub use overview::Overview;
pub use pipeline_image::examine_pipeline;
pub use plan::{Plan, plan_revisions, plan_workload};
pub use push::{PushRequest, PushResult, corrected_target_file, push};
pub use remind::{MaintenanceResult, add_reminders, maintain};
pub use revisions::Revisions;
pub use workload::{Prepared, Selection, Workload};

use crate::effects::{Effect, desired};
use crate::ledger::LedgerConfig;
use crate::model::{History, Timestamp};
use crate::render::with_references;
use crate::rules::MaskedRecord;

/// The effects that a record asks for at the time `now`.
#[must_use]
pub fn desired_effects(config: &LedgerConfig, record: &MaskedRecord, history: &History, now: Timestamp) -> Vec<Effect> {
    desired(&config.render_context(record, history, now), &config.renderer)
}

/// A body with placeholders for references whose addresses are not known yet.
#[must_use]
pub fn body_with_placeholders(body: &str) -> String {
    with_references(body, |_| "(known after apply)".to_owned())
}
