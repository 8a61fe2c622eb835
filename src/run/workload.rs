//! What a run acts on: records, and what turns them into effects.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};

use super::context::ProcessContext;
use super::environment;
use crate::apply::{Report, Scope, apply};
use crate::effects::{Effect, ForcedKeys};
use crate::forge::{Forge, Wanted};
use crate::ledger::Ledger;
use crate::ledger::LedgerConfig;
use crate::model::{Record, Timestamp};
use crate::process::StatusKind;
use crate::source::File;
use crate::terminal::plain;

/// How long after its last entry an incident that is over is still looked after.
const RECENT: chrono::TimeDelta = chrono::TimeDelta::days(30);

/// Records and what turns them into effects.
pub(super) struct Workload {
    pub(super) world: ProcessContext,
    pub(super) records: Vec<Record>,
    /// Incidents that cannot be read to the end.
    pub(super) unreadable: Vec<String>,
    /// Where this was read, in words.
    pub(super) from: String,
}

impl Workload {
    /// All of a ledger.
    pub(super) fn of(ledger: &Ledger, process: Option<&File>) -> anyhow::Result<Self> {
        let world = ProcessContext::to_act_on(ledger.config(process)?)?;
        let mut records = Vec::new();
        let mut unreadable = Vec::new();
        for (id, read) in ledger.incidents()? {
            // One that cannot be read holds up no other.
            match read.complete() {
                Some(record) => records.push(record.clone()),
                None => unreadable.push(id),
            }
        }
        Ok(Self {
            world,
            records,
            unreadable,
            from: ledger.describe(),
        })
    }

    /// What a merge request declares: its incidents that the default branch does not have, with the process, the people and
    /// the templates of the default branch.
    ///
    /// # Errors
    /// Fails if the merge request is into another branch than the default one: people who may push there would choose the
    /// process, and with it where tokens go.
    pub(super) fn declared(root: &Path) -> anyhow::Result<Self> {
        let Some(target) = environment::variable("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") else {
            bail!("`--stage open` is for merge request pipelines: CI_MERGE_REQUEST_TARGET_BRANCH_NAME is not set")
        };
        let default = environment::variable("CI_DEFAULT_BRANCH").context("CI_DEFAULT_BRANCH is not set")?;
        if target != default {
            bail!(
                "`--stage open` acts only for merge requests into the default branch, {}: this one is into {}",
                plain(&default),
                plain(&target)
            );
        }
        let target = Ledger::head_of(root, &target, &environment::ci_variables())?;
        let merged: BTreeSet<String> = target.ids()?.into_iter().collect();
        // The branch's own process is not what counts here.
        let own = Self::records_of(root)?;
        Ok(Self {
            world: ProcessContext::to_act_on(target.config(None)?)?,
            records: own
                .records
                .into_iter()
                .filter(|record| !merged.contains(record.id.as_str()))
                .collect(),
            unreadable: own.unreadable.into_iter().filter(|id| !merged.contains(id)).collect(),
            from: format!("the merge request, by the process of {}", target.describe()),
        })
    }

    fn records_of(root: &Path) -> anyhow::Result<Self> {
        let mut own = Self {
            world: ProcessContext::new(LedgerConfig::read(&|_| Ok(None), &[])?),
            records: Vec::new(),
            unreadable: Vec::new(),
            from: String::new(),
        };
        for (id, read) in Ledger::Disk(root.to_path_buf()).incidents()? {
            match read.complete() {
                Some(record) => own.records.push(record.clone()),
                None => own.unreadable.push(id),
            }
        }
        Ok(own)
    }

    /// Only those that are running, changed lately, or asked for by the key of an effect.
    pub(super) fn retain_active_or_recent(&mut self, now: Timestamp, asked: &ForcedKeys) {
        let world = &self.world;
        let named: BTreeSet<&str> = asked.keys().filter_map(|key| key.split('/').nth(1)).collect();
        self.records.retain(|record| {
            if named.contains(record.id.as_str()) {
                return true;
            }
            let history = world.history(record);
            let state = history.last();
            world.process.kind(&state.status) == StatusKind::Active || state.at.0 + RECENT >= now.0
        });
    }

    /// Makes sure that what was asked for by key is something that an incident asks for.
    pub(super) fn validate_keys(&self, asked: &ForcedKeys) -> anyhow::Result<()> {
        for key in asked.keys() {
            let mut effects = self.records.iter().flat_map(|record| self.world.effects(record));
            if !effects.any(|effect| effect.key.0 == *key) {
                bail!("no incident asks for `{key}`: `incidentctl plan` and the output of `apply` name the keys");
            }
        }
        Ok(())
    }

    /// The earliest time in any of the records; `now` without records.
    pub(super) fn since(&self, now: Timestamp) -> Timestamp {
        self.records.iter().map(earliest).min().unwrap_or(now)
    }

    /// A record's effects, as a forge is asked for them.
    pub(super) fn wanted<'a>(record: &'a Record, effects: &'a [Effect], asked: &'a ForcedKeys) -> Wanted<'a> {
        Wanted {
            incident: &record.id,
            effects,
            since: earliest(record),
            recreate: &asked.recreate,
        }
    }

    /// Does what is missing of each incident.
    pub(super) fn apply(
        &self,
        forge: &mut dyn Forge,
        scope: Scope,
        more: &dyn Fn(&ProcessContext, &Record) -> Vec<Effect>,
    ) -> Report {
        let mut report = Report::default();
        for record in &self.records {
            let mut effects = self.world.effects(record);
            effects.extend(more(&self.world, record));
            let wanted = Self::wanted(record, &effects, scope.asked);
            apply(forge, &wanted, scope, &mut report);
        }
        forge.close();
        report.notices.extend(forge.notices());
        report
    }
}

/// The earliest time in a record.
fn earliest(record: &Record) -> Timestamp {
    let times = record.entries.iter().map(|entry| entry.at);
    times.min().unwrap_or(record.declaration().at)
}
