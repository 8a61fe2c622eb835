//! A team's own process: a role, a severity, a status and steps that the program has never heard of.

#![expect(clippy::expect_used, reason = "a test may fail")]

mod common;

use common::{copy_ledger, files, repository, run, write};

fn custom() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy_ledger(&repository().join("tests/custom"), folder.path());
    folder
}

const NOW: &str = "--now=2026-10-05T09:00:00Z";
const UPDATES: &str = "incidents/2026-10-05-slow-search/updates";

#[test]
fn a_custom_role_severity_status_and_steps_work_through_check_plan_and_rendering() {
    let ledger = custom();
    let (code, text) = run(ledger.path(), &["check", NOW]);
    assert_eq!(
        (code, text.as_str()),
        (0, "checked 1 incident in 2 files: no findings\n")
    );
    let (code, text) = run(ledger.path(), &["apply", NOW]);
    assert_eq!(code, 0, "{text}");
    let outbox = files(&ledger.path().join("outbox/2026-10-05-slow-search"));
    let shown = |path: &str| String::from_utf8_lossy(&outbox[path]).into_owned();
    assert!(
        shown("slack/page/sev2.md").contains("<!subteam^S0ONCALL> *Severity 2* incident\nSearch is slow"),
        "{}",
        shown("slack/page/sev2.md")
    );
    let issue = shown("issue.md");
    for words in [
        "| Scribe | pam |",
        "**Mitigated** since",
        "☑ Sort the reports of the last day",
        "☐ Watch for a day",
        "`incident-status::mitigated`",
    ] {
        assert!(issue.contains(words), "{words} is not in {issue}");
    }
    // The severity has no step that tells customers.
    assert!(
        !outbox.keys().any(|path| path.starts_with("customer/")),
        "{:?}",
        outbox.keys()
    );
    assert!(shown("update/20261005T0830Z-pam.md").contains("Executive summary: Severity 2, Mitigated"));
}

#[test]
fn the_rules_go_by_the_custom_process() {
    let ledger = custom();
    write(
        ledger.path(),
        &format!("{UPDATES}/20261005T0840Z-oli.yaml"),
        "by: oli\nstatus: resolved\nsteps: { brief_analysts: no step of this severity }\n",
    );
    write(
        ledger.path(),
        &format!("{UPDATES}/20261005T0835Z-mia.yaml"),
        "by: mia\nroles: { scribe: mia }\n",
    );
    let (code, text) = run(ledger.path(), &["check", NOW, "--format", "json"]);
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let found: Vec<_> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|one| one["code"].as_str().expect("a code").to_owned())
        .collect();
    for code in ["INC202", "INC302", "INC305", "INC405"] {
        assert!(found.contains(&code.to_owned()), "{code} is not in {found:?}");
    }
}

#[test]
fn the_schema_has_the_words_of_the_custom_process() {
    let ledger = custom();
    let (code, text) = run(ledger.path(), &["schema", "update"]);
    assert_eq!(code, 0, "{text}");
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let has = |part: &str, word: &str| schema["properties"][part].to_string().contains(&format!("\"{word}\""));
    assert!(has("severity", "sev2") && has("status", "mitigated") && has("roles", "scribe") && has("steps", "triage"));
}

#[test]
fn a_policy_is_tried_on_all_that_has_happened() {
    let ledger = custom();
    write(ledger.path(), "new.yaml", "extends: handbook\nroles_within: 5m\n");
    let (code, text) = run(ledger.path(), &["check", NOW, "--process", "new.yaml"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("the process has no severity `sev2`"), "{text}");
}
