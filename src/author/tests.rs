//! Unit tests of names, texts and corrections.

use proptest::prelude::*;

use super::text::FileKind;
use super::*;
use crate::model::{Entry, IncidentId, PersonKey, Record, RoleChange, Timestamp};
use crate::source::{self, File};
use crate::span::Field;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn entry(yaml: &str) -> Entry {
    serde_yaml::from_str(yaml).expect("an entry")
}

#[test]
fn an_id_is_the_utc_date_and_the_words_of_the_title() {
    let time = at("2026-11-23T23:30:00-05:00");
    let id = |title: &str| incident_id(title, time).0;
    assert_eq!(id("Git pushes rejected!"), "2026-11-24-git-pushes-rejected");
    assert_eq!(id("Müller’s Straße: 100 % weg"), "2026-11-24-muellers-strasse-100-weg");
    assert_eq!(id("推送被拒绝"), "2026-11-24-incident");
    assert_eq!(id("--"), "2026-11-24-incident");
    let long = id(&"pushes rejected ".repeat(9));
    assert_eq!(long, "2026-11-24-pushes-rejected-pushes-rejected-pushes-rejected");
    assert_eq!(id(&"x".repeat(80)).len(), source::MAX_INCIDENT_ID_LENGTH);
}

fn record(files: &[File]) -> Record {
    source::read_record("2026-11-23-x", files).record.expect("a record")
}

fn declared() -> Vec<File> {
    let text = "title: t\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: alice\ncustomers: unknown\n";
    vec![File::new("incidents/2026-11-23-x/incident.yaml", text)]
}

fn next(files: &[File], now: &str, by: &str) -> NewFile {
    let said = entry("status: identified");
    let tolerance = chrono::TimeDelta::minutes(15);
    new_update(&record(files), files, &said, at(now), &PersonKey::from(by), tolerance).expect("a file")
}

#[test]
fn an_update_is_named_to_the_minute_then_to_the_second_then_by_the_next_second() {
    let mut files = declared();
    let mut stamps = Vec::new();
    for _ in 0..3 {
        let new = next(&files, "2026-11-23T09:40:17Z", "bob");
        stamps.push((new.stamp.clone(), new.at.to_string()));
        files.push(new.file());
    }
    let expected = [
        ("20261123T0940Z-bob", "2026-11-23T09:40:17Z"),
        ("20261123T094018Z-bob", "2026-11-23T09:40:18Z"),
        ("20261123T094019Z-bob", "2026-11-23T09:40:19Z"),
    ];
    let expected = expected.map(|(stamp, at)| (stamp.to_owned(), at.to_owned()));
    assert_eq!(stamps, expected);
    assert!(source::read_record("2026-11-23-x", &files).findings.is_empty());
}

#[test]
fn an_update_follows_one_of_a_clock_that_runs_ahead_a_little_and_no_more_than_that() {
    let mut files = declared();
    files.push(next(&files, "2026-11-23T09:50:00Z", "carol").file());
    assert_eq!(
        next(&files, "2026-11-23T09:40:00Z", "bob").at,
        at("2026-11-23T09:50:01Z")
    );
    assert_eq!(
        next(&files, "2026-11-23T09:10:00Z", "bob").at,
        at("2026-11-23T09:10:00Z")
    );
}

#[test]
fn a_person_whose_key_no_file_name_takes_is_named_in_the_file_only() {
    let new = next(&declared(), "2026-11-23T09:40:00Z", "jörg weiß");
    assert_eq!(new.stamp, "20261123T0940Z");
    let mut files = declared();
    files.push(new.file());
    let read = source::read_record("2026-11-23-x", &files);
    assert!(read.findings.is_empty());
    assert_eq!(read.record.expect("a record").entries[1].by.as_str(), "jörg weiß");
}

#[test]
fn text_is_tidied_so_that_it_can_be_a_block() {
    assert_eq!(normalize_text("  one \r\n"), "one");
    assert_eq!(
        normalize_text("\n\na\tb  \r\n\r\nc\u{7}\u{2028}d\n\n"),
        "a    b\n\nc\nd\n"
    );
    assert_eq!(normalize_text(" \n \n"), "");
    assert_eq!(normalize_line(" a\n  b\u{1b}[1m "), "a b[1m");
}

#[test]
fn a_file_is_written_in_the_order_of_the_format_with_blocks_and_without_nulls() {
    let said = entry(
        "{overrides: [{rule: INC201, reason: 'no: one'}], customers: {add: [a]}, roles: {x: null, y: [b, c]}, \
         current_status: \"a\\nb\\n\", status: identified, by: bob, hold_customers: null, timeline: [{at: 09:07, what: \
         'no'}], next_update: 60m, drill: false, reach: 30, reason: '12'}",
    );
    let text = render(&said, FileKind::Update).expect("a text");
    let expected = "by: bob\nstatus: identified\nreason: '12'\nroles:\n  x: null\n  y:\n  - b\n  - c\ncustomers:\n  add:\n  - a\n\
        current_status: |\n  a\n  b\nnext_update: 1h\nhold_customers: null\ntimeline:\n- at: 09:07\n  what: no\n\
        drill: false\nreach: 30\noverrides:\n- rule: INC201\n  reason: 'no: one'\n";
    assert_eq!(text, expected);
}

