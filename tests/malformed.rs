//! Files as nobody should write them: nothing panics, every finding has a place inside its file, and what can be folded
//! is folded, checked, planned and rendered.

#![expect(clippy::expect_used, reason = "a test may fail")]

mod common;

use std::collections::BTreeMap;

use common::{files, repository};
use incidentctl::diagnostics::{Diagnostic, codequality, human, json, junit};
use incidentctl::effects::{Observed, desired, plan};
use incidentctl::model::{Directory, Timestamp, fold};
use incidentctl::render::{RenderContext, Renderer};
use incidentctl::rules::{self, CheckContext, FailureScope, IncidentContext};
use incidentctl::source::{self, File};

const ID: &str = "2026-11-23-x";

fn corpus() -> BTreeMap<String, Vec<u8>> {
    let corpus = files(&repository().join("tests/malformed"));
    assert!(corpus.len() >= 300, "{}", corpus.len());
    corpus
}

/// Draws findings in every format, and holds that their places lie in the file.
fn draw(name: &str, file: &File, findings: &[Diagnostic]) {
    let length = file.bytes.len();
    for finding in findings {
        let within = finding.span.start <= finding.span.end && (finding.span.start as usize) <= length;
        assert!(within, "{name}: {finding:?} lies outside {length} bytes");
    }
    let sources: BTreeMap<String, String> = file
        .text()
        .map(|text| (file.path.clone(), text.to_owned()))
        .into_iter()
        .collect();
    let shown = &findings[..findings.len().min(20)];
    let texts = [
        human::render(shown, &sources, false),
        json::render(json::CheckedCounts::default(), shown, &sources, &rules::rule_name),
        codequality::render(shown, &sources),
        junit::render(shown, &sources),
    ];
    assert!(
        texts
            .iter()
            .all(|text| !text.contains('\u{1b}') && !text.contains('\0')),
        "{name}: a control character is drawn"
    );
}

/// Takes a record through everything that follows from it.
fn carry_through(name: &str, read: source::ParsedRecord) {
    let (process, _) = source::read_process(None);
    let directory = Directory::default();
    let now = Timestamp::parse("2026-11-23T12:00:00Z").expect("a time");
    let Some(record) = read.record else { return };
    let history = fold(&record, &process.with(&directory));
    assert_eq!(history.states.len(), record.entries.len(), "{name}");
    let world = CheckContext::new(&process, &directory, now);
    let incident = IncidentContext::new(&world, &record, &history);
    let _ = rules::check_incident(&incident, read.findings, &FailureScope::Everything);
    let context = RenderContext {
        now: history.last().at,
        observed: &incidentctl::targets::nothing_observed,
        process: &process,
        directory: &directory,
        record: &record,
        history: &history,
    };
    let effects = desired(&context, &Renderer::new(&BTreeMap::new()).0);
    for effect in &effects {
        assert!(
            effect.body.len() < 1_000_000,
            "{name}: {} is too long for GitLab",
            effect.key
        );
    }
    let keys: std::collections::BTreeSet<_> = effects.iter().map(|effect| &effect.key).collect();
    assert_eq!(keys.len(), effects.len(), "{name}: two effects of one key");
    assert_eq!(plan(&effects, &Observed::new()).len(), effects.len(), "{name}");
}

#[test]
fn as_a_declaration_nothing_panics_and_nothing_is_lost_silently() {
    for (name, bytes) in corpus() {
        let file = File::new(&format!("incidents/{ID}/incident.yaml"), bytes);
        let read = source::read_record(ID, std::slice::from_ref(&file));
        assert!(
            read.record.is_some() || !read.findings.is_empty(),
            "{name}: no record and no finding"
        );
        draw(&name, &file, &read.findings);
        carry_through(&name, read);
    }
}

#[test]
fn as_an_update_nothing_panics() {
    let declaration =
        "title: x\nseverity: sev0\ndeclared_at: 2026-11-23T09:12:00Z\ndeclared_by: alice\ncustomers: [acme, globex]\n";
    for (name, bytes) in corpus() {
        let update = File::new(&format!("incidents/{ID}/updates/20261123T0940Z-bob.yaml"), bytes);
        let files = [File::new(&format!("incidents/{ID}/incident.yaml"), declaration), update];
        let read = source::read_record(ID, &files);
        let own: Vec<_> = read
            .findings
            .iter()
            .filter(|finding| finding.path == files[1].path)
            .cloned()
            .collect();
        draw(&name, &files[1], &own);
        carry_through(&name, read);
    }
}

#[test]
fn beside_the_record_nothing_panics() {
    for (name, bytes) in corpus() {
        let file = File::new("process.yaml", bytes.clone());
        let (process, findings) = source::read_process(Some(&file));
        draw(&name, &file, &findings);
        let _ = rules::check_process(&process);
        draw(&name, &file, &source::read_people(&file).1);
        draw(&name, &file, &source::read_customers(&file).1);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let _ = Renderer::new(&BTreeMap::from([("issue.hbs".to_owned(), text)]));
    }
}
