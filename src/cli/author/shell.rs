//! Words as a shell reads them back.

use crate::terminal;

/// A word as a shell takes it back.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=.,:/+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", terminal::lines(word).replace('\'', r"'\''"))
}
