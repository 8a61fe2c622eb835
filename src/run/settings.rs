//! The settings that decide who is informed of what and where, as texts that can be compared and shown.
//!
//! *Invariant*: a new field of the process does not compile until it is shown here or excluded by name.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use crate::ledger::LedgerConfig;
use crate::model::{Customer, Directory, Entries, Person};
use crate::process::{Process, Role, Severity, Status, Step};

/// Settings of one kind by their keys, such as the Slack channels.
pub(super) struct Section {
    /// The words before each key; `None` if the keys are words of this program.
    pub(super) what: Option<&'static str>,
    /// The values by key.
    pub(super) values: BTreeMap<String, String>,
}

impl Section {
    fn new(what: &'static str, values: BTreeMap<String, String>) -> Self {
        let what = Some(what);
        Self { what, values }
    }

    /// A section of settings without keys of the user's.
    fn single<const N: usize>(values: [(&str, Option<String>); N]) -> Self {
        let set = values.into_iter();
        let set = set.filter_map(|(what, value)| Some((what.to_owned(), value?)));
        Self {
            what: None,
            values: set.collect(),
        }
    }
}

/// All sections of the settings; those that decide where words go come first. The order is always the same.
pub(super) fn sections(config: &LedgerConfig) -> Vec<Section> {
    let mut all = of_process(&config.process);
    let places = of_directory(&config.directory);
    // Tickets come before what only limits or times words.
    all.splice(1..1, places);
    all
}

fn of_process(process: &Process) -> Vec<Section> {
    let Process {
        roles,
        roles_within,
        steps_within,
        severities,
        statuses,
        gitlab_url,
        chat_url,
        gitlab_project,
        former_bots,
        gitlab_mention,
        labels,
        channels,
        slack_mention,
        nag_before,
        overdue,
        reach,
        // The accuracy of times informs nobody.
        clock_tolerance: _,
        tickets_close,
        stale_after,
        levels,
        gates,
        // The file from which all this comes.
        team: _,
    } = process;
    let escalation = overdue.iter().map(|(after, role)| format!("{role} after {after}"));
    let steps = severities.iter().flat_map(|severity| {
        let key = |step: &Step| format!("{}: {}", severity.key, step.key);
        severity.steps.iter().map(move |step| (key(step), carried_out(step)))
    });
    let rules = levels.iter().map(|(code, level)| (code, word(&level.value)));
    let gates = gates.iter().map(|(gate, codes)| (gate, joined(&codes.value)));
    vec![
        Section::single([
            ("GitLab's address", gitlab_url.clone()),
            ("Slack's address", chat_url.clone()),
            ("the incident project", gitlab_project.clone()),
            ("bots whose objects count as ours", joined(former_bots)),
            (
                "who is told of an overdue promise",
                joined(&escalation.collect::<Vec<_>>()),
            ),
        ]),
        Section::new("the Slack channel", channels.clone()),
        Section::new("who is mentioned in GitLab:", gitlab_mention.clone()),
        Section::new("who is mentioned in Slack:", by_name(slack_mention)),
        Section::new("the program carries out", set(steps)),
        Section::new("promises at", set(severities.iter().map(promises))),
        Section::new("the targets of", set(severities.iter().map(targets))),
        Section::new("the rule", set(rules)),
        Section::new("errors at the gate", set(gates)),
        Section::new("the label for", labels.clone()),
        Section::new("the status", set(statuses.iter().map(kind))),
        Section::new("the need of the role", set(roles.iter().map(required))),
        Section::single([
            ("customers that are told without asking", Some(reach.value.to_string())),
            ("words are sent without asking for", Some(stale_after.to_string())),
            ("customers' tickets close", Some(tickets_close.to_string())),
            ("a role may stay empty for", Some(roles_within.value.to_string())),
            ("a step may wait for", Some(steps_within.to_string())),
            ("a reminder comes before its promise by", Some(nag_before.to_string())),
        ]),
    ]
}

