//! Endings: everybody who was told hears the last words, tickets close with them, and what was over calls nobody.

use super::*;

/// The number of the ticket project of each customer.
const ACME: u64 = 2;
const GLOBEX: u64 = 3;

const SYMPTOMS: &str = "impact: { headline: Pushes fail, symptoms: git push is refused }\n";

fn declare(run: &Run, more: &str) {
    let text = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-01-05T09:12:00Z\ndeclared_by: alice\n\
                customers: [acme, globex]\nroles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol] }\n";
    run.put(
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{text}{SYMPTOMS}{more}"),
    );
}

/// A ledger whose incident was declared and applied.
fn declared(more: &str) -> Run {
    let run = Run::new();
    declare(&run, more);
    run.green(&["--now", "2026-01-05T09:13:00Z"]);
    run
}

/// Writes an update of bob's and applies it a minute later.
fn update(run: &Run, stamp: &str, text: &str) -> String {
    run.put(
        &format!("incidents/{ID}/updates/20260105T{stamp}Z-bob.yaml"),
        &format!("by: bob\n{text}"),
    );
    run.green(&["--now", &minute_after(stamp)])
}

fn minute_after(stamp: &str) -> String {
    let minutes: u32 = stamp[2..4].parse().expect("minutes");
    format!("2026-01-05T{}:{:02}:00Z", &stamp[..2], minutes + 1)
}

/// The notes on a customer's ticket.
fn words(run: &Run, project: u64) -> Vec<String> {
    let state = run.fake.lock();
    let notes = state
        .notes
        .iter()
        .filter(|note| note.project == project && !note.system);
    notes.map(|note| note.body.clone()).collect()
}

fn is_closed(run: &Run, project: u64) -> bool {
    let state = run.fake.lock();
    state.issue(project, 1).expect("the ticket").closed
}

#[test]
fn a_customer_whose_service_was_restored_earlier_hears_the_resolution_too() {
    let run = declared("");
    update(&run, "1000", "customers: { restored: { acme: 09:50 } }\n");
    assert!(
        words(&run, ACME)[0].contains("Service is restored as of 2026-01-05 09:50 UTC"),
        "{:?}",
        words(&run, ACME)
    );
    assert_eq!(words(&run, GLOBEX), Vec::<String>::new());
    update(
        &run,
        "1100",
        "status: resolved\ncurrent_status: Fixed.\ncustomer_message: A bad cache was cleared.\n",
    );
    for project in [ACME, GLOBEX] {
        let last = words(&run, project).pop().expect("a note");
        assert!(last.contains("A bad cache was cleared."), "{last}");
    }
    assert_eq!((words(&run, ACME).len(), words(&run, GLOBEX).len()), (2, 1));
}

#[test]
fn a_false_alarm_tells_everybody_who_was_told_and_closes_their_tickets() {
    let run = declared("");
    update(
        &run,
        "0930",
        "status: closed\noutcome: false_alarm\ncurrent_status: It was a test.\ncustomer_message: There was no incident.\n",
    );
    for project in [ACME, GLOBEX] {
        let all = words(&run, project);
        assert!(all.len() == 1 && all[0].contains("There was no incident."), "{all:?}");
        assert!(!all[0].contains("Service is restored"), "{all:?}");
        assert!(is_closed(&run, project));
    }
    let said = run.green(&["--now", "2026-01-05T09:40:00Z"]);
    assert!(said.contains("Nothing is to do"), "{said}");
}

#[test]
fn tickets_close_at_the_closure_after_their_last_words_and_a_persons_reopening_wins() {
    let run = declared("");
    update(
        &run,
        "1100",
        "status: resolved\ncurrent_status: Fixed.\ncustomer_message: It works again.\n",
    );
    assert!(!is_closed(&run, ACME), "the resolution closes no ticket");
    update(&run, "1200", "status: closed\n");
    assert!(is_closed(&run, ACME) && is_closed(&run, GLOBEX));
    {
        let mut state = run.fake.lock();
        let ticket = state.issue_mut(ACME, 1).expect("the ticket");
        ticket.closed = false;
        ticket.state_events.push((3, false));
    }
    run.green(&["--now", "2026-01-05T12:30:00Z"]);
    assert!(!is_closed(&run, ACME));
    // Also if the index is lost: everything is proven again.
    run.fake.lock().issue_mut(1, 1).expect("the issue").description.clear();
    run.apply(&["--now", "2026-01-05T12:40:00Z"]);
    assert!(!is_closed(&run, ACME) && is_closed(&run, GLOBEX));
}

