//! The ledger: reads its incidents and settings from the disk and from git, compares two revisions, and finds incidents
//! by a part of their id.
//!
//! *Invariant*: reads only, and follows no link. If a comparison fails, the result is an error, never "no change".

mod comparison;
mod config;
mod disk;
mod init;
mod lookup;
mod parallel;
mod revision;
mod templates;

pub use comparison::{ComparedIncident, Comparison, compare};
pub use config::LedgerConfig;
pub use disk::{Incidents, absolute_root, incident_files, incident_ids, read_file_below, read_incident};
pub use init::{NEW_FOLDERS, new_files, template_copies};
pub use lookup::{find_id, find_ids, require_record};
pub use parallel::in_parallel;
pub use revision::{Ledger, file_at_commit, merged_files};
pub use templates::{TEMPLATES, is_template};

use std::path::Path;

use crate::git::{Repo, TrustedOwner};

/// Opens the repository that contains a ledger; `None` if the ledger is in no repository. With `ci`, the work tree may belong
/// to another user.
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
