//! `report`, and the example of its documentation.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "tests run the program")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{lives, write};

const ID: &str = "2026-01-05-pushes-rejected";
/// The life that is scored: four promises, of which the third is kept late.
const LIFE: &str = "one-promise-missed";

fn ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    lives::copy(LIFE, folder.path());
    folder
}

fn run(root: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_incidentctl"))
        .env_clear()
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8") + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().expect("a code"), text)
}

const AT: &str = "2026-01-05T13:00:00Z";

fn json(root: &Path, at: &str) -> serde_json::Value {
    let (code, text) = run(root, &["report", "--format", "json", "--at", at]);
    assert_eq!(code, 0, "{text}");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_example_of_the_documentation_is_what_the_program_prints() {
    let (code, text) = run(ledger().path(), &["report", "--at", AT]);
    assert_eq!(code, 0, "{text}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let docs = fs::read_to_string(&file).expect("the documentation");
    let (before, rest) = docs.split_once("tests/report.rs -->\n```\n").expect("the example");
    let (_, after) = rest.split_once("```\n").expect("its end");
    let fresh = format!("{before}tests/report.rs -->\n```\n{text}```\n{after}");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &fresh).expect("it is written");
    }
    assert!(
        docs == fresh,
        "docs/metrics.md is stale: BLESS=1 cargo nextest run --test report\n{text}"
    );
}

#[test]
fn each_number_is_what_its_definition_says() {
    let report = json(ledger().path(), AT);
    let score = &report["incidents"][0];
    // Promised: 10:00 by the declaration, 10:45, 11:30, 12:48.
    assert_eq!(
        (&score["business"]["kept"], &score["business"]["missed"]),
        (&3.into(), &1.into())
    );
    assert_eq!(score["business"]["late_minutes"], 18);
    assert_eq!(score["business"]["kept_percent"], 75.0);
    let minutes = &score["minutes"];
    assert_eq!(minutes["assemble"], 45);
    assert!(minutes["first_broadcast"].is_null(), "neither observed nor recorded");
    assert!(minutes["customer_notice"].is_null(), "neither observed nor recorded");
    assert_eq!(minutes["resolve"], 210);
    assert_eq!(minutes["impact"], 230);
    assert_eq!(score["reopened"], 0);
}

#[test]
fn a_report_of_the_past_knows_nothing_of_what_came_later() {
    let folder = ledger();
    let report = json(folder.path(), "2026-01-05T11:40:00Z");
    let score = &report["incidents"][0];
    assert_eq!(
        (&score["business"]["kept"], &score["business"]["overdue"]),
        (&2.into(), &1.into())
    );
    assert_eq!(score["business"]["worst_minutes"], 10);
    assert!(score["minutes"]["resolve"].is_null() && score["active"] == true);
    let (_, whole) = run(
        folder.path(),
        &["report", "--format", "json", "--at", "2026-01-05T11:40:00Z"],
    );
    for step in &lives::steps(LIFE)[3..] {
        fs::remove_file(folder.path().join(&step.path)).expect("it is there");
    }
    let (_, part) = run(
        folder.path(),
        &["report", "--format", "json", "--at", "2026-01-05T11:40:00Z"],
    );
    assert_eq!(whole, part);
}

#[test]
fn an_incident_that_came_back_counts_until_its_last_resolution() {
    let folder = ledger();
    write(
        folder.path(),
        &format!("incidents/{ID}/updates/20260105T1240Z-bob.yaml"),
        "by: bob\nstatus: investigating\nreason: It is back.\ncurrent_status: E.\n",
    );
    let score = &json(folder.path(), AT)["incidents"][0];
    assert_eq!(score["reopened"], 1);
    assert!(score["minutes"]["resolve"].is_null());
}

#[test]
fn drills_are_left_out_unless_they_are_asked_for() {
    let folder = ledger();
    write(
        folder.path(),
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{}drill: true\n", lives::steps(LIFE)[0].text),
    );
    assert_eq!(json(folder.path(), AT)["totals"]["incidents"], 0);
    let (_, text) = run(folder.path(), &["report", "--drills", "--at", AT]);
    assert!(text.starts_with("1 incident as of"), "{text}");
}

#[test]
fn a_table_for_spreadsheets_has_as_many_cells_in_each_line() {
    let (code, text) = run(ledger().path(), &["report", "--format", "csv", "--at", AT]);
    assert_eq!(code, 0);
    let counts: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(counts, [26, 26], "{text}");
    assert!(text.ends_with("\r\n"));
}

#[test]
fn one_that_cannot_be_read_is_named_and_the_others_are_counted() {
    let folder = ledger();
    write(folder.path(), "incidents/2026-01-06-broken/incident.yaml", "title: [\n");
    let (code, text) = run(folder.path(), &["report", "--at", AT]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("2026-01-06-broken: cannot be read") && text.contains("3 kept, 1 missed"),
        "{text}"
    );
}

#[test]
fn the_review_and_show_have_both_ledgers_of_promises() {
    let folder = ledger();
    let (_, review) = run(folder.path(), &["summary", ID, "--template", "review"]);
    assert!(review.contains("To the business: 3 kept, 1 missed."), "{review}");
    assert!(
        review.contains("missed, 18 min late") && review.contains("To customers: 6 kept, 2 missed."),
        "{review}"
    );
    let (_, shown) = run(folder.path(), &["show", ID, "--now", AT]);
    assert!(shown.contains("3 kept, 1 missed (75.0 % kept)"), "{shown}");
}
