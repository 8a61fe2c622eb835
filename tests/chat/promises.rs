//! Promises over a long day: what is said before they fall due, after they did, and how they are scored.

use super::both::*;
use super::common::lives::{self, Step};
use super::life::*;

const DAY: &str = "2026-01-05";

/// A running incident with hourly promises. The update of 12:33 is late, and between 13:15 and 15:30 one is missing.
const PROMISES: &str = "hourly-promises";

/// The updates of the life by their time.
fn updates() -> Vec<(String, Step)> {
    let updates = lives::steps(PROMISES).into_iter().skip(1);
    let time = |step: &Step| {
        let stamp = step.path.split_once("updates/20260105T").expect("an update").1;
        format!("{}:{}", &stamp[..2], &stamp[2..4])
    };
    updates.map(|step| (time(&step), step)).collect()
}

fn declare(both: &Both, more: &str) {
    let declaration = lives::steps(PROMISES).swap_remove(0);
    both.run.put(&declaration.path, &(declaration.text + more));
}

fn update(both: &Both, at: &str, text: &str) {
    let stamp = at.replace(':', "");
    both.run.put(
        &format!("incidents/{ID}/updates/20260105T{stamp}Z-bob.yaml"),
        &format!("by: bob\n{text}"),
    );
}

/// The times from 09:00 on, every five minutes of twelve hours.
fn times() -> impl Iterator<Item = String> {
    (0..=144).map(|tick| format!("{:02}:{:02}", 9 + tick / 12, tick % 12 * 5))
}

fn instant(at: &str) -> String {
    format!("{DAY}T{at}:00Z")
}

/// Messages in the incident's channel that hold these words, by their time.
fn said(both: &Both, words: &str) -> Vec<String> {
    let state = both.slack.lock();
    let room = state.room(&format!("inc-{ID}"));
    let with = room.messages.iter().filter(|message| message.text.contains(words));
    with.map(|message| {
        let seconds = message
            .ts
            .split('.')
            .next()
            .and_then(|text| text.parse().ok())
            .expect("a time");
        chrono::DateTime::from_timestamp(seconds, 0)
            .expect("a time")
            .format("%H:%M")
            .to_string()
    })
    .collect()
}

fn notes(both: &Both, words: &str) -> usize {
    let state = both.run.fake.lock();
    state.notes.iter().filter(|note| note.body.contains(words)).count()
}

