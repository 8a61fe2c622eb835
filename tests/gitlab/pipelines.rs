//! Stages and jobs: declared on a merge request, merged, looked after by a schedule.

use super::common::git;
use super::gitlab_server::*;
use super::project::*;

#[test]
fn the_note_on_a_merge_request_is_one_and_edited_in_place() {
    let (run, _origin) = project(State::team());
    {
        let mut state = run.fake.lock();
        let forged = Note {
            id: state.id(),
            project: 1,
            on: "merge_requests".into(),
            iid: 5,
            body: "<!-- incidentctl: mr/5/plan 1 -->\n\nforged".into(),
            author: 6,
            created: state.now(),
            ..Note::default()
        };
        state.notes.push(forged);
    }
    let said = green(on_merge_request(
        &run,
        TOKEN,
        &["plan", "--comment", "--annotations", "links.json"],
    ));
    assert!(said.contains("is posted"), "{said}");
    let said = green(on_merge_request(&run, TOKEN, &["plan", "--comment"]));
    assert!(said.contains("kept as it is"), "{said}");
    run.write(1);
    commit(run.folder.path(), "update");
    let said = green(on_merge_request(&run, TOKEN, &["plan", "--comment"]));
    assert!(said.contains("is edited"), "{said}");
    let state = run.fake.lock();
    let notes: Vec<&Note> = state.notes.iter().filter(|note| note.on == "merge_requests").collect();
    assert_eq!(notes.len(), 2);
    let ours = notes.iter().find(|note| note.author == BOT).expect("ours");
    for words in [
        "### What merging does",
        "executive summary",
        "We know the cause",
        "git push fails",
        "INC209",
    ] {
        assert!(ours.body.contains(words), "no {words:?} in {}", ours.body);
    }
    assert!(notes.iter().any(|note| note.body.contains("forged")));
    assert_eq!(state.violations, Vec::<String>::new());
    std::fs::remove_file(run.folder.path().join("links.json")).expect("the annotations are written");
}

#[test]
fn a_merge_request_from_a_fork_gets_check_and_plan_without_a_secret() {
    let (run, _origin) = project(State::team());
    let said = green(on_merge_request(&run, "", &["plan", "--comment"]));
    assert!(said.contains("no token here that may write notes"), "{said}");
    green(on_merge_request(&run, "", &["check"]));
    assert!(run.fake.lock().writes().is_empty());
}

#[test]
fn an_update_in_the_name_of_another_is_a_warning_unless_that_person_approves() {
    let (run, _origin) = project(State::team());
    run.write(1);
    commit(run.folder.path(), "update");
    run.fake.lock().merge_requests[0].author = 6;
    let said = green(on_merge_request(&run, TOKEN, &["check"]));
    assert!(said.contains("INC209") && said.contains("mallory"), "{said}");
    run.fake.lock().merge_requests[0].approved_by = vec![1, 2];
    let said = green(on_merge_request(&run, TOKEN, &["check"]));
    assert!(!said.contains("INC209"), "{said}");
}

#[test]
fn a_declaration_opens_its_issue_before_the_merge_by_the_process_of_the_target_branch() {
    let (run, _origin) = project(State::team());
    // What the branch says of the process does not count.
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { project: customers/acme }\n",
    );
    commit(run.folder.path(), "redirect");
    green(on_merge_request(&run, TOKEN, &["apply", "--stage", "open"]));
    {
        let state = run.fake.lock();
        assert_eq!(state.issues.len(), 1);
        assert_eq!(state.issues[0].project, 1);
        assert!(state.notes_on(1, 1).is_empty());
    }
    run.put("process.yaml", "extends: handbook\ngitlab:\n  project: support/incidents\n  mention: { executives: \"@company/executives\" }\n");
    commit(run.folder.path(), "back");
    merge(&run);
    green(on_default_branch(&run, &["apply"]));
    let state = run.fake.lock();
    assert_eq!(state.issues.iter().filter(|issue| issue.project == 1).count(), 1);
    assert_eq!(state.issues.len(), 3);
}

#[test]
fn an_incident_that_is_merged_is_not_touched_by_a_merge_request() {
    let (run, _origin) = project(State::team());
    merge(&run);
    green(on_default_branch(&run, &["apply"]));
    git(run.folder.path(), &["checkout", "-q", "-b", "incident/pushes/update"]);
    run.write(1);
    commit(run.folder.path(), "update");
    let writes = run.fake.lock().writes().len();
    green(on_merge_request(&run, TOKEN, &["apply", "--stage", "open"]));
    assert_eq!(run.fake.lock().writes().len(), writes);
}

