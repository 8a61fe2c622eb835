//! The record of one incident: its files, in the order in which they fold.

use super::{Entry, IncidentId, PersonKey, Stamp, Timestamp};

/// An incident's folder as it was read.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// The folder's name.
    pub id: IncidentId,
    /// The declaration and the updates. First the declaration, then by `at`, then by file name. Never empty.
    pub entries: Vec<RecordEntry>,
}

/// One file of the record.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordEntry {
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// Which file it is.
    pub stamp: Stamp,
    /// Whether this is `incident.yaml`.
    pub declaration: bool,
    /// When it was made: `declared_at`, or `at`, or the time in the file's name.
    pub at: Timestamp,
    /// Who wrote it: `declared_by` or `by`; empty where that could not be read.
    pub by: PersonKey,
    /// What it says. Boxed, because an entry is large and records are moved and sorted.
    pub entry: Box<Entry>,
}

impl Record {
    /// The declaration.
    #[must_use]
    pub fn declaration(&self) -> &RecordEntry {
        &self.entries[0]
    }

    /// The record as it stood at `time`: the declaration and every entry made until then.
    #[must_use]
    pub fn as_of(&self, time: Timestamp) -> Self {
        let entries = self
            .entries
            .iter()
            .filter(|entry| entry.declaration || entry.at <= time)
            .cloned()
            .collect();
        Self {
            id: self.id.clone(),
            entries,
        }
    }

    /// The first `count` entries (at least the declaration).
    #[must_use]
    pub fn first_entries(&self, count: usize) -> &[RecordEntry] {
        &self.entries[..count.clamp(1, self.entries.len())]
    }
}
