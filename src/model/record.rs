//! The record of one incident: its declaration and updates, in order.

use super::{Entry, IncidentId, PersonKey, Stamp, Timestamp};

/// The record of one incident: its declaration and all updates.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// The incident's id, which is the name of its folder.
    pub id: IncidentId,
    /// The declaration, then the updates by time and file name. Never empty.
    pub entries: Vec<RecordEntry>,
}

/// One file of the record: the declaration or an update.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordEntry {
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// The id of the file within its record.
    pub stamp: Stamp,
    /// Whether this file is the declaration, `incident.yaml`.
    pub declaration: bool,
    /// The time of the entry: `declared_at`, or `at`, or the time in the file's name.
    pub at: Timestamp,
    /// The author: `declared_by` or `by`; empty if it could not be read.
    pub by: PersonKey,
    /// The content of the file. Boxed, because an entry is large and records are moved and sorted.
    pub entry: Box<Entry>,
}

impl Record {
    /// The declaration: the first entry.
    #[must_use]
    pub fn declaration(&self) -> &RecordEntry {
        &self.entries[0]
    }

    /// The record as of `time`: the declaration and every entry that was made until then.
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

    /// The first `count` entries; at least the declaration.
    #[must_use]
    pub fn first_entries(&self, count: usize) -> &[RecordEntry] {
        &self.entries[..count.clamp(1, self.entries.len())]
    }
}
