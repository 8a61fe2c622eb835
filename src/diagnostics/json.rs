//! Renders findings as JSON, format 1.
//!
//! *Invariant*: the fields of a published format are never renamed; a changed format gets a new number.

use serde::Serialize;

use super::position::{Position, SourceIndex};
use super::{Diagnostic, Sources};
use crate::terminal;

#[derive(Serialize)]
struct Report<'a> {
    format: u8,
    checked: CheckedCounts,
    findings: Vec<Finding<'a>>,
}

/// The numbers of incidents and files that a check read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct CheckedCounts {
    /// The number of incident folders.
    pub incidents: usize,
    /// The number of files in these folders.
    pub files: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    name: &'a str,
    level: &'a str,
    message: &'a str,
    path: &'a str,
    start: Position,
    end: Position,
    help: Option<&'a str>,
    related: Vec<RelatedPlace<'a>>,
    overridden: Option<&'a str>,
}

#[derive(Serialize)]
struct RelatedPlace<'a> {
    path: &'a str,
    start: Position,
    end: Position,
    message: &'a str,
}

/// Renders findings as one JSON document with a final newline. `name` returns the name of a rule by its code. Lines and
/// columns count from 1, columns in characters.
#[must_use]
pub fn render(
    checked: CheckedCounts,
    findings: &[Diagnostic],
    sources: &dyn Sources,
    name: &dyn Fn(&str) -> &'static str,
) -> String {
    let index = SourceIndex::new(findings, sources);
    let place = |path: &str, offset| index.position(path, offset);
    let findings = findings
        .iter()
        .map(|finding| Finding {
            code: finding.code,
            name: name(finding.code),
            level: finding.level.display_name(),
            message: &finding.message,
            path: &finding.path,
            start: place(&finding.path, finding.span.start),
            end: place(&finding.path, finding.span.end),
            help: finding.help.as_deref(),
            overridden: finding.overridden.as_deref(),
            related: finding
                .related
                .iter()
                .map(|related| RelatedPlace {
                    path: &related.path,
                    start: place(&related.path, related.span.start),
                    end: place(&related.path, related.span.end),
                    message: &related.message,
                })
                .collect(),
        })
        .collect();
    let report = Report {
        format: 1,
        checked,
        findings,
    };
    // Serialising plain structs of text and numbers to a string has no way to fail.
    let text = serde_json::to_string_pretty(&report).unwrap_or_default();
    terminal::escape_json(&text).into_owned() + "\n"
}
