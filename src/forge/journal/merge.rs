//! Merges the issue's own fields: the desired, the observed and the last set ones.
//!
//! *Invariant*: people win. A field that differs from its last set value was changed by a person and is left alone.

use std::collections::BTreeSet;

use super::index::Fields;

/// The fields of an issue to set; a field that is `None` or empty stays as it is.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(in crate::forge) struct FieldChange {
    pub(in crate::forge) title: Option<String>,
    pub(in crate::forge) open: Option<bool>,
    pub(in crate::forge) add_labels: BTreeSet<String>,
    pub(in crate::forge) remove_labels: BTreeSet<String>,
    pub(in crate::forge) severity: Option<String>,
    /// The name of the user to assign; an empty name removes the assignee.
    pub(in crate::forge) assignee: Option<String>,
    pub(in crate::forge) confidential: Option<bool>,
}

/// The result of a merge: the fields to set, and the fields to leave alone.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(in crate::forge) struct Merge {
    /// The fields to set.
    pub(in crate::forge) change: FieldChange,
    /// The fields as this program last set them, after the change is applied.
    pub(in crate::forge) set: Fields,
    /// The fields that people changed, in words.
    pub(in crate::forge) theirs: Vec<&'static str>,
    /// The fields that GitLab refused before and that are not requested again, in words.
    pub(in crate::forge) denied: Vec<&'static str>,
}

impl Merge {
    /// Whether a field is to be set.
    pub(in crate::forge) fn changes(&self) -> bool {
        self.change != FieldChange::default()
    }
}

/// The decision about one field.
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

/// Merges desired, observed, last set and refused fields into a change.
pub(in crate::forge) fn merge(want: &Fields, seen: &Fields, set: Option<&Fields>, denied: Option<&Fields>) -> Merge {
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
    field!(assignee, "its assignee", |out: &mut Merge| out.change.assignee =
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
