//! The table of the record's fields: what each field holds, who reads it, and where an entry has it.
//!
//! The scan for credentials and unsafe text, the comparison of two revisions and the corrections use this table. A
//! field of [`Entry`] or [`Impact`] that is missing here does not compile.

use super::values::{edit_names, edit_texts, keys, names, texts};
use super::{Entry, Impact};
use crate::span::{Field, Place};

pub use super::values::{PlacedTexts, TextEdit};

/// Whether a field may be corrected after it was merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// Text for people: a correction may change it.
    Words,
    /// A fact that effects depend on: a correction may not change it; a new update states the new fact.
    Fact,
}

/// Who reads a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readers {
    /// The team only.
    Team,
    /// The team and executives.
    Executives,
    /// Customers.
    Customers,
}

/// One field of the record.
pub struct RecordField {
    /// The field's keys, joined by dots, such as `title` or `impact.headline`.
    pub name: &'static str,
    /// Whether the field holds text or a fact.
    pub kind: FieldKind,
    /// The people who read the field's text.
    pub readers: Readers,
    /// Returns the field's place in an entry; `None` if the entry does not have the field.
    pub place: fn(&Entry) -> Option<Place>,
    /// Returns the keys that people chose, with their places; empty if the field is not a mapping with free keys.
    pub keys: fn(&Entry) -> Vec<(&str, Place)>,
    /// Adds the field's free texts to a list, each with its place.
    pub texts: for<'a> fn(&'a Entry, &mut PlacedTexts<'a>),
    /// Calls a function for each of the field's free texts, which the function may change.
    pub edit_texts: fn(&mut Entry, &mut TextEdit),
    /// Adds the field's names to a list, each with its place: the keys that people chose and the names of people, customers,
    /// statuses and the like.
    pub names: for<'a> fn(&'a Entry, &mut PlacedTexts<'a>),
    /// Calls a function for each of the field's names, which the function may change.
    pub edit_names: fn(&mut Entry, &mut TextEdit),
    /// Returns whether the field differs between two entries.
    pub differs: fn(&Entry, &Entry) -> bool,
}

impl RecordField {
    /// The last key of the field's name: `headline` for `impact.headline`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

/// Builds the table. It destructures both types without `..`, so that a new field does not compile until it is listed
/// here.
macro_rules! table {
    (
        entry { $($field:ident: $kind:ident, $readers:ident;)+ }
        impact { $($inner:ident: $inner_content:ident, $inner_readers:ident;)+ }
    ) => {
        /// Every field of the record, in the order of the format. The fields of `impact` are listed one by one.
        pub static FIELDS: &[RecordField] = &[
            $(RecordField {
                name: stringify!($field),
                kind: FieldKind::$kind,
                readers: Readers::$readers,
                place: |entry| entry.$field.place(),
                keys: |entry| keys(&entry.$field),
                texts: |entry, out| texts(&entry.$field, out),
                edit_texts: |entry, edit| edit_texts(&mut entry.$field, edit),
                names: |entry, out| names(&entry.$field, out),
                edit_names: |entry, edit| edit_names(&mut entry.$field, edit),
                differs: |a, b| a.$field != b.$field,
            },)+
            $(RecordField {
                name: concat!("impact.", stringify!($inner)),
                kind: FieldKind::$inner_content,
                readers: Readers::$inner_readers,
                place: |entry| entry.impact.get()?.$inner.place(),
                keys: |_| Vec::new(),
                texts: |entry, out| {
                    if let Some(impact) = entry.impact.get() {
                        texts(&impact.$inner, out);
                    }
                },
                edit_texts: |entry, edit| {
                    if let Some(impact) = entry.impact.get_mut() {
                        edit_texts(&mut impact.$inner, edit);
                    }
                },
                // The words of the impact are texts; its other values are times or words of the format.
                names: |_, _| {},
                edit_names: |_, _| {},
                differs: |a, b| impact(a).map(|impact| &impact.$inner).and_then(Field::get)
                    != impact(b).map(|impact| &impact.$inner).and_then(Field::get),
            },)+
        ];

        #[expect(dead_code, reason = "it only has to compile")]
        fn every_field_is_in_the_table(entry: &Entry, impact: &Impact) {
            let Entry { impact: _, $($field: _),+ } = entry;
            let Impact { $($inner: _),+ } = impact;
        }
    };
}

fn impact(entry: &Entry) -> Option<&Impact> {
    entry.impact.get()
}

table! {
    entry {
        title: Words, Team;
        severity: Fact, Team;
        reason: Words, Team;
        declared_at: Fact, Team;
        declared_by: Fact, Team;
        at: Fact, Team;
        by: Fact, Team;
        status: Fact, Team;
        customers: Fact, Team;
        roles: Fact, Team;
        steps: Words, Team;
        current_status: Words, Executives;
        current_actions: Words, Executives;
        next_steps: Words, Executives;
        next_update: Fact, Executives;
        expected_restoration: Fact, Executives;
        cadence: Fact, Team;
        customer_message: Words, Customers;
        customer_message_to: Fact, Team;
        told_otherwise: Words, Team;
        hold_customers: Fact, Team;
        timeline: Words, Team;
        links: Words, Team;
        tickets: Fact, Team;
        slack_channel: Words, Team;
        confidential: Fact, Team;
        drill: Fact, Team;
        outcome: Fact, Team;
        related: Words, Team;
        reach: Words, Team;
        sent_by_hand: Words, Team;
        overrides: Words, Team;
    }
    impact {
        headline: Words, Customers;
        kind: Fact, Team;
        degradation: Fact, Team;
        workaround: Fact, Team;
        symptoms: Words, Customers;
        started_at: Words, Customers;
        detected_at: Words, Team;
        ended_at: Words, Team;
    }
}

/// Returns every free text of an entry, each with its place.
#[must_use]
pub fn free_texts(entry: &Entry) -> PlacedTexts<'_> {
    let mut out = Vec::new();
    for field in FIELDS {
        (field.texts)(entry, &mut out);
    }
    out
}

