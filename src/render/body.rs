//! What stands in a rendered body beside words: references to other effects, and literals.
//!
//! A reference is resolved when the body is carried out. A literal is a text from a file as a person wrote it, for places
//! that can show it exactly; every other place escapes it. Both are marked with private-use characters, which
//! [`super::escape`] takes out of every text from a file, so that no text can forge one.

use super::escape;

/// Marks the beginning of a reference to another effect.
const REFERENCE_START: char = '\u{e000}';
/// Marks the end of a reference.
const REFERENCE_END: char = '\u{e001}';
/// Marks the beginning of a literal.
const LITERAL_START: char = '\u{e002}';
/// Marks the end of a literal.
const LITERAL_END: char = '\u{e003}';
/// Stands for a line break in a literal, which no template breaks or tidies.
const LITERAL_BREAK: char = '\u{e004}';

/// A part of a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part<'a> {
    /// Words that are ready: the template's, and texts that are escaped already.
    Words(&'a str),
    /// The key of another effect.
    Reference(&'a str),
    /// A text as a person wrote it, without signs that hide or reorder.
    Literal(String),
}

/// A reference to another effect, resolved when it is carried out.
#[must_use]
pub fn reference(key: &str) -> String {
    format!("{REFERENCE_START}{key}{REFERENCE_END}")
}

/// A text as a person wrote it.
pub(super) fn literal(text: &str) -> String {
    let clean = escape::literal(text).replace('\n', &LITERAL_BREAK.to_string());
    format!("{LITERAL_START}{clean}{LITERAL_END}")
}

/// The parts of a body, in order.
#[must_use]
pub fn parts(body: &str) -> Vec<Part<'_>> {
    let mut all = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find([REFERENCE_START, LITERAL_START]) {
        let (before, marked) = rest.split_at(at);
        let is_reference = marked.starts_with(REFERENCE_START);
        let end = if is_reference { REFERENCE_END } else { LITERAL_END };
        let inside = &marked[REFERENCE_START.len_utf8()..];
        all.push(Part::Words(before));
        // A body that was cut may end inside a mark.
        let (inside, tail) = inside.split_once(end).unwrap_or((inside, ""));
        all.push(if is_reference {
            Part::Reference(inside)
        } else {
            Part::Literal(inside.replace(LITERAL_BREAK, "\n"))
        });
        rest = tail;
    }
    all.push(Part::Words(rest));
    all.retain(|part| *part != Part::Words(""));
    all
}

/// A body with each of its references put as `show` puts the key. Literals are escaped for Slack, which is the only place
/// whose bodies have them.
#[must_use]
pub fn with_references(body: &str, show: impl Fn(&str) -> String) -> String {
    let text = |part| match part {
        Part::Words(words) => words.to_owned(),
        Part::Reference(key) => show(key),
        Part::Literal(text) => escape::slack(&text),
    };
    parts(body).into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_as_they_were_put_in() {
        let body = format!("a{}b {}", reference("incident/x"), literal("two\nlines  "));
        let expected = [
            Part::Words("a"),
            Part::Reference("incident/x"),
            Part::Words("b "),
            Part::Literal("two\nlines  ".to_owned()),
        ];
        assert_eq!(parts(&body), expected);
    }

    #[test]
    fn a_text_cannot_forge_a_part() {
        let forged = format!("{}{}", reference("k"), literal("x"));
        assert_eq!(parts(&literal(&forged)), [Part::Literal("kx".to_owned())]);
    }

    #[test]
    fn a_body_that_was_cut_inside_a_mark_ends_there() {
        assert_eq!(parts("a\u{e002}b"), [Part::Words("a"), Part::Literal("b".to_owned())]);
    }

    #[test]
    fn a_literal_is_escaped_where_markup_counts() {
        assert_eq!(
            with_references(&literal("<!channel>"), str::to_owned),
            "&lt;!channel&gt;"
        );
    }
}
