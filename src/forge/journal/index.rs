//! The index of an incident: where each of its objects is, and what is about to be made.
//!
//! The index is written before anything depends on it, so that a run that ends early leaves word of what it was about to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::mark::CLOSE;
use crate::effects::{Key, Kind, ShortKey};
use crate::model::{IncidentId, Timestamp};

/// The beginning of the line of the index.
const INDEX: &str = "<!-- incidentctl index ";

/// Where something is that was made.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::forge) struct Place {
    /// The hash of the words that it was made from.
    #[serde(rename = "h")]
    pub(in crate::forge) hash: String,
    /// The project of a ticket.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) project: Option<String>,
    /// The number of a ticket in its project.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) iid: Option<u64>,
    /// The address of a ticket.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) url: Option<String>,
    /// The number of a note.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) note: Option<u64>,
    /// The channel of what was said in the chat.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) channel: Option<String>,
    /// Which message of the channel.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) ts: Option<String>,
    /// When it is said, of what is scheduled.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) at: Option<Timestamp>,
    /// Users who were invited.
    #[serde(rename = "m", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(in crate::forge) people: BTreeSet<String>,
    /// A channel that is archived.
    #[serde(rename = "a", default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::forge) archived: bool,
    /// It was made before something that it refers to: to be edited when that is there.
    #[serde(rename = "r", default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::forge) needs_backfill: bool,
    /// A person removed it.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::forge) gone: bool,
}

/// What we last made of the issue's own fields: what differs from it was changed by a person.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::forge) struct Fields {
    pub(in crate::forge) title: String,
    pub(in crate::forge) open: bool,
    pub(in crate::forge) labels: BTreeSet<String>,
    pub(in crate::forge) severity: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) assignee: Option<String>,
    pub(in crate::forge) confidential: bool,
}

/// Where everything of an incident is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::forge) struct Index {
    /// The incident.
    pub(in crate::forge) incident: IncidentId,
    /// What the fields are, by our hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) set: Option<Fields>,
    /// What was asked for and not granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) denied: Option<Fields>,
    /// What it was when it was made: an incident, or a plain issue where the token may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) kind: Option<String>,
    /// The merge request that declared it, where it was opened before the merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) mr: Option<u64>,
    /// Where GitLab's editor makes new files of the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) editor: Option<String>,
    /// What is about to be made: to be looked for before it is made again. What a newer version wrote stays as it is.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(in crate::forge) pending: BTreeSet<ShortKey>,
    /// Since when something that is said in the chat is about to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) asked: Option<Timestamp>,
    /// What was made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::forge) done: BTreeMap<ShortKey, Place>,
}

impl Index {
    /// An empty one.
    pub(in crate::forge) fn of(incident: &IncidentId) -> Self {
        Self {
            incident: incident.clone(),
            set: None,
            denied: None,
            kind: None,
            mr: None,
            editor: None,
            pending: BTreeSet::new(),
            asked: None,
            done: BTreeMap::new(),
        }
    }

    /// A key as the index writes it.
    pub(in crate::forge) fn short(&self, key: &Key) -> ShortKey {
        match key {
            Key::Of(incident, short) if *incident == self.incident => short.clone(),
            other => ShortKey::Other(other.to_string()),
        }
    }

    /// The key of an entry.
    pub(in crate::forge) fn key(&self, short: &ShortKey) -> Key {
        Key::of(&self.incident, short.clone())
    }

    /// The index in our part of a description; `None` if it cannot be read.
    pub(super) fn of_section(section: &str) -> Option<Self> {
        let line = section.rsplit_once(INDEX)?.1.split_once(CLOSE)?.0;
        serde_json::from_str(line).ok()
    }

    /// The line that holds the index.
    pub(super) fn line(&self) -> String {
        // No sign that could end the comment.
        let json = serde_json::to_string(self).unwrap_or_default();
        let safe = json
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace("--", "-\\u002d");
        format!("{INDEX}{safe}{CLOSE}")
    }
}

/// Whether the index lists the objects of this kind: all but the issue that holds it.
pub(in crate::forge) const fn is_listed(kind: Kind) -> bool {
    !matches!(kind, Kind::Issue)
}
