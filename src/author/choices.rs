//! The choices that a prompt or a shell completion offers: keys of the process, people and customers, each with a
//! description.

use crate::model::{Directory, Entries, Person, State};
use crate::process::{Process, Severity};

/// A key to choose, with a description.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The key.
    pub key: String,
    /// The description; empty or equal to the key if none is known.
    pub about: String,
}

impl Choice {
    /// A choice with this key and description.
    #[must_use]
    pub fn new(key: &str, about: &str) -> Self {
        Self {
            key: key.to_owned(),
            about: about.to_owned(),
        }
    }
}

/// The severities of a process, as choices.
#[must_use]
pub fn severities(process: &Process) -> Vec<Choice> {
    let severities = process.severities.iter();
    severities
        .map(|severity| Choice::new(severity.key.as_str(), &severity.title))
        .collect()
}

/// The severities of a process, each with the number of customers that it is for.
#[must_use]
pub fn severities_with_customers(process: &Process) -> Vec<Choice> {
    let about = |severity: &Severity| {
        let customers = severity.customers.as_ref().map(|count| match count.value {
            (least, Some(most)) if least == most => format!(", {least} customer{}", if least == 1 { "" } else { "s" }),
            (least, Some(most)) => format!(", {least} to {most} customers"),
            (least, None) => format!(", {least} or more customers"),
        });
        format!("{}{}", severity.title, customers.unwrap_or_default())
    };
    let severities = process.severities.iter();
    severities
        .map(|severity| Choice::new(severity.key.as_str(), &about(severity)))
        .collect()
}

/// The degradations that fit a severity; `None` if the process lists none for it.
#[must_use]
pub fn degradations(process: &Process, severity: Option<&str>) -> Option<Vec<Choice>> {
    let words = process.severity(severity?)?.degradation.as_ref()?;
    Some(words.value.iter().map(|word| Choice::new(word, "")).collect())
}

/// The statuses of a process, as choices.
#[must_use]
pub fn statuses(process: &Process) -> Vec<Choice> {
    let statuses = process.statuses.iter();
    statuses
        .map(|status| Choice::new(status.key.as_str(), &status.title))
        .collect()
}

/// The current status of an incident, then the statuses that may follow it.
#[must_use]
pub fn next_statuses(process: &Process, state: &State) -> Vec<Choice> {
    let others = process.statuses.iter().filter(|status| status.key != state.status);
    let may = others.filter(|status| process.may_follow(&state.status, &status.key));
    std::iter::once(Choice::new(state.status.as_str(), "as it is"))
        .chain(may.map(|status| Choice::new(status.key.as_str(), &status.title)))
        .collect()
}

/// The roles of a process, as choices.
#[must_use]
pub fn roles(process: &Process) -> Vec<Choice> {
    let roles = process.roles.iter();
    roles.map(|role| Choice::new(role.key.as_str(), &role.title)).collect()
}

/// The steps of all severities, by key, as choices.
#[must_use]
pub fn steps(process: &Process) -> Vec<Choice> {
    let steps = process.severities.iter().flat_map(|severity| &severity.steps);
    let mut all: Vec<_> = steps.map(|step| (step.key.to_string(), step.title.clone())).collect();
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0);
    all.iter().map(|(key, title)| Choice::new(key, title)).collect()
}

/// The steps of an incident's severity that nobody recorded yet; manual steps come first.
#[must_use]
pub fn open_steps(process: &Process, state: &State) -> Vec<Choice> {
    let severity = process.severity(state.severity.as_str());
    let steps = severity.into_iter().flat_map(|severity| &severity.steps);
    let mut open: Vec<_> = steps.filter(|step| !state.steps.contains_key(&step.key)).collect();
    open.sort_by_key(|step| step.effect.is_some());
    open.iter()
        .map(|step| Choice::new(step.key.as_str(), &step.title))
        .collect()
}

/// The people of `people.yaml` that `wanted` accepts, and the people of whose entries only the key can be read.
#[must_use]
pub fn people(directory: &Directory, wanted: impl Fn(&Person) -> bool) -> Vec<Choice> {
    let people = directory.people.iter().flat_map(Entries::iter);
    people
        .filter(|(_, person)| person.get().is_none_or(&wanted))
        .map(|(key, _)| Choice::new(key, directory.person_name(key)))
        .collect()
}

/// The customers of `customers.yaml`, as choices.
#[must_use]
pub fn customers(directory: &Directory) -> Vec<Choice> {
    let customers = directory.customers.iter().flat_map(Entries::iter);
    customers
        .map(|(key, _)| Choice::new(key, directory.customer_name(key)))
        .collect()
}

/// The words `all` and `unknown`, as choices in place of customers.
#[must_use]
pub fn special_customer_choices() -> [Choice; 2] {
    [
        Choice::new("unknown", "not known yet"),
        Choice::new("all", "every customer"),
    ]
}

/// Resolves the picked customers: `all` or `unknown` replaces picked names, and an empty pick becomes `unknown`.
#[must_use]
pub fn normalize_picked_customers(picked: Vec<String>) -> Vec<String> {
    let word = picked.iter().find(|key| matches!(key.as_str(), "all" | "unknown"));
    match word {
        Some(word) => vec![word.clone()],
        None if picked.is_empty() => vec!["unknown".to_owned()],
        None => picked,
    }
}
