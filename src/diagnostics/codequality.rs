//! Renders findings as GitLab's code quality report:
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::position::SourceIndex;
use super::{Diagnostic, Level, Sources};
use crate::terminal;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// Renders findings as a code quality report. A finding keeps its fingerprint when only its line moves. GitLab merges
/// equal fingerprints, so equal findings also get their number.
#[must_use]
pub fn render(findings: &[Diagnostic], sources: &dyn Sources) -> String {
    let index = SourceIndex::new(findings, sources);
    let mut seen: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let issues: Vec<_> = findings
        .iter()
        .map(|finding| {
            let count = seen.entry((finding.code, &finding.path, &finding.message)).or_default();
            *count += 1;
            Issue {
                description: format!("{}: {}", finding.code, finding.message),
                check_name: finding.code,
                fingerprint: fingerprint(finding, *count),
                severity: match finding.level {
                    Level::Info => "info",
                    Level::Warning => "minor",
                    Level::Error => "critical",
                },
                location: Location {
                    path: finding.path.trim_start_matches("./"),
                    lines: Lines {
                        begin: index.position(&finding.path, finding.span.start).line,
                    },
                },
            }
        })
        .collect();
    // Serialising plain structs of text and numbers to a string has no way to fail.
    let text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    terminal::escape_json(&text).into_owned() + "\n"
}

fn fingerprint(finding: &Diagnostic, count: usize) -> String {
    let source = format!("{}\0{}\0{}\0{count}", finding.code, finding.path, finding.message);
    Sha256::digest(source).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
