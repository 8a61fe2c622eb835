//! Speed: reading, checking and planning. `cargo bench`; sizes by `INCIDENTS` (default 10000) and `LEDGER` (default 100000).
//!
//! The floor is what the parser alone needs for the same bytes. `check` is the whole of it on one core: reading files
//! into records, folding them and running every rule.

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark may fail, and makes files"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use divan::Bencher;
use incidentctl::model::{Directory, Timestamp, fold};
use incidentctl::rules::{self, CheckContext, FailureScope, IncidentContext};
use incidentctl::source::{self, File};

fn main() {
    divan::main();
}

fn size(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// Words to fill a field of a realistic length.
const WORDS: &str = "Every push to a secondary is rejected since the upgrade and the proxy sends a header that the primary \
    refuses so that customers see an error while reading is not affected and the team compares versions to find the change ";

/// The files of an incident: a declaration and two updates, 1 to 4 KB each.
fn incident(number: usize) -> (String, Vec<File>) {
    let (month, day) = (1 + number / 28 % 12, 1 + number % 28);
    let id = format!("2025-{month:02}-{day:02}-pushes-rejected-{number}");
    let date = format!("2025-{month:02}-{day:02}");
    let stamp = format!("2025{month:02}{day:02}");
    let block = |times: usize| format!("|\n  {}", vec![WORDS.trim(); times].join("\n  "));
    let declaration = format!(
        "title: Git pushes rejected on every Geo secondary after an upgrade, number {number}\nseverity: sev0\n\
         declared_at: {date}T09:12:00Z\ndeclared_by: alice\ncustomers: [acme, globex]\nimpact:\n  headline: Pushes fail\n  \
         degradation: total\n  workaround: none\n  symptoms: \"{}\"\n  started_at: {date}T08:55:00Z\nroles:\n  \
         incident_manager: alice\n  incident_coordinator: bob\n  incident_analysts: [carol, dave]\nlinks:\n  dashboard: \
         https://dashboards.example.com/{number}\nnext_steps: {}\n",
        WORDS.trim(),
        block(4)
    );
    let update = |at: &str, by: &str, more: &str| {
        let text = format!(
            "by: {by}\n{more}current_status: {}\ncurrent_actions: {}\nnext_steps: {}\nnext_update: 60m\ntimeline:\n  - {{ at: 09:18, \
             what: stopped }}\n  - {{ at: 09:27, what: confirmed }}\n",
            block(2),
            block(3),
            block(2)
        );
        File::new(&format!("incidents/{id}/updates/{stamp}T{at}Z-{by}.yaml"), text)
    };
    let files = vec![
        File::new(&format!("incidents/{id}/incident.yaml"), declaration),
        update("0940", "carol", "steps: { brief_analysts: joined at 09:31 }\n"),
        update("1010", "bob", "status: identified\n"),
    ];
    (id, files)
}

static INCIDENTS: LazyLock<Vec<(String, Vec<File>)>> =
    LazyLock::new(|| (0..size("INCIDENTS", 10_000)).map(incident).collect());

#[divan::bench(sample_count = 10)]
fn floor_parser_alone(bencher: Bencher) {
    let incidents = &*INCIDENTS;
    bencher.bench(|| {
        let mut events = 0;
        for file in incidents.iter().flat_map(|(_, files)| files) {
            let mut parser = granit_parser::Parser::new_from_str(file.text().expect("text"));
            while let Some(event) = parser.next_event() {
                event.expect("valid YAML");
                events += 1;
            }
        }
        events
    });
}

#[divan::bench(sample_count = 10)]
fn read_records(bencher: Bencher) {
    let incidents = &*INCIDENTS;
    bencher.bench(|| {
        incidents
            .iter()
            .map(|(id, files)| source::read_record(id, files).findings.len())
            .sum::<usize>()
    });
}

#[divan::bench(sample_count = 10)]
fn check_on_one_core(bencher: Bencher) {
    let incidents = &*INCIDENTS;
    let (process, _) = source::read_process(None);
    let people = "alice: {}\nbob: {}\ncarol: {}\ndave: {}\n";
    let customers = "acme: { tickets: a/a }\nglobex: { tickets: g/g }\n";
    let directory = Directory {
        people: source::read_people(&File::new("people.yaml", people)).0,
        customers: source::read_customers(&File::new("customers.yaml", customers)).0,
    };
    let now = Timestamp::parse("2025-12-31T23:00:00Z").expect("a time");
    let world = CheckContext::new(&process, &directory, now);
    bencher.bench(|| {
        let mut found = 0;
        for (id, files) in incidents {
            let read = source::read_record(id, files);
            let record = read.record.expect("a record");
            let history = fold(&record, &process.with(&directory));
            let incident = IncidentContext::new(&world, &record, &history);
            found += rules::check_incident(&incident, read.findings, &FailureScope::Everything).len();
        }
        found
    });
}

/// A ledger on the disk, committed, with one more update in the last commit. Kept between runs.
fn repository(incidents: usize) -> std::path::PathBuf {
    let root = std::env::temp_dir().join(format!("incidentctl-bench-{incidents}"));
    if root.join(".git/done").exists() {
        return root;
    }
    let _ = fs::remove_dir_all(&root);
    for number in 0..incidents {
        for file in incident(number).1 {
            write(&root, &file.path, &file.bytes);
        }
    }
    let git = |arguments: &[&str]| {
        let who = ["-c", "user.name=b", "-c", "user.email=b@example.com", "-c", "gc.auto=0"];
        let status = Command::new("git")
            .arg("-C")
            .arg(&root)
            .args(who)
            .args(arguments)
            .status();
        assert!(status.expect("git runs").success());
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "all"]);
    let (id, _) = incident(incidents / 2);
    let update = format!("incidents/{id}/updates/{}T1100Z-bob.yaml", id[..10].replace('-', ""));
    write(
        &root,
        &update,
        b"by: bob\nstatus: monitoring\ncurrent_status: better\nnext_update: 60m\n",
    );
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "update"]);
    git(&["repack", "-adq"]);
    write(&root, ".git/done", b"");
    root
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("it is made");
    fs::write(file, bytes).expect("it is written");
}

fn run(root: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_incidentctl"))
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .expect("it runs");
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[divan::bench(args = [100, size("LEDGER", 100_000)], sample_count = 20)]
fn plan_of_one_changed_incident(bencher: Bencher, incidents: usize) {
    let root = repository(incidents);
    bencher.bench(|| {
        run(
            &root,
            &["plan", "--base", "HEAD^", "--head", "HEAD", "--format", "json"],
        );
    });
}

#[divan::bench(sample_count = 10)]
fn check_of_the_whole_ledger_on_all_cores(bencher: Bencher) {
    let root = repository(size("INCIDENTS", 10_000));
    bencher.bench(|| run(&root, &["check", "--quiet"]));
}

#[divan::bench(sample_count = 50)]
fn start_up(bencher: Bencher) {
    bencher.bench(|| run(Path::new("."), &["--version"]));
}
