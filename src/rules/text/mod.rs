//! Searches the texts of an entry for credentials, names, and text that has an effect on GitLab or Slack.

mod acting;
mod credentials;
mod look_alike;
mod masked;
mod masked_settings;
mod names;
mod source_text;

pub(super) use acting::acting;
use credentials::mask_name;
pub(super) use credentials::{Credential, credential, credential_in_name};
pub use credentials::{mask_credentials, mask_path, with_stars};
pub use masked::MaskedRecord;
pub use masked_settings::{mask_process, masked_directory, masked_template};
pub(super) use names::Names;
use source_text::mask_settings;
pub use source_text::mask_source;
pub(super) use source_text::settings_credentials;

use crate::span::Span;

/// The span of a part of a value: exact for a plain scalar on one line, else the whole value, because a block or quoted
/// text differs from its value.
pub(super) fn within(place: Span, value: &str, start: usize, end: usize) -> Span {
    let plain = (place.end - place.start) as usize == value.len();
    if plain {
        Span::between(place.start as usize + start, place.start as usize + end)
    } else {
        place
    }
}

/// The length of the characters at the start of a text that are accepted.
fn length_while(text: &str, accepts: impl Fn(char) -> bool) -> usize {
    let length = text.find(|c| !accepts(c)).unwrap_or(text.len());
    #[cfg(test)]
    STEPS.set(STEPS.get() + length + 1);
    length
}

#[cfg(test)]
thread_local! {
    /// The number of characters that searches in this thread looked at.
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The number of characters that a search looks at.
#[cfg(test)]
fn steps_of(search: impl FnOnce()) -> usize {
    STEPS.set(0);
    search();
    STEPS.get()
}
