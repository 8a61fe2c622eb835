//! Texts and names that once made a check take minutes: the time of a check grows with the size of the files and not faster.

use super::common::{incidentctl, text, write};
use super::life::*;

/// The size of a hostile text, in bytes. With work that grows with its square, the test would not end.
const SIZE: usize = 400_000;

/// The result of a check of an update with this message, in a ledger with these customers.
fn check(message: &str, customers: Option<&str>) -> (i32, String) {
    check_update(
        &format!("current_status: hm\ncustomer_message: \"{message}\"\n"),
        customers,
    )
}

/// The result of a check of an update with this content, in a ledger with these customers.
fn check_update(content: &str, customers: Option<&str>) -> (i32, String) {
    let run = Run::new();
    run.write(0);
    let path = format!("incidents/{ID}/updates/20260105T0940Z-bob.yaml");
    write(run.folder.path(), &path, &format!("by: bob\n{content}"));
    if let Some(customers) = customers {
        write(run.folder.path(), "customers.yaml", customers);
    }
    let output = incidentctl(run.folder.path(), &["check", "--now", NOW]).output();
    let output = output.expect("it runs");
    (output.status.code().expect("an exit code"), text(&output))
}

#[test]
fn beginnings_of_credentials_and_signs_that_repeat_are_read_once() {
    for part in ["eyJ", "-eyJ", "eyJ.", "-----BEGIN ", "://a:", "<a", "!@a"] {
        let (code, text) = check(&part.repeat(SIZE / part.len()), None);
        assert!(code == 0 && !text.contains("INC601"), "{part}: {code}");
    }
}

#[test]
fn a_name_that_repeats_is_reported_once() {
    let (code, text) = check(&"Globex ".repeat(SIZE / 7), None);
    assert_eq!((code, text.matches("[INC602]").count()), (1, 1));
}

#[test]
fn many_customers_whose_names_begin_with_the_same_word_are_searched_in_one_pass() {
    let own = "acme: { tickets: customers/acme }\nglobex: { tickets: customers/globex }\n";
    let many = (0..15_000).map(|number| format!("c{number}: {{ name: The Company {number} }}\n"));
    let customers = own.to_owned() + &many.collect::<String>();
    let (code, text) = check(&"The Company ".repeat(SIZE / 12), Some(&customers));
    assert!(code == 0 && !text.contains("INC602"), "{code}");
    let (code, text) = check(&"The Company 77 ".repeat(SIZE / 15), Some(&customers));
    assert_eq!((code, text.matches("[INC602]").count()), (1, 1));
}

/// The number of items in a hostile list or mapping.
const COUNT: usize = 20_000;

/// Numbered items on one line.
fn items(item: impl Fn(usize) -> String) -> String {
    (0..COUNT).map(item).collect::<Vec<_>>().join(", ")
}

/// The number of findings about the update, those that are not shown included.
fn count(text: &str) -> usize {
    let last = |line: &str| {
        line.split_once(": ")
            .and_then(|(_, rest)| rest.split(' ').next()?.parse::<usize>().ok())
    };
    let more = text
        .lines()
        .find(|line| line.contains("more findings about this file"))
        .and_then(last);
    more.map_or(0, |more| 500 + more)
}

#[test]
fn long_lists_and_mappings_are_checked_in_one_pass_and_all_findings_are_counted() {
    let tickets = |number: usize| format!("x{number}: https://g.io/a/b/-/issues/{}", number + 1);
    for (content, expected) in [
        (
            format!("tickets: {{{}}}\n", items(|number| format!("x{number}: y"))),
            COUNT,
        ),
        (
            format!(
                "tickets: {{{}}}\n",
                items(|number| format!("x{number}: https://g.io/a/b/-/issues/1"))
            ),
            COUNT,
        ),
        (format!("tickets: {{{}}}\n", items(tickets)), 0),
        (
            format!("customers: {{ add: [{}] }}\n", items(|number| format!("x{number}"))),
            COUNT,
        ),
        (
            format!("steps: {{{}}}\n", items(|number| format!("x{number}: done"))),
            2 * COUNT,
        ),
        (
            format!("roles: {{{}}}\n", items(|number| format!("x{number}: bob"))),
            COUNT,
        ),
        (
            format!("links: {{{}}}\n", items(|number| format!("x{number}: \"@a\""))),
            COUNT,
        ),
        (
            format!(
                "overrides: [{}]\n",
                items(|number| format!("{{ rule: INC{number}, reason: r }}"))
            ),
            2 * COUNT,
        ),
        (format!("sent_by_hand: [{}]\n", items(|number| format!("x{number}"))), 0),
        (
            format!("related: [{}]\n", items(|number| format!("2026-01-05-x{number}"))),
            COUNT,
        ),
    ] {
        let (_, text) = check_update(&content, None);
        let start: String = content.chars().take(60).collect();
        let found = count(&text);
        assert!(found.abs_diff(expected) <= expected / 100, "{start}: {found}");
    }
}

#[test]
fn many_people_in_two_roles_that_are_apart_are_compared_in_one_pass() {
    let people = items(|number| format!("p{number}"));
    let content = format!("roles: {{ incident_manager: [{people}], incident_coordinator: [{people}] }}\n");
    let (_, text) = check_update(&content, None);
    // Two for each unknown person, and one for each pair of roles.
    assert!(count(&text) >= 3 * COUNT, "{}", count(&text));
}

#[test]
fn a_name_as_long_as_the_text_is_found_by_its_beginning() {
    for unit in ["The Company ", "company", "caf\u{e9} "] {
        let name = unit.repeat(SIZE / unit.len());
        let customers = format!("acme: {{ tickets: customers/acme }}\nglobex: {{ name: \"{name}\" }}\n");
        let (code, text) = check(&name.repeat(2), Some(&customers));
        assert_eq!((code, text.matches("[INC602]").count()), (1, 1), "{unit}");
    }
}

#[test]
fn twin_a_message_of_ordinary_words_is_checked_as_before() {
    let (code, text) = check("We know the cause, and service is back for all of you.", None);
    assert!(code == 0 && !text.contains("INC60"), "{text}");
}
