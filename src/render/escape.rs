//! Text from files, made harmless where it is shown: it can neither act nor look like something else, and reads as it
//! was written.
//!
//! *Invariant*: by escaping, not by lists of commands. A backslash stands before every sign that Markdown or GitLab gives
//! a meaning, and before any sign at the start of a line; where GitLab looks at the rendered text and a backslash does
//! not help, an invisible word joiner parts what would act.

/// An invisible character of no width at which no line breaks.
const JOINER: char = '\u{2060}';

/// One line inside our Markdown: a list item, a table cell, after a label. Never to be put at the start of a line.
#[must_use]
pub fn line(text: &str) -> String {
    let plain = text.split(is_break).map(str::trim_end).collect::<Vec<_>>().join(" ");
    escaped(plain.trim(), ' ')
}

/// One line with our own words, in which backticks surround what is from a file: that becomes code.
#[must_use]
pub fn message(text: &str) -> String {
    let plain = text.split(is_break).map(str::trim_end).collect::<Vec<_>>().join(" ");
    let parts: Vec<&str> = plain.trim().split('`').collect();
    let mut out = String::new();
    for (number, part) in parts.iter().enumerate() {
        let closed = number % 2 == 1 && number + 1 < parts.len();
        if closed && !part.trim().is_empty() {
            let shown: String = part.chars().filter(|c| is_shown(*c)).collect();
            out.push_str(&format!("`{shown}`"));
        } else {
            if number > 0 && number % 2 == 1 {
                out.push_str("\\`");
            }
            out.push_str(&escaped(part, ' '));
        }
    }
    out
}

/// Several lines as a quote, each with its prefix, so that none of them starts a paragraph of ours. Line breaks and
/// leading spaces stay. `indent` spaces stand before each line, for a block inside a list item.
#[must_use]
pub fn block(text: &str, indent: usize) -> String {
    let lines: Vec<&str> = lines(text).collect();
    let last = lines.iter().rposition(|line| !line.trim().is_empty());
    let Some(last) = last else {
        return format!("{:indent$}> (empty)", "");
    };
    let mut out = String::new();
    for (number, line) in lines[..=last].iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        for _ in 0..indent {
            out.push(' ');
        }
        out.push('>');
        let content = escaped(line.trim_end(), '\u{a0}');
        if !content.is_empty() {
            out.push(' ');
            out.push_str(&content);
            let next = lines.get(number + 1).filter(|_| number < last);
            if next.is_some_and(|next| !next.trim().is_empty()) {
                out.push('\\');
            }
        }
    }
    out
}

/// A title. It is shown as plain text in places, where a backslash would be seen: what would act is parted by a joiner.
/// At most 200 characters, never empty, never a command.
#[must_use]
pub fn title(text: &str) -> String {
    let plain = text.split(is_break).map(str::trim).collect::<Vec<_>>().join(" ");
    let mut out = String::new();
    let shown: String = plain.trim().chars().filter(|c| is_shown(*c)).collect();
    for (at, c) in shown.char_indices() {
        if part_before(&shown, at) || (c == '/' && at == 0) {
            out.push(JOINER);
        }
        out.push(c);
        let next = shown[at + c.len_utf8()..].chars().next();
        let acts = matches!(c, '@' | '#' | '!' | '&' | '%' | '~' | '$' | '^' | '[' | '*' | '<' | '`');
        if acts && next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '"' | '[' | '/' | '!' | '_')) {
            out.push(JOINER);
        }
    }
    if out.is_empty() {
        "(no title)".to_owned()
    } else {
        cut(&out, 200)
    }
}

/// Text for Slack: `&`, `<` and `>` as entities, so that nothing is markup. Line breaks stay.
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
#[must_use]
pub fn slack(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in lines(text.trim_end()).enumerate() {
        if number > 0 {
            out.push('\n');
        }
        for c in line.chars().filter(|c| is_shown(*c) || *c == '\t') {
            match c {
                '&' => out += "&amp;",
                '<' => out += "&lt;",
                '>' => out += "&gt;",
                c => out.push(c),
            }
        }
    }
    out
}

/// An address that may stand between `<` and `>` as a link; none where it is not a plain web address.
#[must_use]
pub fn url(text: &str) -> Option<String> {
    let text = text.trim();
    let web = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let plain = |c: char| {
        c.is_ascii_graphic()
            && !matches!(
                c,
                '<' | '>' | '"' | '\\' | '`' | '(' | ')' | '[' | ']' | '|' | '{' | '}'
            )
    };
    (!web.is_empty() && text.len() <= 2000 && text.chars().all(plain)).then(|| text.to_owned())
}

