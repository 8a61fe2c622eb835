use super::*;
use crate::diagnostics::Level;
use crate::diagnostics::position::position;
use crate::model::{Entry, Timestamp};

const ID: &str = "2026-11-23-pushes-rejected";

const DECLARATION: &str = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:12:00Z\n\
                           declared_by: alice\ncustomers: [acme, globex]\n";

fn file(inside: &str, text: &str) -> File {
    File::new(&format!("incidents/{ID}/{inside}"), text)
}

/// Code and line of each finding about the declaration, in order.
fn findings(text: &str) -> Vec<String> {
    shown(&read_record(ID, &[file("incident.yaml", text)]), text)
}

fn shown(read: &ParsedRecord, text: &str) -> Vec<String> {
    let line = |offset| position(text, offset).line;
    read.findings
        .iter()
        .map(|finding| format!("{}:{} {}", finding.code, line(finding.span.start), finding.message))
        .collect()
}

#[test]
fn a_right_declaration_has_no_findings_and_knows_its_places() {
    let read = read_record(ID, &[file("incident.yaml", DECLARATION)]);
    assert_eq!(read.findings, []);
    let record = read.record.expect("a record");
    let severity = &record.declaration().entry.severity;
    let place = severity.place().expect("a place");
    assert_eq!(
        &DECLARATION[place.key.start as usize..place.key.end as usize],
        "severity"
    );
    assert_eq!(
        &DECLARATION[place.value.start as usize..place.value.end as usize],
        "sev0"
    );
}

#[test]
fn ten_mistakes_in_one_file_are_ten_findings_each_with_its_line() {
    let text = "title: 17\n\
                severty: sev0\n\
                declared_at: soon\n\
                declared_by: [alice]\n\
                customers: everyone\n\
                confidential: no\n\
                title: again\n\
                impact: {headlin: x, kind: outage}\n\
                next_update: 5 minutes\n\
                reach: -3\n\
                links: [a]\n";
    assert_eq!(
        findings(text),
        [
            "INC003:1 a declaration needs `severity`",
            "INC003:1 expected text, found the number `17`",
            "INC002:2 unknown key `severty`",
            "INC003:3 expected a time such as 2026-01-02T03:04:05Z, found `soon`",
            "INC003:4 expected text, found a list",
            "INC003:5 expected a list of customers, `unknown`, `all` or {add, restored, remove}, found `everyone`",
            "INC003:6 expected true or false, found `no`",
            "INC004:7 duplicate key `title`",
            "INC002:8 unknown key `headlin`",
            "INC003:8 expected one of `availability`, `data_loss`, `security`, found `outage`",
            "INC003:9 expected a time such as 2026-01-02T03:04:05Z or a length such as 60m, found `5 minutes`",
            "INC003:10 expected a whole number, found the number `-3`",
            "INC003:11 expected a mapping, found a list",
        ]
    );
}

#[test]
fn what_could_grow_while_it_is_read_is_refused() {
    for (text, message) in [
        ("title: &a x\n", "anchors are not allowed"),
        ("title: !!str x\n", "tags are not allowed"),
        ("%YAML 1.2\n---\ntitle: x\n", "directives are not allowed"),
        (
            "title: x\n---\ntitle: y\n",
            "a file holds one document, and here begins another",
        ),
    ] {
        let found = findings(text);
        assert!(
            found
                .iter()
                .any(|line| line.starts_with("INC001") && line.ends_with(message)),
            "{text}: {found:?}"
        );
    }
    let deep = format!("title: {}\n", "[".repeat(40) + &"]".repeat(40));
    assert!(
        findings(&deep).iter().any(|line| line.contains("nested deeper")),
        "{:?}",
        findings(&deep)
    );
}

#[test]
fn what_stands_before_a_mistake_in_the_syntax_is_still_checked() {
    let found = findings("severty: sev0\ntitle: [a\nb: c\n");
    assert!(found.iter().any(|line| line.starts_with("INC002:1")), "{found:?}");
    assert!(found.iter().any(|line| line.starts_with("INC001")), "{found:?}");
}

