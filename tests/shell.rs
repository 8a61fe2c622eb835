//! What the program offers a shell and a terminal: completions, man pages, examples, a watch.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "tests run the program")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const ID: &str = "2026-11-23-pushes-rejected";
const COMMANDS: [&str; 23] = [
    "check",
    "plan",
    "apply",
    "remind",
    "doctor",
    "summary",
    "show",
    "list",
    "report",
    "declare",
    "update",
    "hand-over",
    "resolve",
    "close",
    "step",
    "push",
    "explain",
    "rules",
    "schema",
    "init",
    "completions",
    "man",
    "",
];

fn ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    common::lives::copy("declared", folder.path());
    fs::create_dir(folder.path().join(format!("incidents/{ID}/updates"))).expect("a folder");
    folder
}

fn program(root: &Path) -> Command {
    let mut it = Command::new(env!("CARGO_BIN_EXE_incidentctl"));
    it.env_clear().current_dir(root);
    it
}

fn run(root: &Path, arguments: &[&str]) -> String {
    let output = program(root).args(arguments).output().expect("it runs");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What bash is offered for the last of these words.
fn completed(root: &Path, words: &[&str]) -> Vec<String> {
    let output = program(root)
        .env("COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_IFS", "\n")
        .args(["--", "incidentctl"])
        .args(words)
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn completions_know_ids_people_customers_and_the_words_of_the_process() {
    let folder = ledger();
    let root = folder.path();
    for (words, expected) in [
        (vec!["show", ""], ID),
        (vec!["update", "pushes", "--status", "mon"], "monitoring"),
        (vec!["declare", "x", "--severity", ""], "sev0"),
        (vec!["declare", "x", "--customer", "ac"], "acme"),
        (vec!["hand-over", "pushes", "incident_c"], "incident_coordinator"),
        (vec!["hand-over", "pushes", "incident_coordinator", "b"], "bob"),
        (vec!["step", "pushes", "brief"], "brief_analysts"),
        (vec!["update", "pushes", "--by", "ca"], "carol"),
        (vec!["explain", "INC20"], "INC201"),
    ] {
        let offered = completed(root, &words);
        assert!(
            offered.iter().any(|word| word.starts_with(expected)),
            "{words:?}: {offered:?}"
        );
    }
    let elsewhere = tempfile::tempdir().expect("a folder");
    assert_eq!(completed(elsewhere.path(), &["show", "2026"]), Vec::<String>::new());
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(run(root, &["completions", shell]).contains("COMPLETE"), "{shell}");
    }
}

#[test]
fn every_command_has_an_example_and_a_man_page() {
    let folder = ledger();
    let help = run(folder.path(), &["--help"]);
    run(folder.path(), &["man", "man"]);
    for command in COMMANDS.iter().filter(|command| !command.is_empty()) {
        assert!(help.contains(&format!("  {command} ")), "{command} is not in the help");
        let own = run(folder.path(), &[command, "--help"]);
        let example = own.split("Example").nth(1).unwrap_or_default();
        assert!(
            example.contains(&format!("incidentctl {command}")),
            "{command} has no example: {example}"
        );
        assert!(
            folder.path().join(format!("man/incidentctl-{command}.1")).exists(),
            "{command}"
        );
    }
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands")).skip(1);
    let listed = listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let listed: Vec<&str> = listed
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(listed.iter().all(|name| COMMANDS.contains(name)), "{listed:?}");
}

#[test]
fn a_watch_shows_what_changes_as_soon_as_it_does() {
    let folder = ledger();
    let mut child = program(folder.path())
        .args([
            "show",
            "pushes",
            "--watch",
            "--every",
            "0.05",
            "--now",
            "2026-11-23T09:10:00Z",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"))
        .lines()
        .map_while(Result::ok);
    assert!(lines.any(|line| line.contains("Investigating")));
    let update = folder
        .path()
        .join(format!("incidents/{ID}/updates/20261123T0905Z-bob.yaml"));
    fs::write(update, "by: bob\nstatus: identified\n").expect("it is written");
    assert!(lines.any(|line| line.contains("Identified")));
    child.kill().expect("it ends");
    let _ = child.wait();
}

#[test]
fn show_says_who_is_missing_what_is_next_and_when() {
    let folder = ledger();
    let text = run(
        folder.path(),
        &["show", "pushes", "--now", "2026-11-23T09:50:00Z", "--color", "always"],
    );
    for words in [
        "Incident Coordinator     \u{1b}[31mnobody\u{1b}[0m",
        "\u{1b}[33mby 2026-11-23 10:00 UTC, in 10 min\u{1b}[0m",
        "only to be briefed on the current state  \u{1b}[33mnext, by Incident Analyst/Group\u{1b}[0m",
    ] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    let text = run(
        folder.path(),
        &["show", "pushes", "--now", "2026-11-23T10:01:00Z", "--color", "never"],
    );
    assert!(text.contains("overdue by 1 min") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn the_list_has_the_running_ones_first_and_counts() {
    let folder = ledger();
    let other = folder.path().join("incidents/2026-11-24-later");
    fs::create_dir_all(&other).expect("a folder");
    let text = "title: Later\nseverity: sev0\nstatus: closed\noutcome: false_alarm\ndeclared_at: 2026-11-24T09:00:00Z\ndeclared_by: alice\ncustomers: unknown\n";
    fs::write(other.join("incident.yaml"), text).expect("it is written");
    let text = run(folder.path(), &["list", "--now", "2026-11-23T09:50:00Z"]);
    let first = text.lines().next().expect("a line");
    assert!(first.contains(ID) && text.ends_with("1 running, 1 over\n"), "{text}");
    let empty = tempfile::tempdir().expect("a folder");
    fs::create_dir(empty.path().join("incidents")).expect("a folder");
    assert!(run(empty.path(), &["list"]).contains("incidentctl declare"));
}

#[test]
fn a_summary_to_paste_has_no_markup() {
    let folder = ledger();
    let update = folder
        .path()
        .join(format!("incidents/{ID}/updates/20261123T0905Z-bob.yaml"));
    fs::write(update, "by: bob\ncurrent_status: 'The key `a_b` of *x* is #1.'\n").expect("it is written");
    let text = run(folder.path(), &["summary", "pushes", "--copy"]);
    assert!(
        text.starts_with("Executive summary: Severity 0, Investigating\n"),
        "{text}"
    );
    assert!(
        text.contains("\nThe key `a_b` of *x* is #1.\n") && !text.contains("**"),
        "{text}"
    );
}
