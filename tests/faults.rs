//! The fault matrix: each request of a whole life, each fault. After runs until one is green, GitLab is as if nothing had
//! gone wrong.
//!
//! `cargo nextest run --test faults` runs all cells.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "tests run the program")]

mod common;
mod gitlab_server;
mod loopback;

#[path = "gitlab/life.rs"]
mod life;

use common::matrix::{each, same, until_green};
use gitlab_server::*;
use life::*;
use loopback::Fault;

/// A stage of the life: the state before it, the requests that it takes, and what is there after it.
struct Stage {
    number: usize,
    before: State,
    requests: usize,
    after: Vec<String>,
}

fn stages() -> Vec<Stage> {
    let run = Run::new();
    let mut all = Vec::new();
    for number in 0..STAGES {
        run.write(number);
        let before = run.fake.lock().clone();
        let output = run.apply(&[]);
        assert_eq!(output.code, 0, "{}", output.text);
        let state = run.fake.lock();
        all.push(Stage {
            number,
            requests: state.traffic.count - before.traffic.count,
            before,
            after: state.world(),
        });
    }
    all
}

/// Runs one cell; fails with what is wrong with it.
fn cell(stage: &Stage, at: usize, fault: Fault) -> Result<(), String> {
    let name = format!("stage {}, request {at}, {fault:?}", stage.number);
    let run = Run::from(stage.before.clone());
    run.fake.fail(at, fault);
    run.write_to(stage.number);
    let ended = until_green(&name, || run.apply(&[]));
    let log = run.fake.log_from(stage.before.traffic.count);
    let said = ended.map_err(|words| format!("{words}\n{}", log.join("\n")))?;
    // An answer that was late may still be under way.
    let state = run.fake.lock();
    same(&format!("{name}: violations"), &state.violations, &[], &[])?;
    same(&name, &state.world(), &stage.after, &[said, log].concat())
}

#[test]
fn every_fault_at_every_request_ends_in_the_state_without_faults() {
    let stages = stages();
    let cells: Vec<(&Stage, usize, Fault)> = stages
        .iter()
        .flat_map(|stage| (0..stage.requests).map(move |at| (stage, at)))
        .flat_map(|(stage, at)| GITLAB_FAULTS.map(|fault| (stage, at, fault)))
        .collect();
    each(&cells, |(stage, at, fault)| cell(stage, *at, *fault));
}

#[test]
fn an_edit_that_comes_late_overwrites_nothing_of_the_next_run() {
    // The description's first edit is the intent of a run, its last what the run has done.
    let whole = Run::new();
    whole.write(0);
    whole.green(&[]);
    let edits: Vec<usize> = {
        let state = whole.fake.lock();
        let edits = |line: &&String| line.starts_with("PUT") && line.contains("/issues/");
        let numbered = state.traffic.log.iter().enumerate();
        numbered.filter(|(_, line)| edits(line)).map(|(at, _)| at).collect()
    };
    assert!(edits.len() > 1, "{edits:?}");
    for at in [edits[0], edits[edits.len() - 1]] {
        let run = Run::new();
        run.write(0);
        {
            let mut state = run.fake.lock();
            state.traffic.fault = Some((at, Fault::Late));
            state.traffic.pause = std::time::Duration::from_millis(1500);
        }
        let first = run.apply(&[]);
        assert!(first.text.contains("no run writes before"), "{}", first.text);
        assert!(!run.fake.lock().traffic.late, "it came before the next run");
        run.write(1);
        run.green(&[]);
        assert!(run.fake.lock().traffic.late, "the next run did not wait for it");
        let whole = Run::new();
        whole.write(0);
        whole.green(&[]);
        whole.write(1);
        whole.green(&[]);
        let (state, wanted) = (run.fake.lock(), whole.fake.lock());
        assert_eq!(state.world(), wanted.world());
        assert!(state.violations.is_empty(), "{:?}", state.violations);
    }
}