#[test]
fn apply_does_what_the_head_of_the_default_branch_says_however_old_its_own_commit() {
    let (run, _origin) = project(State::team());
    merge(&run);
    let old = git(run.folder.path(), &["rev-parse", "HEAD"]);
    run.write(1);
    commit(run.folder.path(), "update");
    git(run.folder.path(), &["push", "-q", "origin", "main"]);
    git(run.folder.path(), &["checkout", "-q", &old]);
    green(on_default_branch(&run, &["apply"]));
    let state = run.fake.lock();
    assert!(state.issues[0].labels.contains("incident-status::identified"));
    assert_eq!(state.notes_on(1, 1).len(), 2);
}

#[test]
fn a_declaration_whose_merge_request_is_closed_or_dropped_it_is_withdrawn_and_comes_back_when_merged() {
    for dropped in [false, true] {
        let (run, _origin) = project(State::team());
        green(on_merge_request(&run, TOKEN, &["apply", "--stage", "open"]));
        let said = green(on_default_branch(&run, &["remind"]));
        assert!(!said.contains("WITHDREW"), "{said}");
        if dropped {
            run.fake.lock().projects[0].tree.clear();
        } else {
            run.fake.lock().merge_requests[0].state = "closed".into();
        }
        let said = green(on_default_branch(&run, &["remind"]));
        assert!(said.contains("WITHDREW"), "{said}");
        {
            let state = run.fake.lock();
            assert!(state.issues[0].closed && state.issues[0].description.contains("**Withdrawn**"));
        }
        let writes = run.fake.lock().writes().len();
        green(on_default_branch(&run, &["remind"]));
        assert_eq!(run.fake.lock().writes().len(), writes);
        merge(&run);
        green(on_default_branch(&run, &["apply"]));
        let state = run.fake.lock();
        assert!(!state.issues[0].closed && !state.issues[0].description.contains("Withdrawn"));
    }
}

#[test]
fn an_overdue_promise_is_said_once_for_each_rung_however_often_the_schedule_fires() {
    let (run, _origin) = project(State::team());
    merge(&run);
    green(on_default_branch(&run, &["apply"]));
    // The promise of the declaration fell due at 10:12.
    for (now, notes) in [
        ("10:11", 0),
        ("10:13", 1),
        ("10:20", 1),
        ("10:30", 2),
        ("10:50", 3),
        ("12:00", 3),
    ] {
        for _ in 0..3 {
            green(on_default_branch(
                &run,
                &["remind", "--now", &format!("2026-01-05T{now}:00Z")],
            ));
        }
        let state = run.fake.lock();
        let said: Vec<&str> = state
            .notes_on(1, 1)
            .iter()
            .map(|note| note.body.as_str())
            .filter(|body| body.contains("has not come"))
            .collect();
        assert_eq!(said.len(), notes, "at {now}: {said:?}");
        let mentioned = said.iter().filter(|body| body.contains('@')).count();
        assert_eq!(mentioned, notes.min(2), "nobody is the sponsor: {said:?}");
    }
}

#[test]
fn a_schedule_mends_what_was_lost_and_deletes_branches_that_are_merged() {
    let (run, _origin) = project(State::team());
    merge(&run);
    green(on_default_branch(&run, &["apply"]));
    {
        let mut state = run.fake.lock();
        state.projects[0].members.insert(BOT, DEVELOPER);
        state.projects[0].branches.push(Branch {
            name: "incident/pushes/declare".into(),
            merged: true,
            ..Branch::default()
        });
        state.projects[0].branches.push(Branch {
            name: "incident/just-begun".into(),
            merged: true,
            ..Branch::default()
        });
        let lock = Label {
            id: 4242,
            name: "incidentctl-at-work".into(),
            description: "job 1 is at work until 2026-01-01T00:00:00+00:00".into(),
        };
        state.projects[0].labels.push(lock);
    }
    let said = green(on_default_branch(&run, &["remind"]));
    assert!(said.contains("DELETED  incident/pushes/declare"), "{said}");
    let state = run.fake.lock();
    let branches: Vec<&str> = state.projects[0]
        .branches
        .iter()
        .map(|branch| branch.name.as_str())
        .collect();
    assert_eq!(branches, ["main", "incident/just-begun"]);
    assert!(!state.projects[0].labels.iter().any(|label| label.id == 4242));
    assert_eq!(state.violations, Vec::<String>::new());
}
