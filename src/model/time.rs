//! Absolute times and lengths of time as files write them.
//!
//! *Invariant*: parsing is strict. A time is RFC 3339 with `T` and an offset; a length is a whole number with `m`, `h`
//! or `d`. chrono's own reading accepts more, and says less when it refuses.

use std::fmt;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

/// An absolute time, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(pub DateTime<Utc>);

impl Timestamp {
    /// Parses RFC 3339 with `T` and `Z` or an offset.
    ///
    /// # Errors
    /// Fails if the text has another form; the error says what was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, String> {
        let strict = text.len() >= 20
            && text.as_bytes()[10] == b'T'
            && text.is_ascii()
            && !text.ends_with("-00:00")
            && text.as_bytes().get(17..19).is_some_and(|seconds| seconds != b"60");
        DateTime::parse_from_rfc3339(text)
            .ok()
            .filter(|_| strict)
            .map(|time| Self(time.with_timezone(&Utc)))
            .ok_or_else(|| format!("expected a time such as 2026-01-02T03:04:05Z, found `{text}`"))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parsed("a time such as 2026-01-02T03:04:05Z", Self::parse))
    }
}

/// A length of time, written `45m`, `2h` or `3d`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Length(pub TimeDelta);

impl Length {
    /// A length of this many minutes.
    #[must_use]
    pub fn minutes(minutes: i64) -> Self {
        Self(TimeDelta::minutes(minutes))
    }

    /// Parses a whole number followed by `m`, `h` or `d`; at most ten years.
    ///
    /// # Errors
    /// Fails if the text has another form; the error says what was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected a length of time such as 45m, 2h or 3d, found `{text}`");
        let number = text
            .get(..text.len().saturating_sub(1))
            .filter(|digits| !digits.is_empty() && digits.len() <= 7 && digits.bytes().all(|b| b.is_ascii_digit()))
            .ok_or_else(wrong)?;
        let count: i64 = number.parse().map_err(|_| wrong())?;
        let minutes = match text.as_bytes()[text.len() - 1] {
            b'm' => 1,
            b'h' => 60,
            b'd' => 24 * 60,
            _ => return Err(wrong()),
        } * count;
        if minutes > 10 * 366 * 24 * 60 {
            return Err(format!("expected at most ten years, found `{text}`"));
        }
        Ok(Self::minutes(minutes))
    }
}

/// Formats a length of time for people with its two largest units, such as `2 h 13 min`.
#[must_use]
pub fn humanize(delta: TimeDelta) -> String {
    let minutes = delta.num_minutes().abs();
    let parts = [(minutes / 1440, "d"), (minutes / 60 % 24, "h"), (minutes % 60, "min")];
    let shown: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .take(2)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if shown.is_empty() {
        "0 min".to_owned()
    } else {
        shown.join(" ")
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.num_minutes();
        match minutes {
            m if m != 0 && m % (24 * 60) == 0 => write!(f, "{}d", m / (24 * 60)),
            m if m != 0 && m % 60 == 0 => write!(f, "{}h", m / 60),
            m => write!(f, "{m}m"),
        }
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parsed("a length of time such as 45m, 2h or 3d", Self::parse))
    }
}

/// A serde visitor that parses text and passes on the parse function's error.
pub(super) struct Parsed<T>(pub(super) &'static str, pub(super) fn(&str) -> Result<T, String>);

impl<T> Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.1)(text).map_err(E::custom)
    }
}

/// JSON Schema of a [`Timestamp`].
impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
            "description": "A time with offset, such as 2026-01-02T03:04:05Z"
        })
    }
}

/// JSON Schema of a [`Length`].
impl JsonSchema for Length {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Length".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^\d{1,7}[mhd]$",
            "description": "A length of time, such as 45m, 2h or 3d"
        })
    }
}
