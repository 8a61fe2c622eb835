//! What a person or a shell can choose from: the words of the process, people and customers, each with what it stands for.

use crate::model::{Directory, Entries, Person, State};
use crate::process::{Process, Severity};

/// A key to choose, and what it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The key.
    pub key: String,
    /// What it stands for; empty, or the key again, if nothing is known of it.
    pub about: String,
}

impl Choice {
    /// A key and what it stands for.
    #[must_use]
    pub fn new(key: &str, about: &str) -> Self {
        Self {
            key: key.to_owned(),
            about: about.to_owned(),
        }
    }
}

/// The severities of a process.
#[must_use]
pub fn severities(process: &Process) -> Vec<Choice> {
    let severities = process.severities.iter();
    severities
        .map(|severity| Choice::new(severity.key.as_str(), &severity.title))
        .collect()
}

/// The same, with the number of customers that each is for.
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

/// The words for how badly service is degraded in a severity; `None` if the process has none for it.
#[must_use]
pub fn degradations(process: &Process, severity: Option<&str>) -> Option<Vec<Choice>> {
    let words = process.severity(severity?)?.degradation.as_ref()?;
    Some(words.value.iter().map(|word| Choice::new(word, "")).collect())
}

/// The statuses of a process.
#[must_use]
pub fn statuses(process: &Process) -> Vec<Choice> {
    let statuses = process.statuses.iter();
    statuses
        .map(|status| Choice::new(status.key.as_str(), &status.title))
        .collect()
}

/// The status of an incident as it is, then those that may follow it.
#[must_use]
pub fn next_statuses(process: &Process, state: &State) -> Vec<Choice> {
    let others = process.statuses.iter().filter(|status| status.key != state.status);
    let may = others.filter(|status| process.may_follow(&state.status, &status.key));
    std::iter::once(Choice::new(state.status.as_str(), "as it is"))
        .chain(may.map(|status| Choice::new(status.key.as_str(), &status.title)))
        .collect()
}

/// The roles of a process.
#[must_use]
pub fn roles(process: &Process) -> Vec<Choice> {
    let roles = process.roles.iter();
    roles.map(|role| Choice::new(role.key.as_str(), &role.title)).collect()
}

/// The steps of all severities, by key.
#[must_use]
pub fn steps(process: &Process) -> Vec<Choice> {
    let steps = process.severities.iter().flat_map(|severity| &severity.steps);
    let mut all: Vec<_> = steps.map(|step| (step.key.to_string(), step.title.clone())).collect();
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0);
    all.iter().map(|(key, title)| Choice::new(key, title)).collect()
}

/// The steps of an incident's severity that nobody recorded; first those that people record.
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

/// The people of people.yaml that are wanted, and those of whom only the key can be read.
#[must_use]
pub fn people(directory: &Directory, wanted: impl Fn(&Person) -> bool) -> Vec<Choice> {
    let people = directory.people.iter().flat_map(Entries::iter);
    people
        .filter(|(_, person)| person.get().is_none_or(&wanted))
        .map(|(key, _)| Choice::new(key, directory.person_name(key)))
        .collect()
}

/// The customers of customers.yaml.
#[must_use]
pub fn customers(directory: &Directory) -> Vec<Choice> {
    let customers = directory.customers.iter().flat_map(Entries::iter);
    customers
        .map(|(key, _)| Choice::new(key, directory.customer_name(key)))
        .collect()
}

/// The words that stand for customers.
#[must_use]
pub fn customer_words() -> [Choice; 2] {
    [
        Choice::new("unknown", "not known yet"),
        Choice::new("all", "every customer"),
    ]
}

/// The customers that a person picked: `all` or `unknown` beside a name wins over the name, and nothing is `unknown`.
#[must_use]
pub fn picked_customers(picked: Vec<String>) -> Vec<String> {
    let word = picked.iter().find(|key| matches!(key.as_str(), "all" | "unknown"));
    match word {
        Some(word) => vec![word.clone()],
        None if picked.is_empty() => vec!["unknown".to_owned()],
        None => picked,
    }
}
