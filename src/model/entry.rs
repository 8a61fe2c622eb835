//! One file of the record: the declaration (`incident.yaml`) or an update. Both carry the same fields.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{
    self, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer, value::SeqAccessDeserializer,
};

use super::ids::{CustomerKey, IncidentId, PersonKey, SeverityKey, StatusKey};
use super::time::Parsed;
use super::{Entries, Length, Timestamp};
use crate::span::Field;

/// What one file says. The declaration uses `declared_at` and `declared_by`, an update `at` and `by`.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// What happened, in one line for the team. Audience: internal.
    pub title: Field<String>,
    /// The classification from here on; a change needs `reason`.
    pub severity: Field<SeverityKey>,
    /// Why the severity or the cadence changed.
    pub reason: Field<String>,
    /// When the incident was declared; the folder's date is its UTC date.
    pub declared_at: Field<Timestamp>,
    /// Who declared it, a key of `people.yaml`.
    pub declared_by: Field<PersonKey>,
    /// When this update was made. Optional: the file's name has it.
    pub at: Field<Timestamp>,
    /// Who wrote this update, a key of `people.yaml`.
    pub by: Field<PersonKey>,
    /// The status from here on.
    pub status: Field<StatusKey>,
    /// The affected customers: a list, `unknown`, `all`, or `{add, restored, remove}`.
    pub customers: Field<CustomersChange>,
    /// What the incident does to customers; merged key by key.
    pub impact: Field<Impact>,
    /// Who holds which role: a person or a list replaces, `{add, remove}` edits, `null` vacates.
    pub roles: Field<Entries<RoleChange>>,
    /// Steps that were done, each with its evidence: a link or a sentence.
    pub steps: Field<Entries<String>>,
    /// Executive summary: the current status of the incident. Audience: internal and executives.
    pub current_status: Field<String>,
    /// Executive summary: the actions being performed. Audience: internal and executives.
    pub current_actions: Field<String>,
    /// Executive summary: the next steps. Audience: internal and executives.
    pub next_steps: Field<String>,
    /// The promise: a time, or a length of time from this entry.
    pub next_update: Field<PromiseTime>,
    /// When service is expected back. Not a promise.
    pub expected_restoration: Field<Timestamp>,
    /// From here on, instead of the severity's cadence; needs `reason`.
    pub cadence: Field<Length>,
    /// The only free text that a ticket note shows. Audience: customers.
    pub customer_message: Field<String>,
    /// Who gets the message. Default: every customer not yet restored.
    pub customer_message_to: Field<Vec<Field<CustomerKey>>>,
    /// Suspends words to customers and their promises until an update says `hold_customers: null`.
    pub hold_customers: Field<Nullable<String>>,
    /// Points between updates. Audience: internal.
    pub timeline: Field<Vec<Field<Point>>>,
    /// Named links. Audience: internal.
    pub links: Field<Entries<String>>,
    /// Tickets that exist already, by customer: notes only, never edited.
    pub tickets: Field<Entries<String>>,
    /// The dedicated channel, where people opened it themselves.
    pub slack_channel: Field<String>,
    /// Whether the incident issue is confidential. Default: true.
    pub confidential: Field<bool>,
    /// An exercise: nobody outside is told. Default: false.
    pub drill: Field<bool>,
    /// With a closed status: why it ends without having been resolved.
    pub outcome: Field<Outcome>,
    /// Other incidents that belong to this one.
    pub related: Field<Vec<Field<IncidentId>>>,
    /// How many customers may be reached, where that is more than the process's cap.
    pub reach: Field<u32>,
    /// Keys of effects that people carried out by hand; they are not done again.
    pub sent_by_hand: Field<Vec<Field<String>>>,
    /// Break glass: rules that are set aside, each with its reason.
    pub overrides: Field<Vec<Field<Override>>>,
}

/// What the incident does to customers. All optional.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Impact {
    /// The ticket's title. Audience: customers.
    pub headline: Field<String>,
    /// availability (default), `data_loss` or security: for the last two, degradation and workaround are moot.
    pub kind: Field<ImpactKind>,
    /// How badly service is degraded: a word of the process, such as `severe` or `total`.
    pub degradation: Field<String>,
    /// `none`, or the workaround in words.
    pub workaround: Field<String>,
    /// What customers see. Audience: customers; needed before the first words to them.
    pub symptoms: Field<String>,
    /// When the trouble itself started.
    pub started_at: Field<Timestamp>,
    /// When it was noticed.
    pub detected_at: Field<Timestamp>,
    /// When it ended.
    pub ended_at: Field<Timestamp>,
}

/// What is impaired.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImpactKind {
    /// Service is degraded or down.
    #[default]
    Availability,
    /// Data was lost.
    DataLoss,
    /// Security was or may have been breached.
    Security,
}

/// Why an incident is closed without having been resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There was no incident.
    FalseAlarm,
    /// Another incident covers it; `related` says which.
    Duplicate,
}

/// A rule that is set aside in this incident.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Override {
    /// The rule's code, such as `INC201`.
    pub rule: Field<String>,
    /// Why.
    pub reason: Field<String>,
}

/// A point of the timeline between updates.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Point {
    /// When: a time, or `HH:MM` (UTC) on the date of the entry.
    pub at: Field<Moment>,
    /// What happened.
    pub what: Field<String>,
}

