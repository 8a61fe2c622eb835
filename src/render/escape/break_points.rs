//! The places where only a character between two others keeps GitLab from acting.
//!
//! The filters behind GitLab's parser match rendered text. A backslash leaves no trace there unless it stood before one
//! of `$ % # & @ ! ~ ^`, so what they match without these needs a word joiner, U+2060: it shows nothing and breaks no
//! line. It is copied with the text, therefore it stands nowhere else.

/// The word joiner: invisible, and no part of a name, a number or a reference.
pub(super) const JOINER: char = '\u{2060}';

/// Commit hashes are found from this length on, anywhere in a text (`Commit.reference_pattern`, `\h{7,40}`).
const SHORTEST_HASH: usize = 7;

/// For each character of one line, whether a joiner stands before it in Markdown whose punctuation is escaped.
pub(super) fn in_markdown(chars: &[char]) -> Vec<bool> {
    let mut joints = vec![false; chars.len()];
    hashes(chars, &mut joints);
    for (at, joint) in joints.iter_mut().enumerate().skip(1) {
        *joint |=
            key(chars, at) || emoji(chars, at) || bracket(chars, at) || iteration(chars, at) || project(chars, at);
    }
    joints
}

/// As [`in_markdown`], for a title: no backslash can stand there, so the sigils of references need a joiner as well.
pub(super) fn in_title(chars: &[char]) -> Vec<bool> {
    let mut joints = in_markdown(chars);
    for (at, joint) in joints.iter_mut().enumerate().skip(1) {
        *joint |= sigil(chars, at) || address(chars, at) || markup(chars, at);
    }
    joints
}

/// Breaks every run of seven or more hexadecimal digits into sixes: a commit's hash, and also a long number.
fn hashes(chars: &[char], joints: &mut [bool]) {
    let mut start = 0;
    for run in chars.split(|c| !c.is_ascii_hexdigit()) {
        if run.len() >= SHORTEST_HASH {
            for at in (SHORTEST_HASH - 1..run.len()).step_by(SHORTEST_HASH - 1) {
                joints[start + at] = true;
            }
        }
        start += run.len() + 1;
    }
}

/// `GL-1` and the keys of external trackers such as `JIRA-12`: between the hyphen and the number.
fn key(chars: &[char], at: usize) -> bool {
    if !chars[at].is_ascii_digit() || chars[at - 1] != '-' {
        return false;
    }
    let before = &chars[..at - 1];
    let capitals = before
        .iter()
        .rev()
        .take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || **c == '_');
    capitals.into_iter().any(char::is_ascii_uppercase) || ends_with_ignoring_case(before, "gl")
}

/// `:tada:`, where no letter stands before it: after the first colon. Newer servers would honour the backslash.
pub(super) fn emoji(chars: &[char], at: usize) -> bool {
    if at == 0
        || chars[at - 1] != ':'
        || at
            .checked_sub(2)
            .is_some_and(|i| chars[i].is_alphanumeric() || chars[i] == ':')
    {
        return false;
    }
    let length = chars[at..]
        .iter()
        .take_while(|c| !c.is_whitespace() && **c != ':')
        .count();
    // At the end of the text a template may add a colon.
    length > 0 && chars.get(at + length).is_none_or(|c| *c == ':')
}

/// Inside an opening bracket or brace: wiki links `[[`, named references `[vulnerability:1]`, `[TOC]`, the boxes
/// `[ ] [x] [~]` of tasks (GitLab looks for them in the rendered list), inline diffs `{+ +}` and `[- -]`. The closing
/// half may come from another text, so it is not asked for.
fn bracket(chars: &[char], at: usize) -> bool {
    let inside = &chars[at..];
    let is_diff = matches!(inside[0], '+' | '-');
    match chars[at - 1] {
        '{' => is_diff,
        '[' => {
            inside[0] == '['
                || is_diff
                || (matches!(inside[0], ' ' | 'x' | 'X' | '~' | '\u{a0}') && inside.get(1) == Some(&']'))
                || starts_with_ignoring_case(inside, "toc]")
                || names_a_kind(inside)
        }
        _ => false,
    }
}

/// Whether a bracket's inside begins like `vulnerability:` or `feature_flag:`.
fn names_a_kind(inside: &[char]) -> bool {
    let length = inside
        .iter()
        .take_while(|c| c.is_ascii_alphabetic() || **c == '_')
        .count();
    length > 0 && inside.get(length) == Some(&':')
}

/// `*iteration:1`, after the star.
fn iteration(chars: &[char], at: usize) -> bool {
    chars[at - 1] == '*' && starts_with_ignoring_case(&chars[at..], "iteration:")
}

/// `group/project>`, before the bracket.
fn project(chars: &[char], at: usize) -> bool {
    chars[at] == '>'
        && chars[..at]
            .iter()
            .rev()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
            .any(|c| *c == '/')
}

/// A sigil and the name or number that it would refer to.
fn sigil(chars: &[char], at: usize) -> bool {
    matches!(chars[at - 1], '@' | '#' | '!' | '&' | '%' | '~' | '$' | '^')
        && (chars[at].is_alphanumeric() || matches!(chars[at], '_' | '"' | '.' | '{'))
}

/// The address of an issue is a reference to it: between `:` and `//`, and after `www`.
fn address(chars: &[char], at: usize) -> bool {
    (chars[at - 1] == ':' && chars[at..].starts_with(&['/', '/']))
        || (chars[at] == '.' && ends_with_ignoring_case(&chars[..at], "www"))
}

/// Links, HTML and escapes in a title: after `]` of `[text](address)`, after `<`, and after a backslash, which would
/// vanish on servers that read titles as Markdown and join what it parted.
fn markup(chars: &[char], at: usize) -> bool {
    match chars[at - 1] {
        ']' => chars[at] == '(',
        '\\' => chars[at].is_ascii_punctuation(),
        '<' => chars[at].is_ascii_alphabetic() || matches!(chars[at], '/' | '!' | '?'),
        _ => false,
    }
}

/// Whether characters begin with an ASCII word, in any case.
pub(super) fn starts_with_ignoring_case(chars: &[char], word: &str) -> bool {
    word.chars()
        .enumerate()
        .all(|(i, c)| chars.get(i).is_some_and(|have| have.eq_ignore_ascii_case(&c)))
}

/// Whether characters end with an ASCII word, in any case.
pub(super) fn ends_with_ignoring_case(chars: &[char], word: &str) -> bool {
    chars
        .len()
        .checked_sub(word.len())
        .is_some_and(|start| starts_with_ignoring_case(&chars[start..], word))
}
