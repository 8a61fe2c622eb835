//! Repositories and remotes of strangers: their settings run nothing, their names do nothing to a terminal, and what is secret
//! in an address is never printed.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::time::Duration;

use super::super::common::{git, incidentctl, run, write};
use super::{acting, said};

const NOW: &str = "2026-11-23T09:30:00Z";
const DECLARATION: &str = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: alice\n\
    customers: [acme]\n";
const UPDATE: [&str; 8] = [
    "--now",
    NOW,
    "update",
    "rejected",
    "--by",
    "alice",
    "--current-status",
    "A proxy drops packets.",
];

/// A ledger in a repository with a commit.
fn ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    git(root, &["init", "-q"]);
    git(root, &["config", "user.name", "Alice"]);
    git(root, &["config", "user.email", "alice@example.com"]);
    write(root, "incidents/2026-11-23-rejected/incident.yaml", DECLARATION);
    write(root, "people.yaml", "alice: { name: Alice Ng }\n");
    write(root, "customers.yaml", "acme: { name: Acme Corp }\n");
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "Start"]);
    folder
}

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

/// Makes a repository run a program that leaves a canary, where its settings are heeded.
fn set_trap(root: &Path, canary: &Path) {
    let program = root.join("trap.sh");
    fs::write(&program, format!("#!/bin/sh\ntouch '{}'\nexit 1\n", canary.display())).expect("it is written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is made to run");
    let program = program.display().to_string();
    git(
        root,
        &["remote", "add", "origin", "ssh://git@127.0.0.1:9/support/incidents.git"],
    );
    for name in ["core.sshCommand", "core.fsmonitor", "core.editor", "gpg.program"] {
        git(root, &["config", name, &program]);
    }
}

#[test]
fn the_editor_of_a_persons_own_configuration_runs_and_that_of_a_repository_never_does() {
    for own in [true, false] {
        let ledger = ledger();
        let root = ledger.path();
        let outside = tempfile::tempdir().expect("a folder");
        let canary = outside.path().join("canary");
        set_trap(root, &canary);
        let editor = outside.path().join("editor");
        fs::write(&editor, "echo drafted > \"$1\"\n").expect("it is written");
        let configuration = outside.path().join("gitconfig");
        let text = if own {
            format!("[core]\neditor = sh {}\n", editor.display())
        } else {
            // Without any editor `vi` opens, which is not there.
            String::new()
        };
        fs::write(&configuration, text).expect("it is written");
        let arguments = ["--now", NOW, "update", "rejected", "--by", "alice"];
        let mut it = incidentctl(root, &arguments);
        it.env("TERM", "xterm").env("GIT_CONFIG_GLOBAL", &configuration);
        if !own {
            it.env("PATH", without_vi(outside.path()));
        }
        let mut session = rexpect::session::spawn_command(it, Some(10_000)).expect("a terminal");
        let keys = [("Status?", "\r"), ("What is the current status?", "e\r")];
        for (question, keys) in keys {
            session.exp_string(question).expect(question);
            // The question is drawn before keys are read.
            std::thread::sleep(Duration::from_millis(150));
            session.send(keys).and_then(|_| session.flush()).expect("it takes keys");
        }
        if own {
            session.exp_string("What is being done?").expect("the editor wrote");
        } else {
            session.exp_string("the editor").expect("there is no editor");
        }
        drop(session);
        assert!(!canary.exists(), "the repository's editor ran");
    }
}

#[test]
fn a_repository_does_not_say_who_writes_and_a_persons_own_configuration_does() {
    for own in [true, false] {
        let (ledger, outside) = (ledger(), tempfile::tempdir().expect("a folder"));
        let root = ledger.path();
        write(
            root,
            "people.yaml",
            "alice: { name: Alice Ng }\nbob: { name: Bob Ito }\n",
        );
        git(root, &["config", "user.name", "Alice Ng"]);
        git(root, &["config", "incidentctl.person", "bob"]);
        let configuration = outside.path().join("gitconfig");
        let text = if own { "[incidentctl]\nperson = bob\n" } else { "" };
        fs::write(&configuration, text).expect("it is written");
        let words = ["--now", NOW, "update", "rejected", "--current-status", "Checked."];
        let output = incidentctl(root, &words)
            .env("GIT_CONFIG_GLOBAL", &configuration)
            .output();
        let said = super::super::common::text(&output.expect("the binary runs"));
        let expected = if own { "Z-bob.yaml" } else { "Z-alice.yaml" };
        assert!(said.contains(expected), "{own}: {said}");
    }
}

