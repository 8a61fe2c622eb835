//! The marks on what this program writes: an object is found again by its mark, wherever its place was lost.

use crate::effects::{Audience, Effect, Key};
use crate::render::escape;

/// The beginning of a mark; the identity and the hash of the words follow.
pub(super) const MARK: &str = "<!-- incidentctl: ";
/// The end of a comment.
pub(super) const CLOSE: &str = " -->";

/// Who an object is: the key where only the team reads it; elsewhere a hash, because the incident's id is a sentence.
pub(in crate::forge) fn identity(effect: &Effect) -> String {
    match effect.audience {
        Audience::Customer => bare(&effect.key),
        Audience::Internal | Audience::Executive => escape::comment(&effect.key.to_string()),
    }
}

/// Who an object is, without saying it.
pub(in crate::forge) fn bare(key: &Key) -> String {
    key.digest()
}

/// The first line of what we write.
pub(in crate::forge) fn mark(identity: &str, words: &str) -> String {
    format!("{MARK}{identity} {words}{CLOSE}")
}

/// The identity in a text's mark, and the hash of its words.
pub(in crate::forge) fn marked(text: &str) -> Option<(&str, &str)> {
    let inside = text.split_once(MARK)?.1.split_once(CLOSE)?.0;
    inside.rsplit_once(' ')
}

/// Every mark in a text: a person may have pasted a mark above our section.
pub(in crate::forge) fn marks(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.split(MARK).skip(1);
    starts.filter_map(|rest| Some(rest.split_once(CLOSE)?.0.rsplit_once(' ')?.0))
}

/// A text as GitLab stores it: without CR, and without space at its end.
pub(in crate::forge) fn normal(text: &str) -> String {
    text.replace('\r', "").trim_end().to_owned()
}
