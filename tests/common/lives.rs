//! Lives of incidents: the folders below `tests/lives/`. Each is a ledger as a user writes it, with one incident; each file of
//! the incident is a step, and the steps are in the order in which the files were written.

use std::fs;
use std::path::{Path, PathBuf};

use super::{copy_ledger, files, repository};

/// A file of an incident.
#[derive(Clone, Debug)]
pub struct Step {
    /// The path in the ledger.
    pub path: String,
    pub text: String,
}

/// The folder of a life.
pub fn folder(life: &str) -> PathBuf {
    repository().join("tests/lives").join(life)
}

/// The text of a file of a life.
pub fn text(life: &str, path: &str) -> String {
    fs::read_to_string(folder(life).join(path)).expect("a file of the life")
}

/// The steps of a life: the declaration, then the updates by their time.
pub fn steps(life: &str) -> Vec<Step> {
    let all = files(&folder(life)).into_iter();
    let own = all.filter(|(path, _)| path.starts_with("incidents/"));
    own.map(|(path, bytes)| Step {
        path,
        text: String::from_utf8(bytes).expect("UTF-8"),
    })
    .collect()
}

/// Copies a whole life into a folder.
pub fn copy(life: &str, to: &Path) {
    copy_ledger(&folder(life), to);
}

/// Copies what a life has before its first step: process, people and customers.
pub fn copy_start(life: &str, to: &Path) {
    copy(life, to);
    fs::remove_dir_all(to.join("incidents")).expect("it is removed");
    fs::create_dir(to.join("incidents")).expect("it is made");
}
