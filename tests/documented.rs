//! `docs/process.md`: its commands run in their order, the words that it shows are the program's, and it names all of the process.

#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "tests run the program")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::{binary, repository};

const PEOPLE: &str = "alice: { name: Alice Ng }\nbob: { name: Bob Okafor }\ncarol: { name: Carol Ray }\n\
    dave: { name: Dave Lee }\nerin: { name: Erin Roy, leadership: true }\n";
const CUSTOMERS: &str = "acme: { name: Acme Corp, tickets: customers/acme }\n\
    globex: { name: Globex, tickets: customers/globex }\ninitech: { name: Initech, tickets: customers/initech }\n";
const HANDBOOK: &str = include_str!("../src/process/handbook.yaml");
const SUMMARY: [&str; 5] = [
    "Current Status of Incident",
    "Current Actions being performed",
    "Next steps",
    "Next Update",
    "Link to Slack channel",
];

fn page() -> String {
    fs::read_to_string(repository().join("docs/process.md")).expect("the page")
}

/// A command of the page, as a person types it.
struct Typed {
    /// The lines of the command, without the time.
    text: String,
    /// The time at which the person types it, `HH:MM`.
    at: String,
}

/// The commands of the page, in their order.
fn commands(page: &str) -> Vec<Typed> {
    let mut all = Vec::new();
    let mut lines = page.lines();
    while let Some(first) = lines.next() {
        if !first.starts_with("    incidentctl ") {
            continue;
        }
        let mut text = first.trim().to_owned();
        while text.ends_with('\\') {
            text += "\n";
            text += lines.next().expect("the rest of the command");
        }
        let (text, at) = text.rsplit_once(" # ").expect("a time after the command");
        all.push(Typed {
            text: text.trim_end().to_owned(),
            at: at.to_owned(),
        });
    }
    all
}

/// The words that the page shows as rendered: the lines of its `text` blocks.
fn shown_words(page: &str) -> Vec<&str> {
    let mut is_inside = false;
    let mut all = Vec::new();
    for line in page.lines() {
        match line {
            "```text" => is_inside = true,
            "```" => is_inside = false,
            _ if is_inside => all.push(line),
            _ => {}
        }
    }
    all
}

/// The file of observed times that the page shows.
fn observed_times(page: &str) -> &str {
    let (_, rest) = page.split_once("```json\n").expect("the file");
    rest.split_once("```\n").expect("its end").0
}

/// Runs a command in a shell, as a person would.
fn run(ledger: &Path, typed: &Typed) -> (Option<i32>, String) {
    let script = format!("incidentctl() {{ \"$BINARY\" --now \"$NOW\" \"$@\"; }}\n{}", typed.text);
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", ledger)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("BINARY", binary())
        .env("NOW", format!("2026-11-23T{}:00Z", typed.at))
        .current_dir(ledger)
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

/// The text of every file in a folder and in the folders below it.
fn texts(folder: &Path, out: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            texts(&path, out);
        } else {
            *out += &fs::read_to_string(&path).expect("a text");
        }
    }
}

#[test]
fn its_commands_run_in_their_order_and_the_words_that_it_shows_are_rendered() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = folder.path();
    let init = Typed {
        text: "incidentctl init".to_owned(),
        at: "09:00".to_owned(),
    };
    assert_eq!(run(ledger, &init).0, Some(0));
    fs::write(ledger.join("people.yaml"), PEOPLE).expect("it is written");
    fs::write(ledger.join("customers.yaml"), CUSTOMERS).expect("it is written");
    let page = page();
    fs::write(ledger.join("observed.json"), observed_times(&page)).expect("it is written");
    let commands = commands(&page);
    assert!(commands.len() > 30, "{} commands", commands.len());
    assert!(commands.is_sorted_by(|one, next| one.at < next.at), "the time advances");
    let mut rendered = String::new();
    for typed in &commands {
        let (code, text) = run(ledger, typed);
        assert_eq!(code, Some(0), "{}\n{text}", typed.text);
        rendered += &text;
    }
    texts(&ledger.join("outbox"), &mut rendered);
    // `remind` needs a server: its words are those of the templates.
    for name in ["overdue", "missing"] {
        rendered += &fs::read_to_string(repository().join(format!("templates/{name}.hbs"))).expect("a template");
    }
    for line in shown_words(&page) {
        for part in line.split('…').map(str::trim) {
            assert!(rendered.contains(part), "the program does not write `{part}`");
        }
    }
}

#[test]
fn it_names_every_role_severity_step_status_target_and_field_of_the_summary() {
    let page = page();
    let process: serde_json::Value = serde_yaml::from_str(HANDBOOK).expect("YAML");
    let keys = |value: &serde_json::Value| -> Vec<String> {
        let keys = value.as_object().into_iter().flat_map(|map| map.keys().cloned());
        keys.collect()
    };
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for part in ["roles", "severities", "statuses"] {
        wanted.extend(keys(&process[part]));
    }
    for (_, severity) in process["severities"].as_object().expect("severities") {
        wanted.extend(keys(&severity["steps"]));
        wanted.extend(keys(&severity["sla"]));
    }
    wanted.insert("restore".to_owned());
    for key in wanted {
        assert!(page.contains(&format!("`{key}`")), "{key} is not on the page");
    }
    for heading in SUMMARY {
        assert!(page.contains(&format!("**{heading}**")), "{heading} is not on the page");
    }
}

#[test]
fn its_table_of_targets_has_the_lengths_of_the_handbook() {
    let page = page();
    let process: serde_json::Value = serde_yaml::from_str(HANDBOOK).expect("YAML");
    let lengths = |target: &str| {
        let cells =
            ["sev0", "sev1"].map(|severity| process["severities"][severity]["sla"][target].as_str().unwrap_or("–"));
        format!("| `{target}` | {} | {} |", cells[0], cells[1])
    };
    for target in [
        "notify",
        "assemble",
        "broadcast",
        "customers_told",
        "update",
        "customer_update",
        "restore",
        "review",
    ] {
        let row = lengths(target);
        assert!(page.contains(&row), "the page has no row `{row}`");
    }
}
