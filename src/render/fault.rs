//! A fault of a team's template, with its place.

/// A fault of a template: its place, what is wrong, and what to do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Fault {
    /// A fault at a line and a column.
    pub(super) fn new((line, column): (usize, usize), message: impl Into<String>, help: &str) -> Self {
        Self {
            line: line.max(1),
            column: column.max(1),
            message: message.into(),
            help: help.to_owned(),
        }
    }

    /// A fault at a byte of a text.
    pub(super) fn at(text: &str, byte: usize, message: impl Into<String>, help: &str) -> Self {
        let before = &text[..byte];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self::new((line, column), message, help)
    }
}
