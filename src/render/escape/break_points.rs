//! The positions at which a word joiner keeps GitLab from acting on a text.
//!
//! The filters behind GitLab's parser match rendered text. A backslash leaves no trace there unless it stood before one
//! of `$ % # & @ ! ~ ^`, so patterns without these characters need a word joiner, U+2060: it shows nothing and breaks no
//! line. A reader who copies the text copies the joiner too, so it is used at no other position.

/// The word joiner: invisible, and no part of a name, a number or a reference.
pub(super) const JOINER: char = '\u{2060}';

/// The shortest text that GitLab takes for a commit hash, anywhere in a text (`Commit.reference_pattern`, `\h{7,40}`).
const SHORTEST_HASH: usize = 7;

/// Returns, for each character of one line, whether escaped Markdown needs a joiner before it.
pub(super) fn in_markdown(chars: &[char]) -> Vec<bool> {
    let mut joints = vec![false; chars.len()];
    hashes(chars, &mut joints);
    for (at, joint) in joints.iter_mut().enumerate().skip(1) {
        *joint |=
            key(chars, at) || emoji(chars, at) || bracket(chars, at) || iteration(chars, at) || project(chars, at);
    }
    joints
}

/// Returns, for each character of a title, whether it needs a joiner before it. A title has no backslashes, so the sigils of
/// references need a joiner as well.
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

/// Whether a joiner breaks `GL-1` or an external tracker's key such as `JIRA-12` here: between the hyphen and the number.
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

/// Whether a joiner breaks an emoji such as `:tada:` here: after the first colon, unless a letter stands before the colon.
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

/// Whether a joiner breaks a bracket here, after the opening bracket or brace: wiki links `[[`, named references
/// `[vulnerability:1]`, `[TOC]`, the boxes `[ ] [x] [~]` of tasks (GitLab looks for them in the rendered list), inline
/// diffs `{+ +}` and `[- -]`. The closing half may come from another text, so it is not required.
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

/// Whether the text inside a bracket begins like `vulnerability:` or `feature_flag:`.
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

/// Whether a joiner breaks a reference here: between a sigil and the name or number after it.
fn sigil(chars: &[char], at: usize) -> bool {
    matches!(chars[at - 1], '@' | '#' | '!' | '&' | '%' | '~' | '$' | '^')
        && (chars[at].is_alphanumeric() || matches!(chars[at], '_' | '"' | '.' | '{'))
}

/// Whether a joiner breaks an address here: between `:` and `//`, and after `www`. GitLab reads an issue's address as a
/// reference to the issue.
fn address(chars: &[char], at: usize) -> bool {
    (chars[at - 1] == ':' && chars[at..].starts_with(&['/', '/']))
        || (chars[at] == '.' && ends_with_ignoring_case(&chars[..at], "www"))
}

/// Whether a joiner breaks a link, HTML or an escape in a title here: after `]` of `[text](address)`, after `<`, and after a
/// backslash, because servers that read titles as Markdown remove the backslash.
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
