//! The addresses that the incident issue shows are never the index's word alone.

use serde_json::{Value, json};

use super::common::git;
use super::index::*;
use super::life::*;

/// What a person reads of the incident issue.
fn shown(run: &Run) -> String {
    let state = run.fake.lock();
    let lines = state.issues[0].description.lines();
    lines.filter(|line| !line.contains("incidentctl index")).collect()
}

/// A run after the index names this address of GitLab's editor.
fn with_editor(run: &Run, path: &str) -> bool {
    run.write(0);
    run.green(&[]);
    let url = format!("{}/{path}", run.fake.url);
    edit_index(&run.fake, |index| index["editor"] = json!(url));
    run.write(1);
    run.green(&[]);
    shown(run).contains(&format!("{url}?file_name="))
}

#[test]
fn the_editor_of_another_project_is_not_linked() {
    for path in ["customers/acme/-/new/main", "support/incidents-too/-/new/main"] {
        let run = Run::new();
        assert!(!with_editor(&run, path), "{}", shown(&run));
        assert!(!shown(&run).contains("Write an update without"));
    }
}

#[test]
fn the_editor_of_the_incidents_project_or_of_the_clones_origin_stays_linked() {
    assert!(with_editor(&Run::new(), "support/incidents/-/new/main"));
    let run = Run::new();
    git(run.folder.path(), &["init", "-q"]);
    let origin = format!("{}/support/ledger.git", run.fake.url);
    git(run.folder.path(), &["remote", "add", "origin", &origin]);
    assert!(with_editor(&run, "support/ledger/-/new/main"));
}

/// A run with acme's project given by its number, and an edited index.
fn by_number(edit: impl FnOnce(&mut Value)) -> Run {
    let run = Run::new();
    run.put(
        "customers.yaml",
        "acme: { tickets: \"2\" }\nglobex: { tickets: \"3\" }\ninitech: { tickets: \"4\" }\n",
    );
    run.write(0);
    run.green(&[]);
    edit_index(&run.fake, edit);
    run.write(1);
    run.green(&[]);
    run
}

#[test]
fn an_address_of_another_project_is_not_shown_for_a_project_that_is_given_by_number() {
    let run = by_number(|index| {
        let place = &mut index["done"]["customer/acme"];
        let own = place["u"].as_str().expect("an address");
        place["u"] = json!(own.replace("customers/acme", "evil/project"));
    });
    assert!(!shown(&run).contains("evil/project"), "{}", shown(&run));
    assert_eq!(notes(&run, 2, 1).len(), 1, "acme is told");
}

#[test]
fn a_ticket_in_a_project_that_is_given_by_number_is_named_and_nothing_is_written_twice() {
    let run = by_number(|_| {});
    assert!(shown(&run).contains("ticket project 2, issue 1"), "{}", shown(&run));
    assert!(run.green(&[]).contains("Nothing is to do"));
}

/// A run in which people told acme by hand, after the index was edited.
fn by_hand(edit: impl FnOnce(&mut Value)) -> Run {
    let run = after(edit);
    run.put(
        &format!("incidents/{ID}/updates/20260105T0930Z-bob.yaml"),
        &format!("by: bob\ncurrent_status: We called acme.\nsent_by_hand: [incident/{ID}/customer/acme]\n"),
    );
    run.green(&[]);
    run
}

#[test]
fn no_address_is_made_from_another_project_where_nothing_is_written_to_the_customer() {
    let run = by_hand(|index| {
        let place = &mut index["done"]["customer/acme"];
        place["p"] = json!("evil/project");
        place["u"] = json!(null);
    });
    assert!(!shown(&run).contains("evil/project"), "{}", shown(&run));
}

#[test]
fn the_address_of_a_ticket_is_shown_where_nothing_is_written_to_the_customer() {
    let run = by_hand(|_| {});
    let url = format!("{}/customers/acme/-/issues/1", run.fake.url);
    assert!(shown(&run).contains(&url), "{}", shown(&run));
}
