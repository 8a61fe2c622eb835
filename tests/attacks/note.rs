//! A branch under review does not render its own note.

use super::common::git;
use super::gitlab_server::*;
use super::life::*;
use super::project::*;

/// The note on the merge request.
fn note(run: &Run) -> String {
    let state = run.fake.lock();
    let mut notes = state
        .notes
        .iter()
        .filter(|note| note.on == "merge_requests" && note.author == BOT);
    notes.next().expect("a note").body.clone()
}

fn green(run: &Run) {
    let ended = on_merge_request(run, TOKEN, &["plan", "--comment"]);
    assert_eq!(ended.code, 0, "{}", ended.text);
}

#[test]
fn a_template_of_the_branch_does_not_hide_what_merging_does() {
    let (run, _origin) = project(State::team());
    run.put("templates/merge-request.hbs", "## Merging this does nothing\n");
    commit(run.folder.path(), "a friendlier note");
    green(&run);
    let note = note(&run);
    assert!(note.contains("## Merging this: "), "{note}");
    assert!(
        note.contains("create incident issue") && note.contains("git push fails"),
        "{note}"
    );
    let changed = note
        .find("also changes `templates/merge-request.hbs`")
        .expect("it is said");
    assert!(changed < note.find("## Merging this").expect("a heading"), "{note}");
}

#[test]
fn a_template_of_the_target_branch_renders_the_note() {
    let (run, _origin) = project(State::team());
    let folder = run.folder.path();
    git(folder, &["checkout", "-q", "main"]);
    run.put("templates/merge-request.hbs", "## The team's own note: {{headline}}\n");
    commit(folder, "a note of our own");
    git(folder, &["push", "-q", "origin", "main"]);
    git(folder, &["checkout", "-q", "incident/pushes/declare"]);
    git(folder, &["rebase", "-q", "main"]);
    green(&run);
    let note = note(&run);
    assert!(note.contains("## The team's own note: Merging this: "), "{note}");
    assert!(!note.contains("also changes"), "{note}");
}

#[test]
fn a_change_of_who_is_told_what_stands_before_everything_else() {
    let (run, _origin) = project(State::team());
    run.put(
        "customers.yaml",
        "acme: { name: Acme Corp, tickets: customers/evil`<b> }\nglobex: { name: Globex, tickets: customers/globex }\nmallory: {}\n",
    );
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { project: mallory/incidents }\nslack: { channels: { general: C0EVIL } }\n",
    );
    commit(run.folder.path(), "another address");
    green(&run);
    let note = note(&run);
    let heading = note.find("## Merging this").expect("a heading");
    for words in [
        "also changes `customers.yaml` and `process.yaml`, which decides who is told what",
        "tickets of `acme`: `customers/acme` → `customers/evil'<b>`",
        "the incident project: `support/incidents` → `mallory/incidents`",
        "the Slack channel `general`: nothing → `C0EVIL`",
        "customers added: `mallory`",
        "customers removed: `initech`",
        "customers changed: `acme`, `globex`",
    ] {
        let at = note.find(words).unwrap_or_else(|| panic!("no {words:?} in {note}"));
        assert!(at < heading, "{words:?} comes after the heading in {note}");
    }
    // The effects are those of the changed files.
    assert!(note.contains("in customers/evil"), "{note}");
}
