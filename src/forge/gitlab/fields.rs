//! Converts the issue's own fields between effects and GitLab.

use super::api::Change;
use super::objects::Issue;
use crate::effects::{Effect, IssueFields};
use crate::forge::journal::{FieldChange, Fields};

impl From<&FieldChange> for Change {
    /// Converts changed fields to an edit of the issue; without the assignee, whose number GitLab has to be asked for.
    fn from(change: &FieldChange) -> Self {
        Self {
            title: change.title.clone(),
            open: change.open,
            add_labels: change.add_labels.clone(),
            remove_labels: change.remove_labels.clone(),
            severity: change.severity.clone(),
            confidential: change.confidential,
            ..Self::default()
        }
    }
}

/// The desired fields of the issue.
pub(super) fn wanted(effect: &Effect, fields: &IssueFields) -> Fields {
    Fields {
        title: effect.title.clone().unwrap_or_default(),
        open: effect.open,
        labels: effect.labels.iter().cloned().collect(),
        severity: fields.severity.to_owned(),
        assignee: fields.assignee.clone(),
        confidential: fields.confidential,
    }
}

/// The observed fields of the issue. Labels count only if they have the program's scopes or are desired; others are people's.
pub(super) fn seen(issue: &Issue, wanted: &Fields, scopes: &[String]) -> Fields {
    let ours = |label: &&String| wanted.labels.contains(*label) || scopes.iter().any(|scope| label.starts_with(scope));
    Fields {
        title: issue.title.clone(),
        open: issue.is_open(),
        labels: issue.labels.iter().filter(ours).cloned().collect(),
        // An issue of another type than incident cannot have a severity.
        severity: match (&issue.severity, issue.kind.as_deref()) {
            (Some(severity), Some("incident")) => severity.to_lowercase(),
            _ => wanted.severity.clone(),
        },
        assignee: issue.assignees.first().map(|user| user.username.clone()),
        confidential: issue.confidential,
    }
}

/// The requested fields that GitLab did not set, each in words with the missing right.
pub(super) fn lacking(want: &Fields, seen: &Fields, change: &FieldChange) -> Vec<&'static str> {
    let labels = !change.add_labels.is_empty() || !change.remove_labels.is_empty();
    let all = [
        (
            labels && want.labels != seen.labels,
            "its labels were not set: the token's user needs the role Reporter or Planner in the project",
        ),
        (
            change.severity.is_some() && want.severity != seen.severity,
            "its severity was not set: the token's user needs the role Reporter in the project",
        ),
        (
            change.assignee.is_some() && want.assignee != seen.assignee,
            "its assignee was not set: the user has to be a member of the project",
        ),
        (
            change.confidential.is_some() && want.confidential != seen.confidential,
            "it was not made confidential: the token's user needs the role Reporter or Planner in the project",
        ),
        (
            change.open.is_some() && want.open != seen.open,
            "it was not closed or reopened: the token's user needs the role Reporter in the project",
        ),
    ];
    all.iter()
        .filter(|(lacks, _)| *lacks)
        .map(|(_, words)| *words)
        .collect()
}