/// A time, or a time of day on the date of the entry that holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// Absolute.
    Time(Timestamp),
    /// `HH:MM`, UTC, as minutes after midnight on the date of the entry.
    OfDay(u16),
}

impl Moment {
    /// Reads `HH:MM` or a time.
    ///
    /// # Errors
    /// What was expected and what was found, for a diagnostic.
    pub fn parse(text: &str) -> Result<Self, String> {
        let of_day = || {
            let (hours, minutes) = text.split_once(':')?;
            let digits = |part: &str| {
                (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
                    .then(|| part.parse::<u16>().ok())
                    .flatten()
            };
            let (hours, minutes) = (digits(hours)?, digits(minutes)?);
            (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
        };
        of_day()
            .map(Self::OfDay)
            .or_else(|| Timestamp::parse(text).ok().map(Self::Time))
            .ok_or_else(|| format!("expected a time such as 09:07 or 2026-01-02T03:04:05Z, found `{text}`"))
    }

    /// The absolute time, for a point in an entry made at `entry`.
    #[must_use]
    pub fn resolve(self, entry: Timestamp) -> Timestamp {
        match self {
            Self::Time(time) => time,
            Self::OfDay(minutes) => {
                let midnight = entry.0.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
                Timestamp(midnight + chrono::TimeDelta::minutes(i64::from(minutes)))
            }
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => time.fmt(f),
            Self::OfDay(minutes) => write!(f, "{:02}:{:02}", minutes / 60, minutes % 60),
        }
    }
}

impl fmt::Display for PromiseTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(time) => time.fmt(f),
            Self::After(length) => length.fmt(f),
        }
    }
}

/// When the next update is promised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PromiseTime {
    /// At this time.
    At(Timestamp),
    /// This long after the entry.
    After(Length),
}

impl PromiseTime {
    /// Reads a time or a length.
    ///
    /// # Errors
    /// What was expected and what was found, for a diagnostic.
    pub fn parse(text: &str) -> Result<Self, String> {
        Length::parse(text)
            .map(Self::After)
            .or_else(|_| Timestamp::parse(text).map(Self::At))
            .map_err(|_| {
                format!("expected a time such as 2026-01-02T03:04:05Z or a length such as 60m, found `{text}`")
            })
    }

    /// The absolute time, for a promise made at `entry`.
    #[must_use]
    pub fn resolve(self, entry: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::After(length) => Timestamp(entry.0 + length.0),
        }
    }
}

/// A value that may be written as `null` to take it away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Nullable<T> {
    /// `null`.
    Null,
    /// A value.
    Value(T),
}

/// How an entry changes who is affected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CustomersChange {
    /// Not known yet: tickets and the rule on their number wait.
    Unknown,
    /// Every customer: counts as several, opens no ticket.
    All,
    /// These and no others.
    List(Vec<Field<CustomerKey>>),
    /// An edit of the list.
    Edit(CustomersEdit),
}

/// An edit of the list of customers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CustomersEdit {
    /// Newly affected.
    pub add: Field<Vec<Field<CustomerKey>>>,
    /// Service is back for them: they are told so, and their cadence ends.
    pub restored: Field<Vec<Field<CustomerKey>>>,
    /// Were not affected after all. Closes no ticket.
    pub remove: Field<Vec<Field<CustomerKey>>>,
}

/// How an entry changes who holds a role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoleChange {
    /// `null`: nobody.
    Vacate,
    /// This person and nobody else.
    One(PersonKey),
    /// These people and nobody else.
    Many(Vec<Field<PersonKey>>),
    /// An edit of the list.
    Edit(ListEdit),
}

/// An edit of a role's list of people.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListEdit {
    /// Joins.
    pub add: Field<Vec<Field<PersonKey>>>,
    /// Leaves.
    pub remove: Field<Vec<Field<PersonKey>>>,
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parsed("a time such as 09:07 or 2026-01-02T03:04:05Z", Self::parse))
    }
}

impl<'de> Deserialize<'de> for PromiseTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parsed(
            "a time such as 2026-01-02T03:04:05Z or a length such as 60m",
            Self::parse,
        ))
    }
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

macro_rules! schema {
    ($name:literal, $type:ty, |$generator:ident| $body:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema($generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $body
            }
        }
    };
}

schema!("Moment", Moment, |_g| schemars::json_schema!({
    "type": "string",
    "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))$",
    "description": "A time, or HH:MM (UTC) on the date of the entry"
}));
schema!("PromiseTime", PromiseTime, |_g| schemars::json_schema!({
    "type": "string",
    "pattern": r"^(\d{1,7}[mhd]|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))$",
    "description": "A time, or a length of time from the entry"
}));
impl<T: JsonSchema> JsonSchema for Nullable<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Nullable_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Option<T>>::json_schema(generator)
    }
}
schema!("CustomersChange", CustomersChange, |g| {
    let key = g.subschema_for::<CustomerKey>();
    let edit = g.subschema_for::<CustomersEdit>();
    schemars::json_schema!({ "anyOf": [{ "enum": ["unknown", "all"] }, { "type": "array", "items": key }, edit] })
});
schema!("RoleChange", RoleChange, |g| {
    let key = g.subschema_for::<PersonKey>();
    let edit = g.subschema_for::<ListEdit>();
    schemars::json_schema!({ "anyOf": [{ "type": "null" }, key, { "type": "array", "items": key }, edit] })
});
