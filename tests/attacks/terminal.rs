//! Text from a ledger or a remote does nothing to a terminal, and a foreign repository runs nothing.

#[path = "terminal/git.rs"]
mod git;

use std::fs;
use std::path::Path;

use rexpect::session::spawn_command;
use serde_json::Value;

use super::common::{self, incidentctl, write};
use super::gitlab_server::TOKEN;
use super::life::Run;

const NOW: &str = "2026-11-23T11:00:00Z";

/// Clears the screen, conceals, colours, turns text around, sets a title, rings, goes back to the line's start.
const HOSTILE: &str =
    "\u{1b}[2J\u{1b}[35m\u{1b}[8m\u{9b}8m\u{1b}]0;t\u{7}\u{202e}\u{2066}\u{200f}\u{61c}\u{feff}\u{2028}\u{7f}\revil";
/// Accents, emoji, Chinese, Hebrew, Arabic, Hindi.
const HARMLESS: &str = "Zürich 🔥 漢字 שלום مرحبا नमस्ते";

/// A text as YAML holds it: characters that YAML does not allow are escapes.
fn yaml(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        c if u32::from(c) < 0x1_0000 => format!("\\u{:04x}", u32::from(c)),
        c => format!("\\U{:08x}", u32::from(c)),
    };
    let escaped: String = text.chars().map(escape).collect();
    format!("\"{escaped}\"")
}

/// An incident whose every text is this one. With `words`, those of the process are, too.
fn incident(text: &str, words: bool) -> String {
    let x = yaml(text);
    let (severity, role, step) = if words {
        (x.as_str(), x.as_str(), x.as_str())
    } else {
        ("sev0", "incident_manager", "brief_analysts")
    };
    format!(
        "title: {x}\nseverity: {severity}\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: {x}\ncustomers: [{x}, acme]\n\
         impact:\n  headline: {x}\n  symptoms: {x}\n  degradation: {x}\n  workaround: {x}\n\
         roles:\n  {role}: {x}\n  incident_analysts: [{x}, alice]\nsteps:\n  {step}: {x}\n\
         current_status: {x}\ncurrent_actions: {x}\nnext_steps: {x}\ncustomer_message: {x}\nnext_update: 60m\n\
         links:\n  {x}: {x}\nslack_channel: {x}\n\
         timeline: [{{ at: 08:30, what: {x} }}]\noverrides: [{{ rule: INC201, reason: {x} }}, {{ rule: {x}, reason: {x} }}]\n"
    )
}

const DATE: &str = "2026-11-23-";

/// A ledger whose every text and name is this one.
fn fill(root: &Path, text: &str) {
    let x = yaml(text);
    write(
        root,
        &format!("incidents/{DATE}{text}/incident.yaml"),
        &incident(text, true),
    );
    write(root, &format!("incidents/{DATE}{text}/{text}.yaml"), "x: 1\n");
    let update = format!("by: {x}\nstatus: {x}\nhold_customers: {x}\nreason: {x}\n{x}: {x}\n");
    write(
        root,
        &format!("incidents/{DATE}{text}/updates/20261123T0940Z.yaml"),
        &update,
    );
    write(
        root,
        &format!("incidents/{DATE}readable/incident.yaml"),
        &incident(text, false),
    );
    let update = format!("by: {x}\nstatus: identified\nreason: {x}\ncurrent_status: {x}\ncustomer_message: {x}\n");
    write(
        root,
        &format!("incidents/{DATE}readable/updates/20261123T0940Z.yaml"),
        &update,
    );
    write(
        root,
        &format!("incidents/{DATE}broken{text}/incident.yaml"),
        "title: [ # \u{202e}\u{9b}8m\u{1b}[8m\u{200f}\n",
    );
    write(root, &format!("incidents/{text}.yaml"), "x: 1\n");
    write(
        root,
        "people.yaml",
        &format!("alice: {{ name: {x} }}\n{x}: {{ name: {x}, gitlab: {x} }}\n"),
    );
    write(
        root,
        "customers.yaml",
        &format!("acme: {{ name: {x}, tickets: customers/acme }}\n{x}: {{ name: {x}, tickets: {x} }}\n"),
    );
    write(
        root,
        "process.yaml",
        &format!(
            "extends: handbook\ngitlab: {{ project: support/incidents }}\nroles:\n  incident_manager: {{ title: {x}, duty: {x} }}\n\
             statuses:\n  identified: {{ title: {x} }}\nseverities:\n  sev0: {{ title: {x}, steps: {{ brief_analysts: {{ title: {x} }}, {x}: {{ title: {x} }}, told: {{ title: {x}, effect: tickets }} }} }}\n"
        ),
    );
    write(root, &format!("templates/{text}.hbs"), "{{#if}}");
    write(root, "templates/review.hbs", &format!("{text}{{{{title}}}}\n"));
}