/// A path that holds git and a shell alone.
fn without_vi(folder: &Path) -> std::path::PathBuf {
    let programs = folder.join("bin");
    fs::create_dir(&programs).expect("a folder");
    for name in ["git", "sh"] {
        let paths = std::env::var_os("PATH").expect("a path");
        let found = std::env::split_paths(&paths).map(|path| path.join(name));
        let program = found.into_iter().find(|program| program.exists()).expect("a program");
        std::os::unix::fs::symlink(program, programs.join(name)).expect("a link");
    }
    programs
}

/// Gives a folder to another user; whether that is permitted here.
fn give_away(folder: &Path) -> bool {
    let mut all = vec![folder.to_path_buf()];
    while let Some(path) = all.pop() {
        if chown(&path, Some(12_345), Some(12_345)).is_err() {
            writeln!(
                std::io::stderr(),
                "skipped: only root may give a repository to another user"
            )
            .expect("standard error");
            return false;
        }
        if path.is_dir() && !path.is_symlink() {
            let entries = fs::read_dir(&path).expect("a folder");
            all.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
    }
    true
}

#[test]
fn the_settings_of_a_foreign_repository_run_nothing() {
    let (folder, outside) = (ledger(), tempfile::tempdir().expect("a folder"));
    let (root, canary) = (folder.path(), outside.path().join("canary"));
    set_trap(root, &canary);
    if !give_away(root) {
        return;
    }
    let declare = [
        "--now",
        NOW,
        "declare",
        "Again",
        "--severity",
        "sev1",
        "--customer",
        "acme",
        "--by",
        "alice",
        "--degradation",
        "total",
    ];
    for line in [
        with(&UPDATE, &["--push"]),
        with(&declare, &["--push"]),
        vec!["push", "rejected"],
        vec!["check", "--base", "HEAD"],
        vec!["plan", "--base", "HEAD"],
        vec!["check", "--report", "junit=junit.xml"],
    ] {
        let (code, text) = run(root, &line);
        assert!(!canary.exists(), "{line:?} ran a program of the repository: {text}");
        // A report is written all the same: only the paths in it begin at the ledger.
        let expected = if line.contains(&"--report") { 1 } else { 2 };
        assert_eq!(code, expected, "{line:?}: {text}");
        assert!(text.contains("belongs to another user"), "{line:?}: {text}");
        let way_out = format!("git config --global --add safe.directory {}", root.display());
        assert!(text.contains(&way_out), "{line:?}: {text}");
    }
    assert!(root.join("junit.xml").exists());
    let update = "incidents/2026-11-23-rejected/updates/20261123T0930Z-alice.yaml";
    assert!(
        root.join(update).exists(),
        "the update is written although it is not pushed"
    );
    let (code, text) = run(root, &with(&UPDATE, &["--json"]));
    assert_eq!(code, 0, "without --push no repository is needed: {text}");
    assert!(!canary.exists());
}

#[test]
fn the_settings_of_a_repository_inside_the_files_of_another_one_run_nothing() {
    let (folder, outside) = (ledger(), tempfile::tempdir().expect("a folder"));
    let (root, canary) = (folder.path(), outside.path().join("canary"));
    set_trap(root, &canary);
    // As a clone brings it: the folder of the ledger is a repository's own folder, which needs no `.git`.
    for name in ["HEAD", "config", "objects", "refs"] {
        fs::rename(root.join(".git").join(name), root.join(name)).expect("it is moved");
    }
    fs::remove_dir_all(root.join(".git")).expect("it is removed");
    let config = fs::read_to_string(root.join("config")).expect("it is there");
    let config = config.replace("bare = false", "bare = false\n\tworktree = .");
    fs::write(root.join("config"), config).expect("it is written");
    let (code, text) = run(root, &with(&UPDATE, &["--push"]));
    assert!(!canary.exists(), "it ran a program of the repository: {text}");
    assert_eq!(code, 2, "{text}");
}

#[test]
fn the_settings_of_a_persons_own_repository_are_heeded() {
    let (folder, outside) = (ledger(), tempfile::tempdir().expect("a folder"));
    let (root, canary) = (folder.path(), outside.path().join("canary"));
    set_trap(root, &canary);
    let (code, text) = run(root, &with(&UPDATE, &["--push"]));
    assert_eq!(code, 2, "{text}");
    assert!(canary.exists(), "{text}");
    assert!(text.contains("it was not pushed"), "{text}");
}

#[test]
fn a_pipeline_reads_a_repository_of_another_user() {
    let folder = ledger();
    let root = folder.path();
    if !give_away(root) {
        return;
    }
    let mut command = incidentctl(root, &["check", "--base", "HEAD"]);
    let output = command.env("CI", "true").output().expect("the binary runs");
    let text = super::super::common::text(&output);
    assert!(text.contains("no findings"), "{text}");
}

/// A bare repository beside a ledger whose remote it is, with this branch as its head.
fn remote_with_head(root: &Path, branch: &str) -> tempfile::TempDir {
    let bare = tempfile::tempdir().expect("a folder");
    git(bare.path(), &["init", "-q", "--bare"]);
    let place = bare.path().display().to_string();
    git(root, &["remote", "add", "origin", &place]);
    git(root, &["push", "-q", "origin", "HEAD:refs/heads/main"]);
    let commit = git(root, &["rev-parse", "HEAD"]);
    git(bare.path(), &["update-ref", &format!("refs/heads/{branch}"), &commit]);
    git(bare.path(), &["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]);
    bare
}

#[test]
fn a_remote_whose_default_branch_has_no_valid_name_is_refused() {
    for branch in [
        "-x",
        "--upload-pack=touch",
        "ma\u{202e}in",
        "main\u{9b}8m",
        "main\u{200f}",
    ] {
        let folder = ledger();
        let _bare = remote_with_head(folder.path(), branch);
        run(folder.path(), &UPDATE);
        let (out, err) = said(folder.path(), &["--color", "always", "push", "rejected"]);
        assert!(err.contains("no valid name of a branch"), "{branch:?}: {out}{err}");
        assert_eq!(acting(&format!("{out}{err}")), Vec::<String>::new(), "{branch:?}");
    }
}

#[test]
fn a_remote_with_any_ordinary_default_branch_is_pushed_to() {
    for branch in ["main", "release/18.6", "zürich", "ראשי"] {
        let folder = ledger();
        let _bare = remote_with_head(folder.path(), branch);
        run(folder.path(), &UPDATE);
        let (out, err) = said(folder.path(), &["push", "rejected"]);
        assert!(out.contains(&format!("to be merged into {branch}")), "{out}{err}");
    }
}

/// Addresses that nothing answers, and what is secret in each.
const ADDRESSES: [(&str, &str); 8] = [
    ("https://user:pass-word-1@127.0.0.1:9/a/b.git", "pass-word-1"),
    ("https://user:pa/ss-word-1@127.0.0.1:9/a/b.git", "ss-word-1"),
    ("https://user:pa@ss-word-1@127.0.0.1:9/a/b.git", "ss-word-1"),
    ("https://user:pa'ss-word-1@127.0.0.1:9/a/b.git", "ss-word-1"),
    ("https://glpat-0123456789@127.0.0.1:9/a/b.git", "glpat-0123456789"),
    (
        "https://127.0.0.1:9/a/b.git?private_token=glpat-0123456789",
        "glpat-0123456789",
    ),
    ("https://127.0.0.1:9/a/b.git#glpat-0123456789", "glpat-0123456789"),
    ("ssh://user:pa/ss-word-1@127.0.0.1:9/a/b.git", "ss-word-1"),
];

#[test]
fn no_command_prints_what_is_secret_in_the_address_of_a_remote() {
    for (address, secret) in ADDRESSES {
        let folder = ledger();
        let root = folder.path();
        git(root, &["remote", "add", "origin", address]);
        let declare = [
            "--now",
            NOW,
            "declare",
            "Again",
            "--severity",
            "sev1",
            "--customer",
            "acme",
            "--by",
            "alice",
            "--degradation",
            "total",
        ];
        for line in [
            vec!["push", "rejected"],
            vec!["push", "rejected", "--json"],
            with(&declare, &["--push"]),
            with(&UPDATE, &["--push", "--json"]),
            with(&UPDATE, &["--correct", "declaration", "--push"]),
            vec!["check", "--base", "0123456789012345678901234567890123456789"],
        ] {
            let (code, text) = run(root, &line);
            assert!(!text.contains(secret), "{address} {line:?}: {text}");
            assert_eq!(code, 2, "{address} {line:?}: {text}");
        }
    }
}

#[test]
fn no_link_has_what_is_secret_in_the_address_of_a_remote() {
    for (address, secret) in ADDRESSES {
        let folder = ledger();
        let root = folder.path();
        let bare = remote_with_head(root, "main");
        git(root, &["remote", "set-url", "origin", address]);
        git(
            root,
            &["config", &format!("url.{}.insteadOf", bare.path().display()), address],
        );
        run(root, &UPDATE);
        for line in [vec!["push", "rejected"], vec!["push", "rejected", "--json"]] {
            let (code, text) = run(root, &line);
            assert_eq!(code, 0, "{address}: {text}");
            assert!(!text.contains(secret), "{address}: {text}");
            assert!(text.contains("https://127.0.0.1"), "{address}: {text}");
        }
    }
}

#[test]
fn the_link_to_a_project_keeps_its_host_and_path() {
    for address in ["https://127.0.0.1:9/a/b.git", "https://user:pass@127.0.0.1:9/a/b.git"] {
        let folder = ledger();
        let root = folder.path();
        let bare = remote_with_head(root, "main");
        git(root, &["remote", "set-url", "origin", address]);
        git(
            root,
            &["config", &format!("url.{}.insteadOf", bare.path().display()), address],
        );
        run(root, &UPDATE);
        let (code, text) = run(root, &["push", "rejected"]);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("https://127.0.0.1:9/a/b/-/merge_requests/new"), "{text}");
    }
}

/// Settings of a process with a value, and whether it is one that a text is sent with.
const SETTINGS: [&str; 3] = [
    "gitlab: { mention: { executives: VALUE } }",
    "gitlab: { labels: { drill: VALUE } }",
    "slack: { mention: { sev0: VALUE } }",
];

#[test]
fn a_mention_or_label_with_a_control_character_is_an_error_and_nothing_is_applied() {
    for setting in SETTINGS {
        for value in [
            r#""@a\n/close""#,
            r#""@a\r/close""#,
            r#""@a\e[2J""#,
            r#""@a\x9b2J""#,
            r#""@a\N/close""#,
            r#""@a\L/close""#,
        ] {
            let folder = ledger();
            let process = format!("extends: handbook\n{}\n", setting.replace("VALUE", value));
            write(folder.path(), "process.yaml", &process);
            let (code, text) = run(folder.path(), &["--now", NOW, "check"]);
            assert_eq!(code, 1, "{process}: {text}");
            assert!(
                text.contains("INC010") && text.contains("process.yaml:2:"),
                "{process}: {text}"
            );
            let (code, text) = run(folder.path(), &["--now", NOW, "apply", "--to", "outbox:out"]);
            assert_eq!(code, 2, "{process}: {text}");
            assert!(!folder.path().join("out").exists(), "{process}");
        }
    }
}

#[test]
fn mentions_and_labels_on_one_line_are_applied() {
    for setting in SETTINGS {
        let folder = ledger();
        let process = format!(
            "extends: handbook\n{}\n",
            setting.replace("VALUE", "\"@größe/führung 🔥\"")
        );
        write(folder.path(), "process.yaml", &process);
        let (code, text) = run(folder.path(), &["--now", NOW, "apply", "--to", "outbox:out"]);
        assert_eq!(code, 0, "{process}: {text}");
        assert!(folder.path().join("out").exists(), "{process}");
    }
}
