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
fn each_part_of_an_effects_key_is_masked_like_the_name_that_it_stands_for() {
    let text = texts(&format!("sent_by_hand: [incident/x/customer/a-{TOKEN}/note]\n"), "");
    let key = format!("incident/x/customer/a-{}/note", "*".repeat(TOKEN.len()));
    assert!(text.contains(&key), "{text}");
}

/// The masked record of an incident with this id, this declaration and one update.
fn masked(id: &str, more: &str, update: &str) -> MaskedRecord {
    let declaration = format!("title: a\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: bob\n{more}");
    let files = [
        File::new(&format!("incidents/{id}/incident.yaml"), declaration),
        File::new(
            &format!("incidents/{id}/updates/{update}.yaml"),
            "by: bob\nstatus: identified\n",
        ),
    ];
    let record = source::read_record(id, &files).record.expect("a record");
    MaskedRecord::new(record, &source::read_process(None).0)
}

const ID: &str = "2026-11-23-x";
const UPDATE: &str = "20261123T0940Z-bob";

#[test]
fn an_address_keeps_its_place_and_an_address_that_a_mask_would_break_is_left_out() {
    let place = "https://gitlab.example.com/a/b/-/issues/1";
    let more = format!(
        "tickets: {{ acme: '{place}?x={TOKEN}', globex: 'https://gitlab.example.com/a/{TOKEN}/-/issues/1', initech: '{place}' }}\n"
    );
    let record = masked(ID, &more, UPDATE);
    let all = record.declaration().entry.tickets.get().expect("tickets").iter();
    let all: Vec<_> = all.map(|(customer, url)| (customer, url.get().cloned())).collect();
    let starred = format!("{place}?x={}", "*".repeat(TOKEN.len()));
    let wanted = [
        ("acme", Some(starred)),
        ("globex", None),
        ("initech", Some(place.to_owned())),
    ];
    assert_eq!(all, wanted);
    assert!(record.has_stars() && record.may_act());
}

#[test]
fn a_record_with_a_credential_in_a_file_name_or_with_names_that_become_equal_asks_for_nothing() {
    let other = TOKEN.replace("0123", "3210");
    let twice = format!("customers: [a-{TOKEN}, a-{other}]\n");
    let once = format!("customers: [a-{TOKEN}]\nroles: {{ incident_manager: a-{TOKEN} }}\n");
    let lower = format!("2026-11-23-{TOKEN}");
    let stamp = format!("20261123T0940Z-{TOKEN}");
    for (id, more, update, may_act) in [
        (ID, "", UPDATE, true),
        (ID, once.as_str(), UPDATE, true),
        (ID, twice.as_str(), UPDATE, false),
        (lower.as_str(), "", UPDATE, false),
        (ID, "", stamp.as_str(), false),
    ] {
        let record = masked(id, more, update);
        assert_eq!(record.may_act(), may_act, "{id} {more} {update}");
        assert!(!format!("{record:?}").contains("0123"), "{record:?}");
        let reason = format!("{more}overrides: [{{ rule: INC601, reason: an example }}]\n");
        assert!(masked(id, &reason, update).may_act(), "an override sends as written");
    }
}

#[test]
fn twin_names_that_read_as_words_are_names() {
    let words = "glpat-tokens-leaked-in-v2-logs-of-2026";
    let id = format!("2026-11-23-{words}");
    let update = format!("20261123T0940Z-{words}");
    let address = "https://gitlab.example.com/npm_packages/some-long-name-of-a-project/-/issues/1";
    let more = format!(
        "customers: [npm_registry_and_other_mirrors_of_the_world]\nrelated: [{id}]\ntickets: {{ acme: '{address}' }}\n"
    );
    let record = masked(&id, &more, &update);
    assert!(record.may_act() && !record.has_stars(), "{record:?}");
    for token in [
        "glpat-abcdefghijklmnopqrst",
        "glpat-a1b2c3d4e-fghij-klmno",
        "glpat-Abcdefg-hijklmno-pqr",
        "xoxb-123456789012-1234",
    ] {
        assert!(mask_name(token).is_some(), "{token}");
    }
}
