//! The issue's own fields: what we want, what is there, and what we last made of them.
//!
//! *Invariant*: people win. What differs from what we last made of it was changed by a person and is left alone.

use std::collections::BTreeSet;

use super::api::Change;
use super::objects::Issue;
use super::section::Fields;
use crate::effects::{Effect, IssueFields};

/// What is to be done with the fields.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Merge {
    /// What to send; the description is not part of it.
    pub(super) change: Change,
    /// The user to assign, by name; an empty one takes the assignee away.
    pub(super) assignee: Option<String>,
    /// What the fields are by our hand, once the change is done.
    pub(super) set: Fields,
    /// What people changed, in words.
    pub(super) theirs: Vec<&'static str>,
    /// What was not granted before and is not asked for again, in words.
    pub(super) denied: Vec<&'static str>,
}

impl Merge {
    /// Whether something is to be sent.
    pub(super) fn changes(&self) -> bool {
        self.change != Change::default() || self.assignee.is_some()
    }
}

/// What the fields are to be.
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

/// What the fields are. Of the labels only those with our scopes, or that we want: all others are people's.
pub(super) fn seen(issue: &Issue, wanted: &Fields, scopes: &[String]) -> Fields {
    let ours = |label: &&String| wanted.labels.contains(*label) || scopes.iter().any(|scope| label.starts_with(scope));
    Fields {
        title: issue.title.clone(),
        open: issue.is_open(),
        labels: issue.labels.iter().filter(ours).cloned().collect(),
        // An issue that is no incident has none, and can be given none.
        severity: match (&issue.severity, issue.issue_type.as_deref()) {
            (Some(severity), Some("incident")) => severity.to_lowercase(),
            _ => wanted.severity.clone(),
        },
        assignee: issue.assignees.first().map(|user| user.username.clone()),
        confidential: issue.confidential,
    }
}

enum Step {
    Same,
    Write,
    Theirs,
    Denied,
}

fn step<T: PartialEq>(want: &T, seen: &T, set: Option<&T>, denied: Option<&T>) -> Step {
    if want == seen {
        Step::Same
    } else if denied == Some(want) {
        Step::Denied
    } else if set.is_none_or(|set| set == seen) {
        Step::Write
    } else {
        Step::Theirs
    }
}

/// What is to be done.
pub(super) fn merge(want: &Fields, seen: &Fields, set: Option<&Fields>, denied: Option<&Fields>) -> Merge {
    let mut out = Merge {
        set: set.cloned().unwrap_or_else(|| want.clone()),
        ..Merge::default()
    };
    macro_rules! field {
        ($name:ident, $word:literal, $write:expr) => {
            match step(
                &want.$name,
                &seen.$name,
                set.map(|set| &set.$name),
                denied.map(|denied| &denied.$name),
            ) {
                Step::Same => out.set.$name = want.$name.clone(),
                Step::Write => {
                    #[allow(clippy::redundant_closure_call)]
                    ($write)(&mut out);
                    out.set.$name = want.$name.clone();
                }
                Step::Theirs => out.theirs.push($word),
                Step::Denied => out.denied.push($word),
            }
        };
    }
    field!(title, "its title", |out: &mut Merge| out.change.title =
        Some(want.title.clone()));
    field!(open, "whether it is open", |out: &mut Merge| out.change.open =
        Some(want.open));
    field!(labels, "its labels", |out: &mut Merge| {
        out.change.add_labels = difference(&want.labels, &seen.labels);
        out.change.remove_labels = difference(&seen.labels, &want.labels);
    });
    field!(severity, "its severity", |out: &mut Merge| out.change.severity =
        Some(want.severity.clone()));
    field!(assignee, "its assignee", |out: &mut Merge| out.assignee =
        Some(want.assignee.clone().unwrap_or_default()));
    field!(confidential, "who may read it", |out: &mut Merge| out
        .change
        .confidential =
        Some(want.confidential));
    out
}

fn difference(from: &BTreeSet<String>, less: &BTreeSet<String>) -> BTreeSet<String> {
    from.difference(less).cloned().collect()
}

/// What was asked for and is not there: each in words, with the right that is missing.
pub(super) fn lacking(want: &Fields, seen: &Fields, asked: &Merge) -> Vec<&'static str> {
    let change = &asked.change;
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
            asked.assignee.is_some() && want.assignee != seen.assignee,
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
