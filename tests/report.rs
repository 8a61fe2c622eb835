//! `report`, and the example of its documentation.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "tests run the program")]

use std::fs;
use std::path::Path;
use std::process::Command;

const ID: &str = "2026-01-05-pushes-rejected";
const DECLARATION: &str = "title: Git pushes rejected on every secondary\nseverity: sev0\ndeclared_at: 2026-01-05T09:00:00Z\n\
    declared_by: alice\ncustomers: [acme, globex]\nimpact:\n  symptoms: git push fails\n  started_at: 2026-01-05T08:40:00Z\n\
    roles:\n  incident_manager: alice\n  incident_analysts: [carol]\n";
const UPDATES: [(&str, &str); 4] = [
    (
        "20260105T0945Z-bob",
        "by: bob\nroles: { incident_coordinator: bob }\ncurrent_status: A.\nnext_update: 60m\ncustomer_message: A.\n",
    ),
    (
        "20260105T1030Z-bob",
        "by: bob\ncurrent_status: B.\nnext_update: 60m\ncustomer_message: B.\n",
    ),
    (
        "20260105T1148Z-bob",
        "by: bob\ncurrent_status: C.\nnext_update: 60m\ncustomer_message: C.\n",
    ),
    (
        "20260105T1230Z-bob",
        "by: bob\nstatus: resolved\ncurrent_status: D.\ncustomer_message: D.\n",
    ),
];

fn put(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, text).expect("it is written");
}

fn ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), &format!("incidents/{ID}/incident.yaml"), DECLARATION);
    for (stamp, text) in UPDATES {
        put(folder.path(), &format!("incidents/{ID}/updates/{stamp}.yaml"), text);
    }
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
    assert_eq!(minutes["first_broadcast"], 45);
    assert_eq!(minutes["customer_notice"], 0);
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
    for (stamp, _) in &UPDATES[2..] {
        fs::remove_file(folder.path().join(format!("incidents/{ID}/updates/{stamp}.yaml"))).expect("it is there");
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
    put(
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
    put(
        folder.path(),
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{DECLARATION}drill: true\n"),
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
    assert_eq!(counts, [22, 22], "{text}");
    assert!(text.ends_with("\r\n"));
}

#[test]
fn one_that_cannot_be_read_is_named_and_the_others_are_counted() {
    let folder = ledger();
    put(folder.path(), "incidents/2026-01-06-broken/incident.yaml", "title: [\n");
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
        review.contains("missed, 18 min late") && review.contains("To customers: 3 kept, 1 missed."),
        "{review}"
    );
    let (_, shown) = run(folder.path(), &["show", ID, "--now", AT]);
    assert!(shown.contains("3 kept, 1 missed (75.0 % kept)"), "{shown}");
}
