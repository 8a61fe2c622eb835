//! A place in a file, and a value with its place.
//!
//! *Invariant*: places are byte offsets into one file's text; only the output of findings computes lines and columns.
//! Equality of values ignores places.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

/// The struct name by which [`Field`] asks the spanned deserializer for the place of the value; other deserializers
/// ignore it.
pub const FIELD: &str = "$incidentctl::Field";

/// A half-open range of byte offsets in a file's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` to `end`, in bytes.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }
}

impl Span {
    /// The range from `start` to `end` of a text's bytes; larger offsets are cut to the maximum.
    #[must_use]
    pub fn between(start: usize, end: usize) -> Self {
        let fit = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self::new(fit(start), fit(end))
    }
}

/// The place of a value in its file: the span of its key and the span of the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// The span of the key; for an item of a list, the same as `value`.
    pub key: Span,
    /// The span of the value.
    pub value: Span,
}

/// An optional value with its place in a file. An absent field has neither; an unreadable field has a place and no
/// value, and the reader has reported why.
#[derive(Clone)]
pub struct Field<T> {
    value: Option<T>,
    place: Option<Place>,
}

impl<T> Field<T> {
    /// A value with its place.
    #[must_use]
    pub const fn at(value: T, place: Place) -> Self {
        Self {
            value: Some(value),
            place: Some(place),
        }
    }

    /// A value without a place, because no file contains it yet.
    #[must_use]
    pub const fn without_place(value: T) -> Self {
        Self {
            value: Some(value),
            place: None,
        }
    }

    /// The value; `None` if it is absent or could not be read.
    #[must_use]
    pub const fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value, to be changed; `None` if it is absent or could not be read.
    #[must_use]
    pub const fn get_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// The place of the field; `None` if the file does not contain it.
    #[must_use]
    pub const fn place(&self) -> Option<Place> {
        self.place
    }

    /// The span of the key; the start of the file if the file does not contain the field.
    #[must_use]
    pub fn key_span(&self) -> Span {
        self.place.unwrap_or_default().key
    }

    /// The span of the value; the start of the file if the file does not contain the field.
    #[must_use]
    pub fn span(&self) -> Span {
        self.place.unwrap_or_default().value
    }

    /// Whether the field has neither value nor place.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        self.value.is_none() && self.place.is_none()
    }

    /// Whether the field is absent or unreadable.
    #[must_use]
    pub const fn is_present_without_value(&self) -> bool {
        self.value.is_none()
    }

    /// The value by value; `None` if it is absent or could not be read.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        self.value
    }
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self {
            value: None,
            place: None,
        }
    }
}

impl<T: PartialEq> PartialEq for Field<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Field<T> {}

impl<T: fmt::Debug> fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(FIELD, FieldVisitor(PhantomData))
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// Reads a field: from the spanned deserializer a sequence of four offsets (key start, key end, value start, value end)
/// and the value; from any other deserializer the value alone.
struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::deserialize(deserializer).map(Field::without_place)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut offset = || seq.next_element::<u32>().map(Option::unwrap_or_default);
        let key = Span::new(offset()?, offset()?);
        let value = Span::new(offset()?, offset()?);
        // The reader answers `None` where the value was of the wrong type: it has reported that already.
        let content = seq.next_element::<T>()?;
        Ok(Field {
            value: content,
            place: Some(Place { key, value }),
        })
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Field<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}
