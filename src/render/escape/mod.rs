//! Escapes untrusted text for GitLab Markdown, titles, Slack, URLs and comments.
//!
//! GitLab shows Markdown in two stages, and each can act. The parser (comrak) makes HTML; then filters look for
//! mentions, references, emoji and more in the *rendered* text. A backslash stops the parser for every ASCII
//! punctuation character. It stops the filters only for `$ % # & @ ! ~ ^` (and, in newer servers, `:`), which stay in a
//! `<span>` of their own: <https://docs.gitlab.com/user/markdown/#gitlab-specific-references>. What the filters find
//! without any of these, such as a commit's hash or `GL-1`, is broken by a word joiner (U+2060), which shows nothing;
//! `break_points` lists those positions.
//!
//! *Invariant*: pure functions over text. Nothing here knows a list of quick actions, users or labels: all text is
//! escaped alike. `proof` parses the result with GitLab's own parser and finds nothing that acts.

mod break_points;
mod clean;
mod slack;
mod title;

#[cfg(test)]
pub(crate) mod hostile;
#[cfg(test)]
pub(crate) mod proof;
#[cfg(test)]
mod tests;

pub use slack::{literal, slack};
pub use title::title;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use break_points::JOINER;

/// The longest URL that [`url()`] lets pass, in characters.
const MAX_URL: usize = 2_000;

/// One untrusted line inside our own Markdown: a table cell, a list item, the words after a label.
///
/// Line breaks and tabs become spaces, runs of spaces become one, and the ends are trimmed, as the reader would see it
/// anyway. Signs that Markdown or GitLab gives a meaning are escaped, and any sign that opens the line, so that prose
/// stays readable where nobody renders it. Controls are shown as U+FFFD, private-use characters are removed: `clean`
/// says which. An empty text gives an empty string.
#[must_use]
pub fn line(text: &str) -> String {
    escaped(&clean::one_line(text))
}

/// Characters of one line, escaped.
fn escaped(chars: &[char]) -> String {
    let joints = break_points::in_markdown(chars);
    let mut out = String::with_capacity(chars.len() * 2);
    let mut opening = true;
    for (at, &c) in chars.iter().enumerate() {
        if joints[at] {
            out.push(JOINER);
        }
        if has_meaning(chars, at) || (opening && c.is_ascii_punctuation()) {
            out.push('\\');
        }
        // `1.` and `1)` open a list.
        opening = opening && (c.is_ascii_digit() || c == ' ');
        out.push(c);
    }
    out
}

/// Whether Markdown or GitLab gives the sign at this place a meaning within a line.
fn has_meaning(chars: &[char], at: usize) -> bool {
    let next = chars.get(at + 1);
    match chars[at] {
        '\\' | '*' | '_' | '`' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '#' | '@' | '$' | '~' | '^' => true,
        '!' | '%' | '&' => next.is_some_and(|next| !next.is_whitespace()),
        // Addresses that the parser links by itself: `https://`, and hosts that begin with `www.`.
        ':' => next == Some(&'/'),
        '.' => break_points::ends_with_ignoring_case(&chars[..at], "www"),
        _ => false,
    }
}

/// One line of our own words, in which backticks surround what is from a file: that becomes code.
#[must_use]
pub fn message(text: &str) -> String {
    let plain: String = clean::one_line(text).into_iter().collect();
    let parts: Vec<&str> = plain.split('`').collect();
    let mut out = String::new();
    for (number, part) in parts.iter().enumerate() {
        let closed = number % 2 == 1 && number + 1 < parts.len();
        if closed && !part.trim().is_empty() {
            out.push_str(&format!("`{part}`"));
            continue;
        }
        if number % 2 == 1 {
            out.push_str("\\`");
        }
        out.push_str(&escaped(&part.chars().collect::<Vec<_>>()));
    }
    out
}

