//! What stands in GitLab and in Slack after a life: marks, hashes, the index, metadata, suffixes.

use super::both::{Both, NOWS};
use super::life::{Run, STAGES};
use super::*;

/// A golden ledger with a GitLab and a Slack.
fn both(name: &str, templates: &str) -> Both {
    let both = Both::new();
    let root = both.run.folder.path();
    fs::remove_dir_all(root.join("incidents")).expect("it is removed");
    copy(&golden().join(name), root);
    copy(&golden().join(templates), &root.join("templates"));
    both
}

/// The files of an incident's life by time.
fn stages(run: &Run) -> Vec<(String, String)> {
    let root = run.folder.path();
    let all = files(&root.join("incidents")).into_iter();
    let all = all.map(|(path, bytes)| (format!("incidents/{path}"), String::from_utf8(bytes).expect("UTF-8")));
    all.collect()
}

/// What is held of GitLab: whose each issue and note is, labels, and the index.
fn gitlab(both: &Both, out: &mut Vec<String>) {
    let state = both.run.fake.lock();
    let path = |id: u64| {
        let found = state.projects.iter().find(|project| project.id == id);
        found.map(|project| project.path.clone()).unwrap_or_default()
    };
    let mark = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    for issue in &state.issues {
        out.push(format!(
            "issue in {}: {} {} closed={} confidential={} severity={}",
            path(issue.project),
            mark(&issue.description),
            issue.kind,
            issue.closed,
            issue.confidential,
            issue.severity
        ));
        let labels = issue.labels.iter();
        out.extend(labels.map(|label| format!("issue in {} has the label {label}", path(issue.project))));
        let last = issue.description.trim_end().lines().last().unwrap_or_default();
        if issue.project == 1 {
            out.push(format!("issue in {} ends with {last}", path(issue.project)));
            index(&issue.description, &state.url, out);
        }
    }
    for note in state.notes.iter().filter(|note| !note.system) {
        out.push(format!("note in {}: {}", path(note.project), mark(&note.body)));
    }
}

/// The index, value by value, without the numbers that GitLab gives.
fn index(description: &str, url: &str, out: &mut Vec<String>) {
    let line = description
        .lines()
        .find_map(|line| line.strip_prefix("<!-- incidentctl index "))
        .expect("an index");
    let json = line.strip_suffix(" -->").expect("the end of the index");
    let mut lines = Vec::new();
    flat("index ", &parsed(&json.replace(url, "URL")), &mut lines);
    // More labels, people and the like are no change of form.
    lines.retain(|line| !line.ends_with(" items"));
    for line in lines {
        let numbered = [".n = ", ".i = ", ".t = ", ".c = ", ".u = "]
            .iter()
            .find_map(|field| line.split_once(field).map(|(key, _)| format!("{key}{field}…")));
        out.push(numbered.unwrap_or(line));
    }
}

/// What is held of Slack: whose each message and channel is, and what ends a reminder.
fn slack(both: &Both, out: &mut Vec<String>) {
    let state = both.slack.lock();
    for room in state.rooms.iter().filter(|room| !room.purpose.0.is_empty()) {
        let words = room.purpose.0.rsplit(' ').next().unwrap_or_default();
        out.push(format!("channel {} archived={}: … {words}", room.name, room.archived));
    }
    for room in &state.rooms {
        for message in room.messages.iter().filter(|message| !message.metadata.is_null()) {
            out.push(format!("message in {}: {}", room.name, message.metadata));
        }
    }
}

fn reminders_that_stand(stage: usize, both: &Both, out: &mut Vec<String>) {
    for later in &both.slack.lock().scheduled {
        let suffix = later.text.rsplit(' ').next().unwrap_or_default();
        out.push(format!(
            "after stage {stage} a reminder at {}: … {suffix} metadata={}",
            later.post_at, later.metadata
        ));
    }
}

/// The life of an incident, stage by stage.
pub(super) fn life() -> Vec<String> {
    let both = both("life", "plain");
    let all = stages(&both.run);
    assert_eq!(all.len(), STAGES);
    fs::remove_dir_all(both.run.folder.path().join("incidents")).expect("it is removed");
    let mut out = Vec::new();
    for (stage, (path, text)) in all.iter().enumerate() {
        both.run.put(path, text);
        both.green("apply", NOWS[stage], &[]);
        reminders_that_stand(stage, &both, &mut out);
    }
    gitlab(&both, &mut out);
    slack(&both, &mut out);
    assert_eq!(both.slack.lock().violations, Vec::<String>::new());
    out
}

/// An incident without a coordinator whose promise is not kept: what a schedule says of it.
pub(super) fn reminders() -> Vec<String> {
    let both = both("reminders", "templates");
    both.green("apply", "2026-01-05T09:13:00Z", &[]);
    let mut out = Vec::new();
    for now in ["2026-01-05T09:50:00Z", "2026-01-05T10:15:00Z", "2026-01-05T10:50:00Z"] {
        both.green("remind", now, &[]);
    }
    let mut all = Vec::new();
    gitlab(&both, &mut all);
    slack(&both, &mut all);
    let wanted = ["/overdue/", "/missing/", "overdue/", "missing/"];
    out.extend(
        all.into_iter()
            .filter(|line| wanted.iter().any(|part| line.contains(part))),
    );
    let state = both.run.fake.lock();
    for note in state.notes.iter().filter(|note| !note.system) {
        words::printed("note", &note.body, &mut out);
    }
    out.retain(|line| !line.starts_with("note executive-summary"));
    out
}
