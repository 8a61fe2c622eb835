//! A former bot user, as process.yaml names it.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

/// A GitLab user: its id, or its name. A text of digits is an id. A name may pass to another user, an id does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BotUser(String);

impl BotUser {
    /// The id or the name, as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a name.
    #[must_use]
    pub fn is_name(&self) -> bool {
        self.0.is_empty() || !self.0.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl<'de> Deserialize<'de> for BotUser {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read)
    }
}

/// Reads a number or a text.
struct Read;

impl Visitor<'_> for Read {
    type Value = BotUser;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a user's id or name")
    }

    fn visit_u64<E: de::Error>(self, id: u64) -> Result<BotUser, E> {
        Ok(BotUser(id.to_string()))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<BotUser, E> {
        Ok(BotUser(name.to_owned()))
    }
}

impl JsonSchema for BotUser {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BotUser".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["integer", "string"],
            "minimum": 1,
            "minLength": 1,
            "description": "The id of a user, or its name, which may pass to another user"
        })
    }
}
