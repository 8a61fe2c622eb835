//! Servers that are slow, endless or full, and a run that was stopped.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use super::gitlab_server::*;
use super::index::*;
use super::life::*;
use super::loopback::Fault;

/// The number of the first request of a run that writes to the incident issue: after list, lock, re-read and notes.
const FIRST_WRITE: usize = 4;

fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

/// Starts a run that is stopped at the answer to this request; the process and its number.
fn stopped_at(run: &Run, at: usize) -> (Child, u32) {
    let before = run.fake.count();
    run.fake.fail(at, Fault::Frozen);
    let stopped = run.command("apply", TOKEN, &[]).spawn().expect("it starts");
    let pid = stopped.id();
    run.fake.set_pid(Some(pid));
    let patience = Instant::now() + Duration::from_secs(10);
    while run.fake.count() <= before + at {
        assert!(Instant::now() < patience, "the run came to request {at}");
        std::thread::sleep(Duration::from_millis(5));
    }
    (stopped, pid)
}

#[test]
fn a_run_that_is_stopped_for_longer_than_its_lock_holds_writes_nothing_more() {
    // Stopped at the answer to its last read, and at the answer to each of its writes.
    for at in FIRST_WRITE - 1..FIRST_WRITE + 3 {
        let run = Run::new();
        run.write(0);
        run.green(&[]);
        run.write(1);
        let (stopped, pid) = stopped_at(&run, at);
        // Another run waits until the lease ends, takes the lock over and does everything.
        let text = Ended::of(&run.command("apply", TOKEN, &[]).output().expect("it runs")).text;
        let there = run.texts();
        signal(pid, "-CONT");
        let ended = Ended::of(&stopped.wait_with_output().expect("it ends"));
        assert_eq!(run.texts(), there, "request {at}: {}\n{text}", ended.text);
        for project in [2, 3] {
            assert_eq!(notes(&run, project, 1).len(), 1, "request {at}: once: {}", ended.text);
        }
        run.green(&[]);
        assert_eq!(run.texts(), there);
    }
}

#[test]
fn a_run_that_is_stopped_for_a_moment_goes_on() {
    let run = Run::new();
    run.write(0);
    run.green(&[]);
    run.write(1);
    let (stopped, pid) = stopped_at(&run, FIRST_WRITE);
    std::thread::sleep(Duration::from_millis(100));
    signal(pid, "-CONT");
    let ended = Ended::of(&stopped.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!((notes(&run, 2, 1).len(), notes(&run, 3, 1).len()), (1, 1));
}

#[test]
fn an_answer_a_byte_at_a_time_is_given_up_after_the_time_out() {
    let run = Run::new();
    run.write(0);
    run.green(&[]);
    run.write(1);
    run.fake.fail(0, Fault::Drip);
    let start = Instant::now();
    // The read is repeated, and the next answer comes at once.
    run.green(&[]);
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert_eq!((notes(&run, 2, 1).len(), notes(&run, 3, 1).len()), (1, 1));
}

#[test]
fn a_list_without_an_end_is_given_up() {
    for stuck in [true, false] {
        let mut state = State::team();
        state.endless = Some(stuck);
        let run = Run::with(state);
        run.write(0);
        let ended = run.apply(&[]);
        assert!(ended.code > 1, "{}", ended.text);
        assert!(
            ended.text.contains("does not go on") || ended.text.contains("more than 1000 pages"),
            "{}",
            ended.text
        );
        assert!(run.fake.count() < 1100);
    }
}

/// A run that knows of two customers' tickets, one of which somebody filled with this many notes of a megabyte.
fn filled(count: usize) -> Run {
    let run = Run::new();
    run.write(0);
    run.write(1);
    run.green(&[]);
    let mut state = run.fake.lock();
    for number in 0..count {
        let note = Note {
            id: state.id(),
            project: 2,
            on: "issues".into(),
            iid: 1,
            body: format!("{number} {}", "x".repeat(1_000_000)),
            author: 6,
            created: state.now(),
            ..Note::default()
        };
        state.notes.push(note);
    }
    drop(state);
    run
}

#[test]
fn notes_that_are_too_large_for_one_page_are_read_on_smaller_ones() {
    let run = filled(70);
    edit_index(&run.fake, |index| index["done"] = serde_json::json!({}));
    let before = notes(&run, 2, 1).len();
    run.write(2);
    // A megabyte takes longer than the short time-out of these tests.
    let mut command = program(&run.binary, run.folder.path());
    command
        .env("CI_SERVER_URL", &run.fake.url)
        .env("CI_API_V4_URL", format!("{}/api/v4", run.fake.url))
        .env("GITLAB_TOKEN", TOKEN)
        .args(["apply", "--now", NOW]);
    let ended = Ended::of(&command.output().expect("it runs"));
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(notes(&run, 2, 1).len(), before + 1);
    assert_eq!(notes(&run, 3, 1).len(), 2);
}

#[test]
fn a_ticket_that_cannot_be_read_stops_its_own_customer_alone_and_is_named() {
    let run = filled(1);
    edit_index(&run.fake, |index| index["done"] = serde_json::json!({}));
    run.fake.lock().unreadable = Some((2, 1));
    run.write(2);
    let ended = run.apply(&[]);
    red(&ended, &["acme", "cannot be read"]);
    assert_eq!(notes(&run, 3, 1).len(), 2, "globex is told");
    assert_eq!(notes(&run, 4, 1).len(), 1, "initech is told");
    run.fake.lock().unreadable = None;
    run.green(&[]);
    let told = notes(&run, 2, 1).iter().filter(|body| !body.contains("xxx")).count();
    assert_eq!(told, 2, "acme is told as soon as its ticket can be read");
}
