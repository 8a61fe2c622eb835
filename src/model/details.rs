//! A completed step and the restoration of customers, each of which an entry may write in two forms: short, or with times.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{
    self, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer, value::SeqAccessDeserializer,
};
use serde::{Deserialize, Serialize, Serializer};

use super::Entries;
use super::ids::{CustomerKey, PersonKey};
use super::relative_time::TimeOrTimeOfDay;
use crate::span::{Field, Span};

/// A completed step as an entry records it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StepRecord {
    /// Only the evidence: a link or a sentence.
    Evidence(String),
    /// The evidence, and who completed the step and when.
    Detailed(StepDetails),
}

/// The evidence of a completed step, and who completed it and when.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StepDetails {
    /// The person who completed the step, a key of `people.yaml`. Default: nobody is named, and anybody may record the step.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub by: Field<PersonKey>,
    /// The time at which the step was completed: a time, or `HH:MM` (UTC) on the date of the entry. Default: the time of the
    /// entry.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub at: Field<TimeOrTimeOfDay>,
    /// The evidence: a link or a sentence.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub evidence: Field<String>,
}

impl StepRecord {
    /// The evidence; empty if the step has no evidence.
    #[must_use]
    pub fn evidence(&self) -> &str {
        match self {
            Self::Evidence(text) => text,
            Self::Detailed(details) => details.evidence.get().map_or("", String::as_str),
        }
    }

    /// The person who completed the step; `None` if the entry names nobody.
    #[must_use]
    pub const fn by(&self) -> Option<&Field<PersonKey>> {
        match self {
            Self::Evidence(_) => None,
            Self::Detailed(details) => Some(&details.by),
        }
    }

    /// When the step was completed; `None` if the entry does not say it.
    #[must_use]
    pub fn at(&self) -> Option<TimeOrTimeOfDay> {
        match self {
            Self::Evidence(_) => None,
            Self::Detailed(details) => details.at.get().copied(),
        }
    }
}

/// The customers whose service an entry declares restored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RestoredCustomers {
    /// The customers; their service is restored at the time of the entry.
    List(Vec<Field<CustomerKey>>),
    /// The customers, each with the time of the restoration: a time, or `HH:MM` (UTC) on the date of the entry.
    Times(Entries<TimeOrTimeOfDay>),
}

impl RestoredCustomers {
    /// The customers, each with its place and with the time of its restoration, if the entry says it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Span, Option<TimeOrTimeOfDay>)> {
        let (list, times) = match self {
            Self::List(list) => (Some(list), None),
            Self::Times(times) => (None, Some(times)),
        };
        let listed = list.into_iter().flatten();
        let listed = listed.filter_map(|field| Some((field.get()?.as_str(), field.span(), None)));
        let timed = times.into_iter().flat_map(Entries::iter);
        let timed = timed.map(|(key, field)| (key, field.key_span(), field.get().copied()));
        listed.chain(timed)
    }
}

impl<'de> Deserialize<'de> for StepRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = StepRecord;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the evidence as a text, or {by, at, evidence}")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(StepRecord::Evidence(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                StepDetails::deserialize(MapAccessDeserializer::new(map)).map(StepRecord::Detailed)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for RestoredCustomers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = RestoredCustomers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of customers, or customers with times such as { acme: 12:15 }")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(RestoredCustomers::List)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Entries::deserialize(MapAccessDeserializer::new(map)).map(RestoredCustomers::Times)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl Serialize for StepRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Evidence(text) => serializer.serialize_str(text),
            Self::Detailed(details) => details.serialize(serializer),
        }
    }
}

impl Serialize for RestoredCustomers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(customers) => customers.serialize(serializer),
            Self::Times(times) => times.serialize(serializer),
        }
    }
}

impl JsonSchema for StepRecord {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StepRecord".into()
    }

    fn json_schema(g: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let details = g.subschema_for::<StepDetails>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, details] })
    }
}

impl JsonSchema for RestoredCustomers {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RestoredCustomers".into()
    }

    fn json_schema(g: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let key = g.subschema_for::<CustomerKey>();
        let times = g.subschema_for::<Entries<TimeOrTimeOfDay>>();
        schemars::json_schema!({ "anyOf": [{ "type": "array", "items": key }, times] })
    }
}
