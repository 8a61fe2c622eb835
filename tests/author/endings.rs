//! The commands that end an incident: related incidents by a part of their id, and last words to customers.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{DECLARE, ID, NOW, green, ledger, record, run};

const LATER: &str = "2026-11-23T09:20:00Z";
const PROXY: &str = "2026-11-23-proxy-headers";
const FALSE_ALARM: [&str; 5] = ["close", "pushes", "--by=alice", "--outcome", "false_alarm"];

/// A ledger with the incident of [`DECLARE`], whose customers are told on tickets, and with another one.
fn two_incidents() -> tempfile::TempDir {
    let folder = ledger();
    green(folder.path(), NOW, &DECLARE);
    let other = [
        "declare",
        "Proxy headers",
        "--severity=sev1",
        "--customer=acme",
        "--by=alice",
    ];
    green(folder.path(), NOW, &other);
    folder
}

/// Closes the incident as a duplicate of the one that a word names.
fn duplicate(root: &Path, related: &str) -> (i32, String) {
    let told = "--customer-message=See the other ticket.";
    let arguments = [
        "close",
        "pushes",
        "--by=alice",
        "--outcome=duplicate",
        "--related",
        related,
        told,
    ];
    run(root, LATER, &arguments)
}

fn git(root: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=bob", "-c", "user.email=bob@example.com"])
        .args(arguments)
        .current_dir(root)
        .output();
    assert!(done.expect("git runs").status.success(), "{arguments:?}");
}

#[test]
fn a_duplicate_names_the_other_incident_by_a_part_of_its_id() {
    let folder = two_incidents();
    let (code, text) = duplicate(folder.path(), "proxy");
    assert_eq!(code, 0, "{text}");
    let written = record(folder.path())
        .into_values()
        .any(|text| text.contains(&format!("related:\n- {PROXY}\n")));
    assert!(written, "the whole id is in the file");
}

#[test]
fn a_part_that_fits_several_incidents_or_none_writes_nothing_and_lists_them() {
    let folder = two_incidents();
    let before = record(folder.path());
    let (code, text) = duplicate(folder.path(), "2026-11");
    assert!(code != 0 && text.contains(ID) && text.contains(PROXY), "{text}");
    let (code, text) = duplicate(folder.path(), "prxy-headers");
    assert!(
        code != 0 && text.contains("there is no incident `prxy-headers`"),
        "{text}"
    );
    let (code, text) = duplicate(folder.path(), "pushes");
    assert!(code != 0 && text.contains("INC412"), "{text}");
    assert_eq!(record(folder.path()), before);
}

#[test]
fn check_looks_related_incidents_up_with_a_base_and_without() {
    let folder = two_incidents();
    let root = folder.path();
    git(root, &["init", "--quiet"]);
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", "two incidents"]);
    let update = root.join(format!("incidents/{ID}/updates"));
    fs::create_dir_all(&update).expect("a folder");
    for (related, is_found) in [("2026-11-23-nothing", true), (PROXY, false)] {
        let text = format!("by: bob\nrelated: [{related}]\n");
        fs::write(update.join("20261123T0920Z-bob.yaml"), text).expect("it is written");
        for base in [&["check"][..], &["check", "--base", "HEAD"]] {
            let text = green(root, LATER, base);
            assert_eq!(text.contains("INC411"), is_found, "{text}");
        }
    }
}

#[test]
fn a_false_alarm_is_refused_without_last_words_to_the_customers_who_were_told() {
    let folder = two_incidents();
    let (code, text) = run(folder.path(), LATER, &FALSE_ALARM);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("INC511") && text.contains("--told-otherwise REASON"),
        "{text}"
    );
    let mut told = FALSE_ALARM.to_vec();
    told.push("--customer-message=It was our monitoring.");
    green(folder.path(), LATER, &told);
    green(folder.path(), LATER, &["check"]);
}

#[test]
fn an_incident_that_an_earlier_version_closed_without_last_words_stays_valid() {
    let folder = two_incidents();
    let update = folder.path().join(format!("incidents/{ID}/updates"));
    fs::create_dir_all(&update).expect("a folder");
    let text = "by: bob\nstatus: closed\noutcome: false_alarm\n";
    fs::write(update.join("20261123T0920Z-bob.yaml"), text).expect("it is written");
    let text = green(folder.path(), LATER, &["check"]);
    assert!(text.contains("warning[INC511]"), "{text}");
}
