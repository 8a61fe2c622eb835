//! The fault matrix over Slack: each request to it of a whole life, each fault; and each request to GitLab beside it with
//! the faults that leave open what was done. After runs until one is green, both are as if nothing had gone wrong.

use super::both::*;
use super::common::matrix::{each, same, until_green};
use super::gitlab_server::State;
use super::loopback::Fault;
use super::slack_server::*;

/// A stage of the life: what is there before it, the requests that it takes, and what is there after it.
struct Stage {
    number: usize,
    before: (State, Workspace),
    requests: (usize, usize),
    after: Vec<String>,
}

fn world(both: &Both) -> Vec<String> {
    let mut all = both.run.fake.lock().world();
    all.extend(both.slack.lock().world());
    // Which message of a channel something is depends on what else was tried.
    all.iter().map(|line| without_stamps(line)).collect()
}

/// A text without the times and numbers of messages, and without the ids of channels.
fn without_stamps(text: &str) -> String {
    let mut out = text.to_owned();
    for start in ["/p17", "C0NEW", "\"t\":\"", "\"t\":\"Q"] {
        let mut rest = out.as_str();
        let mut clean = String::new();
        while let Some(at) = rest.find(start) {
            clean += &rest[..at + start.len()];
            rest = rest[at + start.len()..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        }
        out = clean + rest;
    }
    out
}

fn stages() -> Vec<Stage> {
    let both = Both::new();
    let mut all = Vec::new();
    for (number, now) in NOWS.iter().enumerate() {
        both.slack.lock().pass(now.parse().expect("a time"));
        let before = (both.run.fake.lock().clone(), both.slack.lock().clone());
        both.live(number);
        let requests = (
            both.run.fake.count() - before.0.traffic.count,
            both.slack.count() - before.1.traffic.count,
        );
        all.push(Stage {
            number,
            before,
            requests,
            after: world(&both),
        });
    }
    all
}

/// Runs one cell; fails with what is wrong with it.
fn cell(stage: &Stage, wrong: Wrong) -> Result<(), String> {
    let name = format!("stage {}, {wrong:?}", stage.number);
    let both = Both::from(&stage.before, wrong);
    both.run.write_to(stage.number);
    let ended = until_green(&name, || both.at("apply", NOWS[stage.number], &[]));
    let log = both.slack.log_from(stage.before.1.traffic.count).join(" ");
    let mut said = ended.map_err(|words| format!("{words}\n{log}"))?;
    said.push(log);
    let violations = both.slack.lock().violations.clone();
    same(&format!("{name}: violations"), &violations, &[], &[])?;
    same(&name, &world(&both), &stage.after, &said)
}

#[test]
fn every_fault_at_every_request_to_slack_ends_in_the_state_without_faults() {
    let stages = stages();
    let open = [Fault::Dropped, Fault::Late, Fault::KilledBefore, Fault::KilledAfter];
    let mut cells: Vec<(&Stage, Wrong)> = Vec::new();
    for stage in &stages {
        for at in 0..stage.requests.1 {
            cells.extend(SLACK_FAULTS.map(|fault| (stage, Wrong::Slack(at, fault))));
        }
        for at in 0..stage.requests.0 {
            cells.extend(open.map(|fault| (stage, Wrong::Gitlab(at, fault))));
        }
    }
    assert!(cells.len() > 500, "only {} cells", cells.len());
    each(&cells, |(stage, wrong)| cell(stage, *wrong));
}
