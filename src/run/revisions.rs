//! Two revisions of a ledger, read once for `check`, `plan` and the note on a merge request.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::Path;

use super::settings_change::SettingsChange;
use crate::ledger::{ComparedIncident, Comparison, LedgerConfig};
use crate::model::History;
use crate::source::File;

/// Two revisions of a ledger: the settings of both, and the incidents that differ.
pub struct Revisions {
    /// The comparison.
    pub comparison: Comparison,
    /// The settings of the later revision.
    pub after: LedgerConfig,
    /// The incidents that the change concerns: all of them if the settings differ.
    pub incidents: Vec<ChangedIncident>,
    /// The ids of all incidents of the later revision; `None` if no changed incident names another one.
    pub incident_ids: Option<BTreeSet<String>>,
    /// The settings of the earlier revision, read on first use.
    before: OnceCell<LedgerConfig>,
    /// Whether the settings of both revisions are the same.
    same_settings: bool,
}

/// An incident that the change concerns.
pub struct ChangedIncident {
    /// The files and records of both revisions.
    pub changed: ComparedIncident,
    /// The history of the later record; `None` if the later revision has no record.
    pub history: Option<History>,
}

impl Revisions {
    /// Reads both revisions; `process` replaces the process of the later one.
    ///
    /// # Errors
    /// Fails if git or the disk cannot be read.
    pub fn read(comparison: Comparison, root: &Path, process: Option<&File>) -> anyhow::Result<Self> {
        let after = comparison.config_after(root, process)?;
        let ids = if comparison.affects_all_incidents() {
            comparison.all_ids(root)?
        } else {
            comparison.changed_ids()
        };
        let incidents = comparison.changed_incidents(root, &ids)?.into_iter().map(|changed| {
            let record = changed.after.as_ref().and_then(|read| read.record.as_ref());
            ChangedIncident {
                history: record.map(|record| after.history(record)),
                changed,
            }
        });
        let incidents: Vec<ChangedIncident> = incidents.collect();
        let names_another = |incident: &ChangedIncident| {
            let states = incident.history.iter().flat_map(|history| &history.states);
            states.last().is_some_and(|state| !state.related.is_empty())
        };
        let incident_ids = if incidents.iter().any(names_another) {
            Some(comparison.ids_after(root)?)
        } else {
            None
        };
        Ok(Self {
            incidents,
            incident_ids,
            same_settings: process.is_none() && comparison.changed_settings().is_empty(),
            before: OnceCell::new(),
            after,
            comparison,
        })
    }

    /// The settings of the earlier revision.
    ///
    /// # Errors
    /// Fails if git cannot be read.
    pub fn config_before(&self) -> anyhow::Result<&LedgerConfig> {
        if self.same_settings {
            return Ok(&self.after);
        }
        if let Some(before) = self.before.get() {
            return Ok(before);
        }
        let read = self.comparison.config_before()?;
        Ok(self.before.get_or_init(|| read))
    }

    /// The difference between the settings; `None` if all their files are the same.
    ///
    /// # Errors
    /// Fails if git cannot be read.
    pub(super) fn settings_change(&self) -> anyhow::Result<Option<SettingsChange>> {
        let paths = self.comparison.changed_settings();
        if paths.is_empty() {
            return Ok(None);
        }
        Ok(Some(SettingsChange::new(paths, self.config_before()?, &self.after)))
    }
}
