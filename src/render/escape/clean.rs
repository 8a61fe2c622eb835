//! Removes or replaces characters that hide or reorder text.
//!
//! - Line breaks of every kind and tabs are white space.
//! - Control characters, bidirectional embeddings, overrides and isolates, and noncharacters become U+FFFD: the reader
//!   sees that something stood there, and it cannot reorder or hide what stands beside it.
//! - Bidirectional marks and byte order marks, which show nothing, are dropped.
//! - Private-use characters U+E000 to U+F8FF are dropped: the program keeps U+E000 and U+E001 as marks of its own.

/// Whether a character ends a line in a parser or on screen: `\n \v \f \r`, NEL, LINE and PARAGRAPH SEPARATOR.
fn breaks(c: char) -> bool {
    matches!(c, '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character is invisible and may change how its neighbours are shown.
pub(super) fn is_hidden(c: char) -> bool {
    shown(c) != Some(c)
}

/// The replacement of a character: itself, U+FFFD, or `None` if it is dropped.
fn shown(c: char) -> Option<char> {
    match c {
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}' => Some('\u{fffd}'),
        c if c.is_control() || u32::from(c) & 0xfffe == 0xfffe => Some('\u{fffd}'),
        c => Some(c),
    }
}

/// The characters of one line as they are shown, with a space for each tab and each line break.
pub(super) fn characters(text: &str) -> Vec<char> {
    text.chars()
        .filter_map(|c| if breaks(c) || c == '\t' { Some(' ') } else { shown(c) })
        .collect()
}

/// The characters of a text on one line, with single spaces and none at the ends.
pub(super) fn one_line(text: &str) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for c in characters(text) {
        if c != ' ' || out.last().is_some_and(|&last| last != ' ') {
            out.push(c);
        }
    }
    if out.last() == Some(&' ') {
        out.pop();
    }
    out
}

/// The lines of a text; `\r\n` ends one line, not two.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(breaks)
        .scan(false, |after_return, piece| {
            let second_half = *after_return && piece == "\n";
            *after_return = piece.ends_with('\r');
            Some((!second_half).then(|| piece.trim_end_matches(breaks)))
        })
        .flatten()
}
