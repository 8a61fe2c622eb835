//! Finds text that has an effect on GitLab or Slack.
//!
//! *Invariant*: the work is proportional to the length of the text.

use super::length_while;

/// The first part of a text that has an effect on GitLab or Slack; `None` if the text has no such part.
pub(in crate::rules) fn acting(text: &str) -> Option<(&'static str, usize, usize)> {
    let bytes = text.as_bytes();
    let before = |at: usize| at.checked_sub(1).map_or(b'\n', |before| bytes[before]);
    let last_closing = memchr::memrchr(b'>', bytes);
    let mut slashes = memchr::memchr_iter(b'/', bytes).filter(|at| matches!(before(*at), b'\n' | b'\r'));
    let command = slashes.find_map(|at| command(text, at));
    let sign = |at| sign(text, at, before(at), last_closing);
    let one = memchr::memchr3_iter(b'@', b'#', b'<', bytes).find_map(sign);
    let other = memchr::memchr_iter(b'!', bytes).find_map(sign);
    [command, one, other]
        .into_iter()
        .flatten()
        .min_by_key(|(_, start, _)| *start)
}

/// Finds a quick action: a line that begins with `/word`.
fn command(text: &str, at: usize) -> Option<(&'static str, usize, usize)> {
    let rest = &text[at + 1..];
    let word = &rest[..length_while(rest, |c| !c.is_whitespace())];
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    plain.then_some(("a command", at, at + 1 + word.len()))
}

/// Finds a mention, a reference or markup that begins at this character. `last_closing` is the place of the last `>`.
fn sign(text: &str, at: usize, before: u8, last_closing: Option<usize>) -> Option<(&'static str, usize, usize)> {
    let rest = &text[at + 1..];
    let next = rest.chars().next()?;
    let starts = !before.is_ascii_alphanumeric() && before != b'&' && before != b'/';
    let is_closed = last_closing.is_some_and(|last| last > at);
    let what = match text.as_bytes()[at] {
        b'@' if starts && next.is_alphanumeric() => "a mention",
        b'#' | b'!' if starts && next.is_ascii_digit() => "a reference",
        b'<' if matches!(next, '!' | '@' | '/') || (next.is_ascii_alphabetic() && is_closed) => "markup",
        _ => return None,
    };
    let length = length_while(rest, |c| c.is_alphanumeric() || "_-/!@".contains(c));
    Some((what, at, at + 1 + length))
}

#[cfg(test)]
mod tests {
    use super::super::steps_of;
    use super::*;

    #[test]
    fn what_would_act_is_found_and_prose_is_not() {
        for text in [
            "done\n/close",
            "ask @dave",
            "see #12",
            "<!channel>",
            "<b>x</b>",
            "/close",
        ] {
            assert!(acting(text).is_some(), "{text}");
        }
        for text in [
            "and/or",
            "/var/log is full",
            "a < b",
            "mail bob@example.com",
            "C# 1",
            "wow!",
            "#tag",
        ] {
            assert_eq!(acting(text), None, "{text}");
        }
    }

    #[test]
    fn the_steps_for_repeated_signs_grow_with_the_text_and_not_faster() {
        for sign in ["!@a", "<a", "\n/a\u{e4}", "<!", "@"] {
            let text = sign.repeat(100_000 / sign.len());
            let steps = steps_of(|| {
                acting(&text);
            });
            assert!(steps <= 2 * text.len(), "{sign}: {steps} steps");
        }
    }
}
