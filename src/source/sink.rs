//! Collects the findings about one file while it is read.

use std::cell::RefCell;

use crate::diagnostics::{Diagnostic, Level, Related};
use crate::span::Span;

/// The findings about one file so far.
pub(super) struct Sink {
    path: String,
    found: RefCell<Vec<Diagnostic>>,
}

impl Sink {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            found: RefCell::default(),
        }
    }

    /// Adds an error.
    pub(super) fn report(&self, code: &'static str, span: Span, message: impl Into<String>, help: Option<String>) {
        self.push(Diagnostic::new(code, Level::Error, &self.path, span, message).with_help(help));
    }

    /// Adds a finding about the file as a whole.
    pub(super) fn push_level(&self, code: &'static str, level: Level, message: String, help: &str) {
        let finding = Diagnostic::new(code, level, &self.path, Span::default(), message);
        self.push(finding.with_help(Some(help.to_owned())));
    }

    /// Adds a finding about a repeated key.
    pub(super) fn duplicate(&self, key: &str, span: Span, first: Span) {
        let help = "remove one of the two".to_owned();
        let mut finding = Diagnostic::new(
            "INC004",
            Level::Error,
            &self.path,
            span,
            format!("duplicate key `{key}`"),
        )
        .with_help(Some(help));
        finding.related.push(Related {
            path: self.path.clone(),
            span: first,
            message: "first set here".to_owned(),
        });
        self.push(finding);
    }

    pub(super) fn push(&self, finding: Diagnostic) {
        self.found.borrow_mut().push(finding);
    }

    /// Whether there is no finding so far.
    pub(super) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    pub(super) fn into_findings(self) -> Vec<Diagnostic> {
        self.found.into_inner()
    }
}
