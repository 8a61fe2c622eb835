//! Who changed which field of an issue or a note. An edit that changes nothing is none, as in GitLab.

use chrono::{DateTime, Utc};

use super::{Edit, Issue, Note};

/// Records the fields in which an issue differs from before.
pub(super) fn record_issue(before: &Issue, after: &mut Issue, user: u64, now: DateTime<Utc>) {
    let changed = [
        ("title", before.title != after.title),
        ("description", before.description != after.description),
        ("state", before.closed != after.closed),
        ("labels", before.labels != after.labels),
        ("confidential", before.confidential != after.confidential),
        ("issue_type", before.kind != after.kind),
        ("severity", before.severity != after.severity),
        ("assignees", before.assignees != after.assignees),
    ];
    let fields = changed
        .into_iter()
        .filter(|(_, is_changed)| *is_changed)
        .map(|(field, _)| field);
    for field in fields {
        after.updated = now;
        after.edits.push(Edit { user, field });
        match field {
            "title" | "description" => after.last_editor = Some(user),
            "state" => after.state_events.push((user, after.closed)),
            _ => {}
        }
    }
}

/// Records a change of a note's text.
pub(super) fn record_note(before: &Note, after: &mut Note, user: u64, now: DateTime<Utc>) {
    if before.body != after.body {
        after.updated = now;
        after.last_editor = Some(user);
        after.edits.push(Edit { user, field: "body" });
    }
}
