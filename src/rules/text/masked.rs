//! A record whose texts and names may be shown and sent: credentials are stars.
//!
//! *Invariant*: every view and every effect is built from a [`MaskedRecord`], so no template can show a credential.
//!
//! A name (a key, a person, a status) is masked in the same way in the record and in the settings ([`super::masked_settings`]), so a
//! masked name still finds its customer, person or status. If two names of a record become equal, or if a credential is in the name
//! of a file or folder, which are parts of effect keys, the record asks for no effect at all: a wrong reader is worse than none,
//! and the run fails.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::{mask_credentials, mask_name, mask_path};
use crate::model::fields::FIELDS;
use crate::model::{Entries, Entry, IssueUrl, Record, Timestamp};
use crate::process::{Process, RuleLevel};
use crate::rules::credential_in_text;
use crate::span::Field;

/// A record in whose texts and names every credential is replaced by stars, unless the record overrides INC601 with a reason or the
/// process switches the rule off.
#[derive(Clone, PartialEq, Debug)]
pub struct MaskedRecord {
    record: Record,
    has_stars: bool,
    is_as_written: bool,
    may_act: bool,
}

impl MaskedRecord {
    /// Masks the texts and names of a record under a process.
    #[must_use]
    pub fn new(mut record: Record, process: &Process) -> Self {
        let is_as_written = is_off(process) || overrides(&record, credential_in_text::RULE.code);
        let mut stars = Stars::default();
        if !is_as_written {
            stars.mask_record(&mut record);
        }
        Self {
            record,
            has_stars: stars.count > 0,
            is_as_written,
            may_act: !stars.is_ambiguous,
        }
    }

    /// Whether the record overrides INC601, or the process switches it off: then no credential is replaced.
    #[must_use]
    pub const fn is_as_written(&self) -> bool {
        self.is_as_written
    }

    /// Whether the record may ask for effects: no name of a file or folder has a credential, and no two names became equal.
    #[must_use]
    pub const fn may_act(&self) -> bool {
        self.may_act
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
            ..*self
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

/// Whether the process switches INC601 off.
pub(super) fn is_off(process: &Process) -> bool {
    let level = process.levels.get(credential_in_text::RULE.code);
    level.is_some_and(|set| set.value == RuleLevel::Off)
}

/// Replaces credentials by stars and remembers what it replaced.
#[derive(Default)]
struct Stars {
    /// The number of replaced texts and names.
    count: usize,
    /// The written name for each masked one.
    names: BTreeMap<String, String>,
    /// Whether effects could have the wrong reader or the wrong place.
    is_ambiguous: bool,
}

impl Stars {
    fn mask_record(&mut self, record: &mut Record) {
        self.mask_file_name(&mut record.id.0);
        for entry in &mut record.entries {
            self.mask_file_name(&mut entry.stamp.0);
            if let Some(masked) = mask_path(&entry.path) {
                entry.path = masked;
            }
            self.mask_name(&mut entry.by.0);
            self.mask_entry(&mut entry.entry);
        }
    }

    /// Masks the texts and names of an entry.
    fn mask_entry(&mut self, entry: &mut Entry) {
        if let Some(tickets) = entry.tickets.get_mut() {
            self.mask_addresses(tickets);
        }
        for field in FIELDS {
            let mask = match field.name {
                // Each part of an effect's key is masked as the name that it stands for, so the key still names its effect.
                "sent_by_hand" => mask_path,
                "tickets" => mask_name,
                _ => mask_credentials,
            };
            (field.edit_texts)(entry, &mut |text| self.replace(text, mask(text)));
            (field.edit_names)(entry, &mut |name| self.mask_name(name));
        }
    }

    /// Masks the addresses of tickets. An address whose host or path has a credential would lead nowhere: it is left out, so the
    /// customer gets a ticket of their own.
    fn mask_addresses(&mut self, tickets: &mut Entries<String>) {
        for (_, field) in tickets.iter_mut() {
            let Some(masked) = field.get().and_then(|url| mask_name(url)) else {
                continue;
            };
            let issue = field.get().and_then(|url| IssueUrl::parse(url));
            let is_lost = issue.is_some() && IssueUrl::parse(&masked) != issue;
            if is_lost {
                self.count += 1;
                *field = Field::default();
            }
        }
    }

    fn mask_name(&mut self, name: &mut String) {
        let Some(masked) = mask_name(name) else {
            return;
        };
        let written = self.names.entry(masked.clone()).or_insert_with(|| name.clone());
        self.is_ambiguous |= written != name;
        self.replace(name, Some(masked));
    }

    fn mask_file_name(&mut self, name: &mut String) {
        let masked = mask_name(name);
        self.is_ambiguous |= masked.is_some();
        self.replace(name, masked);
    }

    fn replace(&mut self, text: &mut String, masked: Option<String>) {
        if let Some(masked) = masked {
            *text = masked;
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests;
