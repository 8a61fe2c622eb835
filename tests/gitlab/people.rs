//! People win: what a person changed, moved or removed stays so, and is said.

use super::gitlab_server::*;
use super::life::*;

/// A run that has made everything of the first two stages, and then this happened.
fn after(what: impl FnOnce(&mut State)) -> Run {
    let run = Run::new();
    run.write_to(1);
    run.green(&[]);
    what(&mut run.fake.lock());
    run
}

#[test]
fn a_ticket_that_a_person_deleted_stays_deleted_and_is_reported() {
    let run = after(|state| state.issues.retain(|issue| issue.project != 2));
    run.write(2);
    let said = run.green(&[]);
    assert!(
        said.contains("LEFT") && said.contains("--recreate incident/2026-01-05-pushes-rejected/customer/acme"),
        "{said}"
    );
    assert!(!run.fake.lock().issues.iter().any(|issue| issue.project == 2));
    let writes = run.fake.lock().writes().len();
    let said = run.green(&[]);
    assert!(said.contains("was removed or moved by a person"), "{said}");
    assert_eq!(run.fake.lock().writes().len(), writes);
    run.green(&["--recreate", &format!("incident/{ID}/customer/acme")]);
    assert_eq!(
        run.fake.lock().issues.iter().filter(|issue| issue.project == 2).count(),
        1
    );
}

#[test]
fn a_note_that_a_person_deleted_stays_deleted_and_is_reported() {
    let run = after(|state| state.notes.retain(|note| !note.body.contains("update/declaration")));
    let ended = run.run("remind", TOKEN, &[]);
    assert!(
        ended.text.contains("update/declaration was removed by a person"),
        "{}",
        ended.text
    );
    run.write(2);
    run.green(&[]);
    let state = run.fake.lock();
    assert!(!state.notes.iter().any(|note| note.body.contains("update/declaration")));
}

#[test]
fn an_issue_that_a_person_closed_stays_closed() {
    let run = after(|state| {
        let issue = state.issue_mut(1, 1).expect("the issue");
        issue.closed = true;
        issue.state_events.push((1, issue.closed));
    });
    run.write(2);
    let said = run.green(&[]);
    assert!(said.contains("a person changed whether it is open"), "{said}");
    let state = run.fake.lock();
    assert!(state.issue(1, 1).is_some_and(|issue| issue.closed));
    assert!(
        state
            .notes_on(1, 1)
            .iter()
            .any(|note| note.body.contains("A third customer"))
    );
}

#[test]
fn labels_and_a_title_that_a_person_changed_stay_as_they_are() {
    let run = after(|state| {
        let issue = state.issue_mut(1, 1).expect("the issue");
        issue.labels = ["incident-severity::sev1", "theirs"].map(str::to_owned).into();
        issue.title = "Better words".into();
    });
    run.write(2);
    let said = run.green(&[]);
    assert!(
        said.contains("a person changed its labels") && said.contains("a person changed its title"),
        "{said}"
    );
    let state = run.fake.lock();
    let issue = state.issue(1, 1).expect("the issue");
    assert_eq!(issue.title, "Better words");
    assert_eq!(
        issue.labels,
        ["incident-severity::sev1", "theirs"].map(str::to_owned).into()
    );
}

#[test]
fn labels_of_other_scopes_are_peoples_and_stay_through_a_change_of_ours() {
    let run = after(|state| {
        state
            .issue_mut(1, 1)
            .expect("the issue")
            .labels
            .insert("team::geo".into());
    });
    run.write_to(4);
    run.green(&[]);
    let state = run.fake.lock();
    let labels = &state.issue(1, 1).expect("the issue").labels;
    assert!(
        labels.contains("team::geo") && labels.contains("incident-status::resolved"),
        "{labels:?}"
    );
    assert_eq!(labels.len(), 3);
}

