//! Nothing that is read back is trusted: indexes that are old, copied, forged or wiped, and marks that are damaged.

use std::collections::BTreeSet;

use serde_json::json;

use super::both::*;
use super::gitlab_server::*;
use super::index::*;
use super::life::*;
use super::project::*;

fn description(run: &Run) -> String {
    run.fake.lock().issue(1, 1).expect("the issue").description.clone()
}

fn describe(run: &Run, text: &str) {
    run.fake.lock().issue_mut(1, 1).expect("the issue").description = text.to_owned();
}

/// The posts of both services, to be compared before and after.
fn posts(both: &Both) -> (Vec<String>, usize) {
    let slack = both.slack.lock();
    let messages = slack.rooms.iter().map(|room| room.messages.len()).sum();
    (both.run.texts(), messages)
}

#[test]
fn an_older_index_that_a_person_puts_back_doubles_nothing() {
    let both = Both::new();
    both.live(0);
    let old = description(&both.run);
    both.live(1);
    both.live(2);
    let before = posts(&both);
    describe(&both.run, &old);
    healed(&both.at("apply", NOWS[2], &[]));
    assert_eq!(posts(&both), before);
    let text = both.green("apply", NOWS[2], &[]);
    assert!(!text.contains(PROVEN_AGAIN), "{text}");
}

