//! A ledger with a GitLab and a Slack.

#![allow(dead_code, unreachable_pub, reason = "shared by several tests")]

use std::process::Child;

use super::common::lives;
use super::gitlab_server::{State, TOKEN};
use super::life::*;
use super::loopback::Fault;
use super::slack_server::*;

/// The time of the run of each stage.
pub const NOWS: [&str; STAGES] = [
    "2026-01-05T09:13:00Z",
    "2026-01-05T09:41:00Z",
    "2026-01-05T10:36:00Z",
    "2026-01-05T11:31:00Z",
    "2026-01-05T12:21:00Z",
    "2026-01-05T15:01:00Z",
];

/// The process of the life, with channels.
pub fn process() -> String {
    lives::text(LIFE, "slack/process.yaml")
}

/// The people of the life, with their members of Slack.
pub fn people() -> String {
    lives::text(LIFE, "slack/people.yaml")
}

/// Which request fails, and how.
#[derive(Clone, Copy, Debug)]
pub enum Wrong {
    Gitlab(usize, Fault),
    Slack(usize, Fault),
}

pub struct Both {
    pub run: Run,
    pub slack: SlackServer,
    /// Nothing, where a run is to have no token of Slack.
    pub token: &'static str,
}

impl Both {
    pub fn new() -> Self {
        Self::with(State::team(), Workspace::team())
    }

    pub fn with(gitlab: State, workspace: Workspace) -> Self {
        let run = Run::with(gitlab);
        run.put("process.yaml", &process());
        run.put("people.yaml", &people());
        Self {
            run,
            slack: SlackServer::start(workspace),
            token: SLACK_TOKEN,
        }
    }

    /// Goes on from the states of others; a request fails, counted from the next one.
    pub fn from((gitlab, workspace): &(State, Workspace), wrong: Wrong) -> Self {
        let both = Self::with(State::team(), workspace.clone());
        both.run.fake.set(gitlab.clone());
        match wrong {
            Wrong::Gitlab(at, fault) => both.run.fake.fail(at, fault),
            Wrong::Slack(at, fault) => both.slack.fail(at, fault),
        }
        both
    }

    /// Writes the file of a stage and applies it at its time.
    pub fn live(&self, stage: usize) -> String {
        self.run.write(stage);
        self.green("apply", NOWS[stage], &[])
    }

    pub fn green(&self, command: &str, now: &str, more: &[&str]) -> String {
        let ended = self.at(command, now, more);
        assert_eq!(ended.code, 0, "{}", ended.text);
        ended.text
    }

    /// Runs a command at a time.
    pub fn at(&self, command: &str, now: &str, more: &[&str]) -> Ended {
        let child = self.start(command, now, more);
        self.run.fake.set_pid(Some(child.id()));
        self.slack.set_pid(Some(child.id()));
        let output = child.wait_with_output().expect("it ends");
        self.run.fake.set_pid(None);
        self.slack.set_pid(None);
        Ended::of(&output)
    }

    /// Starts a command at a time, to which Slack's clock is brought first.
    pub fn start(&self, command: &str, now: &str, more: &[&str]) -> Child {
        {
            let mut state = self.slack.lock();
            let now = now.parse().expect("a time");
            if state.now() < now || state.scheduled.is_empty() {
                state.pass(now);
            }
        }
        let mut all = vec!["--now", now];
        all.extend(more);
        let mut it = self.run.command(command, TOKEN, &all);
        it.env("SLACK_API_URL", &self.slack.url);
        if !self.token.is_empty() {
            it.env("SLACK_BOT_TOKEN", self.token);
        }
        it.spawn().expect("it starts")
    }

    /// The id of the incident's channel.
    pub fn channel(&self) -> String {
        channel_of(&self.slack.lock())
    }
}

/// The id of the incident's channel.
pub fn channel_of(state: &Workspace) -> String {
    state.room(&format!("inc-{ID}")).id.clone()
}