fn corrected(before: &str, changes: &str) -> Result<String, String> {
    corrected_text(
        &File::new("incidents/2026-11-23-x/updates/20261123T0940Z-bob.yaml", before),
        &entry(changes),
    )
}

#[test]
fn a_correction_replaces_the_value_and_nothing_else() {
    let cases = [
        (
            "a: plain scalar",
            "# top\nby: bob   # me\ncurrent_status:   identfied  # typo\nreason: x\n",
            "{current_status: identified}",
            "# top\nby: bob   # me\ncurrent_status: identified  # typo\nreason: x\n",
        ),
        (
            "one line becomes several",
            "by: bob\ncurrent_status: 'a' # why\n# next\nreason: x\n",
            "{current_status: \"b\\nc\\n\"}",
            "by: bob\ncurrent_status: |  # why\n  b\n  c\n# next\nreason: x\n",
        ),
        (
            "several lines become one",
            "by: bob\ncurrent_status: |  # why\n  b\n  # no comment\n  c\n\n# next\nreason: x\n",
            "{current_status: d}",
            "by: bob\ncurrent_status: d  # why\n\n# next\nreason: x\n",
        ),
        (
            "block at the end without a line feed",
            "by: bob\ncurrent_status: |\n  b",
            "{current_status: \"c\\nd\\n\"}",
            "by: bob\ncurrent_status: |\n  c\n  d\n",
        ),
        (
            "nested in a flow",
            "by: bob\nimpact: { symptoms: x, degradation: total } # y\n",
            "{impact: {symptoms: \"a\\nb\\n\"}}",
            "by: bob\nimpact: { symptoms: \"a\\nb\\n\", degradation: total } # y\n",
        ),
        (
            "nested in a block",
            "by: bob\nimpact:\n  # s\n  symptoms: >\n    x\n    y\n  degradation: total\n",
            "{impact: {symptoms: \"a\\nb\\n\"}}",
            "by: bob\nimpact:\n  # s\n  symptoms: |\n    a\n    b\n  degradation: total\n",
        ),
        (
            "a flow list",
            "by: bob\ncustomers: [acme, globex] # both\nreason: x\n",
            "{customers: [acme, initech]}",
            "by: bob\ncustomers:  # both\n- acme\n- initech\nreason: x\n",
        ),
        (
            "a key of a mapping",
            "by: bob\nlinks:\n  a: https://a # 1\n  b: https://b # 2\n",
            "{links: {a: 'https://c'}}",
            "by: bob\nlinks:\n  a: https://c  # 1\n  b: https://b # 2\n",
        ),
        (
            "line ends of Windows",
            "by: bob\r\ncurrent_status: a # x\r\nreason: y\r\n",
            "{current_status: \"b\\nc\\n\"}",
            "by: bob\r\ncurrent_status: |  # x\r\n  b\r\n  c\r\nreason: y\r\n",
        ),
        (
            "two fields",
            "by: bob\nreason: a # 1\ncurrent_status: b # 2\n",
            "{reason: longer than before, current_status: c}",
            "by: bob\nreason: longer than before  # 1\ncurrent_status: c  # 2\n",
        ),
        (
            "a whole file in a flow",
            "{ by: bob, reason: a, status: identified }\n",
            "{reason: b}",
            "{ by: bob, reason: \"b\", status: identified }\n",
        ),
        (
            "a key on a line of its own",
            "by: bob\ncurrent_status:\n  words on\n  two lines\nreason: x\n",
            "{current_status: z}",
            "by: bob\ncurrent_status: z\nreason: x\n",
        ),
        (
            "the same again",
            "by: bob\nreason: a\n",
            "{reason: a}",
            "by: bob\nreason: a\n",
        ),
    ];
    for (name, before, changes, after) in cases {
        assert_eq!(corrected(before, changes).as_deref(), Ok(after), "{name}");
    }
}

#[test]
fn a_correction_that_would_lose_a_comment_or_add_a_field_is_refused() {
    let refused = |before, changes| corrected(before, changes).expect_err("refused");
    assert!(refused("by: bob\nreason: a\n", "{status: identified}").contains("does not say `status`"));
    let inside = "by: bob\ncustomers:\n  - acme # the first\n  - globex\n";
    assert!(refused(inside, "{customers: [acme]}").contains("comment stands inside"));
    let between = "by: bob\nreason: # why\n  a\n";
    assert!(refused(between, "{reason: b}").contains("comment"));
    assert!(refused("by: bob\nreasn: a\n", "{reason: b}").contains("cannot be read to the end"));
}