/// What each command says: its arguments, standard output and standard error.
fn said(root: &Path, arguments: &[&str]) -> (String, String) {
    let mut all = vec!["--now", NOW];
    all.extend(arguments);
    let output = incidentctl(root, &all).output().expect("the binary runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

/// Whether a character acts on a terminal or reorders what stands beside it.
fn acts(c: char) -> bool {
    c.is_control()
        || "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}\u{feff}".contains(c)
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

/// What is left of a text without its lines, tabs and the styles of the program.
fn acting(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(acts) {
        let end = rest[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        let is_line = matches!(&rest[at..end], "\n" | "\t") || rest[at..].starts_with("\r\n");
        let style = rest[at..]
            .strip_prefix("\u{1b}[")
            .and_then(|style| style.split_once('m'))
            .map(|(style, _)| style);
        let ours = [
            "", "0", "1", "2", "4", "31", "32", "33", "91", "92", "93", "94", "96", "97", "1;31", "1;32", "1;33",
        ];
        if !is_line && !style.is_some_and(|style| ours.contains(&style)) {
            found.push(format!(
                "{:?}",
                rest.get(at..).unwrap_or_default().chars().take(12).collect::<String>()
            ));
        }
        rest = &rest[end..];
    }
    found
}

/// All texts of a JSON value, keys included.
fn texts(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::String(text) => all.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, all)),
        Value::Object(fields) => fields.iter().for_each(|(key, item)| {
            all.push(key.clone());
            texts(item, all);
        }),
        _ => {}
    }
}

/// Every command and format, with the text where a text may be given.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<&str>> = Vec::new();
    for format in ["human", "json", "codequality", "junit"] {
        all.push(vec!["check", "--format", format]);
        all.push(vec!["check", "--format", format, "--base", "HEAD"]);
    }
    for format in ["human", "json", "markdown"] {
        all.push(vec!["plan", "--format", format, "-v"]);
        all.push(vec!["plan", "--format", format, "--base", "HEAD"]);
    }
    let ids = [format!("{DATE}{text}"), format!("{DATE}readable")];
    for id in &ids {
        all.extend(about(id));
        all.extend(writing(id, text));
    }
    all.extend(others(text));
    let owned = |line: Vec<&str>| line.into_iter().map(str::to_owned).collect();
    all.into_iter().map(owned).collect()
}

/// The commands that look at an incident.
fn about(id: &str) -> Vec<Vec<&str>> {
    let mut all = Vec::new();
    for template in ["executive-summary", "issue", "review", "customer"] {
        all.push(vec!["summary", id, "--template", template]);
        all.push(vec!["summary", id, "--template", template, "--copy"]);
    }
    all.extend([vec!["show", id], vec!["show", id, "--json"]]);
    all.extend([vec!["report", id], vec!["report", id, "--format", "csv"]]);
    all.extend([vec!["push", id], vec!["push", id, "--json"]]);
    all
}

