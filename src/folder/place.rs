//! A folder that need not be there yet, and where its path begins.

#![expect(
    clippy::disallowed_methods,
    reason = "the folder that a person named is made here; all else goes through its handle"
)]

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;

use super::Folder;

/// A folder that need not be there yet.
#[derive(Debug)]
pub struct FolderPath {
    /// Where the path begins; `None` if it is as a person named it.
    base: Option<Folder>,
    path: PathBuf,
}

impl FolderPath {
    /// The folder that a person named; links on the way to it are followed.
    #[must_use]
    pub fn named(path: &Path) -> Self {
        Self {
            base: None,
            path: path.to_path_buf(),
        }
    }

    /// A folder below another; no link on the way to it is followed.
    #[must_use]
    pub fn below(base: Folder, path: &Path) -> Self {
        Self {
            base: Some(base),
            path: path.to_path_buf(),
        }
    }

    /// The folder; `None` if nothing is there.
    ///
    /// # Errors
    /// Fails if it cannot be opened.
    pub fn open(&self) -> anyhow::Result<Option<Folder>> {
        match &self.base {
            Some(base) => base.subfolder(&self.path),
            None => Folder::open_if_there(&self.path, &self.path.to_string_lossy()),
        }
    }

    /// The folder, made with all that is missing on the way.
    ///
    /// # Errors
    /// Fails if it cannot be made.
    pub fn make(&self) -> anyhow::Result<Folder> {
        let path = &self.path;
        if let Some(base) = &self.base {
            return base.make_subfolder(path);
        }
        fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        Folder::open(path, &path.to_string_lossy())
    }
}

/// Whether a path stays below where it begins, read as text: it is relative and has no `..`.
#[must_use]
pub fn stays_below(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}
