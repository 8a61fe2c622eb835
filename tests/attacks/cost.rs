//! Texts and names that once made a check take minutes: the time of a check grows with the size of the files and not faster.

use super::common::{incidentctl, text, write};
use super::life::*;

/// The size of a hostile text, in bytes. With work that grows with its square, the test would not end.
const SIZE: usize = 400_000;

/// The result of a check of an update with this message, in a ledger with these customers.
fn check(message: &str, customers: Option<&str>) -> (i32, String) {
    let run = Run::new();
    run.write(0);
    let path = format!("incidents/{ID}/updates/20260105T0940Z-bob.yaml");
    let update = format!("by: bob\ncurrent_status: hm\ncustomer_message: \"{message}\"\n");
    write(run.folder.path(), &path, &update);
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

#[test]
fn twin_a_message_of_ordinary_words_is_checked_as_before() {
    let (code, text) = check("We know the cause, and service is back for all of you.", None);
    assert!(code == 0 && !text.contains("INC60"), "{text}");
}