/// The commands that write about an incident.
fn writing<'a>(id: &'a str, text: &'a str) -> Vec<Vec<&'a str>> {
    let mut all = vec![vec!["resolve", id], vec!["close", id, "--json"]];
    for json in [&[][..], &["--json"]] {
        for words in [
            ["update", id, "--by", "alice"],
            ["update", id, "--correct", "declaration"],
            ["hand-over", id, "--by", "alice"],
        ] {
            let said = ["--current-status", text, "--current-actions", text];
            all.push([&words[..], &said, json].concat());
        }
        let words = ["update", id, "--by", text, "--status", text, "--current-status", text];
        all.push([&words[..], json].concat());
    }
    all.push(vec!["step", id, text, text, "--by", text]);
    all.push(vec!["hand-over", id, text, text]);
    all.push(vec!["update", id, "--correct", text, "--status", "x"]);
    all
}

/// The commands that are about no incident that is there.
fn others(text: &str) -> Vec<Vec<&str>> {
    let mut all = vec![
        vec!["apply", "--to", "outbox:out"],
        vec!["apply", "--to", text],
        vec!["apply", "--send-stale", text, "--to", "gitlab"],
        vec!["list"],
        vec!["list", "--json"],
        vec!["list", "--active"],
        vec!["report"],
        vec!["report", "--format", "json"],
        vec!["report", "--format", "csv"],
        vec!["explain", text],
        vec!["explain", "INC201"],
        vec!["rules"],
        vec!["doctor"],
        vec!["remind"],
        vec!["show", text],
        vec!["show", "2026"],
        vec!["update", "readable"],
        vec!["list", text],
        vec![text],
        vec!["man", text],
        vec!["-C", text, "list"],
        vec!["--process", text, "check"],
        vec!["--help"],
    ];
    all.extend(["incident", "update", "process", "people", "customers"].map(|kind| vec!["schema", kind]));
    all.extend(["bash", "zsh", "fish", "elvish", "powershell"].map(|shell| vec!["completions", shell]));
    let declare = |severity| {
        vec![
            "declare",
            text,
            "--severity",
            severity,
            "--customer",
            text,
            "--by",
            text,
        ]
    };
    all.push([&declare(text)[..], &["--json"]].concat());
    all.push([&declare("sev0")[..], &["--symptoms", text]].concat());
    // The second time it is there already.
    let again = [
        "declare",
        "Again",
        "--severity",
        "sev0",
        "--customer",
        "acme",
        "--slug",
        text,
        "--by",
        "alice",
    ];
    all.extend([again.to_vec(), again.to_vec(), vec!["init"]]);
    all
}

/// A ledger in a repository whose remote is named with this text.
fn repository(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    common::git(root, &["init", "-q"]);
    common::git(root, &["commit", "-q", "--allow-empty", "-m", "x"]);
    common::git(root, &["remote", "add", "origin", &format!("/nowhere/{text}")]);
    fill(root, text);
    folder
}