/// Text inside our own HTML comment: all but letters, digits and `. _ / + -` in percent code, so that it cannot end.
#[must_use]
pub fn comment(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        // Two hyphens in a row are the beginning of the end of a comment.
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'+');
        if plain || (byte == b'-' && !out.ends_with('-')) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// At most `max` characters, the last of them an ellipsis where something was cut; never inside an escape.
#[must_use]
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(max.saturating_sub(1)).collect();
    let backslashes = out.chars().rev().take_while(|c| *c == '\\').count();
    if backslashes % 2 == 1 {
        out.pop();
    }
    out.push('…');
    out
}

/// Whether a character ends a line, for Markdown, for an editor or for GitLab.
const fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The lines of a text, whatever ends them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let now = rest?;
        match now.find(is_break) {
            None => rest = None,
            Some(at) => {
                let width = if now[at..].starts_with("\r\n") {
                    2
                } else {
                    now[at..].chars().next().map_or(1, char::len_utf8)
                };
                rest = Some(&now[at + width..]);
                return Some(&now[..at]);
            }
        }
        Some(now)
    })
}

/// Whether a character is shown as it is: not a control, not one that turns the reading order, not our own mark.
fn is_shown(c: char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{fffb}' | '\u{feff}'))
}

/// A line without breaks, escaped. Leading and doubled spaces and tabs become `space`.
fn escaped(text: &str, space: char) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut leading, mut opening) = (true, true);
    for (at, c) in text.char_indices() {
        if c == ' ' || c == '\t' {
            out.push(if leading { space } else { ' ' });
            continue;
        }
        if !is_shown(c) {
            continue;
        }
        leading = false;
        if part_before(text, at) {
            out.push(JOINER);
        }
        let next = text[at + c.len_utf8()..].chars().next();
        if has_meaning(c, next) || (opening && c.is_ascii_punctuation()) {
            out.push('\\');
        }
        // `1.` and `1)` open a list.
        opening = opening && c.is_ascii_digit();
        out.push(c);
        // `[vulnerability:1]`, `[[page]]`, `*iteration:1`: found in the rendered text, where the backslash is gone.
        if matches!(c, '[' | '*') && next.is_some_and(|next| next.is_alphanumeric() || next == '[') {
            out.push(JOINER);
        }
    }
    out
}

/// Whether Markdown or GitLab gives this sign a meaning within a line.
fn has_meaning(c: char, next: Option<char>) -> bool {
    let joined = next.is_some_and(|next| !next.is_whitespace());
    match c {
        '\\' | '*' | '_' | '`' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '#' | '@' | '$' | '~' | '^' => true,
        '!' | '%' | '&' => joined,
        _ => false,
    }
}

/// Whether a joiner has to part the text before this byte: inside what GitLab would link in rendered text although each
/// sign of punctuation is escaped. A web or mail address, a commit, a key of an issue elsewhere, an emoji.
fn part_before(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let Some(c) = after.chars().next() else { return false };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named = |c: char| word(c) || matches!(c, '+' | '-');
    match c {
        '/' => before.ends_with(':') && after.starts_with("//"),
        '.' => ends_with_word(before, "www"),
        '@' => before.ends_with(|c: char| named(c) || c == '.'),
        c if before.ends_with('-') && c.is_ascii_digit() => {
            let key = before[..before.len() - 1]
                .rsplit(|c: char| !word(c))
                .next()
                .unwrap_or_default();
            key.starts_with(|c: char| c.is_ascii_uppercase())
        }
        c if before.ends_with(':') && named(c) => {
            let end = after.find(|c: char| !named(c));
            // At the end of the text a colon of ours may follow.
            end.is_none_or(|end| after[end..].starts_with(':'))
        }
        c => c.is_ascii_hexdigit() && parts_commit(before, after),
    }
}

/// Whether a text ends with this word, as a word of its own.
fn ends_with_word(text: &str, word: &str) -> bool {
    let start = text.len().checked_sub(word.len());
    let Some(start) = start.filter(|start| text.is_char_boundary(*start)) else {
        return false;
    };
    text[start..].eq_ignore_ascii_case(word) && !text[..start].ends_with(|c: char| c.is_alphanumeric())
}

/// Whether a joiner has to part a run of hexadecimal digits here, so that no seven of them, as in a commit's id, stand
/// together. Runs of more than 64 are no id.
fn parts_commit(before: &str, after: &str) -> bool {
    let hex = |c: &char| c.is_ascii_hexdigit();
    let back = before.chars().rev().take(65).take_while(hex).count();
    let length = back + after.chars().take(65).take_while(hex).count();
    back > 0 && back % 6 == 0 && (7..=64).contains(&length)
}

