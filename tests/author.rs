//! The commands that write the record: through the real program, a terminal and a remote that records what it is asked for.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "tests run the program")]

#[path = "author/endings.rs"]
mod endings;
#[path = "author/laws.rs"]
mod laws;
#[path = "author/remote.rs"]
mod remote;
#[path = "author/terminal.rs"]
mod terminal;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const NOW: &str = "2026-11-23T09:12:00Z";
pub(crate) const ID: &str = "2026-11-23-pushes-rejected";
pub(crate) const PEOPLE: &str = "alice: { name: Alice Ng }\nbob: { name: Bob Li }\ncarol: { name: Carol Ray }\n\
    frank: { name: Frank Moe }\nerin: { name: Erin Roy, leadership: true }\n";
pub(crate) const CUSTOMERS: &str =
    "acme: { name: Acme Corp, tickets: customers/acme }\nglobex: { name: Globex, tickets: customers/globex }\n";
/// What declares it, in flags.
pub(crate) const DECLARE: [&str; 15] = [
    "declare",
    "Pushes rejected",
    "--severity",
    "sev0",
    "--customer",
    "acme,globex",
    "--degradation",
    "total",
    "--symptoms",
    "git push fails",
    "--role",
    "incident_manager=alice",
    "--role",
    "incident_analysts=carol",
    "--by=alice",
];

/// A folder with people and customers.
pub(crate) fn ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("incidents")).expect("a folder");
    fs::write(folder.path().join("people.yaml"), PEOPLE).expect("it is written");
    fs::write(folder.path().join("customers.yaml"), CUSTOMERS).expect("it is written");
    folder
}

/// The program in a folder, with nothing of this environment.
pub(crate) fn program(root: &Path, now: &str) -> Command {
    let mut it = Command::new(env!("CARGO_BIN_EXE_incidentctl"));
    it.env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", root)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .arg("-C")
        .arg(root)
        .args(["--now", now]);
    it
}

pub(crate) fn run(root: &Path, now: &str, arguments: &[&str]) -> (i32, String) {
    let output = program(root, now).args(arguments).output().expect("it runs");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code().expect("a code"), text)
}

pub(crate) fn green(root: &Path, now: &str, arguments: &[&str]) -> String {
    let (code, text) = run(root, now, arguments);
    assert_eq!(code, 0, "{arguments:?}: {text}");
    text
}

/// Every file of the record, by its path.
pub(crate) fn record(root: &Path) -> BTreeMap<PathBuf, String> {
    fn collect(root: &Path, folder: &Path, all: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(root, &path, all);
            } else {
                let text = fs::read_to_string(&path).expect("a text");
                all.insert(path.strip_prefix(root).expect("below").to_path_buf(), text);
            }
        }
    }
    let mut all = BTreeMap::new();
    collect(root, &root.join("incidents"), &mut all);
    all
}

#[test]
fn a_declaration_by_flags_is_one_file_that_passes() {
    let folder = ledger();
    green(folder.path(), NOW, &DECLARE);
    let expected = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:12:00Z\ndeclared_by: alice\ncustomers:\n- acme\n\
        - globex\nimpact:\n  degradation: total\n  symptoms: git push fails\nroles:\n  incident_manager: alice\n  incident_analysts: carol\n";
    let path = PathBuf::from(format!("incidents/{ID}/incident.yaml"));
    assert_eq!(record(folder.path()), BTreeMap::from([(path, expected.to_owned())]));
    green(folder.path(), NOW, &["check"]);
}

