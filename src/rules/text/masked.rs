//! A record whose texts may be shown and sent: credentials are stars.
//!
//! *Invariant*: every view and every effect is built from a [`MaskedRecord`], so no template can show a credential.

use std::ops::Deref;

use super::mask_credentials;
use crate::model::fields::FIELDS;
use crate::model::{Entries, Entry, IssueUrl, Record, Timestamp};
use crate::process::{Process, RuleLevel};
use crate::rules::credential_in_text;

/// A record in whose texts every credential is replaced by stars, unless the record overrides INC601 with a reason or the
/// process switches the rule off.
#[derive(Clone, PartialEq, Debug)]
pub struct MaskedRecord {
    record: Record,
    has_stars: bool,
}

impl MaskedRecord {
    /// Masks the texts of a record under a process.
    #[must_use]
    pub fn new(mut record: Record, process: &Process) -> Self {
        let code = credential_in_text::RULE.code;
        let is_off = process.levels.get(code).is_some_and(|set| set.value == RuleLevel::Off);
        let mut has_stars = false;
        if !is_off && !overrides(&record, code) {
            for entry in &mut record.entries {
                has_stars |= mask(&mut entry.entry);
            }
        }
        Self { record, has_stars }
    }

    /// Whether a credential was replaced.
    #[must_use]
    pub const fn has_stars(&self) -> bool {
        self.has_stars
    }

    /// The record as of `time`: see [`Record::as_of`].
    #[must_use]
    pub fn as_of(&self, time: Timestamp) -> Self {
        Self {
            record: self.record.as_of(time),
            has_stars: self.has_stars,
        }
    }

    /// The record by value.
    #[must_use]
    pub fn into_record(self) -> Record {
        self.record
    }
}

impl Deref for MaskedRecord {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

/// Whether an entry of a record overrides this rule with a reason.
fn overrides(record: &Record, code: &str) -> bool {
    let lists = record.entries.iter().filter_map(|entry| entry.entry.overrides.get());
    let mut all = lists.flatten().filter_map(|field| field.get());
    all.any(|one| {
        let has_reason = one.reason.get().is_some_and(|reason| !reason.trim().is_empty());
        has_reason && one.rule.get().is_some_and(|rule| rule == code)
    })
}

/// Masks the texts of an entry. Keys of effects stay, because they decide what is not sent again. The address of an issue stays,
/// because it decides who reads the words. Returns whether a text changed.
fn mask(entry: &mut Entry) -> bool {
    let mut has_stars = false;
    let mut replace = |text: &mut String, masked: String| {
        *text = masked;
        has_stars = true;
    };
    for field in FIELDS.iter().filter(|field| field.name != "sent_by_hand") {
        (field.edit_texts)(entry, &mut |text| {
            let is_address = field.name == "tickets" && IssueUrl::parse(text).is_some();
            if let Some(masked) = mask_credentials(text).filter(|_| !is_address) {
                replace(text, masked);
            }
        });
    }
    for (name, _) in entry.links.get_mut().into_iter().flat_map(Entries::iter_mut) {
        if let Some(masked) = mask_credentials(name) {
            replace(name, masked);
        }
    }
    has_stars
}

#[cfg(test)]
mod tests;