#[test]
fn no_text_of_a_ledger_acts_on_a_terminal_in_any_command() {
    let folder = repository(HOSTILE);
    let root = folder.path();
    let mut wrong = Vec::new();
    for color in ["always", "never"] {
        for line in commands(HOSTILE) {
            let mut words = vec!["--color", color];
            words.extend(line.iter().map(String::as_str));
            let (out, err) = said(root, &words);
            assert!(
                !out.is_empty() || !err.is_empty() || line[0] == "summary",
                "{line:?} says nothing"
            );
            for found in acting(&out).into_iter().chain(acting(&err)).take(1) {
                wrong.push(format!("{line:?}: {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn machines_still_read_the_same_values() {
    let folder = repository(HOSTILE);
    for line in [
        vec!["check", "--format", "json"],
        vec!["check", "--format", "codequality"],
        vec!["plan", "--format", "json"],
        vec!["list", "--json"],
        vec!["show", "readable", "--json"],
        vec!["report", "--format", "json"],
        vec!["schema", "incident"],
        vec!["update", "readable", "--by", HOSTILE, "--status", HOSTILE, "--json"],
    ] {
        let (out, err) = said(folder.path(), &line);
        let value: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{line:?}: {error}: {out}{err}"));
        assert_eq!(acting(&out), Vec::<String>::new(), "{line:?}");
        let mut all = Vec::new();
        texts(&value, &mut all);
        assert!(all.iter().any(|text| text.contains(HOSTILE)), "{line:?}: {out}");
    }
}

#[test]
fn reports_in_files_act_no_more_than_those_on_the_terminal() {
    let folder = repository(HOSTILE);
    let report = |format: &str| format!("{format}={format}.out");
    let formats = ["json", "codequality", "junit", "human"];
    for format in formats {
        said(folder.path(), &["check", "--report", &report(format)]);
        let text = fs::read_to_string(folder.path().join(format!("{format}.out"))).expect("a report");
        assert_eq!(acting(&text), Vec::<String>::new(), "{format}");
    }
    let junit = fs::read_to_string(folder.path().join("junit.out")).expect("a report");
    assert!(
        junit.contains("&#x202e;") && junit.contains("&#x9b;") && !junit.contains("&#x1b;"),
        "{junit}"
    );
}

#[test]
fn no_text_of_a_ledger_acts_on_a_terminal_when_it_is_applied_to_gitlab() {
    let run = Run::new();
    fill(run.folder.path(), HOSTILE);
    for command in ["doctor", "plan", "apply", "apply", "remind"] {
        let more: &[&str] = if command == "plan" { &["--to", "gitlab"] } else { &[] };
        let mut all = vec!["--color", "always", "--now", NOW];
        all.extend(more);
        let ended = run.run(command, TOKEN, &all);
        assert_eq!(acting(&ended.text), Vec::<String>::new(), "{command}");
        assert!(!ended.text.is_empty(), "{command} says nothing");
    }
}

#[test]
fn letters_of_every_language_and_emoji_are_printed_as_they_are() {
    let folder = repository(HARMLESS);
    for line in [
        vec!["check"],
        vec!["check", "--format", "json"],
        vec!["check", "--format", "codequality"],
        vec!["check", "--format", "junit"],
        vec!["plan"],
        vec!["plan", "--format", "json"],
        vec!["plan", "--format", "markdown"],
        vec!["summary", "readable"],
        vec!["summary", "readable", "--template", "review"],
        vec!["summary", "readable", "--template", "customer", "--copy"],
        vec!["show", "readable"],
        vec!["show", "readable", "--json"],
        vec!["list"],
        vec!["list", "--json"],
        vec!["report"],
        vec!["report", "--format", "csv"],
        vec!["explain", HARMLESS],
        vec!["show", HARMLESS],
        vec!["nonsense", HARMLESS],
        vec![HARMLESS],
        vec!["push", "readable"],
        vec!["update", "readable", "--by", HARMLESS, "--status", HARMLESS],
    ] {
        let (out, err) = said(folder.path(), &line);
        assert!(
            format!("{out}{err}").contains(HARMLESS) || line[0] == "nonsense",
            "{line:?}: {out}{err}"
        );
    }
}

#[test]
fn a_watch_clears_the_screen_and_shows_the_incident() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        "incidents/2026-11-23-watched/incident.yaml",
        "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: alice\ncustomers: [acme]\n",
    );
    let mut command = incidentctl(folder.path(), &["show", "watched", "--watch", "--every", "0.1"]);
    command.env("TERM", "xterm-256color");
    let mut session = spawn_command(command, Some(20_000)).expect("a terminal");
    for _ in 0..2 {
        session.exp_string("\u{1b}[2J\u{1b}[H").expect("the screen is cleared");
        session
            .exp_string("\u{1b}[1mPushes rejected\u{1b}[0m")
            .expect("the title in bold");
    }
    session.send_control('c').expect("it takes keys");
}
