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

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// Runs one cell; what is wrong with it, if anything.
fn cell(stage: &Stage, at: usize, fault: Fault) -> Option<String> {
    let mut state = stage.before.clone();
    state.traffic.fault = Some((state.traffic.count + at, fault));
    let run = Run::with(State::team());
    run.fake.set(state);
    run.write_to(stage.number);
    let name = format!("stage {}, request {at}, {fault:?}", stage.number);
    let mut said = Vec::new();
    for _ in 0..5 {
        let output = run.apply(&[]);
        said.push(format!("exit {}: {}", output.code, output.text));
        if output.code == 0 {
            break;
        }
        if ![0, 2, 3, -9].contains(&output.code) {
            return Some(format!("{name}: exit {}\n{}", output.code, said.join("\n")));
        }
    }
    // An answer that was late may still be under way.
    let state = run.fake.lock();
    if !said.last()?.starts_with("exit 0") {
        return Some(format!(
            "{name}: never green\n{}\n{}",
            said.join("\n"),
            state.traffic.log.join("\n")
        ));
    }
    if !state.violations.is_empty() {
        return Some(format!("{name}: {:?}", state.violations));
    }
    let world = state.world();
    if world != stage.after {
        let differ = |a: &[String], b: &[String]| -> Vec<String> {
            a.iter().filter(|line| !b.contains(line)).cloned().collect()
        };
        return Some(format!(
            "{name}: another state\nunexpected {:#?}\nmissing {:#?}\n{}\n{}",
            differ(&world, &stage.after),
            differ(&stage.after, &world),
            said.join("\n"),
            state.traffic.log[stage.before.traffic.log.len()..].join("\n")
        ));
    }
    None
}

#[test]
fn every_fault_at_every_request_ends_in_the_state_without_faults() {
    let stages = stages();
    let cells: Vec<(&Stage, usize, Fault)> = stages
        .iter()
        .flat_map(|stage| (0..stage.requests).flat_map(move |at| GITLAB_FAULTS.map(move |fault| (stage, at, fault))))
        .collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while let Some((stage, at, fault)) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(words) = cell(stage, *at, *fault) {
                        wrong.lock().expect("the list").push(words);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("the list");
    assert!(
        wrong.is_empty(),
        "{} of {} cells are wrong:\n{}",
        wrong.len(),
        cells.len(),
        wrong.iter().take(3).cloned().collect::<Vec<_>>().join("\n\n")
    );
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
