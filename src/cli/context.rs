//! From records to plans: what `plan`, `apply`, `summary` and `show` have in common.

use anyhow::bail;

use crate::diagnostics::Level;
use crate::effects::{Effect, Observed, Planned, Seen, desired, plan};
use crate::model::{Directory, History, Record, fold};
use crate::process::Process;
use crate::render::{Renderer, Scene, with_references};

use crate::ledger::LedgerConfig;

/// A record with all that turns it into effects.
pub(super) struct ProcessContext {
    pub(super) process: Process,
    pub(super) directory: Directory,
    pub(super) renderer: Renderer,
}

impl ProcessContext {
    pub(super) fn new(config: LedgerConfig) -> Self {
        Self {
            process: config.process,
            directory: config.directory,
            renderer: config.renderer,
        }
    }

    /// The same, refused where the process, the people or the customers cannot be read to the end: what would be done by
    /// half of a process is not what was meant.
    ///
    /// # Errors
    /// One of these files has a mistake.
    pub(super) fn to_act_on(config: LedgerConfig) -> anyhow::Result<Self> {
        let broken = config
            .findings
            .iter()
            .find(|finding| finding.level == Level::Error && !finding.path.starts_with("templates/"));
        if let Some(finding) = broken {
            bail!(
                "{} has a mistake ({}): nothing is done by half of it; see `incidentctl check`",
                finding.path,
                finding.message
            );
        }
        Ok(Self::new(config))
    }

    /// The history of a record.
    pub(super) fn history(&self, record: &Record) -> History {
        fold(record, &self.process)
    }

    /// A record in its world.
    pub(super) fn scene<'a>(&'a self, record: &'a Record, history: &'a History) -> Scene<'a> {
        Scene {
            process: &self.process,
            directory: &self.directory,
            record,
            history,
        }
    }

    /// What a record asks for.
    pub(super) fn effects(&self, record: &Record) -> Vec<Effect> {
        let history = self.history(record);
        desired(&self.scene(record, &history), &self.renderer)
    }

    /// What is missing of it.
    pub(super) fn plan(&self, record: &Record, observed: &Observed) -> Vec<Planned> {
        plan(&self.effects(record), observed)
    }
}

/// What is there, had all effects been carried out.
pub(super) fn as_if_done(effects: &[Effect]) -> Observed {
    effects
        .iter()
        .map(|effect| (effect.key.clone(), Seen::of(effect)))
        .collect()
}

/// A body as it can be shown before its references are known.
pub(super) fn shown(body: &str) -> String {
    with_references(body, |_| "(known after apply)".to_owned())
}
