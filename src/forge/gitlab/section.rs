//! Our part of an issue's description, the index inside it, and the marks on everything else that we write.
//!
//! What people write above and below our part is theirs. The index says where each object of an incident is, and what is
//! about to be made: it is written before anything depends on it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::effects::{Audience, Effect, Key, Kind, ShortKey};
use crate::model::{IncidentId, Timestamp};
use crate::render::escape;

/// How a mark begins; then follow who it is and the hash of its words.
const MARK: &str = "<!-- incidentctl: ";
/// How the line of the index begins.
const INDEX: &str = "<!-- incidentctl index ";
/// How our part ends.
const END: &str = "<!-- /incidentctl -->";
/// How a comment ends.
const CLOSE: &str = " -->";

/// Who an object is: the key where only the team reads it; elsewhere a hash, because the incident's id is a sentence.
pub(super) fn identity(effect: &Effect) -> String {
    match effect.audience {
        Audience::Customer => bare(&effect.key),
        Audience::Internal | Audience::Executive => escape::comment(&effect.key.to_string()),
    }
}

/// Who an object is, without saying it.
pub(super) fn bare(key: &Key) -> String {
    key.digest()
}

/// The first line of what we write.
pub(super) fn mark(identity: &str, words: &str) -> String {
    format!("{MARK}{identity} {words}{CLOSE}")
}

/// The identity in a text's mark, and the hash of its words.
pub(super) fn marked(text: &str) -> Option<(&str, &str)> {
    let inside = text.split_once(MARK)?.1.split_once(CLOSE)?.0;
    inside.rsplit_once(' ')
}

/// Every mark in a text: a person may have pasted a mark above our section.
pub(super) fn marks(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.split(MARK).skip(1);
    starts.filter_map(|rest| Some(rest.split_once(CLOSE)?.0.rsplit_once(' ')?.0))
}

/// A text as GitLab stores it: without CR, and without space at its end.
pub(super) fn normal(text: &str) -> String {
    text.replace('\r', "").trim_end().to_owned()
}

/// Where something is that was made.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    /// The hash of the words that it was made from.
    #[serde(rename = "h")]
    pub(super) hash: String,
    /// The project of a ticket.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<String>,
    /// The number of a ticket in its project.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub(super) iid: Option<u64>,
    /// The address of a ticket.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// The number of a note.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<u64>,
    /// The channel of what was said in the chat.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) channel: Option<String>,
    /// Which message of the channel.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(super) ts: Option<String>,
    /// When it is said, of what is scheduled.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    /// Users who were invited.
    #[serde(rename = "m", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) people: BTreeSet<String>,
    /// A channel that is archived.
    #[serde(rename = "a", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) archived: bool,
    /// It was made before something that it refers to: to be edited when that is there.
    #[serde(rename = "r", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) needs_backfill: bool,
    /// A person removed it.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) gone: bool,
}

/// What we last made of the issue's own fields: what differs from it was changed by a person.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Fields {
    pub(super) title: String,
    pub(super) open: bool,
    pub(super) labels: BTreeSet<String>,
    pub(super) severity: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) assignee: Option<String>,
    pub(super) confidential: bool,
}

/// Where everything of an incident is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Index {
    /// The incident.
    pub(super) incident: IncidentId,
    /// What the fields are, by our hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) set: Option<Fields>,
    /// What was asked for and not granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) denied: Option<Fields>,
    /// What it was when it was made: an incident, or a plain issue where the token may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    /// The merge request that declared it, where it was opened before the merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mr: Option<u64>,
    /// Where GitLab's editor makes new files of the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) editor: Option<String>,
    /// What is about to be made: to be looked for before it is made again. What a newer version wrote stays as it is.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) pending: BTreeSet<ShortKey>,
    /// Since when something that is said in the chat is about to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked: Option<Timestamp>,
    /// What was made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) done: BTreeMap<ShortKey, Place>,
}

impl Index {
    /// An empty one.
    pub(super) fn of(incident: &IncidentId) -> Self {
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
    pub(super) fn short(&self, key: &Key) -> ShortKey {
        match key {
            Key::Of(incident, short) if *incident == self.incident => short.clone(),
            other => ShortKey::Other(other.to_string()),
        }
    }

    /// The key of an entry.
    pub(super) fn key(&self, short: &ShortKey) -> Key {
        Key::of(&self.incident, short.clone())
    }

    fn line(&self) -> String {
        // No sign that could end the comment.
        let json = serde_json::to_string(self).unwrap_or_default();
        let safe = json
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace("--", "-\\u002d");
        format!("{INDEX}{safe}{CLOSE}")
    }
}

/// Our part of a description, and what people wrote around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Section {
    pub(super) before: String,
    pub(super) after: String,
    pub(super) state: SectionState,
}

/// How our part of a description was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum SectionState {
    /// Whole, with its index.
    Whole(Box<Index>),
    /// Just made: nothing but the mark, so nothing depends on it yet.
    Bare,
    /// There without an index that can be read.
    NoIndex,
    /// Not there.
    Missing,
    /// One end without the other.
    Broken,
}

