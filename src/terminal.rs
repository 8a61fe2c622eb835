//! Safe text for a terminal: a person can read it, and it has no other effect on the terminal.
//!
//! - [`plain`] and [`plain_lines`] remove the characters that act: control characters, which a terminal obeys, and characters that
//!   show nothing and reorder what stands beside them.
//! - [`mark_unsafe`] puts a sign in the place of each, so that offsets into the text stay true.
//! - [`escape_json`] writes them as `\uXXXX`, so that a program reads the same values.
//! - [`PrintableWriter`] stands before the terminal: whatever a caller forgets, only printable text and our own styles pass.
//!
//! *Invariant*: letters, marks, emoji and right-to-left text of any language stay as they are.

use std::borrow::Cow;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

/// The style of the most important words of a line.
pub const STRONG: Style = Style::new().bold();
/// The style of text that a reader may skip.
pub const FAINT: Style = Style::new().dimmed();
/// The style of something good or new.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// The style of something changed or worth a look.
pub const CAUTION: Style = AnsiColor::Yellow.on_default();
/// The style of something bad or ended.
pub const BAD: Style = AnsiColor::Red.on_default();

/// Whether a character is unsafe on a terminal: a control character (C0, DEL, C1), a bidirectional mark, embedding,
/// override or isolate, a line or paragraph separator, a byte order mark, or a deprecated or annotating format
/// character.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e001f}')
}

/// Removes all unsafe characters from a text, also line breaks and tabs.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().filter(|&c| !is_unsafe(c)).collect()
}

/// Removes all unsafe characters from a text of several lines; line feeds and tabs stay.
#[must_use]
pub fn plain_lines(text: &str) -> String {
    text.chars()
        .filter(|&c| matches!(c, '\n' | '\t') || !is_unsafe(c))
        .collect()
}

/// Formats a number with its noun, such as `1 effect` or `2 effects`.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Replaces each unsafe character by a visible one of the same length in bytes. Unsafe ASCII characters stay, because
/// the renderer of findings replaces them itself.
#[must_use]
pub fn mark_unsafe(text: &str) -> Cow<'_, str> {
    let sign = |c: char| match c.len_utf8() {
        _ if !is_unsafe(c) => c,
        1 => c,
        2 => '\u{b7}',
        3 => '\u{fffd}',
        _ => '\u{1f6ab}',
    };
    if text.is_ascii() || !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(sign).collect())
}

/// Escapes the unsafe characters of a JSON text, except the line feeds between its parts. The values stay the same.
#[must_use]
pub fn escape_json(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c != '\n' && is_unsafe(c);
    if !text.chars().any(hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out += &format!("\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Quotes a word for a shell, without unsafe characters.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=.,:/+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", plain_lines(word).replace('\'', r"'\''"))
}

/// The maximum length of a style's parameters.
const MAX_STYLE: usize = 16;

/// A writer that passes on printable text, line ends, tabs and the program's own styles, and drops the rest. A
/// character or style may be split between two writes.
#[derive(Debug)]
pub struct PrintableWriter<W> {
    inner: W,
    state: State,
    /// The first bytes of an unfinished character, or the parameters of an unfinished style.
    pending: Vec<u8>,
    out: Vec<u8>,
}

/// The state of the writer before the next byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Text, or the first bytes of a character.
    Text,
    /// A carriage return; it passes only before a line feed.
    Return,
    /// An escape character.
    Escape,
    /// An escape character, `[`, and parameters.
    Style,
}

impl<W: Write> PrintableWriter<W> {
    /// A writer that passes safe text on to `inner`.
    pub const fn new(inner: W) -> Self {
        Self {
            inner,
            state: State::Text,
            pending: Vec::new(),
            out: Vec::new(),
        }
    }

    fn take(&mut self, byte: u8) {
        match std::mem::replace(&mut self.state, State::Text) {
            State::Return if byte == b'\n' => self.out.extend(b"\r\n"),
            State::Escape if byte == b'[' => self.state = State::Style,
            State::Style if matches!(byte, b'0'..=b'9' | b';') && self.pending.len() < MAX_STYLE => {
                self.pending.push(byte);
                self.state = State::Style;
            }
            State::Style if byte == b'm' && is_ours(&self.pending) => {
                self.out.extend(b"\x1b[");
                self.out.append(&mut self.pending);
                self.out.push(b'm');
            }
            State::Style => {
                // Without its escape character it is text, and says that something was there.
                self.out.push(b'[');
                self.out.append(&mut self.pending);
                self.text(byte);
            }
            State::Text | State::Return | State::Escape => self.text(byte),
        }
    }

    fn text(&mut self, byte: u8) {
        if !self.pending.is_empty() {
            if is_inside(byte) {
                self.pending.push(byte);
                self.character();
                return;
            }
            self.replacement();
        }
        match byte {
            b'\n' | b'\t' | b' '..=b'~' => self.out.push(byte),
            b'\r' => self.state = State::Return,
            0x1b => self.state = State::Escape,
            0xc2..=0xf4 => self.pending.push(byte),
            0x80.. => self.replacement(),
            _ => {}
        }
    }

