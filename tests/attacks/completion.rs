//! Completions offer nothing that a shell would run: real shells in a pseudo-terminal, with TAB and Enter.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};

use super::common::{binary, write};

const WAIT: u64 = 20_000;

/// Names of incident folders, each with the word that singles it out, and what a shell would do with it.
const FOLDERS: [(&str, &str); 10] = [
    ("2026-11-24", "2026-11-24-x$(touch canary)"),
    ("2026-11-25", "2026-11-25-x`touch canary`"),
    ("2026-11-26", "2026-11-26-x;touch canary;"),
    ("2026-11-27", "2026-11-27-x';touch canary;'"),
    ("2026-11-28", "2026-11-28-x\ntouch canary\n"),
    ("2026-11-29", "2026-11-29-x&touch canary&"),
    ("2026-11-30", "2026-11-30-x|touch canary"),
    ("2026-12-01", "2026-12-01-x>canary"),
    ("2026-12-02", "2026-12-02-x\";touch canary;\""),
    ("-x", "-x$(touch canary)"),
];

const DECLARATION: &str = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: alice\n\
    customers: [acme]\n";

/// A ledger with a harmless incident and hostile ones, and hostile keys and descriptions.
fn ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write(root, "incidents/2026-11-23-harmless/incident.yaml", DECLARATION);
    for (_, name) in FOLDERS {
        write(root, &format!("incidents/{name}/incident.yaml"), DECLARATION);
    }
    let about = r#""$(touch canary)`touch canary`;touch canary;'\"\n\ttouch canary\e[2J%(?.a.b):x""#;
    write(
        root,
        "people.yaml",
        &format!("alice: {{ name: {about} }}\n\"zed$(touch canary)\": {{ name: Zed }}\n\"-zoe;touch canary;\": {{}}\n"),
    );
    write(
        root,
        "customers.yaml",
        &format!("acme: {{ name: {about} }}\n\"yak`touch canary`\": {{ name: Yak }}\n"),
    );
    write(
        root,
        "process.yaml",
        &format!(
            "extends: handbook\nstatuses:\n  watching: {{ title: {about} }}\n  \"xst;touch canary;\": {{ title: x }}\n\
             roles:\n  \"xro$(touch canary)\": {{ title: x }}\n"
        ),
    );
    write(root, "wolf$(touch canary)", "");
    folder
}

/// A folder with a program `incidentctl` that completes like the real one, and writes down the words that it is run with.
fn program() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (program, log) = (folder.path().join("incidentctl"), folder.path().join("log"));
    let script = format!(
        "#!/bin/sh\nif [ -n \"$COMPLETE\" ] || [ \"$1\" = completions ]; then exec '{}' \"$@\"; fi\n\
         printf '[%s]' \"$@\" >> '{}'\n",
        binary().display(),
        log.display()
    );
    fs::write(&program, script).expect("it is written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is made to run");
    (folder, log)
}

struct Shell {
    session: PtySession,
    log: PathBuf,
    _programs: tempfile::TempDir,
}

impl Shell {
    /// A shell in the ledger that completes the program's words; `None` where it is not installed, which fails in CI.
    fn open(name: &str, root: &Path) -> Option<Self> {
        if Command::new(name).arg("--version").output().is_err() {
            assert!(
                std::env::var_os("CI").is_none(),
                "{name} is not installed: apt-get install {name}"
            );
            writeln!(std::io::stderr(), "skipped: {name} is not installed").expect("standard error");
            return None;
        }
        let (programs, log) = program();
        let mut command = Command::new(name);
        command.args(match name {
            "bash" => vec!["--norc", "--noprofile", "-i"],
            "zsh" => vec!["-f", "-i"],
            _ => vec!["--no-config", "-i"],
        });
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", format!("{}:{path}", programs.path().display()))
            .env("HOME", programs.path())
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(root);
        let session = spawn_command(command, Some(WAIT)).expect("a terminal");
        let mut shell = Self {
            session,
            log,
            _programs: programs,
        };
        shell.keys(match name {
            "bash" => "source <(incidentctl completions bash)\r",
            "zsh" => "autoload -Uz compinit; compinit -u -D; source <(incidentctl completions zsh)\r",
            _ => "incidentctl completions fish | source\r",
        });
        shell.wait();
        Some(shell)
    }