#[test]
fn a_whole_incident_is_written_without_opening_a_file() {
    let folder = ledger();
    let root = folder.path();
    green(root, NOW, &DECLARE);
    let steps: [(&str, &[&str]); 7] = [
        (
            "09:20",
            &["hand-over", "pushes", "incident_coordinator", "bob", "--by=alice"],
        ),
        (
            "09:31",
            &["step", "pushes", "brief_analysts", "joined 09:31", "--by=carol"],
        ),
        (
            "09:40",
            &[
                "update",
                "pushes",
                "--by=bob",
                "--status",
                "identified",
                "--current-status",
                "A wrong header.",
                "--current-actions",
                "Testing.",
                "--next-steps",
                "Give it.",
                "--next-update",
                "60m",
                "--customer-message",
                "We have found why.",
            ],
        ),
        (
            "10:30",
            &[
                "update",
                "pushes",
                "--by=bob",
                "--current-status",
                "Still.",
                "--next-update",
                "60m",
            ],
        ),
        (
            "10:40",
            &["hand-over", "pushes", "incident_coordinator", "frank", "--by=bob"],
        ),
        (
            "11:00",
            &[
                "resolve",
                "pushes",
                "--by=frank",
                "--current-status",
                "Back.",
                "--customer-message",
                "Pushes work again.",
            ],
        ),
        ("12:00", &["close", "pushes", "--by=alice"]),
    ];
    for (at, arguments) in steps {
        let before = record(root);
        green(root, &format!("2026-11-23T{at}:00Z"), arguments);
        let after = record(root);
        assert_eq!(after.len(), before.len() + 1);
        assert!(
            before.iter().all(|(path, text)| after[path] == *text),
            "a file that was there has changed"
        );
    }
    assert!(green(root, "2026-11-23T12:01:00Z", &["check"]).contains("no findings"));
    let shown = green(root, "2026-11-23T12:01:00Z", &["show", "pushes", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["status"], "closed");
    assert_eq!(shown["roles"]["incident_coordinator"][0], "frank");
    assert_eq!(shown["steps"][2]["done"], "joined 09:31");
    assert_eq!(shown["summary"]["current_status"], "Back.");
}

#[test]
fn what_would_not_pass_is_not_written_and_says_which_flag_mends_it() {
    let folder = ledger();
    let root = folder.path();
    green(root, NOW, &DECLARE);
    let before = record(root);
    let refused: [(&[&str], &str, &str); 4] = [
        (
            &["update", "pushes", "--by=bob", "--severity", "sev1"],
            "INC103",
            "--reason",
        ),
        (&["resolve", "pushes", "--by=alice"], "INC405", "--current-status"),
        (
            &["update", "pushes", "--by=bob", "--status", "fixed"],
            "INC009",
            "--status",
        ),
        (
            &[
                "update",
                "pushes",
                "--by=bob",
                "--current-status",
                "The key is glpat-abcdefghijklmnopqrst",
            ],
            "INC601",
            "without the credential",
        ),
    ];
    for (arguments, code, flag) in refused {
        let (exit, text) = run(root, "2026-11-23T09:30:00Z", arguments);
        assert_eq!(exit, 1, "{text}");
        assert!(
            text.contains(code) && text.contains(flag) && text.contains("Nothing was written"),
            "{text}"
        );
        assert!(!text.contains("glpat-abcdefghijklmnopqrst"), "{text}");
        assert_eq!(record(root), before);
    }
}

#[test]
fn a_missing_field_is_named_where_nobody_can_be_asked() {
    let folder = ledger();
    let (code, text) = run(folder.path(), NOW, &["declare", "Pushes rejected", "--by=alice"]);
    assert_eq!(code, 2);
    assert!(
        text.contains("--severity (sev0, sev1)") && text.contains("--customer"),
        "{text}"
    );
    let (code, text) = run(folder.path(), NOW, &DECLARE[..14]);
    assert_eq!(code, 2);
    assert!(text.contains("--by PERSON") && text.contains("alice"), "{text}");
    assert!(record(folder.path()).is_empty());
}

#[test]
fn declared_twice_says_who_did_and_how_to_join_and_does_nothing() {
    let folder = ledger();
    green(folder.path(), NOW, &DECLARE);
    let before = record(folder.path());
    let text = green(folder.path(), "2026-11-23T09:15:00Z", &DECLARE);
    assert!(
        text.contains("declared already, by alice at 2026-11-23T09:12:00Z"),
        "{text}"
    );
    let mut other = DECLARE.to_vec();
    other[14] = "--by=bob";
    let (code, text) = run(folder.path(), "2026-11-23T09:15:00Z", &other);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains(&format!("incidentctl update {ID}")), "{text}");
    assert_eq!(record(folder.path()), before);
}

#[test]
fn a_correction_keeps_comments_and_everything_around_it() {
    let folder = ledger();
    let root = folder.path();
    green(root, NOW, &DECLARE);
    let path = format!("incidents/{ID}/updates/20261123T0930Z-bob.yaml");
    let text = "# written in a hurry\nby: bob\n\ncurrent_status: |  # for executives\n  A proxi.\nnext_steps: 'Wait'   # and see\nnext_update: 60m\n";
    fs::create_dir_all(root.join(&path).parent().expect("a folder")).expect("a folder");
    fs::write(root.join(&path), text).expect("it is written");
    green(
        root,
        "2026-11-23T09:35:00Z",
        &[
            "update",
            "pushes",
            "--correct",
            "20261123T0930Z-bob",
            "--current-status",
            "A proxy.",
            "--by=bob",
        ],
    );
    let after = fs::read_to_string(root.join(&path)).expect("it is there");
    for kept in [
        "# written in a hurry\nby: bob\n\n",
        "# for executives",
        "next_steps: 'Wait'   # and see\nnext_update: 60m\n",
        "A proxy.",
    ] {
        assert!(after.contains(kept), "no {kept:?} in {after}");
    }
    assert!(!after.contains("proxi"));
}