#[test]
fn a_ticket_stays_open_if_the_process_says_so_or_until_its_time_has_passed() {
    for (setting, at_once, later) in [("never", false, false), ("2h", false, true)] {
        let run = Run::new();
        run.put(
            "process.yaml",
            &format!("extends: handbook\ngitlab: {{ project: support/incidents }}\ntickets_close: {setting}\n"),
        );
        declare(&run, "");
        run.green(&["--now", "2026-01-05T09:13:00Z"]);
        update(
            &run,
            "1100",
            "status: resolved\ncurrent_status: Fixed.\ncustomer_message: It works again.\n",
        );
        update(&run, "1200", "status: closed\n");
        assert_eq!(is_closed(&run, ACME), at_once, "{setting}");
        run.green(&["--now", "2026-01-05T14:10:00Z"]);
        assert_eq!(is_closed(&run, ACME), later, "{setting}");
    }
}

#[test]
fn a_ticket_that_people_opened_is_never_closed() {
    let run = Run::new();
    {
        let mut state = run.fake.lock();
        let id = state.id();
        let ticket = Issue {
            id,
            iid: 1,
            project: ACME,
            title: "Push fails".into(),
            kind: "issue".into(),
            author: 3,
            created: state.now(),
            ..Issue::default()
        };
        state.issues.push(ticket);
    }
    let url = format!("{}/customers/acme/-/issues/1", run.fake.url);
    declare(&run, &format!("tickets: {{ acme: '{url}' }}\n"));
    run.green(&["--now", "2026-01-05T09:13:00Z"]);
    update(
        &run,
        "1100",
        "status: resolved\ncurrent_status: Fixed.\ncustomer_message: It works again.\n",
    );
    update(&run, "1200", "status: closed\n");
    assert!(!is_closed(&run, ACME) && is_closed(&run, GLOBEX));
    // The promise at the declaration, and the last words.
    assert_eq!(words(&run, ACME).len(), 2);
}

#[test]
fn what_was_over_before_its_first_run_gets_an_issue_and_summaries_and_calls_nobody() {
    let run = Run::new();
    declare(&run, "");
    for (stamp, text) in [
        (
            "1100",
            "status: resolved\ncurrent_status: Fixed.\ncustomer_message: It works again.\n",
        ),
        ("1200", "status: closed\n"),
    ] {
        run.put(
            &format!("incidents/{ID}/updates/20260105T{stamp}Z-bob.yaml"),
            &format!("by: bob\n{text}"),
        );
    }
    for _ in 0..2 {
        run.green(&["--now", "2026-01-05T13:00:00Z"]);
        let state = run.fake.lock();
        assert_eq!(state.issues.len(), 1, "no ticket");
        assert!(state.issues[0].closed);
        let summaries = state
            .notes
            .iter()
            .filter(|note| note.body.contains("Executive summary"));
        assert_eq!(summaries.count(), 3);
    }
    // When it comes back, its customers are told.
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { project: support/incidents }\nstatuses: { closed: { to: [investigating] } }\n",
    );
    update(
        &run,
        "1330",
        "status: investigating\ncurrent_status: It is back.\ncustomer_message: It is back.\n",
    );
    assert_eq!(run.fake.lock().issues.len(), 3);
}

#[test]
fn a_duplicate_says_of_which_incident_on_the_issue_and_in_its_summary() {
    let run = declared("");
    update(
        &run,
        "0930",
        "status: closed\noutcome: duplicate\nrelated: [2026-01-05-proxy]\ncurrent_status: Same.\ncustomer_message: See the other ticket.\n",
    );
    let state = run.fake.lock();
    assert!(
        state
            .issues
            .iter()
            .any(|issue| issue.description.contains("duplicate of 2026-01-05-proxy"))
    );
    assert!(
        state
            .notes
            .iter()
            .any(|note| note.body.contains("Closed (duplicate of 2026")),
        "{:?}",
        state.notes
    );
}
