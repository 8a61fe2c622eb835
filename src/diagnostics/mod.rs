//! Findings: what is wrong with a file, where, and what to do.
//!
//! *Invariant*: a finding always has a place; code that reports without a place does not compile.

pub mod codequality;
pub mod human;
pub mod json;
pub mod junit;
pub mod position;
pub mod suggest;

use std::collections::BTreeMap;

use crate::span::Span;

/// The texts of the files that have findings.
pub trait Sources {
    /// The text of the file at this path; `None` if it could not be read as text.
    fn text(&self, path: &str) -> Option<&str>;
}

impl Sources for BTreeMap<String, String> {
    fn text(&self, path: &str) -> Option<&str> {
        self.get(path).map(String::as_str)
    }
}

/// The severity level of a finding: note, warning or error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// A note; it never fails a run.
    Info,
    /// A warning; it never fails a run.
    Warning,
    /// An error; it fails the run.
    Error,
}

impl Level {
    /// The level as a word in the formats for machines.
    #[must_use]
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Another place that a finding refers to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Related {
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// The place in that file.
    pub span: Span,
    /// The label of the place, which says how it is related to the finding: lower case, no full stop.
    pub message: String,
}

/// One finding about a file. Findings are ordered by path, place and code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Diagnostic {
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// The place, in bytes of that file's text.
    pub span: Span,
    /// The rule's code, such as `INC002`.
    pub code: &'static str,
    /// The level of the finding.
    pub level: Level,
    /// What is wrong: lower case, no full stop, the offending thing in backticks.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
    /// The reason why a person overrode the rule; `None` if the rule is not overridden.
    pub overridden: Option<String>,
    /// Other places that the finding refers to.
    pub related: Vec<Related>,
}

/// The maximum number of findings about one file. More findings usually repeat one mistake.
pub const MAX_PER_FILE: usize = 500;

/// The findings about one file that were counted and not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// The number of findings.
    pub count: usize,
    /// The highest level of the findings.
    pub worst: Level,
}

/// Sorts findings and keeps a limited number for each file. One more finding says how many are left out. `left_out` are findings
/// that were left out before, by path; a file with such findings has more than [`MAX_PER_FILE`] others.
#[must_use]
pub fn sort_and_limit(mut findings: Vec<Diagnostic>, left_out: &BTreeMap<String, LeftOut>) -> Vec<Diagnostic> {
    findings.sort();
    if findings.len() <= MAX_PER_FILE {
        return findings;
    }
    let mut kept: Vec<Diagnostic> = Vec::new();
    for group in findings.chunk_by(|a, b| a.path == b.path) {
        kept.extend_from_slice(&group[..group.len().min(MAX_PER_FILE)]);
        if let Some(first) = group.get(MAX_PER_FILE) {
            let before = left_out.get(&first.path);
            let levels = group.iter().map(|finding| finding.level);
            let worst = levels.chain(before.map(|before| before.worst)).max();
            let count = group.len() - MAX_PER_FILE + before.map_or(0, |before| before.count);
            let message = format!("{count} more findings about this file are not shown");
            let worst = worst.unwrap_or(first.level);
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

    /// This finding with advice.
    #[must_use]
    pub fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Returns the finding with a related place added.
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
        let checked = json::CheckedCounts { incidents: 1, files: 1 };
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
        let kept = sort_and_limit(vec![findings[0].clone(); 1200], &BTreeMap::new());
        assert_eq!(kept.len(), MAX_PER_FILE + 1);
        assert!(kept[MAX_PER_FILE].message.starts_with("700 more"));
    }

    #[test]
    fn a_finding_in_a_file_without_text_is_still_drawn() {
        let (findings, _) = one();
        assert!(human::render(&findings, &BTreeMap::new(), true).contains("INC002"));
    }
}