    /// Passes on a complete character if it is safe.
    fn character(&mut self) {
        match std::str::from_utf8(&self.pending) {
            Ok(text) => {
                if !text.contains(is_unsafe) {
                    self.out.extend(text.as_bytes());
                }
                self.pending.clear();
            }
            Err(error) if error.error_len().is_none() => {}
            Err(_) => self.replacement(),
        }
    }

    fn replacement(&mut self) {
        self.pending.clear();
        self.out.extend("\u{fffd}".as_bytes());
    }
}

impl<W: Write> Write for PrintableWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.clear();
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            let is_between = self.state == State::Text && self.pending.is_empty();
            let length = if is_between {
                let harmless = |byte: &u8| matches!(byte, b'\n' | b'\t' | b' '..=b'~');
                rest.iter().take_while(|byte| harmless(byte)).count()
            } else {
                0
            };
            if length > 0 {
                self.out.extend_from_slice(&rest[..length]);
                rest = &rest[length..];
            } else {
                self.take(byte);
                rest = &rest[1..];
            }
        }
        self.inner.write_all(&self.out)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Whether a byte continues a character of UTF-8.
const fn is_inside(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Whether the program itself writes a style with these parameters: bold, dim, underlined and foreground colours, but
/// nothing that conceals, blinks or colours the background.
fn is_ours(parameters: &[u8]) -> bool {
    let known = |one: &[u8]| {
        let number = std::str::from_utf8(one).ok().and_then(|text| text.parse::<u8>().ok());
        one.is_empty() || matches!(number, Some(0..=2 | 4 | 22 | 24 | 31..=37 | 39 | 91..=97))
    };
    parameters.split(|byte| *byte == b';').all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text that acts, and what passes of it.
    const HOSTILE: [(&str, &str); 12] = [
        ("\u{1b}[2Jx", "[2Jx"),
        ("\u{1b}[8mx\u{1b}[28m", "[8mx[28m"),
        ("\u{1b}[38;5;1mx", "[38;5;1mx"),
        ("\u{1b}]0;title\u{7}x", "]0;titlex"),
        ("\u{9b}2Jx\u{85}y", "2Jxy"),
        ("a\u{202e}b\u{2066}c\u{200f}d\u{61c}e\u{feff}f", "abcdef"),
        ("a\u{2028}b\u{2029}c\u{206a}d\u{fff9}e", "abcde"),
        ("a\rb\u{8}c\u{7f}d\0e", "abcde"),
        ("\u{1b}\u{1b}[1mx\u{1b}", "\u{1b}[1mx"),
        ("\u{1b}[1;\u{1b}[31mx", "[1;\u{1b}[31mx"),
        ("\u{1b}[1111111111111111111mx", "[1111111111111111111mx"),
        ("\u{1b}[1é", "[1é"),
    ];

    const HARMLESS: &str =
        "é ü ñ 漢字 \u{1f468}\u{200d}\u{1f469} مرحبا שלום\n\tनमस्ते \u{1b}[1m\u{1b}[91mred\u{1b}[0m\r\n";

    fn passed(parts: &[&[u8]]) -> String {
        let mut out = PrintableWriter::new(Vec::new());
        for part in parts {
            out.write_all(part).expect("a vector takes it");
        }
        String::from_utf8(out.inner).expect("UTF-8")
    }

    #[test]
    fn nothing_but_text_and_our_styles_passes_wherever_a_write_ends() {
        for (text, expected) in HOSTILE.into_iter().chain([(HARMLESS, HARMLESS)]) {
            let bytes = text.as_bytes();
            for cut in 0..=bytes.len() {
                assert_eq!(
                    passed(&[&bytes[..cut], &bytes[cut..]]),
                    expected,
                    "{text:?} cut at {cut}"
                );
            }
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(passed(&single), expected, "{text:?} byte by byte");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_show_as_signs() {
        assert_eq!(
            passed(&[b"a\x9b2J\xc3(\xff\xe2\x80x"]),
            "a\u{fffd}2J\u{fffd}(\u{fffd}\u{fffd}x"
        );
    }

    #[test]
    fn plain_text_has_no_character_that_acts_and_keeps_every_other() {
        for (text, _) in HOSTILE {
            assert!(!plain(text).contains(is_unsafe), "{text:?}");
        }
        let text = "é 漢字 \u{1f468}\u{200d}\u{1f469} مرحبا שלום";
        assert_eq!(plain(text), text);
        assert_eq!(plain_lines("a\u{1b}\n\tb\r"), "a\n\tb");
    }

    #[test]
    fn json_keeps_its_values() {
        for (text, _) in HOSTILE.into_iter().chain([(HARMLESS, ""), ("\u{e0001}", "")]) {
            let value = serde_json::json!({ "a": text, "b": [text] });
            let written = serde_json::to_string_pretty(&value).expect("JSON");
            let escaped = escape_json(&written);
            assert!(!escaped.replace('\n', "").contains(is_unsafe), "{escaped:?}");
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&escaped).expect("JSON"),
                value
            );
        }
    }

    #[test]
    fn a_sign_is_as_long_as_what_it_stands_for() {
        for (text, _) in HOSTILE {
            let shown = mark_unsafe(text);
            let places = |text: &str| text.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
            assert_eq!(places(&shown), places(text));
            assert!(!shown.contains(|c: char| !c.is_ascii() && is_unsafe(c)), "{shown:?}");
        }
    }
}
