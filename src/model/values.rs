//! The free texts, names and keys in the values of the record.

use super::edits::{CustomersEdit, ListEdit};
use super::ids::{CustomerKey, IncidentId, PersonKey, SeverityKey, StatusKey};
use super::{
    ClosureReason, CustomersChange, Entries, ImpactKind, Length, Nullable, Override, PromiseTime, RestoredCustomers,
    RoleChange, StepDetails, StepRecord, TimeOrTimeOfDay, TimelinePoint, Timestamp,
};
use crate::span::{Field, Place, Span};

/// Texts of an entry, each with its place.
pub type PlacedTexts<'a> = Vec<(Span, &'a str)>;

/// A function that may change a text.
pub type TextEdit<'a> = dyn FnMut(&mut String) + 'a;

/// A value that can list its free texts, its names and its keys.
pub(super) trait Value {
    /// Adds the value's free texts to `out`, each with its place; `own` is the place of the value.
    fn texts<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        let _ = (own, out);
    }

    /// Calls a function for each of the value's free texts.
    fn edit_texts(&mut self, edit: &mut TextEdit) {
        let _ = edit;
    }

    /// Adds the value's names to `out`, each with its place; `own` is the place of the value.
    fn names<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        let _ = (own, out);
    }

    /// Calls a function for each of the value's names.
    fn edit_names(&mut self, edit: &mut TextEdit) {
        let _ = edit;
    }

    /// The keys that people chose, with their places; empty if the value is not a mapping with free keys.
    fn keys(&self) -> Vec<(&str, Place)> {
        Vec::new()
    }
}

/// Values without free text, names and keys.
macro_rules! plain {
    ($($type:ty),+ $(,)?) => {
        $(impl Value for $type {})+
    };
}

plain!(
    bool,
    u32,
    ImpactKind,
    Length,
    TimeOrTimeOfDay,
    ClosureReason,
    PromiseTime,
    Timestamp,
);

/// Values that are one name.
macro_rules! name {
    ($($type:ty),+ $(,)?) => {
        $(impl Value for $type {
            fn names<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
                out.push((own, &self.0));
            }

            fn edit_names(&mut self, edit: &mut TextEdit) {
                edit(&mut self.0);
            }
        })+
    };
}

name!(CustomerKey, IncidentId, PersonKey, SeverityKey, StatusKey);

impl Value for CustomersChange {
    fn names<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        match self {
            Self::Unknown | Self::All => {}
            Self::List(customers) => customers.names(own, out),
            Self::Edit(CustomersEdit { add, restored, remove }) => {
                names(add, out);
                names(restored, out);
                names(remove, out);
            }
        }
    }

    fn edit_names(&mut self, edit: &mut TextEdit) {
        match self {
            Self::Unknown | Self::All => {}
            Self::List(customers) => customers.edit_names(edit),
            Self::Edit(CustomersEdit { add, restored, remove }) => {
                edit_names(add, edit);
                edit_names(restored, edit);
                edit_names(remove, edit);
            }
        }
    }
}

impl Value for RestoredCustomers {
    fn names<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        match self {
            Self::List(customers) => customers.names(own, out),
            Self::Times(times) => times.names(own, out),
        }
    }

    fn edit_names(&mut self, edit: &mut TextEdit) {
        match self {
            Self::List(customers) => customers.edit_names(edit),
            Self::Times(times) => times.edit_names(edit),
        }
    }
}

impl Value for StepRecord {
    fn texts<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        match self {
            Self::Evidence(text) => text.texts(own, out),
            Self::Detailed(StepDetails { by: _, at: _, evidence }) => texts(evidence, out),
        }
    }

    fn edit_texts(&mut self, edit: &mut TextEdit) {
        match self {
            Self::Evidence(text) => text.edit_texts(edit),
            Self::Detailed(StepDetails { by: _, at: _, evidence }) => edit_texts(evidence, edit),
        }
    }

    fn names<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        if let Self::Detailed(StepDetails { by, at: _, evidence: _ }) = self {
            names(by, out);
        }
    }

    fn edit_names(&mut self, edit: &mut TextEdit) {
        if let Self::Detailed(StepDetails { by, at: _, evidence: _ }) = self {
            edit_names(by, edit);
        }
    }
}

