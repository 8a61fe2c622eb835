//! The changes of incidents between two revisions of the ledger, as values.
//!
//! *Invariant*: compares records only and does not read files or git.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::fields::{FIELDS, RecordField};
use crate::model::{Entry, IncidentId, Record, RecordEntry};

/// An incident that differs between two revisions: its record before and after.
#[derive(Clone, PartialEq, Debug)]
pub struct IncidentChange {
    /// The incident's id.
    pub id: IncidentId,
    /// The record before the change; `None` for a new incident.
    pub from: Option<Record>,
    /// The record after the change; `None` for a deleted incident.
    pub to: Option<Record>,
    /// The paths of deleted files.
    pub gone: Vec<String>,
}

/// A merged entry whose fields changed.
#[derive(Clone)]
pub struct RewrittenEntry<'a> {
    /// The entry before the change.
    pub from: &'a RecordEntry,
    /// The entry after the change, with its index in the record.
    pub to: (usize, &'a RecordEntry),
    /// The changed fields, in the order of the record's format.
    pub fields: Vec<&'static RecordField>,
}

impl IncidentChange {
    /// The new entries, each with its index in the record.
    pub fn added_entries(&self) -> impl Iterator<Item = (usize, &RecordEntry)> {
        let known: BTreeSet<&str> = self.before().map(|entry| entry.path.as_str()).collect();
        self.after()
            .filter(move |(_, entry)| !known.contains(entry.path.as_str()))
    }

    /// The merged entries whose fields changed.
    #[must_use]
    pub fn rewritten_entries(&self) -> Vec<RewrittenEntry<'_>> {
        let before: BTreeMap<&str, &RecordEntry> = self.before().map(|entry| (entry.path.as_str(), entry)).collect();
        let both = self
            .after()
            .filter_map(|to| Some((*before.get(to.1.path.as_str())?, to)));
        both.map(|(from, to)| RewrittenEntry {
            from,
            to,
            fields: differing(&from.entry, &to.1.entry),
        })
        .filter(|change| !change.fields.is_empty())
        .collect()
    }

    /// The paths of new entries and of entries with changed tickets, whose ticket addresses are checked for the first time.
    #[must_use]
    pub fn unchecked_paths(&self) -> BTreeSet<String> {
        let new = self.added_entries().map(|(_, entry)| entry.path.clone());
        let rewritten = self.rewritten_entries().into_iter();
        let named = rewritten.filter(|one| one.fields.iter().any(|field| field.name == "tickets"));
        new.chain(named.map(|one| one.to.1.path.clone())).collect()
    }

    fn before(&self) -> impl Iterator<Item = &RecordEntry> {
        self.from.iter().flat_map(|record| &record.entries)
    }

    fn after(&self) -> impl Iterator<Item = (usize, &RecordEntry)> {
        self.to.iter().flat_map(|record| record.entries.iter().enumerate())
    }
}

/// The fields in which two entries differ, in the order of the record's format.
fn differing(a: &Entry, b: &Entry) -> Vec<&'static RecordField> {
    FIELDS.iter().filter(|field| (field.differs)(a, b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::FieldKind;
    use crate::model::{PersonKey, Timestamp};

    fn record(files: &[(&str, &str)]) -> Record {
        let entries = files.iter().map(|(path, text)| RecordEntry {
            path: (*path).to_owned(),
            stamp: (*path).into(),
            declaration: *path == "incident.yaml",
            at: Timestamp::parse("2026-11-23T09:00:00Z").expect("a time"),
            by: PersonKey::from("bob"),
            entry: serde_yaml::from_str(text).expect("an entry"),
        });
        Record {
            id: IncidentId::from("2026-11-23-x"),
            entries: entries.collect(),
        }
    }

    #[test]
    fn added_and_rewritten_entries_are_told_apart_and_fields_are_named() {
        let from = record(&[(
            "incident.yaml",
            "{title: a, severity: sev0, impact: {headline: h, degradation: total}}",
        )]);
        let to = record(&[
            (
                "incident.yaml",
                "{title: b, severity: sev0, impact: {headline: i, degradation: total}}",
            ),
            ("u.yaml", "{status: identified}"),
        ]);
        let change = IncidentChange {
            id: to.id.clone(),
            from: Some(from),
            to: Some(to),
            gone: Vec::new(),
        };
        let added: Vec<_> = change
            .added_entries()
            .map(|(index, entry)| (index, entry.path.as_str()))
            .collect();
        assert_eq!(added, [(1, "u.yaml")]);
        let rewritten = change.rewritten_entries();
        assert_eq!(rewritten.len(), 1);
        let names: Vec<&str> = rewritten[0].fields.iter().map(|field| field.name).collect();
        assert_eq!(names, ["title", "impact.headline"]);
        assert!(rewritten[0].fields.iter().all(|field| field.kind == FieldKind::Words));
    }
}
