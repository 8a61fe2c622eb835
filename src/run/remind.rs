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

impl MaintenanceResult {
    /// Whether a part of the maintenance failed. A missing right is no failure, because `doctor` reports it and the rest goes on.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        matches!(self.withdrawn, Err(MaintenanceError::Failed(_)))
            || matches!(self.deleted, Err(MaintenanceError::Failed(_)))
    }

    /// A line for each result.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut all = lines_of("WITHDREW", "abandoned declarations are not withdrawn", &self.withdrawn);
        all.extend(lines_of("DELETED", "merged branches are not deleted", &self.deleted));
        if let Err(MaintenanceError::Forbidden(why) | MaintenanceError::Failed(why)) = &self.lock {
            all.push(format!(
                "NOTE     the lock of a run that is gone is not taken away: {why}"
            ));
        }
        all
    }
}

fn lines_of(word: &str, what: &str, done: &Result<Vec<String>, MaintenanceError>) -> Vec<String> {
    match done {
        Ok(done) => done.iter().map(|one| format!("{word:<8} {one}")).collect(),
        Err(MaintenanceError::Forbidden(why)) => vec![format!("NOTE     {what}: {why}")],
        Err(MaintenanceError::Failed(why)) => vec![format!("FAILED   {what}: {why}")],
    }
}
