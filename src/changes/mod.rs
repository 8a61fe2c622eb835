//! What changed between two revisions of the ledger, as values.
//!
//! *Invariant*: compares records only; where they came from is not its business.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::fields::{FIELDS, RecordField};
use crate::model::{Entry, IncidentId, Record, RecordEntry};

/// An incident of which at least one file differs between two revisions.
#[derive(Clone, PartialEq, Debug)]
pub struct IncidentChange {
    /// The incident.
    pub id: IncidentId,
    /// Its record before; none for a new incident.
    pub from: Option<Record>,
    /// Its record after; none where it is gone.
    pub to: Option<Record>,
    /// Paths of files that were there before and are gone.
    pub gone: Vec<String>,
}

/// A merged file that says something else now.
#[derive(Clone)]
pub struct RewrittenEntry<'a> {
    /// The entry before.
    pub from: &'a RecordEntry,
    /// The entry after, and its index in the record.
    pub to: (usize, &'a RecordEntry),
    /// The fields that differ, in the order of the record's format.
    pub fields: Vec<&'static RecordField>,
}

impl IncidentChange {
    /// Entries that were not there before, with their index in the record.
    pub fn added_entries(&self) -> impl Iterator<Item = (usize, &RecordEntry)> {
        let known: BTreeSet<&str> = self.before().map(|entry| entry.path.as_str()).collect();
        self.after()
            .filter(move |(_, entry)| !known.contains(entry.path.as_str()))
    }

    /// Entries that say something else than before.
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

    fn before(&self) -> impl Iterator<Item = &RecordEntry> {
        self.from.iter().flat_map(|record| &record.entries)
    }

    fn after(&self) -> impl Iterator<Item = (usize, &RecordEntry)> {
        self.to.iter().flat_map(|record| record.entries.iter().enumerate())
    }
}

/// The names of the fields in which two entries differ, in the order of the record's format.
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
