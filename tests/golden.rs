//! What must not change: the forms of version 0.1.0, in the files of `tests/golden/`.
//!
//! Each test describes what the program prints and writes, line by line, in such a way that a line is the same whatever
//! the words are. The lines of 0.1.0 must be among them; more lines are no finding. There is no switch that writes these
//! files: tests/README.md says how a line is added.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "tests read files and run programs"
)]

mod common;
mod gitlab_server;
mod loopback;
mod slack_server;

#[path = "chat/both.rs"]
mod both;
#[path = "gitlab/life.rs"]
mod life;

#[path = "golden/json.rs"]
mod json;
#[path = "golden/served.rs"]
mod served;
#[path = "golden/words.rs"]
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use common::{files, git, repository, run, write};
use serde_json::Value;

/// A time after everything in the golden ledgers.
const NOW: &str = "2026-12-24T00:00:00Z";

/// A file of `tests/golden/` and what describes the program in its lines.
type Golden = (&'static str, fn() -> Vec<String>);

const ALL: [Golden; 8] = [
    ("ledger.effects", || effects("ledger")),
    ("life.effects", || effects("life")),
    ("ledger.outbox", || outbox("ledger")),
    ("life.outbox", || outbox("life")),
    ("every.outbox", || outbox("every")),
    ("every.state", state_of_every_key),
    ("every.words", words::rendered),
    ("json.fields", json::fields),
];

/// What describes the program where it talks to GitLab and Slack.
const SERVED: [Golden; 2] = [("life.served", served::life), ("reminders.served", served::reminders)];

fn golden() -> PathBuf {
    repository().join("tests/golden")
}

/// A copy of a golden ledger with these templates.
fn ledger(name: &str, templates: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&golden().join(name), folder.path());
    copy(&golden().join(templates), &folder.path().join("templates"));
    folder
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        write(to, &path, &String::from_utf8_lossy(&bytes));
    }
}

/// Runs the program at the fixed time; it has to end with 0.
fn green(ledger: &Path, arguments: &[&str]) -> String {
    let mut all = vec!["--now", NOW];
    all.extend(arguments);
    let (code, text) = run(ledger, &all);
    assert_eq!(code, 0, "{arguments:?}: {text}");
    text
}

/// The ledgers of version 0.1.0 stay valid: nobody has to rewrite a merged file.
#[test]
fn the_sample_ledger_of_the_first_version_is_checked_without_findings() {
    let ledger = ledger("ledger", "plain");
    let (code, text) = run(ledger.path(), &["--now", NOW, "check"]);
    assert_eq!((code, text.contains("no findings")), (0, true), "{text}");
}

fn parsed(text: &str) -> Value {
    let value: Option<Value> = serde_json::from_str(text).ok();
    assert!(value.is_some(), "not JSON: {text}");
    value.unwrap_or_default()
}

/// Asserts that each line of a golden file is among these, as often as there.
fn holds(name: &str, lines: &[String]) {
    let wanted = fs::read_to_string(golden().join(name)).expect("the golden file");
    assert!(!wanted.trim().is_empty(), "{name} is empty");
    let mut there: BTreeMap<&str, usize> = BTreeMap::new();
    lines.iter().for_each(|line| *there.entry(line).or_default() += 1);
    let mut lost = Vec::new();
    for line in wanted.lines() {
        match there.get_mut(line) {
            Some(count) if *count > 0 => *count -= 1,
            _ => lost.push(line),
        }
    }
    assert!(
        lost.is_empty(),
        "{} of {} lines of tests/golden/{name} no longer hold:\n{}\ninstead there is\n{}",
        lost.len(),
        wanted.lines().count(),
        lost.join("\n"),
        there
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(line, _)| *line)
            .collect::<Vec<_>>()
            .join("\n")
    );
}

fn held(name: &str) {
    let (_, describe) = ALL
        .iter()
        .chain(&SERVED)
        .find(|(own, _)| *own == name)
        .expect("it is listed");
    holds(name, &describe());
}

