//! Converts byte offsets to lines and columns.

use crate::span::Span;

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// The line and column of a byte offset. An offset beyond the text or inside a character moves back to a valid one.
#[must_use]
pub fn position(text: &str, offset: u32) -> Position {
    let offset = floor_char_boundary(text, offset as usize);
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1;
    Position {
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        column,
    }
}

/// The byte range of a span, cut to the text and to whole characters.
#[must_use]
pub fn byte_range(text: &str, span: Span) -> std::ops::Range<usize> {
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
}
