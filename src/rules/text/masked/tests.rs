use super::*;
use crate::model::fields::free_texts;
use crate::source::{self, File};

const TOKEN: &str = "glpat-abcdefghij0123456789";

/// The texts of a masked record with one update, under a process.
fn texts(update: &str, process: &str) -> String {
    let folder = "incidents/2026-11-23-x";
    let declaration = format!("title: a {TOKEN} b\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: bob\n");
    let files = [
        File::new(&format!("{folder}/incident.yaml"), declaration),
        File::new(&format!("{folder}/updates/20261123T0940Z-bob.yaml"), update),
    ];
    let record = source::read_record("2026-11-23-x", &files).record.expect("a record");
    let process = source::read_process(Some(&File::new("process.yaml", process))).0;
    let masked = MaskedRecord::new(record, &process);
    let all = masked.entries.iter().flat_map(|entry| free_texts(&entry.entry));
    all.map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}

#[test]
fn credentials_are_stars_and_the_other_words_stay() {
    let text = texts(
        &format!("timeline: [{{at: 09:10, what: c {TOKEN} d}}]\n"),
        "extends: handbook\n",
    );
    assert_eq!(text, format!("a {0} b\nc {0} d", "*".repeat(TOKEN.len())));
}

#[test]
fn an_override_with_a_reason_keeps_the_words() {
    let with = |reason: &str| format!("overrides: [{{ rule: INC601{reason} }}]\n");
    let process = "extends: handbook\n";
    assert!(texts(&with(", reason: an example from a manual"), process).contains(TOKEN));
    assert!(!texts(&with(""), process).contains(TOKEN));
    assert!(!texts(&with(", reason: ' '"), process).contains(TOKEN));
    assert!(!texts("overrides: [{ rule: INC602, reason: another rule }]\n", process).contains(TOKEN));
}

#[test]
fn a_process_without_the_rule_keeps_the_words() {
    assert!(texts("status: identified\n", "extends: handbook\nrules: { INC601: off }\n").contains(TOKEN));
    assert!(!texts("status: identified\n", "extends: handbook\nrules: { INC601: info }\n").contains(TOKEN));
}

#[test]
fn keys_of_effects_and_addresses_of_issues_stay() {
    let key = format!("incident/x/{TOKEN}");
    let url = format!("https://gitlab.example.com/{TOKEN}/-/issues/1");
    let text = texts(
        &format!("sent_by_hand: [{key}]\ntickets: {{acme: '{url}', x: 'https://a:b@c/1'}}\n"),
        "",
    );
    assert!(
        text.contains(&key) && text.contains(&url) && text.contains("https://***@c/1"),
        "{text}"
    );
}