#[test]
fn text_that_people_write_around_our_part_survives() {
    let run = after(|state| {
        let issue = state.issue_mut(1, 1).expect("the issue");
        issue.description = format!("Read this first.\n\n{}\n\nAnd this last.", issue.description);
    });
    run.write(2);
    run.green(&[]);
    let state = run.fake.lock();
    let text = &state.issue(1, 1).expect("the issue").description;
    assert!(
        text.starts_with("Read this first.") && text.ends_with("And this last."),
        "{text}"
    );
    assert!(text.contains("Initech"));
}

#[test]
fn a_part_of_another_incident_pasted_into_an_issue_confuses_nothing() {
    let run = after(|_| {});
    let other = "2026-01-05-another";
    run.put(
        &format!("incidents/{other}/incident.yaml"),
        &step(0).text.replace("Git pushes", "Other pushes"),
    );
    run.green(&[]);
    {
        let mut state = run.fake.lock();
        let first = state.issue(1, 1).expect("the first").description.clone();
        let second = state.issue_mut(1, 2).expect("the second");
        let mark = first.lines().next().expect("the mark").to_owned();
        second.description = format!("{mark}\n\n{}", second.description);
    }
    run.write(2);
    run.green(&[]);
    assert_eq!(
        run.fake.lock().issues.iter().filter(|issue| issue.project == 1).count(),
        2
    );
    assert_eq!(
        run.fake.lock().issues.iter().filter(|issue| issue.project == 2).count(),
        2
    );
}

#[test]
fn a_damaged_part_is_left_alone_and_nothing_is_made_twice() {
    let run = after(|state| {
        let issue = state.issue_mut(1, 1).expect("the issue");
        issue.description = issue.description.replace("<!-- /incidentctl -->", "");
    });
    let before = (run.texts(), run.fake.lock().issues.len());
    let damaged = run.fake.lock().issue(1, 1).expect("the issue").description.clone();
    let said = run.green(&[]);
    assert!(said.contains("is damaged"), "{said}");
    assert_eq!((run.texts(), run.fake.lock().issues.len()), before);
    run.write(2);
    run.green(&[]);
    assert_eq!(run.fake.lock().issue(1, 1).expect("the issue").description, damaged);
    assert!(
        run.fake
            .lock()
            .notes_on(1, 1)
            .iter()
            .any(|note| note.body.contains("A third customer"))
    );
}

#[test]
fn an_index_that_a_person_took_away_is_rebuilt_and_nothing_is_made_again() {
    for wipe in [true, false] {
        let run = after(|state| {
            let issue = state.issue_mut(1, 1).expect("the issue");
            issue.description = if wipe {
                "I tidied up.".into()
            } else {
                issue
                    .description
                    .lines()
                    .filter(|line| !line.contains("incidentctl index"))
                    .collect::<Vec<_>>()
                    .join("\n")
            };
        });
        let before = (run.texts(), run.fake.lock().issues.len());
        run.green(&[]);
        assert_eq!((run.texts(), run.fake.lock().issues.len()), before);
        let text = run.fake.lock().issue(1, 1).expect("the issue").description.clone();
        assert!(
            text.contains("incidentctl index") && text.contains("customer/globex"),
            "{text}"
        );
        assert_eq!(wipe, text.contains("I tidied up."));
        let writes = run.fake.lock().writes().len();
        run.green(&[]);
        assert_eq!(run.fake.lock().writes().len(), writes);
    }
}

#[test]
fn a_note_deleted_before_the_index_was_lost_is_not_made_again() {
    let run = after(|state| {
        state.notes.retain(|note| !note.body.contains("update/declaration"));
        state.issue_mut(1, 1).expect("the issue").description = "gone".into();
    });
    let is_there = |run: &Run| {
        let state = run.fake.lock();
        state.notes.iter().any(|note| note.body.contains("update/declaration"))
    };
    for _ in 0..2 {
        let ended = run.apply(&[]);
        assert_eq!(ended.code, 3, "nobody knows whether it was sent: {}", ended.text);
        assert!(ended.text.contains("--recreate incident/"), "{}", ended.text);
        assert!(!is_there(&run));
    }
    let key = format!("incident/{ID}/update/declaration");
    run.green(&["--recreate", &key]);
    assert!(is_there(&run), "a person decides");
    run.green(&[]);
}

