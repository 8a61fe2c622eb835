//! `check` and `plan` as a pipeline and a person run them.

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

mod common;

use std::fs;
use std::path::Path;

use common::{git, incidentctl, lives, run, text, write};

const ID: &str = "2026-11-23-pushes-rejected";

/// An incident that is declared and identified.
const LIFE: &str = "identified";

const NOW: &str = "--now=2026-11-23T09:41:00Z";

fn declaration() -> String {
    lives::text(LIFE, &path("incident.yaml"))
}

fn path(inside: &str) -> String {
    format!("incidents/{ID}/{inside}")
}

/// A repository with a merged incident of one update.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    git(root, &["init", "-q"]);
    lives::copy(LIFE, root);
    commit(root);
    folder
}

fn commit(root: &Path) {
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "x"]);
}

/// The codes of the findings at a level, sorted.
fn codes(root: &Path, level: &str, arguments: &[&str]) -> Vec<String> {
    let all = [&["check", NOW, "--format", "json"], arguments].concat();
    let (_, text) = run(root, &all);
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .filter(|one| one["level"] == level)
        .map(|one| one["code"].as_str().expect("a code").to_owned())
        .collect()
}

#[test]
fn a_finding_is_drawn_with_its_line_carets_and_a_way_out() {
    let ledger = repository();
    write(
        ledger.path(),
        &path("updates/20261123T0940Z-bob.yaml"),
        "by: bob\nstatsu: resolved\n",
    );
    let (code, text) = run(ledger.path(), &["check", NOW]);
    assert_eq!(code, 1);
    insta::assert_snapshot!(text);
}

