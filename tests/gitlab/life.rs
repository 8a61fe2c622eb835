//! A whole life of an incident, stage by stage, and the program run against a fake GitLab.

#![allow(dead_code, unreachable_pub, reason = "shared by several tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use super::common::Ended;
use super::common::lives::{self, Step};
use super::common::{binary, write};
use super::gitlab_server::{GitlabServer, State, TOKEN};

pub const ID: &str = "2026-01-05-pushes-rejected";
pub const NOW: &str = "2026-01-05T16:00:00Z";
/// How many stages a life has.
pub const STAGES: usize = 6;

/// The life that is lived.
pub const LIFE: &str = "pushes-rejected";

/// A step of the life: a file of the incident's folder.
pub fn step(stage: usize) -> Step {
    lives::steps(LIFE).swap_remove(stage)
}

/// A ledger in a folder, and a GitLab.
pub struct Run {
    pub folder: tempfile::TempDir,
    pub fake: GitlabServer,
    /// The program to run.
    pub binary: PathBuf,
}

impl Run {
    pub fn new() -> Self {
        Self::with(State::team())
    }

    pub fn with(state: State) -> Self {
        let run = Self {
            folder: tempfile::tempdir().expect("a folder"),
            fake: GitlabServer::start(state),
            binary: binary(),
        };
        lives::copy_start(LIFE, run.folder.path());
        run
    }

    /// A ledger whose GitLab goes on from the state of another one.
    pub fn from(state: State) -> Self {
        let run = Self::new();
        run.fake.set(state);
        run
    }

    pub fn put(&self, path: &str, text: &str) {
        write(self.folder.path(), path, text);
    }

    /// Writes the file of a stage.
    pub fn write(&self, stage: usize) {
        let step = step(stage);
        self.put(&step.path, &step.text);
    }

    /// Writes the file of a stage with some of its words replaced.
    pub fn correct(&self, stage: usize, words: &[(&str, &str)]) {
        let mut step = step(stage);
        for (from, to) in words {
            step.text = step.text.replace(from, to);
        }
        self.put(&step.path, &step.text);
    }

    /// Writes all stages up to this one.
    pub fn write_to(&self, stage: usize) {
        (0..=stage).for_each(|stage| self.write(stage));
    }

    pub fn apply(&self, more: &[&str]) -> Ended {
        self.run("apply", TOKEN, more)
    }

    /// Applies; returns what was said.
    pub fn green(&self, more: &[&str]) -> String {
        let ended = self.apply(more);
        assert_eq!(ended.code, 0, "{}", ended.text);
        ended.text
    }

    /// All notes and tickets that were posted, sorted.
    pub fn texts(&self) -> Vec<String> {
        let state = self.fake.lock();
        let tickets = state
            .issues
            .iter()
            .filter(|issue| issue.project != 1)
            .map(|issue| issue.description.clone());
        let mut all: Vec<String> = state
            .notes
            .iter()
            .map(|note| note.body.clone())
            .chain(tickets)
            .collect();
        all.sort();
        all
    }

    pub fn run(&self, command: &str, token: &str, more: &[&str]) -> Ended {
        let child = self.command(command, token, more).spawn().expect("it starts");
        self.fake.set_pid(Some(child.id()));
        let output = child.wait_with_output().expect("it ends");
        self.fake.set_pid(None);
        Ended::of(&output)
    }

    pub fn command(&self, command: &str, token: &str, more: &[&str]) -> Command {
        let mut it = program(&self.binary, self.folder.path());
        it.env("CI_SERVER_URL", &self.fake.url)
            .env("CI_API_V4_URL", format!("{}/api/v4", self.fake.url))
            .arg(command)
            .args(more);
        if !more.contains(&"--now") {
            it.args(["--now", NOW]);
        }
        if !token.is_empty() {
            it.env("GITLAB_TOKEN", token);
        }
        if matches!(command, "apply" | "remind") {
            it.args(["--request-timeout", "0.4", "--patience", "20"]);
        }
        it
    }
}

/// A program in a folder, with nothing of this environment.
pub fn program(binary: &Path, folder: &Path) -> Command {
    let mut it = Command::new(binary);
    it.env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    it
}
