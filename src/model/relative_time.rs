//! Times that are relative to their entry: a time of day on the entry's date, or a length of time after the entry.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::time::Parsed;
use super::{Length, Timestamp};

/// Either an absolute time, or a time of day (UTC) on the date of the entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeOrTimeOfDay {
    /// An absolute time.
    Time(Timestamp),
    /// `HH:MM`, UTC, as minutes after midnight on the date of the entry.
    OfDay(u16),
}

impl TimeOrTimeOfDay {
    /// Parses `HH:MM` or an absolute time.
    ///
    /// # Errors
    /// Fails if the text has another form; the error says what was expected and what was found.
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

    /// The absolute time; `entry` is the time of the entry.
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

impl fmt::Display for TimeOrTimeOfDay {
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

/// The promised time of the next update: absolute, or a length of time after the entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PromiseTime {
    /// At this time.
    At(Timestamp),
    /// This long after the entry.
    After(Length),
}

impl PromiseTime {
    /// Parses an absolute time or a length of time.
    ///
    /// # Errors
    /// Fails if the text has another form; the error says what was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, String> {
        Length::parse(text)
            .map(Self::After)
            .or_else(|_| Timestamp::parse(text).map(Self::At))
            .map_err(|_| {
                format!("expected a time such as 2026-01-02T03:04:05Z or a length such as 60m, found `{text}`")
            })
    }

    /// The absolute time; `entry` is the time of the entry.
    #[must_use]
    pub fn resolve(self, entry: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::After(length) => Timestamp(entry.0 + length.0),
        }
    }
}

impl<'de> Deserialize<'de> for TimeOrTimeOfDay {
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

impl Serialize for TimeOrTimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for PromiseTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for TimeOrTimeOfDay {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))$",
            "description": "A time, or HH:MM (UTC) on the date of the entry"
        })
    }
}

impl JsonSchema for PromiseTime {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PromiseTime".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^(\d{1,7}[mhd]|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))$",
            "description": "A time, or a length of time from the entry"
        })
    }
}
