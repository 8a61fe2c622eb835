//! Who is who: the objects in GitLab and Slack by their marks, and what must not be there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::gitlab_server::{BOT, State};
use super::slack_server::{BOT_USER, Said, Workspace};

/// The last words for customers whose service was restored before the resolution: version 0.5.0 brought them, and writes them only for
/// entries that no earlier version has handled. By the index and by the marks of the notes.
const NEW: [&str; 4] = [
    "index customer/acme/update/20260105T1220Z-carol",
    "index customer/globex/update/20260105T1220Z-carol",
    "note 5527166a1e455db6",
    "note 07488d89d3866be5",
];

/// Who a text is and the hash of its words, by its first line.
fn mark(text: &str) -> Option<(&str, &str)> {
    let inside = text.lines().next()?.strip_prefix("<!-- incidentctl: ")?;
    inside.strip_suffix(" -->")?.rsplit_once(' ')
}

/// The index in the incident issue.
fn index(description: &str) -> Value {
    let line = description
        .lines()
        .find_map(|line| line.strip_prefix("<!-- incidentctl index "));
    let json = line.and_then(|line| line.strip_suffix(" -->")).unwrap_or("null");
    serde_json::from_str(json).unwrap_or_default()
}

/// Whether the hash of an entry is made from rendered words, which versions may word differently.
fn is_rendered(short: &str) -> bool {
    short.starts_with("nag/") || short.starts_with("slack/open_channel/")
}

/// What is in GitLab, an object a line; second, what must not be there: objects without a mark, and doubles. What version 0.5.0
/// brought is left out: last words, and whether tickets are closed.
pub(super) fn gitlab(state: &State) -> (Vec<String>, Vec<String>) {
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut once = |who: &str, wrong: &mut Vec<String>| {
        if !seen.insert(who.to_owned()) {
            wrong.push(format!("twice in GitLab: {who}"));
        }
    };
    for issue in state.issues.iter().filter(|issue| issue.author == BOT) {
        let Some((who, hash)) = mark(&issue.description) else {
            wrong.push(format!("an issue without a mark: {}", issue.title));
            continue;
        };
        once(who, &mut wrong);
        // The hash of the incident issue is of its rendered words.
        let hash = if issue.project == 1 { "" } else { hash };
        let closed = issue.closed && issue.project == 1;
        all.push(format!(
            "issue {who} {hash} in {}: {:?} closed={closed} labels={:?} confidential={} {} {} assignees={:?}",
            issue.project, issue.title, issue.labels, issue.confidential, issue.kind, issue.severity, issue.assignees
        ));
        if issue.project == 1 {
            indexed(&index(&issue.description), &mut all, &mut wrong);
        }
    }
    for note in state.notes.iter().filter(|note| note.author == BOT && !note.system) {
        match mark(&note.body) {
            Some((who, hash)) => {
                once(who, &mut wrong);
                all.push(format!("note {who} {hash} in {}", note.project));
            }
            None => wrong.push(format!("a note without a mark: {}", note.body)),
        }
    }
    for project in &state.projects {
        let labels = project.labels.iter().map(|label| label.name.as_str());
        // The label of a run that was killed is swept later.
        let labels: BTreeSet<&str> = labels.filter(|name| *name != "incidentctl-at-work").collect();
        all.push(format!("labels of {}: {labels:?}", project.path));
    }
    all.retain(|line| !NEW.iter().any(|new| line.starts_with(new)));
    wrong.extend(state.violations.iter().map(|words| format!("violation: {words}")));
    wrong.extend(state.executed.iter().map(|words| format!("executed: {words}")));
    (all, wrong)
}

/// What the index lists, and what is left to be looked for.
fn indexed(index: &Value, all: &mut Vec<String>, wrong: &mut Vec<String>) {
    if index.is_null() {
        wrong.push("the incident issue has no index".to_owned());
    }
    for (short, place) in index["done"].as_object().into_iter().flatten() {
        let hash = if is_rendered(short) {
            ""
        } else {
            place["h"].as_str().unwrap_or_default()
        };
        let places = ["p", "i", "n", "c", "t", "w", "m"].into_iter();
        let places: Vec<&str> = places.filter(|name| !place[*name].is_null()).collect();
        let archived = if short.starts_with("customer/") {
            &Value::Null
        } else {
            &place["a"]
        };
        all.push(format!(
            "index {short} {hash} {places:?} archived={archived} early={} gone={}",
            place["r"], place["x"]
        ));
    }
    let pending = index["pending"].as_array().into_iter().flatten();
    // An older version keeps the keys that it does not know.
    let is_new = |key: &Value| {
        let line = format!("index {}", key.as_str().unwrap_or_default());
        NEW.contains(&line.as_str())
    };
    let pending = pending.filter(|key| !is_new(key));
    wrong.extend(pending.map(|key| format!("pending: {key}")));
}

/// The suffix of a reminder: who it is, without the hash of its rendered words.
fn reminder(text: &str) -> Option<&str> {
    let inside = text.trim_end().strip_suffix(']')?.rsplit_once('[')?.1;
    let (who, hash) = inside.split_once('-')?;
    (who.len() == 8 && hash.len() == 16).then_some(who)
}

/// What is in Slack, as [`gitlab`] has it.
pub(super) fn slack(state: &Workspace) -> (Vec<String>, Vec<String>) {
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut once = |who: String, wrong: &mut Vec<String>| {
        if !seen.insert(who.clone()) {
            wrong.push(format!("twice in Slack: {who}"));
        }
        who
    };
    for room in &state.rooms {
        if room.creator == BOT_USER {
            let who = room.purpose.0.rsplit(' ').next().unwrap_or_default();
            let who = once(format!("channel {who}"), &mut wrong);
            all.push(format!(
                "{who} #{} archived={} {:?}",
                room.name, room.archived, room.members
            ));
        }
        for message in room.messages.iter().filter(|message| message.user == BOT_USER) {
            match who_said(message) {
                Some(who) => all.push(format!("{} in #{}", once(who, &mut wrong), room.name)),
                None => wrong.push(format!("a message without a key in #{}: {}", room.name, message.text)),
            }
        }
    }
    for later in &state.scheduled {
        match reminder(&later.text) {
            Some(who) => {
                let who = once(format!("later {who}"), &mut wrong);
                all.push(format!(
                    "{who} at {} in #{}",
                    later.post_at,
                    state.room(&later.channel).name
                ));
            }
            None => wrong.push(format!("a scheduled message without a suffix: {}", later.text)),
        }
    }
    wrong.extend(state.violations.iter().map(|words| format!("violation: {words}")));
    (all, wrong)
}

fn who_said(message: &Said) -> Option<String> {
    let payload = &message.metadata["event_payload"];
    match payload["key"].as_str() {
        Some(key) => Some(format!("message {key} {}", payload["hash"])),
        None => reminder(&message.text).map(|who| format!("reminder {who}")),
    }
}