/// The fields of people and customers that decide where words go.
fn of_directory(directory: &Directory) -> Vec<Section> {
    let Directory { people, customers } = directory;
    let (mut tickets, mut desks) = (Vec::new(), Vec::new());
    for (key, customer) in customers.iter().flat_map(Entries::iter) {
        let Some(Customer {
            tickets: project,
            service_desk,
            // Names and importance address nobody: changed entries are listed by their keys.
            name: _,
            strategic: _,
        }) = customer.get()
        else {
            continue;
        };
        tickets.push((key, project.get().cloned()));
        desks.push((key, service_desk.get().map(ToString::to_string)));
    }
    let (mut on_gitlab, mut in_slack) = (Vec::new(), Vec::new());
    for (key, person) in people.iter().flat_map(Entries::iter) {
        let Some(Person {
            gitlab,
            slack,
            // The same.
            name: _,
            leadership: _,
            team: _,
            external: _,
        }) = person.get()
        else {
            continue;
        };
        on_gitlab.push((key, gitlab.get().cloned()));
        in_slack.push((key, slack.get().cloned()));
    }
    vec![
        Section::new("tickets of", set(tickets)),
        Section::new("e-mail by a Service Desk to", set(desks)),
        Section::new("the user in GitLab of", set(on_gitlab)),
        Section::new("the user in Slack of", set(in_slack)),
    ]
}

/// The values that are set, by key. A key that occurs twice has both values.
fn set<K: ToString>(values: impl IntoIterator<Item = (K, Option<String>)>) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in values {
        let Some(value) = value else { continue };
        let known = all.entry(key.to_string()).or_default();
        if !known.is_empty() {
            known.push_str(", ");
        }
        known.push_str(&value);
    }
    all
}

/// The program's action for a step, and its channel; `None` if people do the step.
fn carried_out(step: &Step) -> Option<String> {
    let effect = word(&step.effect?)?;
    Some(match &step.channel {
        Some(channel) => format!("{effect} in {channel}"),
        None => effect,
    })
}

/// The cadence of updates to the business and to customers at a severity.
fn promises(severity: &Severity) -> (String, Option<String>) {
    let cadence = severity.cadence.iter().map(|(status, every)| match every.value {
        Some(every) => format!("{status} every {every}"),
        None => format!("{status} never"),
    });
    let mut all: Vec<String> = cadence.collect();
    if severity.promises_customers {
        all.push("customers as well".to_owned());
    }
    if !severity.updates_by.is_empty() {
        let roles: Vec<_> = severity.updates_by.iter().map(ToString::to_string).collect();
        all.push(format!("by {}", roles.join(" or ")));
    }
    (severity.key.to_string(), joined(&all))
}

/// The targets of a severity.
fn targets(severity: &Severity) -> (String, Option<String>) {
    let all = severity.targets.iter();
    let all: Vec<_> = all
        .map(|(target, within)| format!("{} {}", target.key(), within.value))
        .collect();
    (severity.key.to_string(), joined(&all))
}

fn kind(status: &Status) -> (String, Option<String>) {
    (status.key.to_string(), word(&status.kind))
}

fn required(role: &Role) -> (String, Option<String>) {
    (role.key.to_string(), word(&role.required))
}

/// Texts on one line; `None` if there are none.
fn joined<T: Display>(texts: &[T]) -> Option<String> {
    let texts: Vec<_> = texts.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The word for a choice in process.yaml; every choice is a single word.
#[expect(clippy::unnecessary_wraps, reason = "values of settings are optional")]
fn word(choice: &impl Debug) -> Option<String> {
    Some(format!("{choice:?}").to_lowercase())
}

/// The values of a map by the texts of its keys.
fn by_name<K: ToString>(map: &BTreeMap<K, String>) -> BTreeMap<String, String> {
    map.iter()
        .map(|(key, value)| (key.to_string(), value.clone()))
        .collect()
}
