//! Any bytes as a declaration and as an update: read, fold, check, plan, render. Nightly Rust:
//! `cargo install cargo-fuzz && cargo +nightly fuzz run record fuzz/corpus tests/malformed`
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use incidentctl::effects::desired;
use incidentctl::model::{Directory, Timestamp, fold};
use incidentctl::process::Process;
use incidentctl::render::{Renderer, RenderContext};
use incidentctl::rules::{Incident, Scope, CheckContext, check_incident};
use incidentctl::source::{self, File};
use libfuzzer_sys::fuzz_target;

static PROCESS: LazyLock<Process> = LazyLock::new(|| source::read_process(None).0);
static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new(&BTreeMap::new()).0);

const DECLARATION: &str = "title: x\nseverity: sev0\ndeclared_at: 2026-11-23T09:12:00Z\ndeclared_by: alice\ncustomers: [acme, globex]\n";

fuzz_target!(|bytes: &[u8]| {
    let path = |inside: &str| format!("incidents/2026-11-23-x/{inside}");
    let declared = [File::new(&path("incident.yaml"), bytes)];
    let updated = [File::new(&path("incident.yaml"), DECLARATION), File::new(&path("updates/20261123T0940Z-bob.yaml"), bytes)];
    for files in [&declared[..], &updated[..]] {
        let read = source::read_record("2026-11-23-x", files);
        for finding in &read.findings {
            let file = files.iter().find(|file| file.path == finding.path);
            assert!(file.is_none_or(|file| finding.span.start as usize <= file.bytes.len()), "{finding:?}");
        }
        let Some(record) = read.record else { continue };
        let directory = Directory::default();
        let history = fold(&record, &*PROCESS);
        let now = Timestamp::parse("2026-11-23T12:00:00Z").expect("a time");
        let world = CheckContext::new(&PROCESS, &directory, now);
        let incident = Incident::new(&world, &record, &history);
        let _ = check_incident(&incident, read.findings, &Scope::Everything);
        let context = RenderContext { process: &PROCESS, directory: &directory, record: &record, history: &history };
        let _ = desired(&context, &RENDERER);
    }
});