impl Value for RoleChange {
    fn names<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        match self {
            Self::Vacate => {}
            Self::One(person) => person.names(own, out),
            Self::Many(people) => people.names(own, out),
            Self::Edit(ListEdit { add, remove }) => [add, remove].into_iter().for_each(|list| names(list, out)),
        }
    }

    fn edit_names(&mut self, edit: &mut TextEdit) {
        match self {
            Self::Vacate => {}
            Self::One(person) => person.edit_names(edit),
            Self::Many(people) => people.edit_names(edit),
            Self::Edit(ListEdit { add, remove }) => {
                [add, remove].into_iter().for_each(|list| edit_names(list, edit));
            }
        }
    }
}

impl Value for String {
    fn texts<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        out.push((own, self));
    }

    fn edit_texts(&mut self, edit: &mut TextEdit) {
        edit(self);
    }
}

impl<T: Value> Value for Nullable<T> {
    fn texts<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        match self {
            Self::Null => {}
            Self::Value(value) => value.texts(own, out),
        }
    }

    fn edit_texts(&mut self, edit: &mut TextEdit) {
        match self {
            Self::Null => {}
            Self::Value(value) => value.edit_texts(edit),
        }
    }

    fn names<'a>(&'a self, own: Span, out: &mut PlacedTexts<'a>) {
        match self {
            Self::Null => {}
            Self::Value(value) => value.names(own, out),
        }
    }

    fn edit_names(&mut self, edit: &mut TextEdit) {
        match self {
            Self::Null => {}
            Self::Value(value) => value.edit_names(edit),
        }
    }
}

impl<T: Value> Value for Vec<Field<T>> {
    fn texts<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        self.iter().for_each(|field| texts(field, out));
    }

    fn edit_texts(&mut self, edit: &mut TextEdit) {
        self.iter_mut().for_each(|field| edit_texts(field, edit));
    }

    fn names<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        self.iter().for_each(|field| names(field, out));
    }

    fn edit_names(&mut self, edit: &mut TextEdit) {
        self.iter_mut().for_each(|field| edit_names(field, edit));
    }
}

impl<T: Value> Value for Entries<T> {
    fn texts<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        self.iter().for_each(|(_, field)| texts(field, out));
    }

    fn edit_texts(&mut self, edit: &mut TextEdit) {
        self.iter_mut().for_each(|(_, field)| edit_texts(field, edit));
    }

    fn names<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        for (key, field) in self.iter() {
            out.push((field.key_span(), key));
            names(field, out);
        }
    }

    fn edit_names(&mut self, edit: &mut TextEdit) {
        for (key, field) in self.iter_mut() {
            edit(key);
            edit_names(field, edit);
        }
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

    fn edit_texts(&mut self, edit: &mut TextEdit) {
        let Self { at: _, what } = self;
        edit_texts(what, edit);
    }
}

impl Value for Override {
    fn texts<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        let Self { rule: _, reason } = self;
        texts(reason, out);
    }

    fn edit_texts(&mut self, edit: &mut TextEdit) {
        let Self { rule: _, reason } = self;
        edit_texts(reason, edit);
    }

    fn names<'a>(&'a self, _own: Span, out: &mut PlacedTexts<'a>) {
        let Self { rule, reason: _ } = self;
        // A code is a text in its type and a name in its meaning.
        texts(rule, out);
    }

    fn edit_names(&mut self, edit: &mut TextEdit) {
        let Self { rule, reason: _ } = self;
        edit_texts(rule, edit);
    }
}

/// Adds the free texts of a field's value to a list.
pub(super) fn texts<'a, T: Value>(field: &'a Field<T>, out: &mut PlacedTexts<'a>) {
    if let Some(value) = field.get() {
        value.texts(field.span(), out);
    }
}

/// Calls a function for each free text of a field's value.
pub(super) fn edit_texts<T: Value>(field: &mut Field<T>, edit: &mut TextEdit) {
    if let Some(value) = field.get_mut() {
        value.edit_texts(edit);
    }
}

/// Adds the names in a field's value to a list.
pub(super) fn names<'a, T: Value>(field: &'a Field<T>, out: &mut PlacedTexts<'a>) {
    if let Some(value) = field.get() {
        value.names(field.span(), out);
    }
}

/// Calls a function for each name in a field's value.
pub(super) fn edit_names<T: Value>(field: &mut Field<T>, edit: &mut TextEdit) {
    if let Some(value) = field.get_mut() {
        value.edit_names(edit);
    }
}

/// The keys that people chose in a field's value, with their places.
pub(super) fn keys<T: Value>(field: &Field<T>) -> Vec<(&str, Place)> {
    field.get().map(Value::keys).unwrap_or_default()
}
