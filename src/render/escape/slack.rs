//! Escapes text for Slack's markup, `mrkdwn`.

use super::break_points::{self, JOINER};
use super::clean;

/// Escapes an untrusted text for a `mrkdwn` text of Slack; line breaks and spaces stay.
///
/// `&`, `<` and `>` become entities: these three are what Slack documents, and all that it needs to stop mentions
/// (`<!channel>`, `<@U1>`) and links (`<https://…|words>`):
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>. Slack documents no escape for formatting. A word
/// joiner (U+2060) on both sides of a `*`, `_`, `~` or backtick that does not stand inside a word, after the colon of an
/// emoji and before the `>` of a quotation is the best that can be done in `mrkdwn`; it guards looks, not safety. Where
/// looks must be exact, a `plain_text` object has no formatting at all. Slack links bare addresses by itself, and
/// `@name` only if a message asks for `link_names` or `parse`, which the sender must not.
#[must_use]
pub fn slack(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for (at, source) in clean::lines(text).enumerate() {
        if at > 0 {
            out.push('\n');
        }
        one_line(&clean::characters(source), &mut out);
    }
    out
}

fn one_line(chars: &[char], out: &mut String) {
    let begins = chars.iter().position(|c| *c != ' ').unwrap_or_default();
    for (at, &c) in chars.iter().enumerate() {
        if break_points::emoji(chars, at) {
            out.push(JOINER);
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => {
                if at == begins {
                    out.push(JOINER);
                }
                out.push_str("&gt;");
            }
            '*' | '_' | '~' | '`' if !inside_word(chars, at) => out.extend([JOINER, c, JOINER]),
            c => out.push(c),
        }
    }
}

/// Whether a character has letters or digits on both sides, where Slack formats nothing.
fn inside_word(chars: &[char], at: usize) -> bool {
    let is_word = |at: usize| chars.get(at).is_some_and(|c| c.is_alphanumeric());
    at.checked_sub(1).is_some_and(is_word) && is_word(at + 1)
}

/// Cleans an untrusted text for a place that shows every character unchanged, such as a `plain_text` object of Slack.
#[must_use]
pub fn literal(text: &str) -> String {
    let lines = clean::lines(text).map(|line| clean::characters(line).into_iter().collect::<String>());
    lines.collect::<Vec<_>>().join("\n")
}