/// The effects of a ledger, as the plan names them.
fn effects(name: &str) -> Vec<String> {
    let ledger = ledger(name, "plain");
    let plan = parsed(&green(ledger.path(), &["plan", "--format", "json"]));
    let effects = plan["effects"].as_array().expect("effects").iter();
    let word = |effect: &Value, field: &str| effect[field].as_str().unwrap_or("-").to_owned();
    effects
        .map(|effect| {
            let all = ["key", "kind", "action", "stage", "audience"].map(|field| word(effect, field));
            all.join(" ")
        })
        .collect()
}

/// The files of an outbox with their first lines: key, hash of the source words, hash of the content, state. All templates
/// print one word, so that no hash depends on wording.
fn outbox(name: &str) -> Vec<String> {
    let ledger = ledger(name, "plain");
    green(ledger.path(), &["apply", "--to", "outbox:out"]);
    let all = files(&ledger.path().join("out")).into_iter();
    all.map(|(path, bytes)| {
        let text = String::from_utf8(bytes).expect("UTF-8");
        let ends = text.matches("\n<!-- /incidentctl -->\n").count();
        format!("{path}: {} … {ends}", text.lines().next().unwrap_or_default())
    })
    .collect()
}

/// A JSON value as lines, one for each value in it.
fn flat(place: &str, value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flat(&format!("{place}.{name}"), value, out);
            }
        }
        Value::Array(items) => {
            out.push(format!("{place}: {} items", items.len()));
            for (at, value) in items.iter().enumerate() {
                flat(&format!("{place}[{at}]"), value, out);
            }
        }
        value => out.push(format!("{place} = {value}")),
    }
}

/// Times at which the incidents with every key are looked at.
const LOOKS: [(&str, &str); 7] = [
    ("every-key", "2026-01-05T09:12:00Z"),
    ("every-key", "2026-01-05T09:50:00Z"),
    ("every-key", "2026-01-05T10:30:00Z"),
    ("every-key", "2026-01-07T00:00:00Z"),
    ("a-drill", "2026-01-06T09:30:00Z"),
    ("a-drill", "2026-01-06T11:00:00Z"),
    ("false-alarm", "2026-01-07T10:00:00Z"),
];

/// The state of incidents that use every key of the record, under a process that uses every key of process.yaml.
fn state_of_every_key() -> Vec<String> {
    let ledger = ledger("every", "plain");
    let mut out = Vec::new();
    for (id, at) in LOOKS {
        let shown = parsed(&green(ledger.path(), &["show", id, "--json", "--at", at]));
        flat(&format!("show {id} at {at}: "), &shown, &mut out);
    }
    let listed = parsed(&green(ledger.path(), &["list", "--json"]));
    flat("list: ", &listed, &mut out);
    let scored = parsed(&green(ledger.path(), &["report", "--format", "json", "--drills"]));
    flat("report: ", &scored, &mut out);
    let plan = parsed(&green(ledger.path(), &["plan", "--format", "json"]));
    for effect in plan["effects"].as_array().expect("effects") {
        let key = effect["key"].as_str().unwrap_or_default();
        for field in ["kind", "action", "stage", "audience", "title", "to"] {
            // Where something is said is words, except where it is a project or a channel.
            let named = matches!(effect["kind"].as_str(), Some("issue" | "ticket" | "channel"));
            if field != "to" || named {
                out.push(format!("plan {key} {field} = {}", effect[field]));
            }
        }
    }
    out
}

#[test]
fn the_effects_of_the_sample_ledger_have_their_keys() {
    held("ledger.effects");
}

#[test]
fn the_effects_of_a_life_with_slack_have_their_keys() {
    held("life.effects");
}

#[test]
fn the_outbox_has_its_file_names_marks_and_hashes() {
    held("ledger.outbox");
    held("life.outbox");
    held("every.outbox");
}

#[test]
fn an_outbox_of_version_0_1_0_is_complete() {
    // Its files with their first lines, which is all that the program reads of them.
    for name in ["ledger", "life", "every"] {
        let ledger = ledger(name, "plain");
        for line in fs::read_to_string(golden().join(format!("{name}.outbox")))
            .expect("the golden file")
            .lines()
        {
            let (path, mark) = line.split_once(": ").expect("a path");
            let mark = mark.split_once(" …").expect("a mark").0;
            write(
                &ledger.path().join("out"),
                path,
                &format!("{mark}\nwords\n\n<!-- /incidentctl -->\n"),
            );
        }
        let plan = parsed(&green(
            ledger.path(),
            &["plan", "--format", "json", "--to", "outbox:out"],
        ));
        let golden = fs::read_to_string(golden().join(format!("{name}.outbox"))).expect("the golden file");
        for effect in plan["effects"].as_array().expect("effects") {
            let key = effect["key"].as_str().expect("a key");
            let ours = format!("incidentctl: {key} ");
            assert!(!golden.contains(&ours), "{key} would be done again");
        }
    }
}

