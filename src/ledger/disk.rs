//! Reads the incidents of a ledger on the disk.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::diagnostics::Diagnostic;
use crate::folder::{EntryKind, Folder};
use crate::rules;
use crate::source::{self, File, MAX_FILE_BYTES, ParsedRecord, UNREADABLE};

/// The name of the folder that contains the incidents.
const INCIDENTS: &str = "incidents";

/// The maximum depth of the search for misplaced files.
const MAX_DEPTH: usize = 8;

/// The open folder `incidents` of a ledger on the disk.
pub struct Incidents(Folder);

impl Incidents {
    /// Opens the folder `incidents` of the ledger in `root`.
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

    /// Opens the folder `incidents` of the ledger in `root`; `None` if it does not exist.
    ///
    /// # Errors
    /// Fails if it is a link.
    pub fn open_if_there(root: &Path) -> anyhow::Result<Option<Self>> {
        let folder = Folder::open_if_there(root, "")?;
        let incidents = folder.map(|root| root.subfolder(INCIDENTS)).transpose()?;
        Ok(incidents.flatten().map(Self))
    }

    /// The ids of all incidents, sorted, and findings about misplaced files. In the id of a folder whose name is not UTF-8,
    /// [`UNREADABLE`] stands for each byte that is not text, as in a revision of git.
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
        // Names that are not UTF-8 may become equal, and their order may change.
        ids.sort();
        ids.dedup();
        Ok((ids, findings))
    }

    /// The files of an incident, sorted by path. It reads at most one byte over the limit and follows no link.
    ///
    /// # Errors
    /// Fails if there is no such folder, or the file system refuses to read.
    pub fn files(&self, id: &str) -> anyhow::Result<Vec<File>> {
        let folder = match self.0.subfolder(id)? {
            None => self
                .unreadable_name(id)?
                .map(|name| self.0.subfolder(name))
                .transpose()?
                .flatten(),
            found => found,
        };
        let folder = folder.with_context(|| format!("cannot read {INCIDENTS}/{id}: there is no such folder"))?;
        let mut files = Vec::new();
        collect(&folder, &format!("{INCIDENTS}/{id}"), MAX_DEPTH, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The files of an incident; `None` if there is no such folder, or it is a link.
    ///
    /// # Errors
    /// Fails if the file system refuses to read.
    pub fn files_if_there(&self, id: &str) -> anyhow::Result<Option<Vec<File>>> {
        let is_there = self.0.kind(id)? == Some(EntryKind::Folder) || self.unreadable_name(id)?.is_some();
        is_there.then(|| self.files(id)).transpose()
    }

    /// The name of the folder whose id has [`UNREADABLE`] for bytes that are not text; `None` if there is no such folder.
    fn unreadable_name(&self, id: &str) -> anyhow::Result<Option<OsString>> {
        if !id.contains(UNREADABLE) {
            return Ok(None);
        }
        let entries = self.0.entries()?.into_iter();
        let mut named = entries.filter(|entry| entry.kind == EntryKind::Folder && entry.name.to_string_lossy() == id);
        Ok(named.next().map(|entry| entry.name))
    }

    /// Reads the record of an incident.
    ///
    /// # Errors
    /// Fails if the file system refuses to read.
    pub fn incident(&self, id: &str) -> anyhow::Result<ParsedRecord> {
        Ok(source::read_record(id, &self.files(id)?))
    }
}

/// The ids of all incidents of the ledger in `root`, sorted, and findings about misplaced files.
///
/// # Errors
/// Fails if there is no folder `incidents`, it is a link, or the file system refuses to read.
pub fn incident_ids(root: &Path) -> anyhow::Result<(Vec<String>, Vec<Diagnostic>)> {
    Incidents::open(root)?.ids()
}

/// The files of one incident of the ledger in `root`.
///
/// # Errors
/// Fails if there is no such incident, or the file system refuses to read.
pub fn incident_files(root: &Path, id: &str) -> anyhow::Result<Vec<File>> {
    Incidents::open(root)?.files(id)
}

/// Reads the record of one incident of the ledger in `root`.
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

/// Reads the file at `place` below a folder; findings call it `path`. `None` if nothing is there.
///
/// # Errors
/// Fails if a folder in the path is a link, or the file exists and cannot be read.
pub fn read_file_below(folder: &Folder, place: &Path, path: &str) -> anyhow::Result<Option<File>> {
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

/// The absolute path of the ledger's root; the path unchanged if it cannot be resolved.
#[must_use]
pub fn absolute_root(directory: &Path) -> PathBuf {
    std::fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf())
}
