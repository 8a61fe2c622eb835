//! Renders findings as a `JUnit` report, with the fields that GitLab reads:
//! <https://docs.gitlab.com/ci/testing/unit_test_reports/#unit-test-reporting-workflow>.

use std::fmt::Write as _;

use super::position::SourceIndex;
use super::{Diagnostic, Level, Sources, human};
use crate::terminal::is_unsafe;

/// Renders findings as a `JUnit` report: one case for each finding (failed for an error, else skipped), or one passed
/// case.
#[must_use]
pub fn render(findings: &[Diagnostic], sources: &dyn Sources) -> String {
    let failures = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    let _ = writeln!(
        out,
        "  <testsuite name=\"incidentctl check\" tests=\"{}\" failures=\"{failures}\" time=\"0\">",
        findings.len().max(1)
    );
    if findings.is_empty() {
        out += "    <testcase classname=\"incidentctl\" name=\"no findings\" time=\"0\"/>\n";
    }
    let index = SourceIndex::new(findings, sources);
    for finding in findings {
        case(finding, &index, &mut out);
    }
    out += "  </testsuite>\n</testsuites>\n";
    out
}

fn case(finding: &Diagnostic, index: &SourceIndex, out: &mut String) {
    let at = index.position(&finding.path, finding.span.start);
    let name = format!(
        "{} {} (line {}, column {})",
        finding.code, finding.message, at.line, at.column
    );
    let path = escape(&finding.path);
    let _ = writeln!(
        out,
        "    <testcase classname=\"{path}\" name=\"{}\" file=\"{path}\" time=\"0\">",
        escape(&name)
    );
    let _ = match finding.level {
        Level::Error => {
            let text = human::render_one(finding, index, false);
            writeln!(
                out,
                "      <failure message=\"{}\">{}</failure>",
                escape(&finding.message),
                escape(&text)
            )
        }
        Level::Warning | Level::Info => writeln!(out, "      <skipped message=\"{}\"/>", escape(&finding.message)),
    };
    out.push_str("    </testcase>\n");
}

/// Escapes text for XML 1.0: unsafe terminal characters become references, characters that XML forbids are removed.
/// <https://www.w3.org/TR/xml/#charsets>
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' => out.push(c),
            '\t' | '\r' => out += &format!("&#x{:x};", u32::from(c)),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c if is_unsafe(c) => out += &format!("&#x{:x};", u32::from(c)),
            c => out.push(c),
        }
    }
    out
}