#[cfg(test)]
mod tests {
    use super::super::hostile::HOSTILE;
    use super::super::proof::{acts, visible};
    use super::*;

    /// What a reader is to see of a text: no controls, no joiners, blanks as one blank.
    fn seen(text: &str) -> String {
        let shown = text
            .chars()
            .filter(|c| is_break(*c) || *c == '\t' || is_shown(*c))
            .filter(|c| *c != JOINER);
        let blanks = shown
            .map(|c| if is_break(c) || c == '\u{a0}' { ' ' } else { c })
            .collect::<String>();
        blanks.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn same(markdown: &str, text: &str) {
        assert_eq!(seen(&visible(markdown)), seen(text), "{markdown:?}");
    }

    #[test]
    fn no_hostile_line_acts_and_each_reads_as_written() {
        for text in HOSTILE {
            for (markdown, around) in [
                (format!("**Status:** {}", line(text)), "Status: "),
                (format!("- {}", line(text)), ""),
                (format!("| a |\n|---|\n| x {} |", line(text)), "a x "),
                (format!("words\n- x {}\n- last", line(text)), ""),
                (format!("- {}", message(&format!("unknown key `{text}` here"))), ""),
            ] {
                assert_eq!(acts(&markdown), [] as [String; 0], "{text:?} as {markdown:?}");
                if !around.is_empty() {
                    same(&markdown, &format!("{around}{text}"));
                }
            }
        }
    }

    #[test]
    fn no_hostile_block_acts_and_each_reads_as_written() {
        for text in HOSTILE.iter().filter(|text| !seen(text).is_empty()) {
            for markdown in [
                block(text, 0),
                format!("a paragraph\n\n{}", block(text, 0)),
                format!("- item\n\n{}", block(text, 2)),
            ] {
                assert_eq!(acts(&markdown), [] as [String; 0], "{text:?} as {markdown:?}");
            }
            same(&block(text, 0), text);
        }
    }

    #[test]
    fn a_block_keeps_the_authors_lines() {
        assert_eq!(
            block("one\n\n  two\nthree\n", 0),
            "> one\n>\n> \u{a0}\u{a0}two\\\n> three"
        );
        assert_eq!(block(" \n", 2), "  > (empty)");
    }

    #[test]
    fn prose_stays_readable() {
        assert_eq!(
            line("Pushes to secondaries fail since 09 00 UTC"),
            "Pushes to secondaries fail since 09 00 UTC"
        );
        assert_eq!(
            title("Git pushes rejected on every Geo secondary after 18.6"),
            "Git pushes rejected on every Geo secondary after 18.6"
        );
    }

    #[test]
    fn a_title_mentions_and_commands_nothing() {
        for text in HOSTILE {
            let title = title(text);
            assert!(
                !title.is_empty() && !title.starts_with('/') && title.chars().count() <= 200,
                "{title:?}"
            );
            assert_eq!(
                acts(&title)
                    .iter()
                    .filter(|what| what.contains("reference") || what.contains("mention"))
                    .count(),
                0,
                "{title:?}: {:?}",
                acts(&title)
            );
        }
    }

    #[test]
    fn nothing_is_slack_markup() {
        for text in HOSTILE {
            assert!(!slack(text).contains(['<', '>']), "{text:?}");
        }
        assert_eq!(
            slack("<!channel> & <@U1>\r\nb"),
            "&lt;!channel&gt; &amp; &lt;@U1&gt;\nb"
        );
    }

    #[test]
    fn only_plain_web_addresses_are_links() {
        assert_eq!(
            url("https://status.example.com/a?b=c#d").as_deref(),
            Some("https://status.example.com/a?b=c#d")
        );
        for text in [
            "javascript:alert(1)",
            "https://a b",
            "https://a>b",
            "https://",
            "ftp://x",
            "https://x)y",
        ] {
            assert_eq!(url(text), None, "{text}");
        }
    }

    #[test]
    fn a_comment_cannot_end() {
        for text in HOSTILE {
            let inside = comment(text);
            assert!(!inside.contains("--") && !inside.contains('>'), "{inside}");
        }
    }

    #[test]
    fn what_is_cut_is_not_cut_inside_an_escape() {
        assert_eq!(cut("ab\\*cd", 4), "ab…");
        assert_eq!(cut("abc", 3), "abc");
    }

    proptest::proptest! {
        #[test]
        fn no_text_at_all_acts(text in "\\PC{0,60}|[/@#!\\[\\]<>`*_~:.a-f0-9\\n\\r \\-]{0,40}") {
            let markdown = format!("- {}\n\n{}", line(&text), block(&text, 0));
            proptest::prop_assert_eq!(acts(&markdown), [] as [String; 0], "{:?}", markdown);
        }
    }
}
