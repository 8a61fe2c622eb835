//! What runs observed: when the server made each object, and where it is. `apply` and `remind` export it, and figures use it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Key, ShortKey};
use crate::model::{IncidentId, Timestamp};
use crate::targets::Observable;

/// The version of the exported format.
const FORMAT: u32 = 1;

/// The observed objects of many incidents, as a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Observations {
    format: u32,
    /// The objects, by the key of their effect.
    objects: BTreeMap<Key, ObservedTime>,
}

/// When an object was made, by the server's clock, and where it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ObservedTime {
    /// The time at which the server made it.
    pub at: Timestamp,
    /// Its address; `None` if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Default for Observations {
    fn default() -> Self {
        Self {
            format: FORMAT,
            objects: BTreeMap::new(),
        }
    }
}

impl Observations {
    /// Reads the exported format.
    ///
    /// # Errors
    /// Fails if the text has another format.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if read.format == FORMAT {
            Ok(read)
        } else {
            Err(format!(
                "the format is {}, and this version reads {FORMAT}",
                read.format
            ))
        }
    }

    /// The exported format, with a line for each object.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Adds objects; those of later runs replace earlier ones.
    pub fn extend(&mut self, objects: impl IntoIterator<Item = (Key, ObservedTime)>) {
        self.objects.extend(objects);
    }

    /// When an object of an incident was made; `None` if it was not observed.
    #[must_use]
    pub fn time_of(&self, incident: &IncidentId, object: Observable) -> Option<Timestamp> {
        if self.objects.is_empty() {
            return None;
        }
        let short = match object {
            Observable::Step(step, severity) => ShortKey::Step {
                step: step.clone(),
                severity: severity.clone(),
            },
            Observable::Ticket(customer) => ShortKey::Ticket(customer.clone()),
        };
        let found = self.objects.get(&Key::for_incident(incident, short));
        found.map(|object| object.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exported_format_is_that_of_version_0_5_0_and_is_read_again() {
        let mut all = Observations::default();
        let at = Timestamp::parse("2026-01-05T09:14:00Z").expect("a time");
        let url = Some("https://gitlab.example.com/customers/acme/-/issues/1".to_owned());
        all.extend([(Key::from("incident/i/customer/acme"), ObservedTime { at, url })]);
        insta::assert_snapshot!(all.json());
        assert_eq!(Observations::parse(&all.json()), Ok(all.clone()));
        let acme = "acme".into();
        assert_eq!(all.time_of(&"i".into(), Observable::Ticket(&acme)), Some(at));
        assert_eq!(all.time_of(&"j".into(), Observable::Ticket(&acme)), None);
        assert!(Observations::parse(r#"{"format":2,"objects":{}}"#).is_err());
    }
}
