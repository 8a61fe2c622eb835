//! What is wrong with a file, and what to do about it.
//!
//! *Invariant*: a finding always has a place; one without cannot be written.

pub mod codequality;
pub mod human;
pub mod json;
pub mod junit;
pub mod position;
pub mod suggest;

use crate::span::Span;

/// The texts that findings speak of.
pub trait Sources {
    /// The text of the file at this path; none where it could not be read as text.
    fn text(&self, path: &str) -> Option<&str>;
}

impl Sources for std::collections::BTreeMap<String, String> {
    fn text(&self, path: &str) -> Option<&str> {
        self.get(path).map(String::as_str)
    }
}

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

impl Level {
    /// The level as a word, as machines read it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
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
    /// The reason for which a person set the rule aside.
    pub overridden: Option<String>,
    /// Other places that matter to it.
    pub related: Vec<Related>,
}

/// The most findings about one file that are kept: who has more has one mistake many times.
const MAX_PER_FILE: usize = 500;

/// Findings, sorted, with a bound for each file; one more says how many were left out.
#[must_use]
pub fn sort_and_limit(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort();
    if findings.len() <= MAX_PER_FILE {
        return findings;
    }
    let mut kept: Vec<Diagnostic> = Vec::new();
    for group in findings.chunk_by(|a, b| a.path == b.path) {
        kept.extend_from_slice(&group[..group.len().min(MAX_PER_FILE)]);
        if let Some(first) = group.get(MAX_PER_FILE) {
            let worst = group.iter().map(|finding| finding.level).max().unwrap_or(first.level);
            let message = format!(
                "{} more findings about this file are not shown",
                group.len() - MAX_PER_FILE
            );
            kept.push(Diagnostic::new(first.code, worst, &first.path, first.span, message));
        }
    }
    kept
}

impl Diagnostic {
    /// A finding with a place.
    pub fn new(code: &'static str, level: Level, path: &str, span: Span, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            span,
            code,
            level,
            message: message.into(),
            help: None,
            overridden: None,
            related: Vec::new(),
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The same with another place that matters to it.
    #[must_use]
    pub fn with_related(mut self, path: &str, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Related {
            path: path.to_owned(),
            span,
            message: message.into(),
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn one() -> (Vec<Diagnostic>, BTreeMap<String, String>) {
        let path = "incidents/2026-11-23-x/incident.yaml";
        let finding = Diagnostic {
            path: path.into(),
            span: Span::new(9, 16),
            code: "INC002",
            level: Level::Error,
            message: "unknown key `severty`".into(),
            help: Some("did you mean `severity`?".into()),
            overridden: None,
            related: vec![Related {
                path: path.into(),
                span: Span::new(0, 5),
                message: "the title is here".into(),
            }],
        };
        (
            vec![finding],
            [(path.to_owned(), "title: x\nseverty: sev0\n".to_owned())].into(),
        )
    }

    #[test]
    fn people_see_the_line_carets_the_related_place_and_help() {
        let (findings, sources) = one();
        insta::assert_snapshot!(human::render(&findings, &sources, false));
    }

    #[test]
    fn machines_get_lines_and_columns_from_one() {
        let (findings, sources) = one();
        let checked = json::Checked { incidents: 1, files: 1 };
        insta::assert_snapshot!(json::render(checked, &findings, &sources, &|_| "unknown-key"));
    }

    #[test]
    fn gitlab_gets_code_quality_with_the_fields_that_it_reads() {
        let (findings, sources) = one();
        insta::assert_snapshot!(codequality::render(&findings, &sources));
    }

    #[test]
    fn two_findings_of_the_same_words_have_two_fingerprints() {
        let (mut findings, sources) = one();
        findings.push(findings[0].clone());
        let report: serde_json::Value = serde_json::from_str(&codequality::render(&findings, &sources)).expect("JSON");
        assert_ne!(report[0]["fingerprint"], report[1]["fingerprint"]);
    }

    #[test]
    fn junit_has_a_failed_case_for_an_error_and_a_passed_one_for_nothing() {
        let (mut findings, sources) = one();
        findings[0].message = "a <b> & \u{1} \"c\"".into();
        insta::assert_snapshot!(junit::render(&findings, &sources));
        assert!(junit::render(&[], &sources).contains("no findings"));
    }

    #[test]
    fn a_file_with_too_many_findings_says_how_many_are_left_out() {
        let (findings, _) = one();
        let kept = sort_and_limit(vec![findings[0].clone(); 1200]);
        assert_eq!(kept.len(), MAX_PER_FILE + 1);
        assert!(kept[MAX_PER_FILE].message.starts_with("700 more"));
    }

    #[test]
    fn a_finding_in_a_file_without_text_is_still_drawn() {
        let (findings, _) = one();
        assert!(human::render(&findings, &BTreeMap::new(), true).contains("INC002"));
    }
}
