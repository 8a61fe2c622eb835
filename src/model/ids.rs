//! Newtypes for the ids and keys that files use. They order and display as text.

use std::borrow::Borrow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

key! {
    /// The folder's name: UTC date of the declaration and a slug, such as `2026-11-23-geo-push-rejected`.
    IncidentId
}
key! {
    /// A person's key in `people.yaml`.
    PersonKey
}
key! {
    /// A customer's key in `customers.yaml`.
    CustomerKey
}
key! {
    /// A role's key in the process, such as `incident_manager`.
    RoleKey
}
key! {
    /// A severity's key in the process, such as `sev0`.
    SeverityKey
}
key! {
    /// A status's key in the process, such as `investigating`.
    StatusKey
}
key! {
    /// A file of a record: `declaration` for `incident.yaml`, else the stem of the file's name, such as
    /// `20261123T0940Z-bob`. The STAMP of effect keys.
    Stamp
}
key! {
    /// A step's key in the process, such as `broadcast`.
    StepKey
}
