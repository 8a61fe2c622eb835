//! The targets of a severity: within which time the process expects each part of its work.
//!
//! A target is independent of what people promise themselves: a late promise never loosens it.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Origin, Sourced};
use crate::model::{Length, Nullable};
use crate::span::Field;

/// The targets of a severity, as `process.yaml` writes them. `null` removes a target of the handbook.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "TargetsFile")]
pub struct WrittenTargets {
    /// From the declaration until the participants are called.
    pub notify: Field<Nullable<Length>>,
    /// From the declaration until somebody holds each required role.
    pub assemble: Field<Nullable<Length>>,
    /// From the declaration until the business hears the current state.
    pub broadcast: Field<Nullable<Length>>,
    /// From the declaration until every affected customer is told.
    pub customers_told: Field<Nullable<Length>>,
    /// Between two updates to the business.
    pub update: Field<Nullable<Length>>,
    /// Between two messages to an affected customer.
    pub customer_update: Field<Nullable<Length>>,
    /// From the declaration until service is restored.
    pub restore: Field<Nullable<Length>>,
    /// From the resolution until the review.
    pub review: Field<Nullable<Length>>,
}

/// A part of the work for which the process has a target.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The participants are called.
    Notify,
    /// Somebody holds each required role.
    Assemble,
    /// The business hears the current state.
    Broadcast,
    /// Every affected customer is told.
    CustomersTold,
    /// The next update to the business.
    Update,
    /// The next message to an affected customer.
    CustomerUpdate,
    /// Service is restored.
    Restore,
    /// The review is held.
    Review,
}

impl Target {
    /// Every target, in the order of the work.
    pub const ALL: [Self; 8] = [
        Self::Notify,
        Self::Assemble,
        Self::Broadcast,
        Self::CustomersTold,
        Self::Update,
        Self::CustomerUpdate,
        Self::Restore,
        Self::Review,
    ];

    /// The target's key in `process.yaml`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Notify => "notify",
            Self::Assemble => "assemble",
            Self::Broadcast => "broadcast",
            Self::CustomersTold => "customers_told",
            Self::Update => "update",
            Self::CustomerUpdate => "customer_update",
            Self::Restore => "restore",
            Self::Review => "review",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Notify => "Participants called",
            Self::Assemble => "Required roles filled",
            Self::Broadcast => "Business told",
            Self::CustomersTold => "Customers told",
            Self::Update => "Updates to the business",
            Self::CustomerUpdate => "Updates to customers",
            Self::Restore => "Service restored",
            Self::Review => "Review held",
        }
    }

    const fn field(self, written: &WrittenTargets) -> &Field<Nullable<Length>> {
        match self {
            Self::Notify => &written.notify,
            Self::Assemble => &written.assemble,
            Self::Broadcast => &written.broadcast,
            Self::CustomersTold => &written.customers_told,
            Self::Update => &written.update,
            Self::CustomerUpdate => &written.customer_update,
            Self::Restore => &written.restore,
            Self::Review => &written.review,
        }
    }
}

/// The targets of a severity, from all sources: the last source that has a target wins.
pub(super) fn targets<'a>(
    sources: impl Iterator<Item = (&'static str, &'a WrittenTargets)>,
) -> BTreeMap<Target, Sourced<Length>> {
    let mut all = BTreeMap::new();
    for (path, written) in sources {
        for target in Target::ALL {
            let field = target.field(written);
            let origin = Origin {
                path,
                span: field.key_span(),
            };
            match field.get() {
                Some(Nullable::Value(value)) => {
                    all.insert(target, Sourced { value: *value, origin });
                }
                Some(Nullable::Null) => {
                    all.remove(&target);
                }
                None => {}
            }
        }
    }
    all
}

/// When customers' tickets are closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TicketsClose {
    /// Together with the incident.
    #[default]
    Closed,
    /// Never.
    Never,
    /// This long after the closure of the incident.
    After(Length),
}

impl TicketsClose {
    /// Parses `closed`, `never` or a length of time.
    ///
    /// # Errors
    /// Fails if the text has another form; the error says what was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "closed" => Ok(Self::Closed),
            "never" => Ok(Self::Never),
            other => Length::parse(other)
                .map(Self::After)
                .map_err(|_| format!("expected `closed`, `never` or a length of time such as 3d, found `{text}`")),
        }
    }
}

impl fmt::Display for TicketsClose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("closed"),
            Self::Never => f.write_str("never"),
            Self::After(length) => length.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for TicketsClose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for TicketsClose {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TicketsClose".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^(closed|never|\d{1,7}[mhd])$",
            "description": "`closed`, `never`, or a length of time after the closure, such as 3d"
        })
    }
}
