//! The fault matrix over Slack: each request to it of a whole life, each fault; and each request to GitLab beside it with
//! the faults that leave open what was done. After runs until one is green, both are as if nothing had gone wrong.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::both::*;
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

/// What goes wrong at which request.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    Slack(usize, Fault),
    Gitlab(usize, Fault),
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

/// Runs one cell; what is wrong with it, if anything.
fn cell(stage: &Stage, wrong: Wrong) -> Option<String> {
    let both = Both::with(State::team(), stage.before.1.clone());
    both.run.fake.set(stage.before.0.clone());
    match wrong {
        Wrong::Slack(at, fault) => both.slack.lock().traffic.fault = Some((stage.before.1.traffic.count + at, fault)),
        Wrong::Gitlab(at, fault) => {
            both.run.fake.lock().traffic.fault = Some((stage.before.0.traffic.count + at, fault))
        }
    }
    both.run.write_to(stage.number);
    let name = format!("stage {}, {wrong:?}", stage.number);
    let mut said = Vec::new();
    for _ in 0..5 {
        let output = both.at("apply", NOWS[stage.number], &[]);
        said.push(format!("exit {}: {}", output.code, output.text));
        if output.code == 0 {
            break;
        }
        if ![0, 2, 3, -9].contains(&output.code) {
            return Some(format!("{name}: exit {}\n{}", output.code, said.join("\n")));
        }
    }
    if !said.last()?.starts_with("exit 0") {
        let log = both.slack.lock().traffic.log.join(" ");
        return Some(format!("{name}: never green\n{}\n{log}", said.join("\n")));
    }
    let violations = both.slack.lock().violations.clone();
    if !violations.is_empty() {
        return Some(format!("{name}: {violations:?}"));
    }
    let world = world(&both);
    if world != stage.after {
        let differ = |a: &[String], b: &[String]| -> Vec<String> {
            let known: Vec<&str> = b.iter().flat_map(|text| text.split(['\n', ','])).collect();
            let words = a.iter().flat_map(|text| text.split(['\n', ',']));
            words.filter(|word| !known.contains(word)).map(str::to_owned).collect()
        };
        return Some(format!(
            "{name}: another state\nunexpected {:#?}\nmissing {:#?}\n{}\n{}",
            differ(&world, &stage.after),
            differ(&stage.after, &world),
            said.join("\n"),
            both.slack.lock().traffic.log[stage.before.1.traffic.log.len()..].join(" ")
        ));
    }
    None
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
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while let Some((stage, fault)) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(words) = cell(stage, *fault) {
                        wrong.lock().expect("the list").push(words);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("the list");
    let names: Vec<&str> = wrong.iter().filter_map(|words: &String| words.lines().next()).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} cells are wrong:\n{}\n{}",
        wrong.len(),
        cells.len(),
        names.join("\n"),
        wrong.iter().take(2).cloned().collect::<Vec<_>>().join("\n\n")
    );
}