#[test]
fn an_issue_that_was_moved_is_left_alone() {
    let run = after(|state| {
        let issue = state.issue_mut(1, 1).expect("the issue");
        issue.moved_to = Some(4711);
        issue.closed = true;
    });
    run.write(2);
    let said = run.green(&[]);
    assert!(said.contains("was moved to another project"), "{said}");
    let state = run.fake.lock();
    assert!(
        !state
            .notes_on(1, 1)
            .iter()
            .any(|note| note.body.contains("A third customer"))
    );
    assert!(state.issue(1, 1).is_some_and(|issue| issue.closed));
    assert!(
        state.issues.iter().any(|issue| issue.project == 4),
        "customers are told all the same"
    );
}

#[test]
fn a_ticket_that_was_moved_is_left_alone_when_the_schedule_has_seen_it() {
    let run = after(|state| {
        let ticket = state
            .issues
            .iter_mut()
            .find(|issue| issue.project == 2)
            .expect("the ticket");
        ticket.moved_to = Some(4711);
    });
    let ended = run.run("remind", TOKEN, &[]);
    assert!(
        ended.text.contains("customer/acme was removed or moved by a person"),
        "{}",
        ended.text
    );
    run.write(2);
    run.green(&[]);
    assert!(
        !run.fake
            .lock()
            .notes_on(2, 1)
            .iter()
            .any(|note| note.body.contains("rolling back"))
    );
}

#[test]
fn an_issue_of_another_type_keeps_its_fields() {
    let run = after(|state| state.issue_mut(1, 1).expect("the issue").kind = "task".into());
    run.write_to(4);
    let said = run.green(&[]);
    assert!(said.contains("something other than an incident"), "{said}");
    let state = run.fake.lock();
    let issue = state.issue(1, 1).expect("the issue");
    assert!(!issue.closed && issue.labels.contains("incident-status::identified"));
}

#[test]
fn nothing_more_is_written_in_an_issue_that_was_made_public() {
    let run = after(|state| state.issue_mut(1, 1).expect("the issue").confidential = false);
    run.write(2);
    let before = run.fake.lock().writes().len();
    let ended = run.apply(&[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(
        ended.text.contains("was made public") && ended.text.contains("confidential: false"),
        "{}",
        ended.text
    );
    assert_eq!(run.fake.lock().writes().len(), before);
}

#[test]
fn a_persons_issue_with_our_mark_is_not_ours() {
    let mut state = State::team();
    let id = state.id();
    state.issues.push(Issue {
        id,
        iid: 1,
        project: 1,
        title: "forged".into(),
        description: format!("<!-- incidentctl: incident/{ID} 0 -->"),
        author: 6,
        kind: "issue".into(),
        created: state.now(),
        ..Issue::default()
    });
    let run = Run::with(state);
    run.write(0);
    run.green(&[]);
    let state = run.fake.lock();
    assert_eq!(state.issue(1, 1).map(|issue| issue.title.as_str()), Some("forged"));
    assert_eq!(state.issues.iter().filter(|issue| issue.project == 1).count(), 2);
}

#[test]
fn a_new_token_is_a_new_user_and_former_bots_says_whose_objects_are_ours() {
    let run = after(|_| {});
    let before = run.texts();
    let ended = run.run("apply", "glpat-new-bot", &[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(ended.text.contains("former_bots: ["), "{}", ended.text);
    assert_eq!(run.texts(), before);
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab:\n  project: support/incidents\n  former_bots: [project_1_bot_0a1b]\n  mention: { executives: \"@company/executives\" }\n",
    );
    let ended = run.run("apply", "glpat-new-bot", &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(run.texts(), before);
    run.write(2);
    let ended = run.run("apply", "glpat-new-bot", &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(
        run.fake.lock().issues.iter().filter(|issue| issue.project == 1).count(),
        1
    );
}
