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

#[test]
fn whoever_else_is_told_by_a_change_of_the_process_is_named_and_not_mentioned() {
    let (run, _origin) = project(State::team());
    let channels: Vec<String> = (0..50)
        .map(|number| format!("flood{number}: C0FLOOD{number}"))
        .collect();
    run.put(
        "process.yaml",
        &format!(
            "extends: handbook\ngitlab: {{ project: support/incidents, mention: {{ executives: \"@company/everybody\" }}, \
             former_bots: [mallory], labels: {{ severity: \"sev::\" }} }}\nslack: {{ channels: {{ {} }}, mention: {{ sev0: \
             \"<!channel>\" }} }}\npromises: {{ overdue: {{ 5m: executive_sponsor }} }}\ncustomers_reached_without_asking: \
             5000\nrules: {{ INC601: \"off\" }}\n",
            channels.join(", ")
        ),
    );
    run.put("people.yaml", "alice: { name: Alice Ng, slack: U0MALLORY }\n");
    run.put("customers.yaml", "mallory: { tickets: mallory/tickets }\n");
    commit(run.folder.path(), "who else is told");
    on_merge_request(&run, TOKEN, &["plan", "--comment"]);
    let note = note(&run);
    let heading = note.find("## Merging this").expect("a heading");
    for words in [
        "who is mentioned in GitLab: `executives`: `@company/executives` → `@company/everybody`",
        "who is mentioned in Slack: `sev0`: nothing → `<!channel>`",
        "bots whose objects count as ours: nothing → `mallory`",
        "who is told of an overdue promise: `incident_coordinator after 0m",
        "the Slack channel: and 40 more, see the files",
        "the label for `severity`: `incident-severity::` → `sev::`",
        "customers that are told without asking: `25` → `5000`",
        "the rule `INC601`: nothing → `off`",
        "the user in Slack of `alice`: nothing → `U0MALLORY`",
        "tickets of `acme`: `customers/acme` → nothing",
        "tickets of `mallory`: nothing → `mallory/tickets`",
    ] {
        let at = note.find(words).unwrap_or_else(|| panic!("no {words:?} in {note}"));
        assert!(at < heading, "{words:?} comes after the heading in {note}");
    }
}

#[test]
fn twin_a_new_name_of_a_customer_sends_words_nowhere_else() {
    let (run, _origin) = project(State::team());
    let customers = std::fs::read_to_string(run.folder.path().join("customers.yaml")).expect("a file");
    run.put("customers.yaml", &customers.replacen("name: ", "name: The ", 1));
    commit(run.folder.path(), "another name");
    green(&run);
    let note = note(&run);
    let first = note.split("## Merging this").next().expect("a beginning");
    assert_eq!(first.matches("\n- ").count(), 1, "{note}");
    assert!(first.contains("- customers changed: "), "{note}");
}
