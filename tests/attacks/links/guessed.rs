//! Attacks by links, or by reading, where the name of a temporary file can be guessed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::super::common::{git, incidentctl, text};
use super::{ID, Ledger};

/// Runs a script of the shell that knows its process id and becomes the program.
fn script(ledger: &Ledger, script: &str) -> String {
    let template = incidentctl(ledger.root(), &[]);
    let mut shell = Command::new("sh");
    shell.env_clear().current_dir(ledger.root());
    for (name, value) in template.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    for role in ["AUTHOR", "COMMITTER"] {
        shell
            .env(format!("GIT_{role}_NAME"), "t")
            .env(format!("GIT_{role}_EMAIL"), "t@example.com");
    }
    shell
        .arg("-c")
        .arg(script)
        .arg(template.get_program())
        .arg(ledger.outside("canary"));
    text(&shell.output().expect("it runs"))
}

#[test]
fn a_correction_goes_by_no_name_that_can_be_guessed() {
    let ledger = Ledger::new();
    let update = format!("incidents/{ID}/updates/20261103T0940Z-bob");
    let text = script(
        &ledger,
        &format!(
            "ln -s \"$1\" {update}.yaml.$$.new; \
             exec \"$0\" update {ID} --correct 20261103T0940Z-bob --current-status 'another status' --by bob"
        ),
    );
    ledger.intact();
    let corrected = fs::read_to_string(ledger.root().join(format!("{update}.yaml"))).expect("it is there");
    assert!(corrected.contains("another status"), "{text}");
}

#[test]
fn gits_private_index_goes_by_no_name_that_can_be_guessed() {
    let ledger = Ledger::new();
    let bare = tempfile::tempdir().expect("a folder");
    git(bare.path(), &["init", "-q", "--bare", "-b", "main"]);
    git(ledger.root(), &["init", "-q", "-b", "main"]);
    git(ledger.root(), &["add", "people.yaml", "customers.yaml"]);
    git(ledger.root(), &["commit", "-qm", "Start"]);
    git(
        ledger.root(),
        &["remote", "add", "origin", bare.path().to_str().expect("text")],
    );
    git(ledger.root(), &["push", "-q", "origin", "main"]);
    let pushed = format!("mkdir .git/x; ln -s \"$1\" .git/incidentctl-$$.index; exec \"$0\" push {ID}");
    let said = script(&ledger, &pushed);
    ledger.intact();
    assert!(said.contains("pushed  incident/"), "{said}");
}

#[test]
fn a_draft_is_for_its_owner_only_and_has_a_name_that_cannot_be_guessed() {
    let mut names = Vec::new();
    for _ in 0..2 {
        let ledger = Ledger::new();
        let (log, editor) = (ledger.root().join("log"), ledger.root().join("editor"));
        fs::write(
            &editor,
            format!("stat -c '%a %n' \"$1\" > {}\necho drafted > \"$1\"\n", log.display()),
        )
        .expect("written");
        let mut it = incidentctl(
            ledger.root(),
            &["--now=2026-11-03T14:00:00Z", "update", ID, "--by=frank"],
        );
        it.env("TERM", "xterm")
            .env("EDITOR", format!("sh {}", editor.display()));
        it.env("TMPDIR", ledger.root());
        let mut session = rexpect::session::spawn_command(it, Some(10_000)).expect("a terminal");
        for (question, keys) in [
            ("Status?", "\r"),
            ("What is the current status?", "e\r"),
            ("What is being done?", "\x1b"),
        ] {
            session.exp_string(question).expect(question);
            // The question is drawn before keys are read.
            std::thread::sleep(Duration::from_millis(150));
            session.send(keys).and_then(|_| session.flush()).expect("it takes keys");
        }
        session.exp_eof().expect("it ends");
        let logged = fs::read_to_string(&log).expect("the editor ran");
        let (mode, name) = logged.trim().split_once(' ').expect("two words");
        assert_eq!(mode, "600", "{logged}");
        assert!(!Path::new(name).exists(), "{name} is still there");
        let file = Path::new(name)
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let random = file
            .strip_prefix("incidentctl-")
            .and_then(|file| file.strip_suffix(".md"));
        let random = random.unwrap_or_else(|| panic!("{file}"));
        assert!(random.len() >= 6 && random.chars().any(char::is_alphabetic), "{file}");
        names.push(file);
    }
    assert_ne!(names[0], names[1]);
}
