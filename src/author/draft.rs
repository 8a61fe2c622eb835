//! New files: the declaration or the update for an entry.

use std::fmt;

use chrono::TimeDelta;

use super::name;
use super::text::{self, FileKind};
use crate::model::{Entry, IncidentId, PersonKey, Record, Timestamp};
use crate::process::Process;
use crate::source::{self, File};
use crate::span::Field;

/// A new or corrected file that is not written yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFile {
    /// The incident's id.
    pub id: IncidentId,
    /// `declaration`, or the stem of the update's file name.
    pub stamp: String,
    /// The time of the declaration, update or correction.
    pub at: Timestamp,
    /// The author.
    pub by: PersonKey,
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// The text of the file.
    pub text: String,
}

impl NewFile {
    /// The file in the form that the module `source` reads.
    #[must_use]
    pub fn file(&self) -> File {
        File::new(&self.path, self.text.as_bytes())
    }

    /// A correction of an existing file. Its stamp names the branch and has the time and author of the correction.
    #[must_use]
    pub fn correction(id: &IncidentId, path: &str, text: String, at: Timestamp, by: PersonKey) -> Self {
        Self {
            id: id.clone(),
            stamp: format!("{}-{by}-correction", at.0.format("%Y%m%dT%H%M%SZ")),
            at,
            by,
            path: path.to_owned(),
            text,
        }
    }
}

/// Returns the files with `file` added; it replaces a file with the same path. Sorted by path.
#[must_use]
pub fn replace_or_add_file(files: &[File], file: &File) -> Vec<File> {
    let mut all: Vec<File> = files.iter().filter(|other| other.path != file.path).cloned().collect();
    all.push(file.clone());
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// Text that names the missing flags of a declaration; `None` if severity and customers are given.
#[must_use]
pub fn missing_flags(process: &Process, has_severity: bool, has_customers: bool) -> Option<String> {
    let severities: Vec<_> = process
        .severities
        .iter()
        .map(|severity| severity.key.as_str())
        .collect();
    let mut missing = Vec::new();
    if !has_severity {
        missing.push(format!("--severity ({})", severities.join(", ")));
    }
    if !has_customers {
        missing.push("--customer (keys of customers.yaml, or `unknown`, or `all`)".to_owned());
    }
    (!missing.is_empty()).then(|| format!("a declaration needs {}", missing.join(" and ")))
}

/// The error that a written text does not read back as the same entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RereadMismatch;

impl fmt::Display for RereadMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was given cannot be written to a file and read back the same")
    }
}

impl std::error::Error for RereadMismatch {}

/// Returns the declaration file for an entry, under this id.
///
/// # Errors
/// Fails if the written text does not read back as the same entry.
pub fn new_declaration(
    id: IncidentId,
    entry: &Entry,
    at: Timestamp,
    by: &PersonKey,
) -> Result<NewFile, RereadMismatch> {
    let mut entry = entry.clone();
    entry.declared_at = Field::without_place(at);
    entry.declared_by = Field::without_place(by.clone());
    let path = format!("incidents/{id}/incident.yaml");
    Ok(NewFile {
        text: faithful(&entry, FileKind::Declaration, &path)?,
        id,
        stamp: "declaration".to_owned(),
        at,
        by: by.clone(),
        path,
    })
}

/// Returns the update file for an entry. `files` are the incident's files, whose names it does not reuse. If the last
/// entry is ahead of `now` by at most `tolerance`, the update gets the time one second after it.
///
/// # Errors
/// Fails if the written text does not read back as the same entry.
pub fn new_update(
    record: &Record,
    files: &[File],
    entry: &Entry,
    now: Timestamp,
    by: &PersonKey,
    tolerance: TimeDelta,
) -> Result<NewFile, RereadMismatch> {
    let last = record.entries.last().map_or(now, |last| last.at);
    let ahead = last.0 - now.0;
    let at = if ahead >= TimeDelta::zero() && ahead <= tolerance {
        Timestamp(last.0 + TimeDelta::seconds(1))
    } else {
        now
    };
    let id = &record.id;
    let path = |stamp: &str| format!("incidents/{id}/updates/{stamp}.yaml");
    // Two names that differ only in case are one on some disks.
    let taken = |stamp: &str| files.iter().any(|file| file.path.eq_ignore_ascii_case(&path(stamp)));
    let (at, stamp) = name::stamp(at, by.as_str(), &taken);
    let mut entry = entry.clone();
    entry.at = Field::without_place(at);
    entry.by = Field::without_place(by.clone());
    let path = path(&stamp);
    Ok(NewFile {
        text: faithful(&entry, FileKind::Update, &path)?,
        id: id.clone(),
        stamp,
        at,
        by: by.clone(),
        path,
    })
}

/// The text of an entry; it reads back as the same entry.
fn faithful(entry: &Entry, kind: FileKind, path: &str) -> Result<String, RereadMismatch> {
    let text = text::render(entry, kind).ok_or(RereadMismatch)?;
    let (read, findings) = source::read_entry(&File::new(path, text.as_bytes()));
    let same = read.is_some_and(|read| *read == *entry) && findings.is_empty();
    same.then_some(text).ok_or(RereadMismatch)
}
