//! The lives below `tests/lives/`, checked as their users would check them.

mod common;

use std::collections::BTreeSet;

use common::{lives, run};

/// Each life, and the errors of its end state. Gates that a life left open are errors of `check`, and nothing that `apply`
/// waits for.
const LIVES: [(&str, &[&str]); 5] = [
    ("declared", &[]),
    ("hourly-promises", &["INC304"]),
    ("identified", &[]),
    ("one-promise-missed", &["INC302"]),
    ("pushes-rejected", &["INC101", "INC302"]),
];

#[test]
fn a_life_is_a_ledger_that_check_reads_and_finds_only_its_open_gates_in() {
    for (life, wanted) in LIVES {
        let ledger = tempfile::tempdir().expect("a folder");
        lives::copy(life, ledger.path());
        let (_, text) = run(
            ledger.path(),
            &["--now", "2026-12-24T00:00:00Z", "check", "--format", "json"],
        );
        let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let findings = report["findings"].as_array().expect("findings").iter();
        let errors = findings.filter(|finding| finding["level"] == "error");
        let codes: BTreeSet<&str> = errors.filter_map(|finding| finding["code"].as_str()).collect();
        assert_eq!(codes.into_iter().collect::<Vec<_>>(), wanted, "{life}: {text}");
    }
}

#[test]
fn every_life_is_checked() {
    let all: BTreeSet<String> = common::files(&lives::folder(""))
        .into_keys()
        .filter_map(|path| Some(path.split_once('/')?.0.to_owned()))
        .collect();
    assert_eq!(all, LIVES.map(|(life, _)| life.to_owned()).into());
}