/// Words as people and programs produce them.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~\\n]{0,60}",
        "[#:\\-'\"|>&*!%@`{}\\[\\], \\n\\t]{0,12}",
        prop::sample::select(vec![
            "null",
            "no",
            "017",
            "1e3",
            "~",
            "09:07",
            "- a\n- b\n",
            "a: b",
            "<<",
            "=",
            "\u{2028}x"
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_words_are_written_so_that_the_reader_takes_them_back(one in words(), two in words()) {
        let said = Entry {
            title: Field::without_place(normalize_line(&one)),
            current_status: Field::without_place(normalize_text(&two)),
            reason: Field::without_place(normalize_text(&one)),
            ..Entry::default()
        };
        let new = new_declaration(IncidentId::from("2026-11-23-x"), &said, at("2026-11-23T09:00:00Z"), &PersonKey::from("bob"));
        prop_assert!(new.is_ok(), "{:?} {:?}", said.title, said.current_status);
    }

    #[test]
    fn any_words_are_put_in_place_of_any_words(old in words(), new in words(), note in "[a-z ]{0,9}") {
        let said = Entry {
            by: Field::without_place(PersonKey::from("bob")),
            current_status: Field::without_place(normalize_text(&old)),
            next_steps: Field::without_place("after".to_owned()),
            ..Entry::default()
        };
        let mut text = render(&said, FileKind::Update).expect("a text");
        text = text.replace("next_steps: after", &format!("# {note}\nnext_steps: after # {note}"));
        let changes = Entry {
            current_status: Field::without_place(normalize_text(&new)),
            ..Entry::default()
        };
        let file = File::new("incidents/2026-11-23-x/updates/20261123T0940Z-bob.yaml", text.as_bytes());
        let after = corrected_text(&file, &changes).map_err(TestCaseError::fail)?;
        let kept = format!("# {note}\nnext_steps: after # {note}\n");
        prop_assert!(after.ends_with(&kept), "{}", after);
        prop_assert!(after.starts_with("by: bob\ncurrent_status:"));
    }
}

#[test]
fn a_list_of_people_replaces_joins_and_leaves_or_vacates_a_role() {
    let change = |people: &str| {
        let given = EntryInput {
            roles: vec![("incident_coordinator".to_owned(), people.to_owned())],
            ..EntryInput::default()
        };
        let entry = given.entry(CustomersForm::Edit).expect("an entry");
        let roles = entry.roles.get().expect("roles").clone();
        let (_, change) = roles.iter().next().expect("a role");
        change.get().expect("a change").clone()
    };
    assert_eq!(change("bob"), RoleChange::One(PersonKey::from("bob")));
    assert_eq!(change(" , "), RoleChange::Vacate);
    assert!(matches!(change("bob, eve"), RoleChange::Many(people) if people.len() == 2));
    let RoleChange::Edit(edit) = change("+bob,-eve") else {
        panic!("not an edit")
    };
    assert_eq!(edit.add.get().expect("added")[0].get(), Some(&PersonKey::from("bob")));
    assert_eq!(
        edit.remove.get().expect("removed")[0].get(),
        Some(&PersonKey::from("eve"))
    );
}

#[test]
fn who_hands_a_role_of_several_over_leaves_it_only_as_its_holder() {
    let [bob, eve] = ["bob", "eve"].map(PersonKey::from);
    let leaves = |holders: &[PersonKey]| {
        let RoleChange::Edit(edit) = hand_over(eve.clone(), holders, Some(bob.clone())) else {
            panic!("not an edit")
        };
        edit.remove.get().is_some()
    };
    assert!(leaves(std::slice::from_ref(&bob)));
    assert!(!leaves(std::slice::from_ref(&eve)));
    assert_eq!(hand_over(eve.clone(), &[bob], None), RoleChange::One(eve));
}

#[test]
fn a_word_for_all_customers_stands_alone() {
    let given = |customers: &[&str]| EntryInput {
        customers: customers.iter().map(|&key| key.to_owned()).collect(),
        ..EntryInput::default()
    };
    assert!(given(&["all"]).entry(CustomersForm::List).is_ok());
    assert!(given(&["all", "acme"]).entry(CustomersForm::List).is_err());
    assert_eq!(
        choices::normalize_picked_customers(vec!["acme".to_owned(), "all".to_owned()]),
        ["all"]
    );
    assert_eq!(choices::normalize_picked_customers(Vec::new()), ["unknown"]);
}

#[test]
fn a_file_is_found_by_its_stamp_or_a_part_that_only_it_has() {
    let files = [
        "incident.yaml",
        "updates/20261123T0940Z-bob.yaml",
        "updates/20261123T0945Z-bob.yaml",
    ]
    .map(|name| File::new(&format!("incidents/x/{name}"), ""));
    assert_eq!(find_file_by_stamp(&files, "declaration"), Ok(&files[0]));
    assert_eq!(find_file_by_stamp(&files, "0945"), Ok(&files[2]));
    assert_eq!(
        find_file_by_stamp(&files, "bob").expect_err("two"),
        "which file is `bob`? There are 20261123T0940Z-bob, 20261123T0945Z-bob"
    );
}
