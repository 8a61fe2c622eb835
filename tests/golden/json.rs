//! Fields of JSON with their types, and the columns of CSV.

use super::*;

/// The fields of a JSON document with their types, once each.
fn typed(place: &str, value: &Value, out: &mut Vec<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    let line = format!("{place}: {kind}");
    if !out.contains(&line) {
        out.push(line);
    }
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| typed(&format!("{place}.{name}"), value, out)),
        Value::Array(items) => items.iter().for_each(|value| typed(&format!("{place}[]"), value, out)),
        _ => {}
    }
}

/// Runs a command, whatever it ends with, and adds the fields of what it prints.
fn described(name: &str, root: &Path, arguments: &[&str], out: &mut Vec<String>) {
    let mut all = vec!["--now", "2026-01-08T09:02:00Z"];
    all.extend(arguments);
    let output = common::incidentctl(root, &all).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let value = parsed(&text);
    typed(name, &value, out);
    if let Some(format) = value.get("format") {
        out.push(format!("{name}.format = {format}"));
    }
    if let Some(action) = value.get("action") {
        out.push(format!("{name}.action = {action}"));
    }
    out.push(format!("{name} ends with {}", output.status.code().unwrap_or(-1)));
}

const DECLARE: [&str; 17] = [
    "declare",
    "A new incident",
    "--severity",
    "sev2",
    "--customer",
    "acme",
    "--degradation",
    "severe",
    "--symptoms",
    "It fails.",
    "--role",
    "incident_manager=alice",
    "--role",
    "incident_coordinator=bob",
    "--by",
    "alice",
    "--json",
];
const ID: &str = "2026-01-08-a-new-incident";

pub(super) fn fields() -> Vec<String> {
    let mut out = Vec::new();
    let every = ledger("every", "plain");
    let root = every.path();
    described("check", root, &["check", "--format", "json"], &mut out);
    described("codequality", root, &["check", "--format", "codequality"], &mut out);
    described("list", root, &["list", "--json"], &mut out);
    for (id, at) in LOOKS {
        described("show", root, &["show", id, "--json", "--at", at], &mut out);
    }
    described("report", root, &["report", "--format", "json", "--drills"], &mut out);
    let csv = green(root, &["report", "--format", "csv", "--drills"]);
    let head = csv.lines().next().unwrap_or_default();
    out.extend(
        head.split(',')
            .enumerate()
            .map(|(at, name)| format!("report.csv column {at} = {name}")),
    );
    described("plan", root, &["plan", "--format", "json"], &mut out);
    git(root, &["init", "-q"]);
    git(
        root,
        &[
            "add",
            "*.yaml",
            ":!incidents",
            "incidents/2026-01-05-every-key/incident.yaml",
        ],
    );
    git(root, &["commit", "-qm", "one"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "two"]);
    let change = ["plan", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"];
    described("plan of a change", root, &change, &mut out);
    written(&mut out);
    out
}

/// What the commands that write say.
fn written(out: &mut Vec<String>) {
    let every = ledger("every", "plain");
    let (root, bare) = (every.path(), tempfile::tempdir().expect("a folder"));
    described("declare", root, &DECLARE, out);
    described("declare again", root, &DECLARE, out);
    let update = ["update", ID, "--by", "bob", "--current-status", "It is slow.", "--json"];
    described("update", root, &update, out);
    let refused = ["update", ID, "--by", "bob", "--status", "nope", "--json"];
    described("update refused", root, &refused, out);
    git(bare.path(), &["init", "-q", "--bare", "-b", "main"]);
    git(root, &["init", "-q"]);
    git(root, &["config", "user.name", "Alice Ng"]);
    git(root, &["config", "user.email", "alice@example.com"]);
    git(root, &["remote", "add", "origin", &bare.path().display().to_string()]);
    git(root, &["add", "-A", "--", ".", &format!(":!incidents/{ID}")]);
    git(root, &["commit", "-qm", "one"]);
    git(root, &["push", "-q", "-u", "origin", "HEAD:main"]);
    described("push", root, &["push", ID, "--json"], out);
    let more = [
        "update",
        ID,
        "--by",
        "bob",
        "--current-status",
        "It is slower.",
        "--push",
        "--json",
    ];
    described("update pushed", root, &more, out);
    fs::remove_dir_all(bare.path()).expect("it is removed");
    described("push failed", root, &["push", ID, "--json"], out);
}
