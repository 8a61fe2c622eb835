//! People win: the program edits no field that a person edited after it.

use std::collections::BTreeSet;

use super::gitlab_server::*;
use super::index::*;

/// The incident issue.
const ISSUE: (u64, u64) = (1, 1);

#[test]
fn what_people_do_with_the_incident_issue_stops_nothing_and_stays() {
    let run = after(|_| {});
    run.fake.lock().edit_issue_as(1, ISSUE, |issue| {
        issue.description = format!("Read this first.\n\n{}\n\nAnd this last.", issue.description);
        issue.title = "Pushes fail".into();
        issue.labels.insert("theirs".into());
        issue.closed = true;
    });
    run.write(1);
    run.green(&[]);
    assert_eq!((notes(&run, 2, 1).len(), notes(&run, 3, 1).len()), (1, 1));
    let state = run.fake.lock();
    let edits: BTreeSet<&str> = state.bot_edits_after(1, ISSUE).into_iter().collect();
    assert_eq!(
        edits,
        BTreeSet::from(["assignees", "description", "labels"]),
        "neither the title nor the state"
    );
    let issue = state.issue(1, 1).expect("the issue");
    let text = &issue.description;
    assert!(
        text.starts_with("Read this first.") && text.ends_with("And this last."),
        "{text}"
    );
    assert!(
        issue.closed && issue.title == "Pushes fail" && issue.labels.contains("theirs"),
        "{issue:?}"
    );
}

#[test]
fn twin_the_program_edits_the_fields_of_an_issue_that_no_person_changed() {
    let run = after(|_| {});
    let before = run.fake.lock().edits_by(BOT, ISSUE).len();
    run.correct(0, &[("Git pushes", "All pushes")]);
    run.write(1);
    run.green(&[]);
    let state = run.fake.lock();
    let edits = state.edits_by(BOT, ISSUE);
    let edits: BTreeSet<&str> = edits[before..].iter().copied().collect();
    assert_eq!(edits, BTreeSet::from(["assignees", "description", "labels", "title"]));
    assert_eq!(state.issue(1, 1).expect("the issue").last_editor, Some(BOT));
    assert_eq!(state.edits_by(BOT, (2, 1)), [] as [&str; 0], "a ticket is never edited");
}
