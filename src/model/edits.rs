//! Values that an entry may write in several forms: a list or an edit of it, a value or `null`.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{
    self, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer, value::SeqAccessDeserializer,
};
use serde::{Deserialize, Serialize, Serializer};

use super::details::RestoredCustomers;
use super::ids::{CustomerKey, PersonKey};
use crate::span::Field;

/// A value or `null`; `null` removes an earlier value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Nullable<T> {
    /// `null`.
    Null,
    /// A value.
    Value(T),
}

/// A change of the affected customers by an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CustomersChange {
    /// The customers are not known yet; no ticket is created, and their number is not checked.
    Unknown,
    /// All customers are affected; no ticket is created.
    All,
    /// Exactly these customers are affected.
    List(Vec<Field<CustomerKey>>),
    /// An edit of the list, such as an addition.
    Edit(CustomersEdit),
}

/// An edit of the list of customers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CustomersEdit {
    /// The customers to add.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub add: Field<Vec<Field<CustomerKey>>>,
    /// The customers whose service is restored, as a list or with times (`{ acme: 12:15 }`): they are told, and get no more
    /// promises.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub restored: Field<RestoredCustomers>,
    /// The customers that were listed by mistake; their tickets stay open.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub remove: Field<Vec<Field<CustomerKey>>>,
}

/// A change of a role's holders by an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoleChange {
    /// `null`: nobody holds the role.
    Vacate,
    /// This person becomes the only holder.
    One(PersonKey),
    /// These people become the only holders.
    Many(Vec<Field<PersonKey>>),
    /// An edit of the list, such as an addition.
    Edit(ListEdit),
}

/// An edit of a role's list of people.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListEdit {
    /// The people who join.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub add: Field<Vec<Field<PersonKey>>>,
    /// The people who leave.
    #[serde(skip_serializing_if = "Field::is_present_without_value")]
    pub remove: Field<Vec<Field<PersonKey>>>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<'de> Deserialize<'de> for CustomersChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = CustomersChange;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of customers, `unknown`, `all` or {add, restored, remove}")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                match text {
                    "unknown" => Ok(CustomersChange::Unknown),
                    "all" => Ok(CustomersChange::All),
                    _ => Err(E::custom(format!(
                        "expected a list of customers, `unknown`, `all` or {{add, restored, remove}}, found `{text}`"
                    ))),
                }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(CustomersChange::List)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                CustomersEdit::deserialize(MapAccessDeserializer::new(map)).map(CustomersChange::Edit)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for RoleChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = RoleChange;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a person, a list of people, {add, remove} or null")
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(RoleChange::Vacate)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(RoleChange::One(PersonKey(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(RoleChange::Many)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                ListEdit::deserialize(MapAccessDeserializer::new(map)).map(RoleChange::Edit)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl Serialize for CustomersChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown => serializer.serialize_str("unknown"),
            Self::All => serializer.serialize_str("all"),
            Self::List(customers) => customers.serialize(serializer),
            Self::Edit(edit) => edit.serialize(serializer),
        }
    }
}

impl Serialize for RoleChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Vacate => serializer.serialize_unit(),
            Self::One(person) => person.serialize(serializer),
            Self::Many(people) => people.serialize(serializer),
            Self::Edit(edit) => edit.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Nullable<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Nullable_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Option<T>>::json_schema(generator)
    }
}

impl JsonSchema for CustomersChange {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CustomersChange".into()
    }

    fn json_schema(g: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let key = g.subschema_for::<CustomerKey>();
        let edit = g.subschema_for::<CustomersEdit>();
        schemars::json_schema!({ "anyOf": [{ "enum": ["unknown", "all"] }, { "type": "array", "items": key }, edit] })
    }
}

impl JsonSchema for RoleChange {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RoleChange".into()
    }

    fn json_schema(g: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let key = g.subschema_for::<PersonKey>();
        let edit = g.subschema_for::<ListEdit>();
        schemars::json_schema!({ "anyOf": [{ "type": "null" }, key, { "type": "array", "items": key }, edit] })
    }
}