/// Nine runs of a schedule at the same time.
fn nine_times(both: &Both, now: &str) {
    let runs: Vec<_> = (0..9).map(|_| both.start("remind", now, &[])).collect();
    for run in runs {
        let output = run.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn twelve_hours_of_hourly_promises_are_reminded_of_and_scored_as_the_process_says() {
    let both = Both::new();
    let updates = updates();
    declare(&both, "");
    for time in times() {
        let due = |at: &str| at <= time.as_str() && at > earlier(&time).as_str();
        for (at, step) in updates.iter().filter(|(at, _)| due(at)) {
            both.run.put(&step.path, &step.text);
            both.green("apply", &instant(at), &[]);
        }
        if time == "09:00" {
            both.green("apply", &instant(&time), &[]);
        } else if time == "14:45" {
            nine_times(&both, &instant(&time));
        } else {
            both.green("remind", &instant(&time), &[]);
        }
    }
    // Ten minutes before the two promises that no update had answered by then.
    assert_eq!(said(&both, "was promised for"), ["12:05", "14:05"]);
    // Coordinator, after 15 minutes the manager, after 30 the sponsor, whom this incident lacks.
    let overdue = "has not come";
    assert_eq!(said(&both, overdue), ["12:15", "12:30", "14:15", "14:30", "14:45"]);
    assert_eq!(said(&both, "<@U0BOB>: please write it now"), ["12:15", "14:15"]);
    assert_eq!(said(&both, "<@U0ALICE>: please write it now"), ["12:30", "14:30"]);
    assert_eq!(notes(&both, overdue), 5);
    assert_eq!(notes(&both, "Executive summary"), updates.len() + 1);
    assert_eq!(said(&both, "update of 2026-01-05").len(), updates.len());
    assert!(both.slack.lock().scheduled.is_empty());
    assert_eq!(both.slack.lock().violations, Vec::<String>::new());
    let shown = both.green("show", &instant("21:00"), &[ID]);
    assert!(shown.contains("11 kept, 2 missed"), "{shown}");
}

fn earlier(time: &str) -> String {
    let (hours, minutes) = time.split_once(':').expect("a time");
    let all: i32 = hours.parse::<i32>().expect("hours") * 60 + minutes.parse::<i32>().expect("minutes") - 5;
    format!("{:02}:{:02}", all / 60, all % 60)
}

#[test]
fn a_promise_that_moves_takes_its_reminder_along() {
    let both = Both::new();
    declare(&both, "");
    both.green("apply", &instant("09:01"), &[]);
    let at = |both: &Both| {
        let state = both.slack.lock();
        let times = state
            .scheduled
            .iter()
            .map(|later| chrono::DateTime::from_timestamp(later.post_at, 0).expect("a time"));
        times.map(|time| time.format("%H:%M").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(at(&both), ["09:50"]);
    update(&both, "09:30", "current_status: A.\nnext_update: 90m\n");
    both.green("apply", &instant("09:31"), &[]);
    // Customers are still promised an update at 10:00.
    assert_eq!(at(&both), ["10:50", "09:50"]);
    // A correction of the same promise.
    update(&both, "09:30", "current_status: A.\nnext_update: 60m\n");
    both.green("apply", &instant("09:32"), &[]);
    assert_eq!(at(&both), ["09:50", "10:20"]);
    // One that is nearer than the reminder's lead.
    update(
        &both,
        "09:40",
        "current_status: B.\ncustomer_message: B.\nnext_update: 5m\n",
    );
    both.green("apply", &instant("09:41"), &[]);
    assert_eq!(at(&both), Vec::<String>::new());
}

#[test]
fn a_reminder_that_somebody_deleted_is_scheduled_again_by_the_schedule() {
    let both = Both::new();
    declare(&both, "");
    both.green("apply", &instant("09:01"), &[]);
    both.slack.lock().scheduled.clear();
    both.green("remind", &instant("09:05"), &[]);
    assert_eq!(both.slack.lock().scheduled.len(), 1);
}

#[test]
fn missing_roles_and_steps_are_said_once_each_past_their_time() {
    let both = Both::new();
    let without = step(0)
        .text
        .replace("09:12", "09:00")
        .replace("  incident_coordinator: bob\n", "");
    both.run.put(&format!("incidents/{ID}/incident.yaml"), &without);
    both.green("apply", &instant("09:01"), &[]);
    for at in ["09:29", "09:31", "09:45", "10:05", "10:10"] {
        both.green("remind", &instant(at), &[]);
    }
    assert_eq!(said(&both, "the role"), ["09:31"]);
    assert_eq!(said(&both, "<@U0CAROL>: the step"), ["10:05"]);
    assert_eq!(notes(&both, "Incident Coordinator has been empty"), 1);
    assert_eq!(notes(&both, "Analysts join"), 1);
}

#[test]
fn nobody_is_reminded_in_a_drill_or_after_the_end_and_of_customers_while_words_are_held() {
    for (more, business) in [("drill: true\n", 0), ("hold_customers: legal review\n", 3)] {
        let both = Both::new();
        declare(&both, more);
        both.green("apply", &instant("09:01"), &[]);
        both.green("remind", &instant("11:00"), &[]);
        assert_eq!(notes(&both, "has not come"), business, "{more}");
        assert_eq!(notes(&both, "Acme"), 0, "{more}");
    }
    let both = Both::new();
    declare(&both, "");
    update(
        &both,
        "09:30",
        "status: resolved\ncurrent_status: Over.\ncustomer_message: Over.\n",
    );
    both.green("apply", &instant("09:31"), &[]);
    both.green("remind", &instant("14:00"), &[]);
    assert_eq!(notes(&both, "has not come"), 0);
    assert!(both.slack.lock().scheduled.is_empty());
}
