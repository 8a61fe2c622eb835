//! An overview of the incidents of the ledger on the disk with their last states, for lists and choices.

use std::path::Path;

use crate::ledger::{self, Incidents, LedgerConfig};
use crate::model::{Record, State};
use crate::rules;

/// The incidents of a ledger with their last states.
pub struct Overview {
    /// The records, with their credentials masked, and their last states, by id.
    pub incidents: Vec<(Record, State)>,
    /// The ids of incidents whose declaration cannot be read.
    pub unreadable: Vec<String>,
}

impl Overview {
    /// Reads every incident of the ledger on the disk.
    ///
    /// # Errors
    /// Fails if there is no ledger, or if it cannot be read.
    pub fn read(root: &Path, config: &LedgerConfig) -> anyhow::Result<Self> {
        let incidents = Incidents::open(root)?;
        let (ids, _) = incidents.ids()?;
        let states = ledger::in_parallel(&ids, |id| {
            let read = incidents.incident(id)?;
            anyhow::Ok(read.record.map(|record| {
                let record = config.masked(record);
                let last = config.history(&record).last().clone();
                (record.into_record(), last)
            }))
        });
        let (mut incidents, mut unreadable) = (Vec::new(), Vec::new());
        for (id, state) in ids.iter().zip(states) {
            match state? {
                Some(incident) => incidents.push(incident),
                None => unreadable.push(rules::mask_path(id).unwrap_or_else(|| id.clone())),
            }
        }
        Ok(Self { incidents, unreadable })
    }
}
