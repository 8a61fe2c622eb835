//! The index of an incident: the places of its objects, and the keys of objects that are about to be created.
//!
//! The index is written before the objects are created, so that the next run knows what an interrupted run was about to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::mark::CLOSE;
use super::signature::{Home, IndexKey, Signature};
use crate::effects::{EarlierRuns, Key, Kind, ShortKey};
use crate::model::{IncidentId, Timestamp};

/// The beginning of the line of the index.
const INDEX: &str = "<!-- incidentctl index ";

/// The place of an object that this program made.
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the stored format")]
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::forge) struct Place {
    /// The hash of the record's texts from which the object was made.
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
    /// The channel of a message in the chat.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) channel: Option<String>,
    /// The message's timestamp in the channel.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) ts: Option<String>,
    /// The time at which a scheduled message is posted.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) at: Option<Timestamp>,
    /// When the server made the object; `None` for messages, whose timestamp says it, and in places of versions before 0.5.0.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) created: Option<Timestamp>,
    /// Users who were invited.
    #[serde(rename = "m", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(in crate::forge) people: BTreeSet<String>,
    /// Whether the channel is archived, or this program closed the ticket.
    #[serde(rename = "a", default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::forge) archived: bool,
    /// Whether its text lacks the address of an object that did not exist yet, so that the text is edited later.
    #[serde(rename = "r", default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::forge) needs_backfill: bool,
    /// Whether it does not exist any more: a person removed it.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::forge) gone: bool,
    /// Whether it is unknown whether the object exists: an earlier run must have made it, and it was not found. `gone` is
    /// set too, for versions that do not know this field.
    #[serde(rename = "q", default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::forge) is_unknown: bool,
}

impl Place {
    /// A server's time, as the index stores it: in whole seconds.
    pub(in crate::forge) fn created(at: Option<Timestamp>) -> Option<Timestamp> {
        let whole = chrono::DateTime::from_timestamp(at?.0.timestamp(), 0);
        whole.map(Timestamp)
    }

    /// When the server made the object; `None` if that is not known.
    pub(in crate::forge) fn made_at(&self) -> Option<Timestamp> {
        let by_ts = || {
            let seconds = self.ts.as_deref()?.split_once('.')?.0.parse().ok()?;
            chrono::DateTime::from_timestamp(seconds, 0).map(Timestamp)
        };
        // The timestamp of a scheduled message is its number.
        self.created.or_else(by_ts).filter(|_| self.at.is_none() && !self.gone)
    }
}

/// The issue's own fields as this program last set them; a person changed every field that differs.
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

/// The places of all objects of an incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::forge) struct Index {
    /// The incident.
    pub(in crate::forge) incident: IncidentId,
    /// The issue's fields as this program last set them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) set: Option<Fields>,
    /// The requested fields that GitLab refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) denied: Option<Fields>,
    /// The type of the issue at its creation: an incident, or a plain issue if the token may not create incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) kind: Option<String>,
    /// The merge request that declared the incident, if the issue was opened before the merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) mr: Option<u64>,
    /// The address at which GitLab's editor creates new files of the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) editor: Option<String>,
    /// The keys of objects that are about to be created; a run looks for them before it creates them. Keys of newer
    /// versions stay.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(in crate::forge) pending: BTreeSet<ShortKey>,
    /// The time at which this program began to create a chat message that is still pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::forge) asked: Option<Timestamp>,
    /// What runs of earlier versions did with the incident.
    #[serde(rename = "e", default, skip_serializing_if = "EarlierRuns::is_empty")]
    pub(in crate::forge) earlier: EarlierRuns,
    /// The places of the objects that were made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::forge) done: BTreeMap<ShortKey, Place>,
    /// The signature of everything above; `None` in an index of a version before 0.4.0.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(super) signature: Option<Signature>,
}

impl Index {
    /// An empty index of an incident.
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
            earlier: EarlierRuns::default(),
            done: BTreeMap::new(),
            signature: None,
        }
    }

    /// The index with the signature of the key's owner.
    pub(in crate::forge) fn signed(&self, key: &IndexKey, home: Home) -> Self {
        let unsigned = self.unsigned();
        Self {
            signature: Some(key.sign(home, &unsigned.json())),
            ..unsigned
        }
    }

    /// Whether the owner of the key wrote this index, unchanged, into this issue.
    pub(in crate::forge) fn is_signed(&self, key: &IndexKey, home: Home) -> bool {
        let signature = self.signature.as_ref();
        signature.is_some_and(|signature| key.verifies(home, &self.unsigned().json(), signature))
    }

    /// The index with the signature of another one, so that the two can be compared.
    pub(in crate::forge) fn with_signature_of(&self, other: &Self) -> Self {
        Self {
            signature: other.signature.clone(),
            ..self.clone()
        }
    }

    /// An unproven index, reduced to what can do no harm: the fields that were last set, which people may change
    /// anyway, and the editor's address, which is proven before it is shown. Every place has to be proven again.
    pub(in crate::forge) fn unproven(&self) -> Self {
        Self {
            set: self.set.clone(),
            denied: self.denied.clone(),
            kind: self.kind.clone(),
            editor: self.editor.clone(),
            ..Self::of(&self.incident)
        }
    }

    fn unsigned(&self) -> Self {
        Self {
            signature: None,
            ..self.clone()
        }
    }

    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The short form of a key, as the index writes it.
    pub(in crate::forge) fn short(&self, key: &Key) -> ShortKey {
        match key {
            Key::Of(incident, short) if *incident == self.incident => short.clone(),
            other => ShortKey::Other(other.to_string()),
        }
    }

    /// The full key of an entry of the index.
    pub(in crate::forge) fn key(&self, short: &ShortKey) -> Key {
        Key::for_incident(&self.incident, short.clone())
    }

    /// The index in the managed section of a description; `None` if it cannot be read.
    pub(super) fn of_section(section: &str) -> Option<Self> {
        let line = section.rsplit_once(INDEX)?.1.split_once(CLOSE)?.0;
        serde_json::from_str(line).ok()
    }

    /// The line that holds the index.
    pub(super) fn line(&self) -> String {
        // No character may end the comment.
        let safe = self
            .json()
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace("--", "-\\u002d");
        format!("{INDEX}{safe}{CLOSE}")
    }
}

/// Whether the index lists objects of this kind: all except the issue that contains the index.
pub(in crate::forge) const fn is_listed(kind: Kind) -> bool {
    !matches!(kind, Kind::Issue)
}
