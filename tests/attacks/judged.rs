//! Every customer whose ticket cannot be judged is named, nothing is said to be removed that is not, and what is proven again
//! goes on.

use super::gitlab_server::*;
use super::index::*;
use super::life::*;

/// The first line of the next update's note on each customer's ticket, as this program writes it.
fn next_marks() -> [String; 2] {
    let run = Run::new();
    run.write(0);
    run.write(1);
    run.green(&[]);
    [2, 3].map(|project| notes(&run, project, 1)[0].lines().next().expect("a mark").to_owned())
}

/// A run whose index was edited, with notes of this user for the next update on both customers' tickets.
fn with_future_notes(author: u64) -> Run {
    let run = after(|index| {
        index["done"].as_object_mut().expect("entries").clear();
    });
    for (project, mark) in [2, 3].into_iter().zip(next_marks()) {
        let mut state = run.fake.lock();
        let note = Note {
            id: state.id(),
            project,
            on: "issues".into(),
            iid: 1,
            body: format!("{mark}\n\nforged"),
            author,
            created: state.now(),
            ..Note::default()
        };
        state.notes.push(note);
    }
    run.write(1);
    run
}

/// The part of the incident issue that people see.
fn visible(run: &Run) -> String {
    let state = run.fake.lock();
    let text = &state.issue(1, 1).expect("the issue").description;
    let lines = text.lines().filter(|line| !line.contains("incidentctl index"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_customer_whose_ticket_has_another_bots_note_is_named_and_the_run_is_red() {
    let run = with_future_notes(8);
    for _ in 0..2 {
        let ended = run.apply(&[]);
        red(&ended, &["project_1_bot_9z8y"]);
        let failed = ended.text.lines().filter(|line| line.starts_with("FAILED"));
        let failed: String = failed.collect();
        for customer in ["acme", "globex"] {
            assert!(
                failed.contains(&format!("customer/{customer}/update")),
                "{customer}: {}",
                ended.text
            );
        }
        assert_eq!(
            (notes(&run, 2, 1).len(), notes(&run, 3, 1).len()),
            (1, 1),
            "nothing is sent"
        );
        assert!(!ended.text.contains("a person removed"), "{}", ended.text);
    }
}

#[test]
fn twin_notes_of_a_person_with_our_marks_leave_no_customer_out() {
    let run = with_future_notes(6);
    healed(&run.apply(&[]));
    assert_eq!((notes(&run, 2, 1).len(), notes(&run, 3, 1).len()), (2, 2));
}

/// A customer's ticket and the other one's.
fn tickets(run: &Run) -> [String; 2] {
    let state = run.fake.lock();
    [2, 3].map(|project| state.issue(project, 1).expect("a ticket").description.clone())
}

fn describe(run: &Run, [acme, globex]: [String; 2]) {
    let mut state = run.fake.lock();
    state.issue_mut(2, 1).expect("a ticket").description = acme;
    state.issue_mut(3, 1).expect("a ticket").description = globex;
}

/// A run with a public incident issue and an edited index, and both customers' tickets with each other's description.
fn swapped() -> (Run, [String; 2]) {
    let run = Run::new();
    run.put(
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{}confidential: false\n", step(0).text),
    );
    run.write(1);
    run.green(&[]);
    edit_index(&run.fake, |index| {
        index["done"].as_object_mut().expect("entries").clear();
    });
    let [acme, globex] = tickets(&run);
    describe(&run, [globex.clone(), acme.clone()]);
    (run, [acme, globex])
}

#[test]
fn a_ticket_that_cannot_be_judged_is_not_called_removed_and_is_named() {
    let (run, _) = swapped();
    run.write(2);
    let before = (notes(&run, 2, 1), notes(&run, 3, 1));
    for _ in 0..2 {
        let ended = run.apply(&[]);
        red(&ended, &["customer/acme", "customer/globex"]);
        assert!(!ended.text.contains("removed"), "{}", ended.text);
        let shown = visible(&run);
        assert!(!shown.contains("removed") && shown.contains("unknown"), "{shown}");
        assert!(!run.fake.lock().issue(1, 1).expect("the issue").confidential);
        assert_eq!(
            (notes(&run, 2, 1), notes(&run, 3, 1)),
            before,
            "nobody is told the other one's words"
        );
    }
}

#[test]
fn twin_a_ticket_that_a_person_removed_is_called_so_and_the_other_customer_is_told() {
    let run = after(|_| {});
    run.fake.lock().issues.retain(|issue| issue.project != 2);
    run.write(1);
    let ended = run.run("remind", TOKEN, &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(
        ended.text.contains("customer/acme was removed or moved by a person"),
        "{}",
        ended.text
    );
    assert!(
        visible(&run).contains("removed or moved by a person"),
        "{}",
        visible(&run)
    );
    assert_eq!(notes(&run, 3, 1).len(), 1);
}

#[test]
fn tickets_whose_descriptions_a_person_put_back_are_known_again() {
    let (run, proper) = swapped();
    run.write(2);
    red(&run.apply(&[]), &["customer/acme"]);
    describe(&run, proper);
    run.green(&[]);
    for project in [2, 3] {
        let told = notes(&run, project, 1);
        assert_eq!(told.len(), 2, "each update once: {told:?}");
    }
    let shown = visible(&run);
    assert!(
        !shown.contains("unknown") && shown.contains("customers/acme/-/issues/1"),
        "{shown}"
    );
    let before = run.texts();
    let text = run.green(&[]);
    assert!(!text.contains("unknown"), "{text}");
    assert_eq!(run.texts(), before);
    assert_eq!(run.fake.lock().issues.len(), 4, "no ticket is made again");
}

/// A run in which both customers have their tickets in one project, with notes on both; a person swapped the descriptions of the
/// tickets or did not, and took the index away. The next update has words to one customer.
fn swapped_in_one_project(is_swapped: bool) -> Run {
    let run = Run::new();
    run.put(
        "customers.yaml",
        "acme: { tickets: customers/acme }\nglobex: { tickets: customers/acme }\ninitech: { tickets: customers/initech }\n",
    );
    run.write(0);
    run.write(1);
    run.green(&[]);
    edit_index(&run.fake, |index| {
        index["done"].as_object_mut().expect("entries").clear();
    });
    if is_swapped {
        let mut state = run.fake.lock();
        let first = state.issue(2, 1).expect("a ticket").description.clone();
        let second = state.issue(2, 2).expect("a ticket").description.clone();
        state.issue_mut(2, 1).expect("a ticket").description = second;
        state.issue_mut(2, 2).expect("a ticket").description = first;
    }
    run.put(
        &format!("incidents/{ID}/updates/20260105T1010Z-bob.yaml"),
        "by: bob\ncurrent_status: More.\ncustomer_message: Only for Acme.\ncustomer_message_to: [acme]\nnext_update: 60m\n",
    );
    run
}

#[test]
fn swapped_descriptions_in_one_project_send_nobody_the_other_customers_words() {
    let run = swapped_in_one_project(true);
    let before = (notes(&run, 2, 1), notes(&run, 2, 2));
    for _ in 0..2 {
        red(&run.apply(&[]), &["customer/acme", "customer/globex"]);
        assert_eq!((notes(&run, 2, 1), notes(&run, 2, 2)), before);
    }
}

#[test]
fn twin_tickets_of_one_project_are_found_again_by_their_descriptions_and_notes() {
    let run = swapped_in_one_project(false);
    healed(&run.apply(&[]));
    let told = |iid| {
        notes(&run, 2, iid)
            .iter()
            .filter(|note| note.contains("Only for Acme"))
            .count()
    };
    assert_eq!((told(1), told(2)), (1, 0));
    assert_eq!(
        (notes(&run, 2, 1).len(), notes(&run, 2, 2).len()),
        (2, 1),
        "nothing is doubled"
    );
}

#[test]
fn an_adopted_ticket_that_never_existed_fails_the_run_and_names_the_customer() {
    let run = Run::new();
    let url = format!("{}/customers/acme/-/issues/77", run.fake.url);
    run.put(
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{}tickets: {{ acme: '{url}' }}\n", step(0).text),
    );
    run.write(1);
    for _ in 0..2 {
        let ended = run.apply(&[]);
        red(&ended, &["`acme` is not told", "tickets: { acme: URL }"]);
        assert!(!ended.text.contains("a person removed"), "{}", ended.text);
    }
    assert_eq!(notes(&run, 3, 1).len(), 1, "globex is told");
}
