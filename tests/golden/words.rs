//! Words: every template of 0.1.0 with every variable that it is given.
//!
//! The golden templates put what is prose between « and »: only whether something is there is held of it.

use super::*;

/// A text's lines after `begin TEMPLATE` and before `end`, with the template's name before each, and prose left out.
pub(super) fn printed(place: &str, text: &str, out: &mut Vec<String>) {
    let mut template = None;
    for line in without_prose(text).lines() {
        // Slack's and GitLab's texts may hold the lines of a template with escapes or quotes around them.
        if let Some(name) = line.strip_prefix("begin ") {
            template = Some(name.to_owned());
        } else if line == "end" {
            template = None;
        } else if let Some(name) = &template {
            out.push(format!("{place} {name}: {line}"));
        }
    }
}

/// A text with … for what stands between « and », however deep.
fn without_prose(text: &str) -> String {
    let (mut out, mut depth, mut filled) = (String::new(), 0, false);
    for sign in text.chars() {
        match sign {
            '«' => {
                filled |= depth > 0;
                depth += 1;
                if depth == 1 {
                    out.push('«');
                }
            }
            '»' => {
                depth -= 1;
                if depth == 0 {
                    out += if filled { "…»" } else { "»" };
                    filled = false;
                }
            }
            _ if depth > 0 => filled = true,
            _ => out.push(sign),
        }
    }
    out
}

/// What every template prints but those that only a schedule uses.
pub(super) fn rendered() -> Vec<String> {
    let mut out = Vec::new();
    let everything = ledger("every", "templates");
    let root = everything.path();
    for (id, at) in LOOKS {
        for template in ["executive-summary", "issue", "review", "customer"] {
            let text = green(root, &["summary", id, "--template", template, "--at", at]);
            printed(&format!("{id} {at}"), &text, &mut out);
        }
    }
    green(root, &["apply", "--to", "outbox:out"]);
    for (path, bytes) in files(&root.join("out")) {
        printed(&path, &String::from_utf8_lossy(&bytes), &mut out);
    }
    // An incident that runs has a reminder, and a new promise to customers.
    let running = ledger("life", "templates");
    let updates = running.path().join("incidents/2026-01-05-pushes-rejected/updates");
    for end in ["20260105T1220Z-carol.yaml", "20260105T1500Z-erin.yaml"] {
        fs::remove_file(updates.join(end)).expect("it is removed");
    }
    green(running.path(), &["apply", "--to", "outbox:out"]);
    for (path, bytes) in files(&running.path().join("out")) {
        printed(&path, &String::from_utf8_lossy(&bytes), &mut out);
    }
    merge_request(&mut out);
    out
}

/// The note on a merge request that changes a running incident and declares others.
fn merge_request(out: &mut Vec<String>) {
    let changed = ledger("every", "plain");
    let root = changed.path();
    let template = fs::read_to_string(golden().join("templates/merge-request.hbs")).expect("a template");
    write(root, "templates/merge-request.hbs", &template);
    git(root, &["init", "-q"]);
    git(
        root,
        &[
            "add",
            "*.yaml",
            "templates",
            ":!incidents",
            "incidents/2026-01-05-every-key/incident.yaml",
        ],
    );
    git(root, &["commit", "-qm", "one"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "two"]);
    let text = green(root, &["plan", "--base", "HEAD~1", "--format", "markdown"]);
    printed("merge request", &text, out);
}
