//! The incidents that a run acts on, each with its history and its effects.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::bail;

use super::desired_effects;
use crate::diagnostics::Level;
use crate::effects::{Effect, ForcedKeys};
use crate::forge::DesiredIncident;
use crate::ledger::{Ledger, LedgerConfig};
use crate::model::{History, Timestamp};
use crate::process::{StatusKind, TicketsClose};
use crate::rules::{self, MaskedRecord};
use crate::source::{File, ParsedRecord};

/// How long after its last entry a closed incident is still kept up to date.
const RECENT: chrono::TimeDelta = chrono::TimeDelta::days(30);

/// The incidents that a run acts on, and the settings that decide their effects.
pub struct Workload {
    /// The settings.
    pub config: LedgerConfig,
    /// The incidents, by id.
    pub items: Vec<Prepared>,
    /// The ids of incidents with a file that cannot be read, or with a name that has a credential.
    pub unreadable: Vec<String>,
    /// The place that the incidents were read from, in words.
    pub from: String,
}

/// An incident with its history and its desired effects, ready to be planned and applied.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The record, with its credentials masked.
    pub record: MaskedRecord,
    /// The record's history under the process of the workload.
    pub history: History,
    /// The effects that the record asks for.
    pub effects: Vec<Effect>,
}

/// The incidents of a ledger that a run acts on.
#[derive(Clone, Copy, Debug)]
pub enum Selection<'a> {
    /// All incidents.
    All,
    /// Active incidents, incidents with an entry of the last 30 days, and incidents that a forced key names.
    ActiveOrRecent {
        /// The keys.
        forced: &'a ForcedKeys,
    },
}

impl Workload {
    /// Loads the selected incidents of a ledger at the time `now`; `process` replaces the ledger's own process.
    ///
    /// # Errors
    /// Fails if the ledger cannot be read, or if its process, people or customers have a mistake.
    pub fn load(ledger: &Ledger, process: Option<&File>, selection: Selection, now: Timestamp) -> anyhow::Result<Self> {
        let config = ledger.config(process)?.into_usable()?;
        Ok(Self::prepare(
            config,
            ledger.incidents()?,
            ledger.describe(),
            selection,
            now,
        ))
    }

    /// Loads the incidents that a merge request declares: those in the work tree but not on the target branch, under the
    /// settings of the target branch.
    ///
    /// # Errors
    /// Fails if a side cannot be read, or if the target's process, people or customers have a mistake.
    pub fn load_unmerged_declarations(target: &Ledger, work_tree: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let merged: BTreeSet<String> = target.ids()?.into_iter().collect();
        let mut own = Ledger::Disk(work_tree.to_path_buf()).incidents()?;
        own.retain(|(id, _)| !merged.contains(id));
        let config = target.config(None)?.into_usable()?;
        let from = format!("the merge request, by the process of {}", target.describe());
        Ok(Self::prepare(config, own, from, Selection::All, now))
    }

    /// Builds a workload from read incidents; unreadable incidents are listed and do not stop the others.
    fn prepare(
        config: LedgerConfig,
        incidents: Vec<(String, ParsedRecord)>,
        from: String,
        selection: Selection,
        now: Timestamp,
    ) -> Self {
        let mut items = Vec::new();
        let mut unreadable = Vec::new();
        for (id, read) in incidents {
            let record = read.into_complete_record().map(|record| config.masked(record));
            match record.filter(MaskedRecord::may_act) {
                Some(record) => items.extend(selected(&config, record, selection, now)),
                None => unreadable.push(rules::mask_path(&id).unwrap_or(id)),
            }
        }
        Self {
            config,
            items,
            unreadable,
            from,
        }
    }

    /// The incidents with their desired effects, as a forge is given them.
    pub fn desired_incidents<'a>(&'a self, forced: &'a ForcedKeys) -> impl Iterator<Item = DesiredIncident<'a>> {
        self.items.iter().map(|item| item.desired_incident(forced))
    }

    /// One notice for each incident with a credential in its texts or names, and for each settings file with a credential.
    #[must_use]
    pub fn masked_notices(&self) -> Vec<String> {
        let settings = self.config.findings.iter();
        let settings =
            settings.filter(|finding| rules::is_credential_finding(finding) && finding.level == Level::Error);
        let files: BTreeSet<&str> = settings.map(|finding| finding.path.as_str()).collect();
        let incidents = self.items.iter().filter(|item| item.record.has_stars());
        let incidents = incidents.map(|item| format!("incidents/{}", item.record.id));
        let places = files.into_iter().map(str::to_owned).chain(incidents);
        let notice = |place: String| {
            format!(
                "{place}: a credential in the texts is sent as `***`: revoke it, and correct the text (INC601, see `incidentctl check`)"
            )
        };
        places.map(notice).collect()
    }

    /// Fails if no incident asks for an effect with one of these keys.
    ///
    /// # Errors
    /// Fails with the first such key.
    pub fn validate_keys(&self, forced: &ForcedKeys) -> anyhow::Result<()> {
        for key in forced.keys() {
            let mut effects = self.items.iter().flat_map(|item| &item.effects);
            if !effects.any(|effect| effect.key == *key) {
                bail!("no incident asks for `{key}`: `incidentctl plan` and the output of `apply` name the keys");
            }
        }
        Ok(())
    }

    /// The earliest time in any of the records; `if_empty` if there are no records.
    #[must_use]
    pub fn earliest_record_time(&self, if_empty: Timestamp) -> Timestamp {
        self.items.iter().map(Prepared::earliest).min().unwrap_or(if_empty)
    }
}

impl Prepared {
    /// Prepares a record under these settings at the time `now`.
    #[must_use]
    pub fn new(config: &LedgerConfig, record: MaskedRecord, now: Timestamp) -> Self {
        let history = config.history(&record);
        Self {
            effects: desired_effects(config, &record, &history, now),
            record,
            history,
        }
    }

    /// The incident with its desired effects, as a forge is given it.
    #[must_use]
    pub fn desired_incident<'a>(&'a self, forced: &'a ForcedKeys) -> DesiredIncident<'a> {
        DesiredIncident {
            incident: &self.record.id,
            effects: &self.effects,
            since: self.earliest(),
            recreate: &forced.recreate,
        }
    }

    /// The earliest time in the record.
    fn earliest(&self) -> Timestamp {
        let times = self.record.entries.iter().map(|entry| entry.at);
        times.min().unwrap_or(self.record.declaration().at)
    }
}

/// The prepared record; `None` if it is not selected.
fn selected(config: &LedgerConfig, record: MaskedRecord, selection: Selection, now: Timestamp) -> Option<Prepared> {
    let Selection::ActiveOrRecent { forced } = selection else {
        return Some(Prepared::new(config, record, now));
    };
    let history = config.history(&record);
    let state = history.last();
    let is_active = config.process.status_kind(&state.status) == StatusKind::Active;
    let tickets_close = match config.process.tickets_close {
        TicketsClose::After(length) => length.0,
        TicketsClose::Closed | TicketsClose::Never => chrono::TimeDelta::zero(),
    };
    let is_recent = state.at.0 + RECENT + tickets_close >= now.0;
    let is_named = forced.keys().any(|key| key.incident() == Some(&record.id));
    (is_active || is_recent || is_named).then(|| Prepared {
        effects: desired_effects(config, &record, &history, now),
        record,
        history,
    })
}
