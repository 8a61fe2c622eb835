//! The ledger: its incidents and settings on the disk and in git, two revisions of it, and the look-up by part of an id.
//!
//! *Invariant*: reads only, and follows no link. What cannot be compared is an error, never "no change".

mod comparison;
mod config;
mod disk;
mod init;
mod lookup;
mod parallel;
mod revision;

pub use comparison::{ComparedIncident, Comparison, compare};
pub use config::{LedgerConfig, TEMPLATES, is_template};
pub use disk::{Incidents, absolute_root, file_at, incident_files, incident_ids, read_incident};
pub use init::{NEW_FOLDERS, new_files};
pub use lookup::{find_id, require_record};
pub use parallel::in_parallel;
pub use revision::{Ledger, file_at_commit, merged_files};

use std::path::Path;

use crate::git::{Repo, TrustedOwner};

/// The repository of a ledger; `None` if it is in none. In a pipeline the work tree may belong to another user than the job.
///
/// # Errors
/// Fails if git cannot be run, or refuses a repository of another owner.
pub fn open_repo(root: &Path, ci: bool) -> anyhow::Result<Option<Repo>> {
    Repo::open(
        root,
        if ci {
            TrustedOwner::Anybody
        } else {
            TrustedOwner::Trusted
        },
    )
}
