//! Each folder in `tests/cases` is a case: a script that makes a ledger and runs the program in it, and what it prints. The
//! environment is scrubbed and the time is fixed. `BLESS=1 cargo test --test cases` writes what is expected anew.

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and runs scripts"
)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{repository, text};

/// A function in place of the binary: the fixed time, and the exit code where it is not 0.
const PROLOGUE: &str = r#"
incidentctl() { echo "\$ incidentctl $*"; command incidentctl --now 2026-11-23T09:41:00Z "$@" || echo "[exit $?]"; }
"#;

fn run(script: &Path) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let binary = assert_cmd::cargo::cargo_bin!("incidentctl");
    let binaries = binary.parent().expect("a folder").display().to_string();
    let path = format!("{binaries}:{}", std::env::var("PATH").unwrap_or_default());
    let who = [
        ("GIT_AUTHOR_NAME", "t"),
        ("GIT_AUTHOR_EMAIL", "t@example.com"),
        ("GIT_COMMITTER_NAME", "t"),
        ("GIT_COMMITTER_EMAIL", "t@example.com"),
        ("GIT_AUTHOR_DATE", "2026-11-23T09:00:00Z"),
        ("GIT_COMMITTER_DATE", "2026-11-23T09:00:00Z"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
    ];
    let text_of_script = format!(
        "exec 2>&1\n{PROLOGUE}\n{}",
        fs::read_to_string(script).expect("a script")
    );
    let mut command = Command::new("bash");
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder.path())
        .envs(who)
        .current_dir(folder.path());
    let output = command.args(["-c", &text_of_script]).output().expect("bash runs");
    let place = fs::canonicalize(folder.path()).expect("a folder").display().to_string();
    text(&output).replace(&place, "LEDGER")
}

#[test]
fn every_case_prints_what_is_expected() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(repository().join("tests/cases")).expect("the cases") {
        let case = entry.expect("a case").path();
        let printed = run(&case.join("script"));
        let expected = case.join("expected");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &printed).expect("it is written");
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_default();
        if printed != wanted {
            wrong.push(format!("{}:\n{printed}\ninstead of\n{wanted}", case.display()));
        }
        count += 1;
    }
    assert!(count >= 12, "{count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
