//! The file of observed times: `apply` and `remind` write it, and figures use it.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::complete;
use super::places;
use crate::effects::Observations;
use crate::forge::Forge;
use crate::run::Workload;

/// The file beside the ledger that figures use if none is named.
const OBSERVED_PATH: &str = "observed.json";

/// The flag that names a file of observed times to read.
#[derive(clap::Args, Clone)]
pub(super) struct ObservedFile {
    /// The times at which issues, tickets and messages were made, as `apply` and `remind` export them. Default: `observed.json` in
    /// the ledger, if it exists.
    #[arg(long, value_name = "FILE", add = complete::paths())]
    observed: Option<PathBuf>,
}

impl ObservedFile {
    /// The observed times; empty if no file is named and the ledger has none.
    ///
    /// # Errors
    /// Fails if a named file does not exist, or a file cannot be read.
    pub(super) fn read(&self, root: &Path) -> anyhow::Result<Observations> {
        match &self.observed {
            Some(path) => read(path)?.with_context(|| format!("no observed times at {}", path.display())),
            None => Ok(read(&root.join(OBSERVED_PATH))?.unwrap_or_default()),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Option<Observations>> {
    let Some(text) = places::read_text(path)? else {
        return Ok(None);
    };
    let observed = Observations::parse(&text).map_err(anyhow::Error::msg);
    observed
        .with_context(|| format!("{} has no observed times", path.display()))
        .map(Some)
}

/// Adds the times that a run observed to the file at `path`.
///
/// # Errors
/// Fails if the file cannot be read or written.
pub(super) fn export(path: &Path, forge: &dyn Forge, workload: &Workload) -> anyhow::Result<()> {
    let mut all = read(path)?.unwrap_or_default();
    for item in &workload.items {
        all.extend(forge.observed_times(&item.record.id));
    }
    places::write(path, all.json())
}
