//! A folder whose name is not UTF-8 stops no command: it is a finding, and the other incidents are read.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::common::{copy_ledger, git, incidentctl, repository, run, text};

/// The name of a folder, in Latin-1.
const LATIN: &[u8] = b"2026-11-24-caf\xe9";
/// The name as findings show it.
const SHOWN: &str = "2026-11-24-caf\u{fffd}";
/// An incident of the sample ledger.
const OTHER: &str = "2026-11-03-geo-push-rejected";

/// A copy of the sample ledger in a repository.
fn ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy_ledger(&repository(), folder.path());
    git(folder.path(), &["init", "--quiet"]);
    commit(folder.path(), "main");
    folder
}

/// Commits everything, and gives the commit a branch of this name.
fn commit(root: &Path, branch: &str) {
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message", branch]);
    git(root, &["branch", "--force", &format!("at-{branch}")]);
}

/// Copies an incident of the sample ledger into a folder with this name.
fn add_incident(root: &Path, name: &[u8]) {
    let folder = root.join("incidents").join(OsStr::from_bytes(name));
    fs::create_dir_all(&folder).expect("a folder");
    let from = root.join("incidents").join(OTHER).join("incident.yaml");
    fs::copy(from, folder.join("incident.yaml")).expect("it is copied");
}

/// Checks the ledger; the exit code and what it printed.
fn checked(root: &Path, arguments: &[&str]) -> (i32, String) {
    let all: Vec<&str> = [&["--now=2026-11-25T09:00:00Z", "check"], arguments].concat();
    run(root, &all)
}

fn names_the_folder((code, text): (i32, String)) {
    assert_eq!(code, 1, "{text}");
    let place = format!("--> incidents/{SHOWN}/incident.yaml");
    assert!(text.contains("error[INC006]") && text.contains(&place), "{text}");
    assert!(text.contains("is not UTF-8 text"), "{text}");
}

#[test]
fn a_folder_name_that_is_not_utf8_is_a_finding_and_hides_no_other_incident() {
    let folder = ledger();
    let root = folder.path();
    let (code, before) = checked(root, &[]);
    assert_eq!(code, 0, "{before}");
    add_incident(root, LATIN);
    let (code, after) = checked(root, &[]);
    names_the_folder((code, after.clone()));
    let count = |text: &str| {
        text.lines()
            .last()
            .map(|line| line.split(' ').nth(1).map(str::to_owned))
    };
    let (before, after) = (count(&before).flatten(), count(&after).flatten());
    let number = |text: Option<String>| text.and_then(|text| text.parse::<usize>().ok()).expect("a number");
    assert_eq!(number(after), number(before) + 1);
}

#[test]
fn no_command_about_all_incidents_stops_at_a_folder_name_that_is_not_utf8() {
    let folder = ledger();
    let root = folder.path();
    add_incident(root, LATIN);
    // A command that leaves an incident out goes on with the others, and then fails.
    for (wanted, arguments) in [
        (0, vec!["list"]),
        (0, vec!["list", "--active"]),
        (1, vec!["report"]),
        (0, vec!["show", "geo-push"]),
        (1, vec!["plan", "--to=outbox:outbox"]),
        (1, vec!["apply", "--to=outbox:outbox"]),
    ] {
        let (code, text) = run(root, &[&["--now=2026-11-25T09:00:00Z"], arguments.as_slice()].concat());
        assert_eq!(code, wanted, "{arguments:?}: {text}");
    }
    let (_, text) = run(root, &["--now=2026-11-25T09:00:00Z", "list"]);
    assert!(text.contains(OTHER), "{text}");
    assert!(root.join("outbox").join(OTHER).join("issue.md").exists());
}

#[test]
fn a_folder_name_that_is_not_utf8_is_a_finding_in_a_comparison_too() {
    let folder = ledger();
    let root = folder.path();
    add_incident(root, LATIN);
    names_the_folder(checked(root, &["--base=at-main"]));
    // A change of the settings concerns every incident.
    fs::write(root.join("process.yaml"), "extends: handbook\n").expect("it is written");
    names_the_folder(checked(root, &["--base=at-main"]));
}

#[test]
fn a_pipeline_reports_a_folder_name_that_is_not_utf8() {
    let folder = ledger();
    let root = folder.path();
    add_incident(root, LATIN);
    commit(root, "one");
    fs::write(root.join("process.yaml"), "extends: handbook\n").expect("it is written");
    commit(root, "settings");
    for base in ["HEAD^", "HEAD^^"] {
        let base = git(root, &["rev-parse", base]);
        let mut command = incidentctl(root, &["--now=2026-11-25T09:00:00Z", "check"]);
        command.env("CI", "true").env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base);
        let output = command.output().expect("the binary runs");
        names_the_folder((output.status.code().expect("an exit code"), text(&output)));
    }
}

#[test]
fn the_same_folder_with_a_plain_name_is_no_finding() {
    let folder = ledger();
    let root = folder.path();
    add_incident(root, b"2026-11-03-cafe");
    let (code, text) = checked(root, &[]);
    assert!(code == 0 && !text.contains("INC006"), "{code} {text}");
}

#[test]
fn two_names_that_are_shown_alike_are_one_finding_after_the_other() {
    let folder = ledger();
    let root = folder.path();
    add_incident(root, LATIN);
    add_incident(root, b"2026-11-24-caf\xe8");
    names_the_folder(checked(root, &[]));
    fs::remove_dir_all(root.join("incidents").join(OsStr::from_bytes(LATIN))).expect("it is removed");
    names_the_folder(checked(root, &[]));
}