#[test]
fn every_key_of_process_people_customers_and_record_is_read() {
    let ledger = ledger("every", "templates");
    let (code, text) = run(ledger.path(), &["--now", NOW, "check", "--format", "json"]);
    assert_eq!(code, 0, "{text}");
    let report = parsed(&text);
    let codes = report["findings"].as_array().expect("findings").iter();
    let form: Vec<_> = codes
        .filter(|finding| finding["code"].as_str().is_some_and(|code| code.starts_with("INC0")))
        // A former bot's name is still read, with a warning.
        .filter(|finding| finding["code"] != "INC012" || finding["level"] != "warning")
        .collect();
    assert!(form.is_empty(), "{form:#?}");
    held("every.state");
}

#[test]
fn the_handbooks_process_of_0_1_0_is_a_process_that_extends_nothing() {
    let ledger = ledger("ledger", "plain");
    let handbook = golden().join("handbook.yaml");
    write(
        ledger.path(),
        "process.yaml",
        &fs::read_to_string(handbook).expect("the handbook"),
    );
    let text = green(ledger.path(), &["check"]);
    assert!(!text.contains("INC0"), "{text}");
}

#[test]
fn templates_have_their_names_and_all_their_variables() {
    held("every.words");
    // Every variable that a golden template names has a value in a golden line of a template with the same view.
    let lines = ["every.words", "reminders.served"].map(|name| fs::read_to_string(golden().join(name)).expect("it"));
    let filled: BTreeSet<(&str, &str)> = lines.iter().flat_map(|text| text.lines()).flat_map(filled).collect();
    let mut without = BTreeSet::new();
    for (path, bytes) in files(&golden().join("templates")) {
        let view = view(path.trim_end_matches(".hbs"));
        let text = String::from_utf8(bytes).expect("UTF-8");
        let named = text.split(['\n', ' ', '}']).filter_map(|part| part.split_once('='));
        let empty = named.filter(|(name, _)| !filled.contains(&(view, name)));
        without.extend(empty.map(|(name, _)| format!("{view} {name}")));
    }
    // An issue's status is as of its own time.
    assert_eq!(without.into_iter().collect::<Vec<_>>(), ["issue current_status.since"]);
}

/// Which view a template is given.
fn view(template: &str) -> &str {
    match template {
        "review" => "issue",
        "nag" => "overdue",
        name if name.starts_with("customer-") => "customer",
        name if name.starts_with("slack-") => "slack",
        name => name,
    }
}

/// The variables that have a value in a line of `PLACE TEMPLATE: NAME=VALUE …`, each with its view.
fn filled(line: &str) -> Vec<(&str, &str)> {
    let Some((place, printed)) = line.split_once(": ") else {
        return Vec::new();
    };
    let view = view(place.rsplit(' ').next().unwrap_or_default());
    let named = printed.split(' ').filter_map(|part| part.split_once('='));
    let filled = named.filter(|(_, value)| !value.is_empty() && !value.starts_with("«»"));
    filled.map(|(name, _)| (view, name)).collect()
}

#[test]
fn json_has_its_fields_and_types() {
    held("json.fields");
}

#[test]
fn what_stands_in_gitlab_and_slack_has_its_marks_index_and_suffixes() {
    held("life.served");
}

#[test]
fn reminders_have_their_keys_and_marks() {
    held("reminders.served");
}

/// Writes what the program has today into `target/golden/`, to be compared and copied by hand. Never into `tests/`.
#[test]
#[ignore = "writes into target/golden: tests/README.md"]
fn write_what_there_is_into_target() {
    for (name, describe) in ALL.iter().chain(&SERVED) {
        write(
            &repository().join("target/golden"),
            name,
            &(describe().join("\n") + "\n"),
        );
    }
}