#[test]
fn a_long_text_comes_from_standard_input() {
    use std::io::Write;
    let folder = ledger();
    green(folder.path(), NOW, &DECLARE);
    let mut child = program(folder.path(), "2026-11-23T09:30:00Z")
        .args(["update", "pushes", "--by=bob", "--current-status", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all("One line.\n\n- and: a list\n".as_bytes())
        .expect("it reads");
    drop(pipe);
    assert!(child.wait().expect("it ends").success());
    let update = record(folder.path())
        .into_iter()
        .find(|(path, _)| path.ends_with("20261123T0930Z-bob.yaml"));
    let (_, text) = update.expect("the update");
    assert!(
        text.contains("current_status: |\n  One line.\n\n  - and: a list\n"),
        "{text}"
    );
}

#[test]
fn what_was_sent_by_hand_is_recorded_by_its_key_and_not_planned_again() {
    let folder = ledger();
    let root = folder.path();
    green(root, NOW, &DECLARE);
    let key = format!("incident/{ID}/customer/acme");
    let planned = green(root, NOW, &["plan", "--to", "outbox:outbox"]);
    assert!(planned.contains(&key), "the plan prints keys to copy: {planned}");
    green(
        root,
        "2026-11-23T09:30:00Z",
        &["update", "pushes", "--by=bob", "--sent-by-hand", &key],
    );
    let applied = green(root, "2026-11-23T09:31:00Z", &["apply"]);
    assert!(
        !applied.contains("/customer/acme/ticket") && applied.contains("/customer/globex/ticket"),
        "{applied}"
    );
}

#[test]
fn machines_get_the_result_as_json() {
    let folder = ledger();
    let mut arguments = DECLARE.to_vec();
    arguments.push("--json");
    let text = green(folder.path(), NOW, &arguments);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&value["action"], &value["incident"]), (&"declared".into(), &ID.into()));
    let (_, text) = run(
        folder.path(),
        NOW,
        &["update", "pushes", "--by=bob", "--severity", "sev1", "--json"],
    );
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["action"], "refused");
    assert!(
        value["findings"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["code"] == "INC103")),
        "{text}"
    );
}

/// A skeleton as somebody fills it in: all of it uncommented, with real keys.
fn filled(root: &Path, name: &str) -> String {
    let text = fs::read_to_string(root.join("skeletons").join(name)).expect("the skeleton");
    let lines = text
        .lines()
        .skip_while(|line| line.starts_with("# ") && !line.contains(": |") && !line.starts_with("# status"));
    let lines = lines.map(|line| line.strip_prefix("# ").unwrap_or(line));
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    text.replace("YOUR-KEY-IN-PEOPLE.YAML", "bob")
        .replace("[CUSTOMER, CUSTOMER]", "[acme, globex]")
        .replace("CUSTOMER", "acme")
        .replace("incident_coordinator: PERSON", "incident_coordinator: frank")
        .replace("incident_manager: PERSON", "incident_manager: alice")
        .replace("PERSON", "carol")
        .replace("2026-01-02T03:04:05Z", "2026-11-23T09:12:00Z")
        .replace("brief_analysts: joined 09:31", "notify: pinged at 09:35")
        .replace("The ticket's title", "Pushes fail")
}

#[test]
fn the_skeletons_that_init_writes_pass_when_they_are_filled_in() {
    let folder = ledger();
    let root = folder.path();
    green(root, NOW, &["init"]);
    let place = root.join("incidents").join(ID);
    fs::create_dir_all(place.join("updates")).expect("a folder");
    fs::write(place.join("incident.yaml"), filled(root, "incident.yaml")).expect("it is written");
    fs::write(
        place.join("updates/20261123T0940Z-bob.yaml"),
        filled(root, "update.yaml"),
    )
    .expect("it is written");
    let text = green(root, "2026-11-23T09:41:00Z", &["check"]);
    let shown = green(root, "2026-11-23T09:41:00Z", &["show", ID, "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["status"], "identified", "{text}");
    assert_eq!(shown["roles"]["incident_coordinator"][0], "frank");
}
