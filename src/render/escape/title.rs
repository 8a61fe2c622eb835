//! Escapes titles, which are plain text in lists and e-mails but Markdown on the page: no backslash may show.

use super::break_points::{self, JOINER};
use super::{clean, cut};

/// GitLab's limit for titles, in characters.
const MAX_TITLE: usize = 255;

/// The replacement of an empty title, because GitLab refuses an object without a title.
const NO_TITLE: &str = "(no title)";

/// Escapes an untrusted title to one line of at most 255 characters, never empty, without mentions and references.
///
/// Word joiners (U+2060) break every text that would act; `break_points` lists the positions. GitLab reads titles for mentions
/// and references as it reads bodies (`attr_mentionable :title`). A title that begins like a quick action or a draft of a
/// merge request (`/`, `Draft`, `WIP`) gets a joiner in front.
#[must_use]
pub fn title(text: &str) -> String {
    let chars = clean::one_line(text);
    let text: String = chars.iter().collect();
    let text = text.trim();
    if text.chars().all(shows_nothing) {
        return NO_TITLE.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut joints = break_points::in_title(&chars);
    joints[0] |= begins_like_a_command(&chars);
    let mut out = String::with_capacity(text.len());
    for (joint, c) in joints.into_iter().zip(chars) {
        if joint {
            out.push(JOINER);
        }
        out.push(c);
    }
    cut(&out, MAX_TITLE)
}

/// Whether a title begins with `/`, or with a word that marks a merge request as a draft, with or without brackets.
fn begins_like_a_command(chars: &[char]) -> bool {
    let word = match chars {
        ['/', ..] => return true,
        ['[' | '(', rest @ ..] => rest,
        all => all,
    };
    ["draft", "wip"]
        .iter()
        .any(|draft| break_points::starts_with_ignoring_case(word, draft))
}

/// Whether a character is white space or otherwise invisible in a title.
fn shows_nothing(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
        )
}