#[test]
fn a_broken_file_hides_nothing_in_another() {
    let update = file("updates/20261123T0940Z-bob.yaml", "by: bob\nstatsu: identified\n");
    let read = read_record(ID, &[file("incident.yaml", "title: [\n"), update]);
    assert!(read.findings.iter().any(|finding| finding.code == "INC002"));
    assert!(read.complete_record().is_none());
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_fine() {
    let text = format!("\u{feff}{}", DECLARATION.replace('\n', "\r\n"));
    assert_eq!(findings(&text), [] as [String; 0]);
}

#[test]
fn bytes_that_are_not_text_links_and_large_files_are_findings() {
    let bad = File::new(&format!("incidents/{ID}/incident.yaml"), b"title: \xff\n".to_vec());
    let large = file("incident.yaml", &"#".repeat(MAX_FILE_BYTES + 1));
    let link = File {
        link: true,
        ..file("incident.yaml", "")
    };
    let codes = |one: File| {
        read_record(ID, &[one])
            .findings
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(bad), ["INC001"]);
    assert_eq!(codes(large), ["INC008"]);
    assert_eq!(codes(link), ["INC008"]);
}

#[test]
fn an_updates_time_comes_from_its_name_and_a_contradiction_is_a_finding() {
    let files = |name: &str, text: &str| [file("incident.yaml", DECLARATION), file(name, text)];
    let read = read_record(
        ID,
        &files("updates/20261123T0940Z-bob.yaml", "by: bob\nstatus: identified\n"),
    );
    assert_eq!(read.findings, []);
    let record = read.record.expect("a record");
    assert_eq!(
        record.entries[1].at,
        Timestamp::parse("2026-11-23T09:40:00Z").expect("a time")
    );
    assert_eq!(record.entries[1].stamp.as_str(), "20261123T0940Z-bob");
    let wrong = "at: 2026-11-23T09:41:00Z\nby: eve\nstatus: identified\n";
    let read = read_record(ID, &files("updates/20261123T0940Z-bob.yaml", wrong));
    assert_eq!(shown(&read, wrong).len(), 2);
    assert!(read.findings.iter().all(|finding| finding.code == "INC007"));
}

#[test]
fn entries_are_in_the_order_of_their_times() {
    let at = |time: &str, by: &str| {
        file(
            &format!("updates/{time}-{by}.yaml"),
            &format!("by: {by}\nstatus: identified\n"),
        )
    };
    let files = [
        at("20261123T1000Z", "zoe"),
        at("20261123T0930Z", "bob"),
        file("incident.yaml", DECLARATION),
    ];
    let record = read_record(ID, &files).record.expect("a record");
    let by: Vec<_> = record.entries.iter().map(|entry| entry.by.as_str()).collect();
    assert_eq!(by, ["alice", "bob", "zoe"]);
}

#[test]
fn files_that_do_not_belong_are_found_and_yaml_among_them_is_an_error() {
    let files = [
        file("incident.yaml", DECLARATION),
        file("updates/notes.yaml", "by: bob\n"),
        file("graph.png", "x"),
        file("updates/20261123T2561Z.yaml", "by: bob\n"),
    ];
    let read = read_record(ID, &files);
    let found: Vec<_> = read
        .findings
        .iter()
        .map(|finding| (finding.path.as_str(), finding.level))
        .collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0].1, Level::Warning);
    assert!(found[1..].iter().all(|(_, level)| *level == Level::Error));
}

#[test]
fn an_id_is_a_date_and_a_slug_and_its_date_is_the_declarations() {
    let codes = |id: &str| {
        let one = File::new(&format!("incidents/{id}/incident.yaml"), DECLARATION);
        read_record(id, &[one])
            .findings
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>()
    };
    for wrong in [
        "pushes",
        "2026-11-24-pushes",
        "2026-11-23-",
        "2026-11-23-Pushes",
        "2026-13-01-x",
    ] {
        assert_eq!(codes(wrong), ["INC006"], "{wrong}");
    }
    assert_eq!(codes(&format!("2026-11-23-{}", "x".repeat(50))), ["INC006"]);
    assert_eq!(codes(&format!("2026-11-23-{}", "x".repeat(49))), [] as [&str; 0]);
}

#[test]
fn nothing_is_coerced_silently() {
    for (line, right) in [
        ("reach: 017", false),
        ("reach: 0x1f", false),
        ("reach: 1_000", false),
        ("reach: 1e3", false),
        ("reach: 12", true),
        ("drill: True", false),
        ("drill: \"true\"", false),
        ("drill: true", true),
        ("reason: 12", false),
        ("reason: no", true),
        ("reason:", false),
        ("reason: \"12\"", true),
        ("hold_customers: null", true),
    ] {
        let found = findings(&format!("{DECLARATION}{line}\n"));
        assert_eq!(found.is_empty(), right, "{line}: {found:?}");
    }
}

#[test]
fn both_readers_agree_on_what_both_accept() {
    for text in [
        DECLARATION,
        "title: \"a \\u00e9 b\"\nroles: {im: alice, analysts: [a, b], old: null, more: {add: [x], remove: [y]}}\n",
        "current_status: |\n  one\n\n  two\nnext_steps: >-\n  folded\n  text\nhold_customers: null\n",
        "overrides:\n  - {rule: INC201, reason: paging}\ntimeline:\n- at: 09:07\n  what: 'it''s locked'\n",
        "customers: {add: [initech], restored: [acme]}\nnext_update: 60m\nlinks: {a: https://x/#y}\n",
    ] {
        let sink = sink::Sink::new("x");
        let ours = document::read::<Entry>(&File::new("x", text), false, &sink)
            .expect("a document")
            .value;
        assert!(sink.is_empty());
        let theirs: Entry = serde_yaml::from_str(text).expect("valid for the other reader");
        assert_eq!(ours, theirs, "{text}");
    }
}

#[test]
fn the_embedded_process_is_read_without_a_finding_and_its_rules_know_their_places() {
    let (_, findings) = read_file::<ProcessFile>(&File::new(HANDBOOK_PATH, process::HANDBOOK));
    assert_eq!(findings, []);
    let (process, _) = read_process(None);
    let sev0 = process.severity("sev0").expect("sev0");
    let span = sev0.customers.as_ref().expect("customers").origin.span;
    assert_eq!(&process::HANDBOOK[span.start as usize..span.end as usize], "{ min: 2 }");
}

#[test]
fn a_file_of_comments_beside_the_record_is_as_good_as_none() {
    let (people, findings) = read_people(&File::new("people.yaml", "# nobody yet\n"));
    assert_eq!((people, findings), (None, Vec::new()));
    let (process, findings) = read_process(Some(&File::new("process.yaml", "# the handbook's\n")));
    assert_eq!(findings, []);
    assert!(!process.severities.is_empty());
}

#[test]
fn a_comma_that_cuts_a_text_in_two_is_explained() {
    let text = format!("{DECLARATION}timeline: [{{ at: 09:07, what: stopped, and locked }}]\n");
    let read = read_record(ID, &[file("incident.yaml", &text)]);
    assert_eq!(read.findings.len(), 1);
    assert!(
        read.findings[0]
            .help
            .as_deref()
            .is_some_and(|help| help.contains("quotes"))
    );
}