impl Section {
    /// Finds our part.
    pub(super) fn parse(description: &str) -> Self {
        let text = normal(description);
        let outside = |before: &str, after: &str, state| Self {
            before: before.to_owned(),
            after: after.to_owned(),
            state,
        };
        let (start, end) = (text.find(MARK), text.find(END));
        match (start, end) {
            (None, None) => outside("", &text, SectionState::Missing),
            (Some(start), Some(end)) if start < end && text.matches(END).count() == 1 => {
                let inside = &text[start..end];
                let state = index(inside).map_or(SectionState::NoIndex, |index| SectionState::Whole(Box::new(index)));
                outside(&text[..start], &text[end + END.len()..], state)
            }
            (Some(0), None) if !text.contains('\n') => outside("", "", SectionState::Bare),
            _ => outside("", &text, SectionState::Broken),
        }
    }

    /// The description with this for our part.
    pub(super) fn with(&self, identity: &str, words: &str, body: &str, index: &Index) -> String {
        let gap = if self.state == SectionState::Missing && !self.after.is_empty() {
            "\n\n"
        } else {
            ""
        };
        normal(&format!(
            "{}{}\n\n{}\n\n{}\n{END}{gap}{}",
            self.before,
            mark(identity, words),
            body.trim(),
            index.line(),
            self.after
        ))
    }
}

fn index(section: &str) -> Option<Index> {
    let line = section.rsplit_once(INDEX)?.1.split_once(CLOSE)?.0;
    serde_json::from_str(line).ok()
}

/// Whether this effect is an object that the index lists.
pub(super) const fn is_listed(kind: Kind) -> bool {
    !matches!(kind, Kind::Issue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Index {
        let mut index = Index::of(&"2026-11-23-a--b".into());
        index.pending.insert("update/x--><b>".into());
        index.done.insert("customer/acme".into(), Place::default());
        index
    }

    #[test]
    fn what_is_written_is_read_again_with_what_people_wrote_around_it() {
        let section = Section {
            before: "mine\n\n".to_owned(),
            after: "\n\nalso mine".to_owned(),
            state: SectionState::Bare,
        };
        let text = section.with("incident/x", "h", "words", &filled());
        let read = Section::parse(&text.replace('\n', "\r\n"));
        assert_eq!(
            (read.before.as_str(), read.after.as_str()),
            ("mine\n\n", "\n\nalso mine")
        );
        assert_eq!(read.state, SectionState::Whole(Box::new(filled())));
        assert_eq!(marked(&text), Some(("incident/x", "h")));
    }

    #[test]
    fn no_sign_in_the_index_ends_its_comment() {
        let line = filled().line();
        assert_eq!(line.matches("-->").count(), 1, "{line}");
        assert!(line.ends_with(CLOSE));
    }

    #[test]
    fn a_part_that_lost_an_end_is_broken_and_one_without_an_index_says_so() {
        let whole = Section::parse("").with("i", "h", "words", &filled());
        assert_eq!(Section::parse(&whole.replace(END, "")).state, SectionState::Broken);
        assert_eq!(
            Section::parse(&whole.replace("{\"incident", "{{")).state,
            SectionState::NoIndex
        );
        assert_eq!(Section::parse("by hand").state, SectionState::Missing);
        assert_eq!(Section::parse(&mark("i", "h")).state, SectionState::Bare);
    }

    #[test]
    fn an_issue_of_version_0_1_0_is_read_and_written_byte_for_byte() {
        let golden = include_str!("../../../tests/golden/issue.md");
        let section = Section::parse(golden);
        let SectionState::Whole(index) = &section.state else {
            panic!("{section:?}");
        };
        let (identity, words) = marked(golden).expect("a mark");
        assert_eq!(section.with(identity, words, "Our words.", index), golden.trim_end());
        let all = &index.done[&"update/declaration".into()];
        assert!(
            all.needs_backfill && all.gone && all.archived && all.note == Some(42),
            "{all:?}"
        );
        assert_eq!((index.mr, index.pending.len()), (Some(7), 2));
    }

    #[test]
    fn marks_of_every_audience_have_the_form_of_version_0_1_0() {
        for line in include_str!("../../../tests/golden/marks.txt").lines() {
            let (of, golden) = line.split_once(" => ").expect("a mark");
            let (audience, key) = of.split_once(' ').expect("an audience");
            let audiences = [Audience::Internal, Audience::Executive, Audience::Customer];
            let mut effect = Effect::blank(key.into(), "i".into(), Kind::Summary);
            effect.audience = audiences.into_iter().find(|own| own.word() == audience).expect("one");
            let own = mark(&identity(&effect), "0123456789abcdef");
            assert_eq!(own, golden, "{line}");
            assert_eq!(marks(golden).collect::<Vec<_>>(), [identity(&effect)]);
        }
    }
}