/// Returns every name in an entry, each with its place: keys that people chose, and names of people, customers, statuses and
/// the like.
#[must_use]
pub fn names_in(entry: &Entry) -> PlacedTexts<'_> {
    let mut out = Vec::new();
    for field in FIELDS {
        (field.names)(entry, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_free_text_is_found_the_degradation_included() {
        let text = "{title: a, steps: {x: b}, hold_customers: c, timeline: [{at: 09:07, what: d}], links: {y: e}, \
                    overrides: [{rule: INC201, reason: f}], impact: {degradation: g, workaround: h, symptoms: i}}";
        let entry: Entry = serde_yaml::from_str(text).expect("an entry");
        let mut found: Vec<&str> = free_texts(&entry).into_iter().map(|(_, text)| text).collect();
        found.sort_unstable();
        assert_eq!(found.concat(), "abcdefghi");
        let mut edited = entry.clone();
        let mut edit = |text: &mut String| text.push('!');
        FIELDS
            .iter()
            .for_each(|field| (field.edit_texts)(&mut edited, &mut edit));
        let mut found: Vec<&str> = free_texts(&edited).into_iter().map(|(_, text)| text).collect();
        found.sort_unstable();
        assert_eq!(found.concat(), "a!b!c!d!e!f!g!h!i!");
    }

    #[test]
    fn every_name_is_found_the_keys_of_mappings_included() {
        let text = "{severity: a, declared_by: b, by: c, status: d, customers: {add: [e], restored: [f], remove: [g]}, \
                    roles: {h: i, j: [k], l: {add: [m], remove: [n]}}, steps: {o: x}, customer_message_to: [p], links: {q: x}, \
                    tickets: {r: x}, related: [s], overrides: [{rule: t, reason: x}]}";
        let mut entry: Entry = serde_yaml::from_str(text).expect("an entry");
        let sorted = |entry: &Entry| {
            let mut found: Vec<String> = names_in(entry).into_iter().map(|(_, name)| name.to_owned()).collect();
            found.sort_unstable();
            found.concat()
        };
        assert_eq!(sorted(&entry), "abcdefghijklmnopqrst");
        let mut edit = |name: &mut String| name.push('!');
        FIELDS
            .iter()
            .for_each(|field| (field.edit_names)(&mut entry, &mut edit));
        assert_eq!(sorted(&entry), "a!b!c!d!e!f!g!h!i!j!k!l!m!n!o!p!q!r!s!t!");
    }

    #[test]
    fn what_customers_read_is_said_by_the_table() {
        let read = FIELDS.iter().filter(|field| field.readers == Readers::Customers);
        let names: Vec<&str> = read.map(|field| field.name).collect();
        let wanted = [
            "customer_message",
            "impact.headline",
            "impact.symptoms",
            "impact.started_at",
        ];
        assert_eq!(names, wanted);
    }
}
