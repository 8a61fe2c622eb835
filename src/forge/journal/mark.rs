//! The marks in texts that this program writes; an object whose place is lost is found by its mark.

use crate::effects::{Audience, Effect, Key};
use crate::render::escape;

/// The beginning of a mark, before the identity and the hash of the words.
pub(super) const MARK: &str = "<!-- incidentctl: ";
/// The end of a comment.
pub(super) const CLOSE: &str = " -->";

/// The identity in an object's mark: the key if only the team reads the object, otherwise a hash, because an
/// incident's id can be read as words.
pub(in crate::forge) fn identity(effect: &Effect) -> String {
    match effect.audience {
        Audience::Customer => bare(&effect.key),
        Audience::Internal | Audience::Executive => escape::comment(&effect.key.to_string()),
    }
}

/// The hashed identity of a key, which does not reveal the incident.
pub(in crate::forge) fn bare(key: &Key) -> String {
    key.digest()
}

/// The mark: the first line of a text that this program writes.
pub(in crate::forge) fn mark(identity: &str, words: &str) -> String {
    format!("{MARK}{identity} {words}{CLOSE}")
}

/// The identity and the hash of the words in a text's mark; `None` if the text has no mark.
pub(in crate::forge) fn marked(text: &str) -> Option<(&str, &str)> {
    let inside = text.split_once(MARK)?.1.split_once(CLOSE)?.0;
    inside.rsplit_once(' ')
}

/// The identities of all marks in a text, because a person may have pasted another mark above the managed section.
pub(in crate::forge) fn marks(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.split(MARK).skip(1);
    starts.filter_map(|rest| Some(rest.split_once(CLOSE)?.0.rsplit_once(' ')?.0))
}

/// A text as GitLab stores it: without carriage returns and trailing space.
pub(in crate::forge) fn normal(text: &str) -> String {
    text.replace('\r', "").trim_end().to_owned()
}
