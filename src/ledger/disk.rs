//! The incidents of a ledger on the disk.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::diagnostics::Diagnostic;
use crate::folder::{EntryKind, Folder};
use crate::rules;
use crate::source::{self, File, MAX_FILE_BYTES, ParsedRecord};

/// The folder of the incidents.
const INCIDENTS: &str = "incidents";

/// How deep a folder is searched for files that do not belong there.
const MAX_DEPTH: usize = 8;

/// The folder `incidents` of a ledger on the disk.
pub struct Incidents(Folder);

impl Incidents {
    /// The incidents of the ledger in a folder.
    ///
    /// # Errors
    /// Fails if there is no folder `incidents`, or it is a link.
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        Self::open_if_there(root)?.with_context(|| {
            format!(
                "no ledger here: {} has no folder `incidents` (`incidentctl init` makes one)",
                root.display()
            )
        })
    }

    /// The same; `None` if there is no folder `incidents`.
    ///
    /// # Errors
    /// Fails if it is a link.
    pub fn open_if_there(root: &Path) -> anyhow::Result<Option<Self>> {
        let folder = Folder::open_if_there(root, "")?;
        let incidents = folder.map(|root| root.subfolder(INCIDENTS)).transpose()?;
        Ok(incidents.flatten().map(Self))
    }

    /// The ids of all incidents, sorted, and findings about files beside their folders.
    ///
    /// # Errors
    /// Fails if the file system refuses to read.
    pub fn ids(&self) -> anyhow::Result<(Vec<String>, Vec<Diagnostic>)> {
        let mut ids = Vec::new();
        let mut findings = Vec::new();
        for entry in self.0.entries()? {
            let name = entry.name.to_string_lossy().into_owned();
            if entry.kind == EntryKind::Folder {
                ids.push(name);
            } else if entry.kind == EntryKind::Link || name.ends_with(".yaml") || name.ends_with(".yml") {
                findings.push(rules::stray_file_finding(&name));
            }
        }
        Ok((ids, findings))
    }

    /// The files of an incident, sorted by path. At most one byte over the limit is read; links are not followed.
    ///
    /// # Errors
    /// Fails if there is no such folder, or the file system refuses to read.
    pub fn files(&self, id: &str) -> anyhow::Result<Vec<File>> {
        let folder = self.0.subfolder(id)?;
        let folder = folder.with_context(|| format!("cannot read {INCIDENTS}/{id}: there is no such folder"))?;
        let mut files = Vec::new();
        collect(&folder, &format!("{INCIDENTS}/{id}"), MAX_DEPTH, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The same; `None` if there is no folder of that name, or a link in its place.
    ///
    /// # Errors
    /// Fails if the file system refuses to read.
    pub fn files_if_there(&self, id: &str) -> anyhow::Result<Option<Vec<File>>> {
        let is_there = self.0.kind(id)? == Some(EntryKind::Folder);
        is_there.then(|| self.files(id)).transpose()
    }

    /// An incident as it was read.
    ///
    /// # Errors
    /// Fails if the file system refuses to read.
    pub fn incident(&self, id: &str) -> anyhow::Result<ParsedRecord> {
        Ok(source::read_record(id, &self.files(id)?))
    }
}

/// The ids of all incidents of the ledger in a folder, sorted, and findings about files beside their folders.
///
/// # Errors
/// Fails if there is no folder `incidents`, it is a link, or the file system refuses to read.
pub fn incident_ids(root: &Path) -> anyhow::Result<(Vec<String>, Vec<Diagnostic>)> {
    Incidents::open(root)?.ids()
}

/// The files of one incident of the ledger in a folder.
///
/// # Errors
/// Fails if there is no such incident, or the file system refuses to read.
pub fn incident_files(root: &Path, id: &str) -> anyhow::Result<Vec<File>> {
    Incidents::open(root)?.files(id)
}

/// One incident of the ledger in a folder, as it was read.
///
/// # Errors
/// Fails if there is no such incident, or the file system refuses to read.
pub fn read_incident(root: &Path, id: &str) -> anyhow::Result<ParsedRecord> {
    Incidents::open(root)?.incident(id)
}

fn collect(folder: &Folder, path: &str, depth: usize, files: &mut Vec<File>) -> anyhow::Result<()> {
    for entry in folder.entries()? {
        let path = format!("{path}/{}", entry.name.to_string_lossy());
        match entry.kind {
            EntryKind::Folder if depth == 0 => {}
            EntryKind::Folder => {
                if let Some(below) = folder.subfolder(&entry.name)? {
                    collect(&below, &path, depth - 1, files)?;
                }
            }
            EntryKind::File => {
                let bytes = folder.read_entry(&entry, MAX_FILE_BYTES)?;
                files.extend(bytes.map(|bytes| File {
                    path,
                    bytes,
                    link: false,
                }));
            }
            EntryKind::Link | EntryKind::Other => files.push(File {
                path,
                bytes: Vec::new(),
                link: true,
            }),
        }
    }
    Ok(())
}

/// The file at this place below a folder, under this name; `None` if nothing is there.
///
/// # Errors
/// Fails if a folder on the way is a link, or something is there and cannot be read.
pub fn file_at(folder: &Folder, place: &Path, path: &str) -> anyhow::Result<Option<File>> {
    let (bytes, link) = match folder.kind(place)? {
        None => return Ok(None),
        Some(EntryKind::File) => match folder.read(place, MAX_FILE_BYTES)? {
            Some(bytes) => (bytes, false),
            None => return Ok(None),
        },
        // A device or a pipe is no more to be read than a link.
        Some(_) => (Vec::new(), true),
    };
    Ok(Some(File {
        path: path.to_owned(),
        bytes,
        link,
    }))
}

/// The ledger's root, as an absolute path where it can be had.
#[must_use]
pub fn absolute_root(directory: &Path) -> PathBuf {
    std::fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf())
}
