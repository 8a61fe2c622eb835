//! The table of the record's fields: what each holds, who reads it, and where an entry says it.
//!
//! Scanning for credentials and for text that would act, the comparison of two revisions, corrections, and the question
//! whether a field is words follow from it. A field of [`Entry`] or [`Impact`] that is missing here does not compile.

use super::ids::{CustomerKey, IncidentId, PersonKey, SeverityKey, StatusKey};
use super::{
    CustomersChange, Entries, Entry, Impact, ImpactKind, Length, Nullable, Outcome, Override, PromiseTime, RoleChange,
    TimeOrTimeOfDay, TimelinePoint, Timestamp,
};
use crate::span::{Field, Place, Span};

/// Whether a field may be corrected after it was merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// Words for people: they may be corrected.
    Words,
    /// A fact that something was done on: it stays, and a new update says what is true now.
    Fact,
}

/// Who reads a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readers {
    /// The team.
    Team,
    /// The team and executives.
    Executives,
    /// Customers.
    Customers,
}

/// Free texts of an entry, each with the place of its value.
pub type PlacedTexts<'a> = Vec<(Span, &'a str)>;

/// One field of the record.
pub struct RecordField {
    /// Its keys with dots between them, such as `title` or `impact.headline`.
    pub name: &'static str,
    /// Whether it holds words or a fact.
    pub kind: FieldKind,
    /// Who reads it.
    pub readers: Readers,
    /// Where an entry says it; `None` if it does not.
    pub place: fn(&Entry) -> Option<Place>,
    /// The places of its keys, if it is a mapping that people fill with keys of their own.
    pub keys: fn(&Entry) -> Vec<(&str, Place)>,
    /// Adds its free texts, each with the place of its value.
    pub texts: for<'a> fn(&'a Entry, &mut PlacedTexts<'a>),
    /// Whether two entries say something else.
    pub differs: fn(&Entry, &Entry) -> bool,
}

impl RecordField {
    /// The last of its keys: `headline` for `impact.headline`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

/// What the table asks of a field's value.
trait Value {
    /// Adds its free texts, each with its place; `own` is the place of the value.
    fn texts<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        let _ = (own, out);
    }

    /// The places of its keys, if it is a mapping that people fill.
    fn keys(&self) -> Vec<(&str, Place)> {
        Vec::new()
    }
}

/// Values without free text and without keys.
macro_rules! plain {
    ($($type:ty),+ $(,)?) => {
        $(impl Value for $type {})+
    };
}

plain!(
    bool,
    u32,
    CustomerKey,
    CustomersChange,
    ImpactKind,
    IncidentId,
    Length,
    TimeOrTimeOfDay,
    Outcome,
    PersonKey,
    PromiseTime,
    RoleChange,
    SeverityKey,
    StatusKey,
    Timestamp,
);

impl Value for String {
    fn texts<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        out.push((own, self));
    }
}

impl<T: Value> Value for Nullable<T> {
    fn texts<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        match self {
            Self::Null => {}
            Self::Value(value) => value.texts(own, out),
        }
    }
}

impl<T: Value> Value for Vec<Field<T>> {
    fn texts<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        self.iter().for_each(|field| texts(field, out));
    }
}

impl<T: Value> Value for Entries<T> {
    fn texts<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        self.iter().for_each(|(_, field)| texts(field, out));
    }

    fn keys(&self) -> Vec<(&str, Place)> {
        let keys = self.iter().filter_map(|(key, field)| Some((key, field.place()?)));
        keys.collect()
    }
}

impl Value for TimelinePoint {
    fn texts<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        let Self { at: _, what } = self;
        texts(what, out);
    }
}

impl Value for Override {
    fn texts<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        let Self { rule: _, reason } = self;
        texts(reason, out);
    }
}

fn texts<'a, T: Value>(field: &'a Field<T>, out: &mut PlacedTexts<'a>) {
    if let Some(value) = field.get() {
        value.texts(field.span(), out);
    }
}

fn keys<T: Value>(field: &Field<T>) -> Vec<(&str, Place)> {
    field.get().map(Value::keys).unwrap_or_default()
}

/// Builds the table. Both types are taken apart without `..`, so that a new field does not compile before it is here.
macro_rules! table {
    (
        entry { $($field:ident: $kind:ident, $readers:ident;)+ }
        impact { $($inner:ident: $inner_content:ident, $inner_readers:ident;)+ }
    ) => {
        /// Every field of the record but the mapping `impact`, whose fields stand by themselves; in the order of the format.
        pub static FIELDS: &[RecordField] = &[
            $(RecordField {
                name: stringify!($field),
                kind: FieldKind::$kind,
                readers: Readers::$readers,
                place: |entry| entry.$field.place(),
                keys: |entry| keys(&entry.$field),
                texts: |entry, out| texts(&entry.$field, out),
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

/// Every free text of an entry, with the place of its value.
#[must_use]
pub fn free_texts(entry: &Entry) -> PlacedTexts<'_> {
    let mut out = Vec::new();
    for field in FIELDS {
        (field.texts)(entry, &mut out);
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
