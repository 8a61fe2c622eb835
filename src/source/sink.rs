//! Collects the findings about one file while it is read.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::diagnostics::suggest::Suggestions;
use crate::diagnostics::{Diagnostic, LeftOut, Level, MAX_PER_FILE, Related};
use crate::span::Span;

/// The findings about one file so far.
pub(super) struct Sink {
    path: String,
    /// The findings: one more than are shown.
    found: RefCell<Vec<Diagnostic>>,
    /// The number of further findings, which are errors.
    left_out: Cell<usize>,
    suggestions: RefCell<Suggestions>,
}

impl Sink {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            found: RefCell::default(),
            left_out: Cell::default(),
            suggestions: RefCell::default(),
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
        let mut found = self.found.borrow_mut();
        if found.len() > MAX_PER_FILE {
            self.left_out.set(self.left_out.get() + 1);
        } else {
            found.push(finding);
        }
    }

    /// Advice for an unknown word: see [`Suggestions::did_you_mean`].
    pub(super) fn did_you_mean(&self, word: &str, known: &[&'static str]) -> Option<String> {
        self.suggestions.borrow_mut().did_you_mean(word, known.iter().copied())
    }

    /// Whether there is no finding so far.
    pub(super) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Moves the findings to those of other files, and the number of those that were left out to their numbers by path.
    pub(super) fn move_to(self, findings: &mut Vec<Diagnostic>, left_out: &mut BTreeMap<String, LeftOut>) {
        findings.extend(self.found.into_inner());
        let (count, worst) = (self.left_out.get(), Level::Error);
        if count > 0 {
            left_out.insert(self.path, LeftOut { count, worst });
        }
    }
}
