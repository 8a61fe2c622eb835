//! Speed on hostile files: `cargo bench --bench hostile`. Each file has nearly the largest size that is read, 1 MiB.
//!
//! Every time is that of a whole check: reading the files, folding the record, running every rule, masking credentials and
//! rendering the findings for people. The ledger has 15,000 customers whose names begin with the same words.

#![expect(clippy::expect_used, reason = "a benchmark may fail")]

use std::sync::LazyLock;

use divan::Bencher;
use incidentctl::diagnostics::human;
use incidentctl::model::{Directory, Timestamp, fold};
use incidentctl::rules::{self, CheckContext, FailureScope, IncidentContext};
use incidentctl::run::Findings;
use incidentctl::source::{self, File, MAX_FILE_BYTES};

fn main() {
    divan::main();
}

const ID: &str = "2026-01-05-pushes-rejected";
const CUSTOMERS: usize = 15_000;

/// The texts that are repeated in a message to customers.
const PARTS: &[&str] = &[
    "word ",
    "eyJ",
    "-eyJ",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY ",
    "glpat-abcdefghij0123456789 ",
    "://a:",
    "<a",
    "!@a",
    "Acme Corp ",
    "\u{410}cme Corp ",
    "The Company ",
    "The Company 77 ",
];

static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    let one = |number: usize| format!("c{number}: {{ name: The Company {number} }}\n");
    let mut customers = String::from("acme: { name: Acme Corp, tickets: a/a }\n");
    (0..CUSTOMERS).for_each(|number| customers += &one(number));
    Directory {
        people: source::read_people(&File::new("people.yaml", "bob: {}\n")).0,
        customers: source::read_customers(&File::new("customers.yaml", customers)).0,
    }
});

/// Checks an incident of these customers with one update, and returns the length of the findings.
fn check(customers: &str, update: &str) -> usize {
    let folder = format!("incidents/{ID}");
    let declaration = format!(
        "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-01-05T09:12:00Z\ndeclared_by: bob\ncustomers: [{customers}]\n"
    );
    let files = [
        File::new(&format!("{folder}/incident.yaml"), declaration),
        File::new(&format!("{folder}/updates/20260105T0940Z-bob.yaml"), update),
    ];
    let (process, _) = source::read_process(None);
    let now = Timestamp::parse("2026-01-05T10:00:00Z").expect("a time");
    let context = CheckContext::new(&process, &DIRECTORY, now);
    let read = source::read_record(ID, &files);
    let record = read.record.expect("a record");
    let history = fold(&record, &process.with(&DIRECTORY));
    let incident = IncidentContext::new(&context, &record, &history);
    let found = rules::check_incident(&incident, read.findings, &FailureScope::Everything);
    let findings = Findings::from_diagnostics(&found, &files);
    human::render(&findings.all, &findings.sources, false).len()
}

#[divan::bench(args = PARTS, sample_count = 10)]
fn check_of_a_repeated_text(bencher: Bencher, part: &str) {
    let size = MAX_FILE_BYTES - 100;
    let update = format!("by: bob\ncustomer_message: \"{}\"\n", part.repeat(size / part.len()));
    bencher.bench(|| check("acme", &update));
}

#[divan::bench(args = ["The Company", "The C\u{43e}mpany"], sample_count = 10)]
fn check_of_a_text_with_the_name_of_every_customer(bencher: Bencher, name: &str) {
    let names: Vec<String> = (0..CUSTOMERS).map(|number| format!("{name} {number}")).collect();
    let update = format!("by: bob\ncustomer_message: \"{0} {0}\"\n", names.join(" "));
    bencher.bench(|| check("acme", &update));
}

#[divan::bench(args = ["c", "unknown"], sample_count = 10)]
fn check_of_an_incident_with_every_customer(bencher: Bencher, key: &str) {
    let keys: Vec<String> = (0..CUSTOMERS).map(|number| format!("{key}{number}")).collect();
    let keys = keys.join(", ");
    let update = format!("by: bob\ncustomer_message: \"{}\"\n", "The Company ".repeat(80_000));
    bencher.bench(|| check(&keys, &update));
}
