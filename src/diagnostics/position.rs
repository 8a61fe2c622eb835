//! Converts byte offsets to lines and columns.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::{Diagnostic, Sources};
use crate::span::Span;

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// The number of bytes between two known counts of characters.
const STEP: usize = 512;

/// The lines of a text, and the number of characters before each of its parts. It is built in one pass over the text; after
/// that, the cost of a position does not depend on the length of the text or of its lines.
pub struct LineIndex<'a> {
    text: &'a str,
    /// The offset of the first byte of each line.
    starts: Vec<usize>,
    /// The number of characters that begin before each multiple of [`STEP`] bytes.
    characters: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Indexes a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let mut count = 0;
        let parts = text.as_bytes().chunks(STEP).map(|part| {
            count += count_characters(part);
            count
        });
        Self {
            text,
            starts: [0].into_iter().chain(ends.map(|end| end + 1)).collect(),
            characters: [0].into_iter().chain(parts).collect(),
        }
    }

    /// The line and column of a byte offset. An offset beyond the text or inside a character moves back to a valid one.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = floor_char_boundary(self.text, offset as usize);
        let line = self.line_at(offset);
        let mark = self.text[self.starts[line - 1]..offset]
            .chars()
            .take_while(|c| *c == '\u{feff}')
            .count();
        let column = self.characters_before(offset) - self.characters_before(self.starts[line - 1]) - mark + 1;
        Position { line, column }
    }

    /// The text.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The byte range of the line that contains an offset, with its line break.
    #[must_use]
    pub fn line_range(&self, offset: usize) -> Range<usize> {
        let line = self.line_at(offset);
        self.starts[line - 1]..self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// The number of the line that contains an offset, from 1.
    fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The number of characters before a character boundary.
    fn characters_before(&self, offset: usize) -> usize {
        let part = offset / STEP;
        self.characters[part] + count_characters(&self.text.as_bytes()[part * STEP..offset])
    }
}

/// The number of characters that begin in a part of a text.
fn count_characters(part: &[u8]) -> usize {
    #[cfg(test)]
    STEPS.set(STEPS.get() + part.len());
    part.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count()
}

#[cfg(test)]
thread_local! {
    /// The number of bytes in which this thread counted characters.
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The indexes of the texts with a finding, by path.
pub struct SourceIndex<'a>(BTreeMap<&'a str, LineIndex<'a>>);

impl<'a> SourceIndex<'a> {
    /// Indexes the texts of the files that findings point to. A file without a text has an empty one.
    #[must_use]
    pub fn new(findings: &'a [Diagnostic], sources: &'a dyn Sources) -> Self {
        let mut indexes = BTreeMap::new();
        for finding in findings {
            let related = finding.related.iter().map(|related| related.path.as_str());
            for path in related.chain([finding.path.as_str()]) {
                let index = || LineIndex::new(sources.text(path).unwrap_or_default());
                indexes.entry(path).or_insert_with(index);
            }
        }
        Self(indexes)
    }

    /// The index of a file that a finding points to; the index of an empty text for another file.
    #[must_use]
    pub fn lines(&self, path: &str) -> &LineIndex<'a> {
        static EMPTY: LazyLock<LineIndex<'static>> = LazyLock::new(|| LineIndex::new(""));
        self.0.get(path).unwrap_or(&EMPTY)
    }

    /// The line and column of a byte offset in a file.
    #[must_use]
    pub fn position(&self, path: &str, offset: u32) -> Position {
        self.lines(path).position(offset)
    }
}

/// The line and column of one byte offset. For several offsets of a text, [`LineIndex`] is quicker.
#[must_use]
pub fn position(text: &str, offset: u32) -> Position {
    LineIndex::new(text).position(offset)
}

/// The byte range of a span, cut to the text and to whole characters.
#[must_use]
pub fn byte_range(text: &str, span: Span) -> Range<usize> {
    let start = floor_char_boundary(text, span.start as usize);
    start..floor_char_boundary(text, span.end as usize).max(start)
}

/// The last character boundary at or before the offset.
#[must_use]
pub fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_columns_count_characters() {
        let text = "a: é\nbß: x\n";
        assert_eq!(position(text, 0), Position { line: 1, column: 1 });
        assert_eq!(position(text, 6), Position { line: 2, column: 1 });
        assert_eq!(position(text, 9), Position { line: 2, column: 3 });
    }

    #[test]
    fn an_offset_beyond_the_text_or_inside_a_character_moves_back() {
        assert_eq!(position("é", 1), Position { line: 1, column: 1 });
        assert_eq!(position("ab", 99), Position { line: 1, column: 3 });
        assert_eq!(byte_range("ab", Span::new(9, 3)), 2..2);
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        assert_eq!(position("\u{feff}title: x", 3), Position { line: 1, column: 1 });
    }

    #[test]
    fn positions_in_one_long_line_are_found_without_reading_the_line_again() {
        let text = "\u{feff}é: x, ".repeat(100_000);
        let index = LineIndex::new(&text);
        let unit = "\u{feff}é: x, ".len();
        STEPS.set(0);
        for number in (0..100_000).step_by(100) {
            let offset = u32::try_from(number * unit).expect("an offset");
            let column = index.position(offset).column;
            assert_eq!(column, number * 7 + 1 - usize::from(number > 0));
        }
        assert!(STEPS.get() <= 1000 * STEP, "{}", STEPS.get());
    }

    #[test]
    fn positions_agree_with_a_count_of_every_character() {
        let text = format!("{}\nß{}\n\nx", "é-".repeat(700), "東京".repeat(400));
        let index = LineIndex::new(&text);
        for (offset, _) in text.char_indices() {
            let before = &text[..offset];
            let line = before.rsplit('\n').next().unwrap_or_default();
            let expected = Position {
                line: before.matches('\n').count() + 1,
                column: line.chars().count() + 1,
            };
            assert_eq!(index.position(u32::try_from(offset).expect("an offset")), expected);
        }
    }
}
