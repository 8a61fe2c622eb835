//! What the tests of the binary share: a scrubbed environment, copies of ledgers, folders as values.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "tests read and write files and run programs"
)]
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub mod lives;
pub mod matrix;

/// This repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The binary under test: the one of this build, or the one that `INCIDENTCTL_BINARY` names.
pub fn binary() -> PathBuf {
    let named = std::env::var_os("INCIDENTCTL_BINARY").map(PathBuf::from);
    named.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_incidentctl")))
}

/// The binary in a ledger, with nothing of the caller's environment but the way to git.
pub fn incidentctl(ledger: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command.current_dir(ledger).args(arguments);
    command
}

/// Runs the binary; its exit code and what it printed.
pub fn run(ledger: &Path, arguments: &[&str]) -> (i32, String) {
    let output = incidentctl(ledger, arguments).output().expect("the binary runs");
    (output.status.code().expect("an exit code"), text(&output))
}

/// What a run of the program said, and its exit code.
pub struct Ended {
    pub code: i32,
    pub text: String,
}

impl Ended {
    /// How a process ended; -9 if it was killed.
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-9),
            text: text(output),
        }
    }
}

pub fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Runs git with nothing of the user's own.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let who = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
    ];
    let mut command = Command::new("git");
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command
        .arg("-C")
        .arg(folder)
        .args(who)
        .args(arguments)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", text(&output));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Writes a file with its folders.
pub fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("it is made");
    fs::write(file, text).expect("it is written");
}

/// Copies a ledger's files: incidents, people, customers, process, templates.
pub fn copy_ledger(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        let first = path.split('/').next().unwrap_or_default();
        if [
            "incidents",
            "templates",
            "people.yaml",
            "customers.yaml",
            "process.yaml",
        ]
        .contains(&first)
        {
            let file = to.join(&path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("it is made");
            fs::write(file, bytes).expect("it is written");
        }
    }
}

/// All files of a folder by path, `target` and `.git` left out.
pub fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    collect(root, "", &mut all);
    all
}

fn collect(folder: &Path, path: &str, all: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let inside = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}/{name}")
        };
        if entry.file_type().expect("a type").is_dir() {
            if !["target", ".git"].contains(&name.as_str()) {
                collect(&entry.path(), &inside, all);
            }
        } else {
            all.insert(inside, fs::read(entry.path()).expect("a file"));
        }
    }
}
