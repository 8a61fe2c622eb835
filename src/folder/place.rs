//! The path of a folder that may not exist yet, and the folder that the path starts from.

#![expect(
    clippy::disallowed_methods,
    reason = "the folder that a person named is made here; all else goes through its handle"
)]

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;

use super::Folder;

/// The path of a folder that may not exist yet.
#[derive(Debug)]
pub struct FolderPath {
    /// The folder that the path starts from; `None` if a person named the path.
    base: Option<Folder>,
    path: PathBuf,
}

impl FolderPath {
    /// A path that a person named; it may contain links.
    #[must_use]
    pub fn from_person(path: &Path) -> Self {
        Self {
            base: None,
            path: path.to_path_buf(),
        }
    }

    /// A path below the folder `base`; it must not contain links.
    #[must_use]
    pub fn below(base: Folder, path: &Path) -> Self {
        Self {
            base: Some(base),
            path: path.to_path_buf(),
        }
    }

    /// Opens the folder; `None` if nothing is there.
    ///
    /// # Errors
    /// Fails if the folder cannot be opened.
    pub fn open(&self) -> anyhow::Result<Option<Folder>> {
        match &self.base {
            Some(base) => base.subfolder(&self.path),
            None => Folder::open_if_there(&self.path, &self.path.to_string_lossy()),
        }
    }

    /// Opens the folder; creates it and its missing parents.
    ///
    /// # Errors
    /// Fails if the folder cannot be created.
    pub fn make(&self) -> anyhow::Result<Folder> {
        let path = &self.path;
        if let Some(base) = &self.base {
            return base.make_subfolder(path);
        }
        fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        Folder::open(path, &path.to_string_lossy())
    }
}

/// Whether a path is relative and has no `..`.
#[must_use]
pub fn stays_below(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}
