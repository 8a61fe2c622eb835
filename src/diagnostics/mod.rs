//! What is wrong with a file, and what to do about it.
//!
//! *Invariant*: a finding always has a place; one without cannot be written.

use crate::span::Span;

/// How much a finding matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Worth knowing; never fails a run.
    Info,
    /// To be looked at; never fails a run.
    Warning,
    /// Fails the run.
    Error,
}

/// A place in a file that a finding also speaks of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Related {
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// The place in that file.
    pub span: Span,
    /// What is there, lower case, without a full stop.
    pub message: String,
}

/// One finding. Ordered by path, place and code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Diagnostic {
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// The place, in bytes of that file's text.
    pub span: Span,
    /// The rule's code, such as `INC002`.
    pub code: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What is wrong: lower case, no full stop, the offending thing in backticks.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
    /// Other places that matter to it.
    pub related: Vec<Related>,
}
