//! The parts of a rendered body that are not finished words: references to other effects, and literals.
//!
//! A reference is resolved when the body is written to the forge. A literal is a text from a file as a person wrote it, for
//! places that can show it exactly; every other place escapes it. Both are marked with private-use characters, which
//! [`super::escape`] removes from every text from a file, so that no text can forge a mark.

use super::escape;

/// Marks the beginning of a reference to another effect.
const REFERENCE_START: char = '\u{e000}';
/// Marks the end of a reference.
const REFERENCE_END: char = '\u{e001}';
/// Marks the beginning of a literal.
const LITERAL_START: char = '\u{e002}';
/// Marks the end of a literal.
const LITERAL_END: char = '\u{e003}';
/// Replaces a line break in a literal, so that no template changes it.
const LITERAL_BREAK: char = '\u{e004}';

/// A part of a rendered body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BodyPart<'a> {
    /// Finished words: the template's own, and texts that are already escaped.
    Words(&'a str),
    /// The key of another effect.
    Reference(&'a str),
    /// A text as a person wrote it, without characters that hide or reorder text.
    Literal(String),
}

/// The marked text of a reference to another effect, which is resolved when the body is written.
#[must_use]
pub fn reference(key: &str) -> String {
    format!("{REFERENCE_START}{key}{REFERENCE_END}")
}

/// The marked text of a literal: a text as a person wrote it.
pub(super) fn literal(text: &str) -> String {
    let clean = escape::literal(text).replace('\n', &LITERAL_BREAK.to_string());
    format!("{LITERAL_START}{clean}{LITERAL_END}")
}

/// Splits a rendered body into its parts, in order.
#[must_use]
pub fn parts(body: &str) -> Vec<BodyPart<'_>> {
    let mut all = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find([REFERENCE_START, LITERAL_START]) {
        let (before, marked) = rest.split_at(at);
        let is_reference = marked.starts_with(REFERENCE_START);
        let end = if is_reference { REFERENCE_END } else { LITERAL_END };
        let inside = &marked[REFERENCE_START.len_utf8()..];
        all.push(BodyPart::Words(before));
        // A body that was cut may end inside a mark.
        let (inside, tail) = inside.split_once(end).unwrap_or((inside, ""));
        all.push(if is_reference {
            BodyPart::Reference(inside)
        } else {
            BodyPart::Literal(inside.replace(LITERAL_BREAK, "\n"))
        });
        rest = tail;
    }
    all.push(BodyPart::Words(rest));
    all.retain(|part| *part != BodyPart::Words(""));
    all
}

/// Returns a body with each reference replaced by what `show` returns for its key. Literals are escaped for Slack, because
/// only Slack's bodies have them.
#[must_use]
pub fn with_references(body: &str, show: impl Fn(&str) -> String) -> String {
    let text = |part| match part {
        BodyPart::Words(words) => words.to_owned(),
        BodyPart::Reference(key) => show(key),
        BodyPart::Literal(text) => escape::slack(&text),
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
            BodyPart::Words("a"),
            BodyPart::Reference("incident/x"),
            BodyPart::Words("b "),
            BodyPart::Literal("two\nlines  ".to_owned()),
        ];
        assert_eq!(parts(&body), expected);
    }

    #[test]
    fn a_text_cannot_forge_a_part() {
        let forged = format!("{}{}", reference("k"), literal("x"));
        assert_eq!(parts(&literal(&forged)), [BodyPart::Literal("kx".to_owned())]);
    }

    #[test]
    fn a_body_that_was_cut_inside_a_mark_ends_there() {
        assert_eq!(
            parts("a\u{e002}b"),
            [BodyPart::Words("a"), BodyPart::Literal("b".to_owned())]
        );
    }

    #[test]
    fn a_literal_is_escaped_where_markup_counts() {
        assert_eq!(
            with_references(&literal("<!channel>"), str::to_owned),
            "&lt;!channel&gt;"
        );
    }
}