#[test]
fn an_older_index_that_is_put_back_before_the_next_update_doubles_nothing_and_delays_nothing() {
    let both = Both::new();
    both.live(0);
    let old = description(&both.run);
    both.live(1);
    describe(&both.run, &old);
    both.run.write(2);
    let ended = both.at("apply", NOWS[2], &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    for project in [2, 3] {
        assert_eq!(notes(&both.run, project, 1).len(), 2, "one note for each update");
    }
    let slack = both.slack.lock();
    for words in ["We know the cause", "A third customer"] {
        let count = said(&slack, CHANNEL).iter().filter(|text| text.contains(words)).count();
        assert!(count <= 1, "{words} is said {count} times");
    }
    assert_eq!(slack.room("C0GENERAL").messages.len(), 1);
}

#[test]
fn an_older_index_after_a_correction_corrects_nothing_twice() {
    let run = Run::new();
    run.write(0);
    run.write(1);
    run.green(&[]);
    let old = description(&run);
    run.correct(1, &[("We know the cause.", "We know the reason.")]);
    run.green(&[]);
    let before = run.texts();
    describe(&run, &old);
    healed(&run.apply(&[]));
    assert_eq!(run.texts(), before);
}

#[test]
fn an_index_of_another_incident_with_its_signature_is_not_taken_for_ours() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    second(&both);
    let before = posts(&both);
    // The description of the second incident's issue, signature and all, on the first one's.
    let other = both
        .run
        .fake
        .lock()
        .issue(1, 2)
        .expect("the second")
        .description
        .clone();
    describe(&both.run, &other);
    let ended = both.at("apply", NOWS[1], &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    let state = both.run.fake.lock();
    assert_eq!(state.issues.iter().filter(|issue| issue.project == 1).count(), 2);
    drop(state);
    assert_eq!(posts(&both).1, before.1);
}

#[test]
fn an_issue_whose_description_title_and_type_a_person_replaced_is_found_by_our_notes() {
    for text in [
        "",
        "Lunch at noon.",
        "<!-- incidentctl: incident/2026-01-05-another 0 -->",
    ] {
        let run = after(|_| {});
        run.fake.lock().edit_issue_as(1, (1, 1), |issue| {
            issue.description = text.into();
            issue.title = "Lunch".into();
            issue.kind = "issue".into();
        });
        run.write(1);
        let ended = run.apply(&[]);
        assert_eq!(ended.code, 0, "{text}: {}", ended.text);
        let state = run.fake.lock();
        assert_eq!(
            state.issues.iter().filter(|issue| issue.project == 1).count(),
            1,
            "{text}"
        );
        assert_eq!(state.notes_on(2, 1).len(), 1);
        let edits: BTreeSet<&str> = state.bot_edits_after(1, (1, 1)).into_iter().collect();
        assert!(
            edits.is_subset(&BTreeSet::from(["assignees", "description", "labels"])),
            "{text}: {edits:?}"
        );
        let issue = state.issue(1, 1).expect("the issue");
        assert!(issue.title == "Lunch" && issue.kind == "issue", "{text}: {issue:?}");
        // A line of the form of our marks counts as our part.
        let stays = text.starts_with("<!--") || issue.description.contains(text);
        assert!(stays, "{text}: {issue:?}");
    }
}

#[test]
fn an_issue_that_cannot_be_told_is_never_created_twice_and_says_what_to_do() {
    let (run, _origin) = project(State::team());
    on_merge_request(&run, TOKEN, &["apply", "--stage", "open"]);
    let before = description(&run);
    // Opened before the merge it has no note yet.
    describe(&run, "<!-- incidentctl: incident/2026-01-05-another 0 -->");
    merge(&run);
    for _ in 0..2 {
        let ended = on_default_branch(&run, &["apply"]);
        assert_eq!(ended.code, 3, "{}", ended.text);
        assert!(ended.text.contains("support/incidents#1"), "{}", ended.text);
        assert_eq!(run.fake.lock().issues.len(), 1, "nothing is created");
    }
    describe(&run, &before);
    let ended = on_default_branch(&run, &["apply"]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(
        run.fake.lock().issues.iter().filter(|issue| issue.project == 1).count(),
        1
    );
}

#[test]
fn a_description_cut_down_to_our_mark_makes_nothing_anew() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    let before = posts(&both);
    let text = description(&both.run);
    let mark = text
        .lines()
        .find(|line| line.contains("incidentctl: "))
        .expect("a mark");
    describe(&both.run, mark);
    let ended = both.at("apply", NOWS[1], &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(posts(&both), before);
}

#[test]
fn words_that_the_index_calls_sent_or_removed_are_sent_and_ones_that_were_sent_are_not_sent_again() {
    let run = after(|index| {
        let done = &mut index["done"];
        done["customer/acme/update/20260105T0940Z-bob"] = json!({"h": "0", "n": 4711});
        done["customer/globex/update/20260105T0940Z-bob"] = json!({"h": "0", "x": true});
        done["update/20260105T0940Z-bob"] = json!({"h": "0", "x": true});
    });
    run.write(1);
    healed(&run.apply(&[]));
    assert_eq!((notes(&run, 2, 1).len(), notes(&run, 3, 1).len()), (1, 1));
    let before = run.texts();
    run.green(&[]);
    assert_eq!(run.texts(), before);
}

#[test]
fn a_note_that_an_earlier_run_must_have_made_and_that_is_gone_is_red_until_a_person_decides() {
    let run = Run::new();
    run.write_to(1);
    run.green(&[]);
    run.fake
        .lock()
        .notes
        .retain(|note| !(note.project == 2 && note.body.contains("We know the cause")));
    edit_index(&run.fake, |index| {
        index["done"].as_object_mut().expect("entries").clear();
    });
    // The other customer's note of the same update was made after it.
    let key = format!("incident/{ID}/customer/acme/update/20260105T0940Z-bob");
    for _ in 0..2 {
        red(&run.apply(&[]), &[&key, "--recreate", "sent_by_hand"]);
        assert_eq!(notes(&run, 2, 1).len(), 0, "it is not sent again by itself");
    }
    // The rest goes on.
    run.write(2);
    run.apply(&[]);
    assert_eq!(notes(&run, 2, 1).len(), 1);
    run.green(&["--recreate", &key, "--send-stale", &key]);
    assert_eq!(notes(&run, 2, 1).len(), 2);
    run.green(&[]);
}

#[test]
fn the_index_of_another_token_is_proven_once_and_signed_anew() {
    let run = after(|_| {});
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { project: support/incidents, former_bots: [project_1_bot_0a1b] }\n",
    );
    run.write(1);
    let ended = run.run("apply", "glpat-new-bot", &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!((notes(&run, 2, 1).len(), notes(&run, 3, 1).len()), (1, 1));
    let ended = run.run("apply", "glpat-new-bot", &[]);
    assert!(!ended.text.contains(PROVEN_AGAIN), "{}", ended.text);
    assert!(signature::is_signed(&description(&run), "glpat-new-bot", 1, 1));
}

#[test]
fn a_reader_does_not_sign_and_does_not_plan_a_signature() {
    let run = Run::new();
    run.write(0);
    run.green(&[]);
    let before = description(&run);
    let ended = run.run("plan", "glpat-read", &["--to", "gitlab"]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(ended.text.contains("Nothing is to do"), "{}", ended.text);
    assert_eq!(description(&run), before);
}

#[test]
fn a_forged_merge_request_in_the_index_withdraws_no_incident_that_is_still_being_declared() {
    for forged in [true, false] {
        let (run, _origin) = project(State::team());
        on_merge_request(&run, TOKEN, &["apply", "--stage", "open"]);
        {
            let mut state = run.fake.lock();
            let mut closed = state.merge_requests[0].clone();
            closed.iid = 6;
            closed.state = "closed".into();
            state.merge_requests.push(closed);
            if !forged {
                state.merge_requests[0].state = "closed".into();
            }
        }
        edit_index(&run.fake, |index| index["mr"] = json!(6));
        let ended = on_default_branch(&run, &["remind"]);
        assert_eq!(ended.code, 0, "{}", ended.text);
        let closed = run.fake.lock().issue(1, 1).expect("the issue").closed;
        assert_eq!(closed, !forged, "{}", ended.text);
    }
}

#[test]
fn a_running_incident_whose_index_names_another_one_is_not_withdrawn() {
    let (run, _origin) = project(State::team());
    merge(&run);
    on_default_branch(&run, &["apply"]);
    edit_index(&run.fake, |index| {
        index["incident"] = json!("2026-01-05-nobody-knows");
        index["mr"] = json!(5);
    });
    run.fake.lock().merge_requests[0].state = "closed".into();
    let ended = on_default_branch(&run, &["remind"]);
    assert!(!ended.text.contains("WITHDREW"), "{}", ended.text);
    let state = run.fake.lock();
    let issue = state.issue(1, 1).expect("the issue");
    assert!(
        !issue.closed && !issue.description.contains("Withdrawn"),
        "{}",
        issue.description
    );
}

#[test]
fn an_issue_of_a_former_bot_is_found_by_our_notes_as_well() {
    for text in ["", "without its first line"] {
        let run = after(|_| {});
        run.put(
            "process.yaml",
            "extends: handbook\ngitlab: { project: support/incidents, former_bots: [7] }\n",
        );
        let ended = run.run("apply", "glpat-new-bot", &[]);
        assert_eq!(ended.code, 0, "{}", ended.text);
        let before = run.texts();
        let old = description(&run);
        let rest = old.split_once('\n').expect("lines").1.to_owned();
        describe(&run, if text.is_empty() { "" } else { &rest });
        let ended = run.run("apply", "glpat-new-bot", &[]);
        assert_eq!(ended.code, 0, "{}", ended.text);
        assert_eq!(run.texts(), before, "{text}: {}", ended.text);
        let state = run.fake.lock();
        assert_eq!(state.issues.iter().filter(|issue| issue.project == 1).count(), 1);
    }
}
