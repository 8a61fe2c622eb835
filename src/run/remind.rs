//! The additional work of scheduled runs: reminders of overdue promises and missing steps, and maintenance in the forge.

use std::collections::BTreeSet;

use super::workload::Workload;
use crate::effects::{missing, overdue};
use crate::forge::{Forge, MaintenanceError};
use crate::model::{IncidentId, Timestamp};

/// The largest age of abandoned declarations that are looked for.
const LOOK_BACK: chrono::TimeDelta = chrono::TimeDelta::days(30);

/// Adds the reminders that are due at `now` to the effects of each incident.
pub fn add_reminders(workload: &mut Workload, now: Timestamp) {
    let config = &workload.config;
    for item in &mut workload.items {
        let context = config.render_context(&item.record, &item.history, now);
        let mut reminders = overdue(&context, &config.renderer, now);
        reminders.extend(missing(&context, &config.renderer, now));
        item.effects.extend(reminders);
    }
}

/// The results of a forge's maintenance.
#[derive(Debug)]
pub struct MaintenanceResult {
    /// The declarations that were withdrawn because their merge request will never be merged.
    pub withdrawn: Result<Vec<String>, MaintenanceError>,
    /// The branches that were deleted because they are merged.
    pub deleted: Result<Vec<String>, MaintenanceError>,
    /// Whether the lock of a run that ended was removed.
    pub lock: Result<bool, MaintenanceError>,
}

/// Withdraws abandoned declarations, deletes merged branches and removes the lock of a run that ended. `merged` are the ids
/// of the default branch.
pub fn maintain(forge: &mut dyn Forge, merged: &BTreeSet<IncidentId>, now: Timestamp) -> MaintenanceResult {
    let withdrawn = forge.withdraw(merged, Timestamp(now.0 - LOOK_BACK));
    forge.close();
    MaintenanceResult {
        withdrawn,
        deleted: forge.delete_merged_branches(),
        lock: forge.sweep_lock(),
    }
}