#[test]
fn json_has_the_published_fields() {
    let ledger = repository();
    write(
        ledger.path(),
        &path("updates/20261123T0940Z-bob.yaml"),
        "by: bob\nstatus: resloved\n",
    );
    let (code, text) = run(ledger.path(), &["check", NOW, "--format", "json"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!(text);
}

#[test]
fn several_reports_are_written_in_one_run() {
    let ledger = repository();
    write(
        ledger.path(),
        &path("updates/20261123T0940Z-bob.yaml"),
        "by: bob\nstatus: resloved\n",
    );
    let (code, _) = run(
        ledger.path(),
        &[
            "check",
            NOW,
            "--report",
            "codequality=q.json",
            "--report",
            "junit=j.xml",
            "--report",
            "json=f.json",
        ],
    );
    assert_eq!(code, 1);
    let read = |name: &str| fs::read_to_string(ledger.path().join(name)).expect("a report");
    let quality: serde_json::Value = serde_json::from_str(&read("q.json")).expect("JSON");
    assert_eq!(quality[0]["severity"], "critical");
    assert_eq!(quality[0]["location"]["lines"]["begin"], 2);
    assert!(read("j.xml").contains("<failure message="));
    assert!(read("f.json").contains("\"format\": 1"));
}

#[test]
fn reports_for_gitlab_have_paths_from_the_repositorys_top() {
    let top = repository();
    let folder = top.path().join("support/ledger");
    common::copy_ledger(top.path(), &folder);
    write(
        &folder,
        &path("updates/20261123T0940Z-bob.yaml"),
        "by: bob\nstatus: resloved\n",
    );
    let reports = [
        "--report",
        "codequality=q.json",
        "--report",
        "junit=j.xml",
        "--report",
        "json=f.json",
    ];
    let (code, text) = run(
        top.path(),
        &[&["-C", "support/ledger", "check", NOW], &reports[..]].concat(),
    );
    assert_eq!(code, 1, "{text}");
    let read = |name: &str| fs::read_to_string(top.path().join(name)).expect("a report");
    let below = format!("support/ledger/{}", path("updates/20261123T0940Z-bob.yaml"));
    let quality: serde_json::Value = serde_json::from_str(&read("q.json")).expect("JSON");
    assert_eq!(quality[0]["location"]["path"], below);
    assert_eq!(quality[0]["location"]["lines"]["begin"], 2);
    assert!(read("j.xml").contains(&format!("file=\"{below}\"")));
    assert!(!read("f.json").contains(&below), "for machines, paths are the ledger's");
}

#[test]
fn with_a_base_only_what_changed_can_fail_the_run() {
    let ledger = repository();
    write(
        ledger.path(),
        "incidents/2026-11-20-old/incident.yaml",
        "title: broken\n",
    );
    write(
        ledger.path(),
        &path("updates/20261123T0920Z-bob.yaml"),
        "by: bob\nstatus: identifed\n",
    );
    commit(ledger.path());
    write(
        ledger.path(),
        &path("updates/20261123T0940Z-bob.yaml"),
        "by: bob\nstatus: monitoring\n",
    );
    assert_eq!(codes(ledger.path(), "error", &["--base", "HEAD"]), [] as [&str; 0]);
    assert_eq!(codes(ledger.path(), "warning", &["--base", "HEAD"]), ["INC009"]);
    assert!(codes(ledger.path(), "error", &[]).len() > 1);
    let (code, _) = run(ledger.path(), &["check", NOW, "--base", "HEAD"]);
    assert_eq!(code, 0);
}

#[test]
fn a_merged_file_that_is_renamed_deleted_or_rewritten_fails_with_a_base() {
    let errors = |ledger: &tempfile::TempDir| codes(ledger.path(), "error", &["--base", "HEAD"]);
    let renamed = repository();
    fs::rename(
        renamed.path().join(path("updates/20261123T0910Z-bob.yaml")),
        renamed.path().join(path("updates/20261123T0911Z-bob.yaml")),
    )
    .expect("it is renamed");
    assert_eq!(errors(&renamed), ["INC408"]);
    let deleted = repository();
    fs::remove_dir_all(deleted.path().join("incidents").join(ID)).expect("it is deleted");
    assert_eq!(errors(&deleted), ["INC408", "INC408"]);
    let rewritten = repository();
    write(
        rewritten.path(),
        &path("updates/20261123T0910Z-bob.yaml"),
        "by: bob\nstatus: monitoring\n",
    );
    assert_eq!(errors(&rewritten), ["INC409"]);
    let corrected = repository();
    write(
        corrected.path(),
        &path("incident.yaml"),
        &declaration().replace("Pushes rejected", "All pushes rejected"),
    );
    assert_eq!(errors(&corrected), [] as [&str; 0]);
}

#[test]
fn a_plain_internal_update_of_a_running_incident_never_fails() {
    let ledger = tempfile::tempdir().expect("a folder");
    git(ledger.path(), &["init", "-q"]);
    let bare =
        "title: x\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: alice\ncustomers: [acme, globex]\n";
    write(ledger.path(), &path("incident.yaml"), bare);
    commit(ledger.path());
    for update in [
        "current_status: still looking\n",
        "status: identified\n",
        "roles: { incident_manager: bob }\n",
        "timeline: [{ at: 09:07, what: locked }]\n",
        "next_update: 9h\n",
    ] {
        write(
            ledger.path(),
            &path("updates/20261123T0940Z-bob.yaml"),
            &format!("by: bob\n{update}"),
        );
        assert_eq!(
            codes(ledger.path(), "error", &["--base", "HEAD"]),
            [] as [&str; 0],
            "{update}"
        );
    }
}

#[test]
fn a_base_that_cannot_be_had_is_an_error_and_never_no_change() {
    let ledger = repository();
    for base in ["nonsense", "0123456789012345678901234567890123456789", "--help"] {
        let (code, text) = run(ledger.path(), &["check", &format!("--base={base}")]);
        assert_eq!(code, 2, "{base}: {text}");
    }
    let lonely = tempfile::tempdir().expect("a folder");
    write(lonely.path(), &path("incident.yaml"), &declaration());
    let (code, text) = run(lonely.path(), &["plan", "--base", "HEAD"]);
    assert_eq!((code, text.contains("no git repository")), (2, true), "{text}");
}

#[test]
fn in_a_pipeline_the_base_comes_from_its_variables() {
    let ledger = repository();
    let base = git(ledger.path(), &["rev-parse", "HEAD"]);
    write(
        ledger.path(),
        &path("updates/20261123T0940Z-bob.yaml"),
        "by: bob\nstatus: monitoring\ncurrent_status: better\n",
    );
    commit(ledger.path());
    let plan = |variables: &[(&str, &str)]| {
        let mut command = incidentctl(ledger.path(), &["plan", NOW, "--format", "json"]);
        let output = command
            .env("CI", "true")
            .envs(variables.iter().copied())
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")
    };
    let merge_request = plan(&[
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
    ]);
    let push = plan(&[
        ("CI_COMMIT_BEFORE_SHA", &base),
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_DEFAULT_BRANCH", "main"),
    ]);
    assert_eq!(merge_request, push);
    assert_eq!(merge_request["observed"], "git");
    assert_eq!(merge_request["base"], base.as_str());
    assert_eq!(merge_request["changes"][0]["from"]["status"], "identified");
    assert_eq!(merge_request["changes"][0]["to"]["status"], "monitoring");
    let keys: Vec<_> = merge_request["effects"]
        .as_array()
        .expect("effects")
        .iter()
        .map(|one| one["key"].as_str().expect("a key"))
        .collect();
    assert!(
        keys.iter().any(|key| key.ends_with("/update/20261123T0940Z-bob")),
        "{keys:?}"
    );
    assert!(!keys.iter().any(|key| key.ends_with("/update/declaration")), "{keys:?}");
    let zeros = "0".repeat(40);
    let first = plan(&[
        ("CI_COMMIT_BEFORE_SHA", &zeros),
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_PIPELINE_SOURCE", "push"),
    ]);
    assert_eq!(first["effects"], push["effects"]);
}

#[test]
fn in_ci_the_outbox_has_to_be_asked_for() {
    let ledger = repository();
    let output = incidentctl(ledger.path(), &["apply"])
        .env("CI", "true")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    let output = incidentctl(ledger.path(), &["apply", "--to", "outbox:out"])
        .env("CI", "true")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn the_note_for_a_merge_request_has_changes_plan_and_the_words_of_others() {
    let ledger = repository();
    let update = "by: bob\nstatus: monitoring\ncurrent_status: Better @all\ncustomer_message: We are nearly there.\nnext_update: 60m\n";
    write(ledger.path(), &path("updates/20261123T0940Z-bob.yaml"), update);
    let (code, text) = run(ledger.path(), &["plan", NOW, "--base", "HEAD", "--format", "markdown"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(
        text.lines()
            .filter(|line| !line.starts_with("Compared with"))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn a_new_ledger_is_clean_and_init_never_overwrites() {
    let ledger = tempfile::tempdir().expect("a folder");
    write(ledger.path(), "people.yaml", "alice: { name: Alice }\n");
    let (code, text) = run(ledger.path(), &["init", NOW]);
    assert_eq!((code, text.contains("kept   people.yaml")), (0, true), "{text}");
    let (code, text) = run(ledger.path(), &["check"]);
    assert_eq!(
        (code, text.as_str()),
        (0, "checked 0 incidents in 0 files: no findings\n")
    );
    write(ledger.path(), &path("incident.yaml"), &declaration());
    let (_, before) = run(ledger.path(), &["plan", "--format", "json"]);
    let (code, _) = run(ledger.path(), &["init"]);
    assert_eq!(code, 0);
    let (_, after) = run(ledger.path(), &["plan", "--format", "json"]);
    assert_eq!(before, after);
}

#[test]
fn each_command_says_what_is_wrong_with_its_arguments() {
    let ledger = repository();
    for (arguments, words) in [
        (&["show", "nothing-like-it"][..], "there is no incident"),
        (&["explain", "INC20"], "did you mean"),
        (&["check", "--report", "pdf=x"], "invalid value"),
        (&["apply", "--to", "nowhere"], "expected gitlab or outbox:DIR"),
        (&["check", "--now", "soon"], "expected a time"),
        (&["-C", "/nonexistent", "check"], "no ledger here"),
    ] {
        let (code, text) = run(ledger.path(), arguments);
        assert_eq!((code, text.contains(words)), (2, true), "{arguments:?}: {text}");
    }
}

#[test]
fn the_past_is_shown_as_it_was() {
    let ledger = repository();
    let (code, text) = run(
        ledger.path(),
        &["show", "pushes", "--at", "2026-11-23T09:05:00Z", "--json"],
    );
    assert_eq!(code, 0);
    assert!(
        text.contains("\"status\": \"investigating\"") && text.contains("\"updates\": 0"),
        "{text}"
    );
    let (_, text) = run(ledger.path(), &["summary", "pushes"]);
    assert!(text.contains("**Link to Slack channel**"), "{text}");
    let (_, text) = run(ledger.path(), &["list", "--active", "--json"]);
    assert!(text.contains("\"status\": \"identified\""), "{text}");
}

#[test]
fn a_credential_is_found_and_shown_in_no_format() {
    let ledger = repository();
    let secret = "glpat-abcdefghij0123456789";
    let update = format!(
        "by: bob\nstatus: {secret}\n{secret}: x\ncurrent_status: \"log in with {secret}\"\nreason: |\n  and {secret}\n"
    );
    write(ledger.path(), &path("updates/20261123T0940Z-bob.yaml"), &update);
    for format in ["human", "json", "codequality", "junit"] {
        let (code, text) = run(ledger.path(), &["check", NOW, "--format", format]);
        assert_eq!(code, 1);
        assert!(
            text.contains("INC601") && !text.contains("abcdefghij"),
            "{format}: {text}"
        );
    }
    let (_, text) = run(ledger.path(), &["check", NOW, "--report", "json=f.json"]);
    let report = fs::read_to_string(ledger.path().join("f.json")).expect("a report");
    assert!(!text.contains("abcdefghij") && !report.contains("abcdefghij"));
}

#[test]
fn nothing_is_done_by_half_of_a_process() {
    let ledger = repository();
    for (file, text) in [
        ("process.yaml", "extends: handbook\nroles: [\n"),
        ("customers.yaml", "acme: { nam: x }\n"),
        ("process.yaml", "statuses: {}\n"),
    ] {
        write(ledger.path(), file, text);
        for command in ["plan", "apply"] {
            let (code, text) = run(ledger.path(), &[command]);
            assert_eq!(
                (code, text.contains("has a mistake")),
                (2, true),
                "{file}, {command}: {text}"
            );
        }
        fs::remove_file(ledger.path().join(file)).expect("it is there");
    }
    assert!(!ledger.path().join("outbox").exists());
}

#[test]
fn every_rule_is_listed_and_explained() {
    let ledger = repository();
    let (code, list) = run(ledger.path(), &["rules"]);
    assert_eq!(code, 0);
    let codes: Vec<&str> = list.lines().map(|line| &line[..6]).collect();
    assert_eq!(codes.len(), incidentctl::rules::RULES.len());
    for code in codes {
        let (exit, text) = run(ledger.path(), &["explain", code]);
        assert_eq!((exit, text.contains("## Use instead")), (0, true), "{code}: {text}");
    }
}

#[test]
fn a_customers_key_in_anothers_text_is_found_without_a_list_of_customers() {
    let ledger = repository();
    write(
        ledger.path(),
        &path("updates/20261123T0940Z-bob.yaml"),
        "by: bob\ncustomer_message: Globex and others are affected.\n",
    );
    assert_eq!(codes(ledger.path(), "error", &[]), ["INC602"]);
    let own = "by: bob\ncustomer_message: Globex alone is affected.\ncustomer_message_to: [globex]\n";
    write(ledger.path(), &path("updates/20261123T0940Z-bob.yaml"), own);
    assert_eq!(codes(ledger.path(), "error", &[]), [] as [&str; 0]);
}