    fn keys(&mut self, keys: &str) {
        self.session
            .send(keys)
            .and_then(|_| self.session.flush())
            .expect("it takes keys");
    }

    /// Waits until all that was typed has run.
    fn wait(&mut self) {
        self.keys("printf 'rea%s\\n' dy\r");
        self.session.exp_string("ready").expect("the shell answers");
    }

    /// Types words, TAB and Enter; the words that the program was run with.
    fn completes(&mut self, words: &str) -> String {
        let _ = fs::remove_file(&self.log);
        self.keys(&format!("{words}\t\r"));
        self.wait();
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // A shell that talks to a person ignores the signal that would end it.
        let _ = self.session.send("exit\r").and_then(|_| self.session.flush());
        let _ = self.session.exp_eof();
    }
}

fn attack(name: &str) {
    let folder = ledger();
    let root = folder.path();
    let canary = root.join("canary");
    let Some(mut shell) = Shell::open(name, root) else {
        return;
    };
    let mut lines: Vec<String> = FOLDERS
        .iter()
        .map(|(word, _)| format!("incidentctl show {word}"))
        .collect();
    lines.extend(
        [
            "incidentctl update harmless --by zed",
            "incidentctl update harmless --by -z",
            "incidentctl update harmless --by a",
            "incidentctl update harmless --customer yak",
            "incidentctl update harmless --status xst",
            "incidentctl update harmless --role xro",
            "incidentctl hand-over harmless xro",
            "incidentctl check --process wolf",
            "incidentctl -C wolf",
            "incidentctl show ",
        ]
        .map(str::to_owned),
    );
    for line in lines {
        shell.completes(&line);
        assert!(!canary.exists(), "{line:?} ran a name in {name}");
    }
}

fn twin(name: &str) {
    let folder = ledger();
    let Some(mut shell) = Shell::open(name, folder.path()) else {
        return;
    };
    assert_eq!(
        shell.completes("incidentctl show 2026-11-23"),
        "[show][2026-11-23-harmless]"
    );
    assert_eq!(
        shell.completes("incidentctl update harmless --json --by al"),
        "[update][harmless][--json][--by][alice]"
    );
    assert_eq!(
        shell.completes("incidentctl check --process proc"),
        "[check][--process][process.yaml]"
    );
}

#[test]
fn no_name_in_a_ledger_runs_in_bash() {
    attack("bash");
}

#[test]
fn no_name_in_a_ledger_runs_in_zsh() {
    attack("zsh");
}

#[test]
fn no_name_in_a_ledger_runs_in_fish() {
    attack("fish");
}

#[test]
fn a_harmless_incident_person_and_file_are_completed_in_bash() {
    twin("bash");
}

#[test]
fn a_harmless_incident_person_and_file_are_completed_in_zsh() {
    twin("zsh");
}

#[test]
fn a_harmless_incident_person_and_file_are_completed_in_fish() {
    twin("fish");
}

/// The words and descriptions that a shell is offered.
fn offered(root: &Path, shell: &str, words: &[&str]) -> String {
    let output = Command::new(binary())
        .env_clear()
        .env("COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_IFS", "\n")
        .current_dir(root)
        .args(["--", "incidentctl"])
        .args(words)
        .output()
        .expect("it runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn only_words_are_offered_and_each_on_one_line() {
    let folder = ledger();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        for words in [
            vec!["show", ""],
            vec!["show", "-"],
            vec!["update", "x", "--by", ""],
            vec!["update", "x", "--status", ""],
            vec!["update", "x", "--role", ""],
            vec!["declare", "x", "--customer", ""],
            vec!["hand-over", "x", ""],
            vec!["check", "--process", ""],
        ] {
            let text = offered(folder.path(), shell, &words);
            for line in text.lines() {
                let word = line.split(['\t', ':']).next().unwrap_or_default();
                let is_word = |c: char| c.is_alphanumeric() || "_-.=/\\".contains(c);
                assert!(word.chars().all(is_word), "{shell} {words:?}: {line:?}");
                assert!(
                    !line.replace('\t', "").contains(char::is_control),
                    "{shell} {words:?}: {line:?}"
                );
            }
        }
        assert!(offered(folder.path(), shell, &["show", "2026"]).contains("2026-11-23-harmless"));
    }
}