/// An untrusted text of many lines, as a quotation that keeps its line breaks; `indent` spaces stand before each line.
///
/// Each line carries `> `, so none is a top-level paragraph (where GitLab looks for quick actions), and is escaped as
/// by [`line()`]. Leading spaces become no-break spaces, so that nothing is code. A run of blank lines shows as one; blank
/// lines at the ends are dropped; an empty text gives an empty string. There is no line break at the end: the caller
/// puts a blank line behind, or its next line would continue the quotation.
#[must_use]
pub fn block(text: &str, indent: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for source in clean::lines(text) {
        let content = line(source);
        if content.is_empty() && lines.last().is_none_or(String::is_empty) {
            continue;
        }
        lines.push(if content.is_empty() {
            content
        } else {
            leading(source) + &content
        });
    }
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let mut out = String::with_capacity(text.len() * 2);
    for (at, content) in lines.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        out.extend(std::iter::repeat_n(' ', indent));
        out.push('>');
        if content.is_empty() {
            continue;
        }
        out.push(' ');
        out.push_str(content);
        // A backslash before the line's end is a hard break; at a paragraph's end it would be shown.
        if lines.get(at + 1).is_some_and(|next| !next.is_empty()) {
            out.push('\\');
        }
    }
    out
}

/// The spaces that a line begins with, as no-break spaces; a tab counts as four.
fn leading(source: &str) -> String {
    source
        .chars()
        .map_while(|c| match c {
            ' ' => Some("\u{a0}"),
            '\t' => Some("\u{a0}\u{a0}\u{a0}\u{a0}"),
            _ => None,
        })
        .collect()
}

/// An `http` or `https` URL that may stand in `<…>` or `(…)` without ending it; `None` if it may not be a link.
///
/// Spaces, controls, angle brackets, a user before the host, and more than 2,000 characters are refused. Characters
/// that mean something in Markdown (parentheses, brackets, quotes, pipes, backslashes …) are percent-encoded. A link to
/// an issue of the same instance makes a cross-reference there: whether that is wanted is for the caller to know.
#[must_use]
pub fn url(text: &str) -> Option<String> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    })?;
    let rest = &text[scheme.len()..];
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty()
        || !host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'))
    {
        return None;
    }
    let mut out = String::from(scheme);
    for (at, c) in rest.char_indices() {
        if c.is_whitespace() || matches!(c, '<' | '>') || clean::is_hidden(c) {
            return None;
        }
        let encode = match c {
            '(' | ')' | '[' | ']' | '{' | '}' | '|' | '\\' | '`' | '"' | '\'' | '^' | '*' => true,
            // An entity would be decoded even inside a link's address.
            ';' => ends_like_entity(&rest[..at]),
            _ => false,
        };
        if encode {
            percent(&mut out, c);
        } else {
            out.push(c);
        }
    }
    (out.chars().count() <= MAX_URL).then_some(out)
}

/// Whether a `;` after `text` would complete an HTML entity.
fn ends_like_entity(text: &str) -> bool {
    let name = text.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '#');
    name.ends_with('&')
}

/// A text inside one of our HTML comments: letters, digits and `._/+-` stay, all else is percent-encoded.
///
/// Neither `-->` nor `--!>` can occur; a second hyphen in a row is encoded too, because older Markdown ends a comment at
/// `--`. The result can be decoded, and must not be cut.
#[must_use]
pub fn comment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let kept = c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '+' | '-');
        if kept && !(c == '-' && out.ends_with('-')) {
            out.push(c);
        } else {
            percent(&mut out, c);
        }
    }
    out
}

/// Appends the bytes of a character that is no ASCII letter or digit as `%XX`.
fn percent(out: &mut String, c: char) {
    out.extend(utf8_percent_encode(c.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC));
}

/// A text of at most `max_chars` characters; a longer one is cut and ends with `…`.
///
/// The cut never falls inside an escape of [`line()`], [`block`] or [`slack()`], and leaves no open hard break.
#[must_use]
pub fn cut(text: &str, max_chars: usize) -> String {
    if text.chars().nth(max_chars).is_none() {
        return text.to_owned();
    }
    let Some(room) = max_chars.checked_sub(1) else {
        return String::new();
    };
    let end = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
    let mut kept = whole(&text[..end]);
    loop {
        let shorter = whole(kept.trim_end());
        if shorter.len() == kept.len() {
            break;
        }
        kept = shorter;
    }
    format!("{kept}…")
}

/// A text without the half of an escape that it ends with.
fn whole(text: &str) -> &str {
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    if backslashes % 2 == 1 {
        return &text[..text.len() - 1];
    }
    let Some(ampersand) = text.rfind('&') else {
        return text;
    };
    let half = &text[ampersand..];
    let ours = ["&amp;", "&lt;", "&gt;"]
        .iter()
        .any(|entity| entity.len() > half.len() && entity.starts_with(half));
    if ours && !text[..ampersand].ends_with('\\') {
        &text[..ampersand]
    } else {
        text
    }
}
