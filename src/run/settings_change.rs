//! What a merge request changes beside the record, which decides who is told what: process, people, customers, templates.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::LedgerConfig;
use crate::model::{Customer, Directory, Entries, Person};
use crate::process::Process;
use crate::render::escape;

/// At most so many names are listed of one kind.
const MAX_NAMES: usize = 10;
/// At most so many changes are listed.
const MAX_LINES: usize = 40;
/// A longer name or value is cut.
const MAX_VALUE: usize = 200;

/// The difference between the settings of two revisions, as the note on a merge request shows it first.
pub(super) struct SettingsChange {
    /// The paths of the files that differ.
    paths: Vec<String>,
    /// One line for each change that sends words elsewhere or to others.
    lines: Vec<String>,
}

impl SettingsChange {
    /// The difference between the settings before and after; `paths` are the files that differ.
    pub(super) fn new(paths: Vec<&str>, before: &LedgerConfig, after: &LedgerConfig) -> Self {
        let mut lines = Vec::new();
        let (old, new) = (&before.process, &after.process);
        let pairs = [
            ("GitLab's address", &old.gitlab_url, &new.gitlab_url),
            ("Slack's address", &old.slack_url, &new.slack_url),
            ("the incident project", &old.gitlab_project, &new.gitlab_project),
        ];
        for (what, old, new) in pairs {
            lines.extend(moved(what, old.as_deref(), new.as_deref()));
        }
        lines.extend(values("the Slack channel", &old.channels, &new.channels));
        lines.extend(values(
            "who is mentioned in GitLab:",
            &old.gitlab_mention,
            &new.gitlab_mention,
        ));
        lines.extend(values(
            "who is mentioned in Slack:",
            &old.slack_mention,
            &new.slack_mention,
        ));
        lines.extend(values("what is said in Slack at", &said(old), &said(new)));
        lines.extend(moved(
            "bots whose objects count as ours",
            joined(&old.former_bots).as_deref(),
            joined(&new.former_bots).as_deref(),
        ));
        lines.extend(moved(
            "who is told of an overdue promise",
            joined(&escalation(old)).as_deref(),
            joined(&escalation(new)).as_deref(),
        ));
        lines.extend(tickets(&before.directory, &after.directory));
        lines.extend(entries(
            "customers",
            before.directory.customers.as_ref(),
            after.directory.customers.as_ref(),
            |old: &Customer, new| old == new,
        ));
        lines.extend(entries(
            "people",
            before.directory.people.as_ref(),
            after.directory.people.as_ref(),
            |old: &Person, new| old == new,
        ));
        Self {
            paths: paths.into_iter().map(str::to_owned).collect(),
            lines,
        }
    }

    /// The paragraph that stands before the note.
    pub(super) fn markdown(&self) -> String {
        let paths: Vec<_> = self.paths.iter().map(|path| code(path)).collect();
        let mut out = format!(
            "**This merge request also changes {}, which decides who is told what.** The effects below are computed with the \
             changed files.\n\n",
            listed(&paths)
        );
        for line in self.lines.iter().take(MAX_LINES) {
            out += &format!("- {line}\n");
        }
        if self.lines.len() > MAX_LINES {
            out += &format!("- and {} more: see the files\n", self.lines.len() - MAX_LINES);
        }
        if !self.lines.is_empty() {
            out.push('\n');
        }
        out
    }
}

/// A setting that has another value.
fn moved(what: &str, old: Option<&str>, new: Option<&str>) -> Option<String> {
    let shown = |value: Option<&str>| value.map_or_else(|| "nothing".to_owned(), code);
    (old != new).then(|| format!("{what}: {} → {}", shown(old), shown(new)))
}

/// The values of two maps that differ; `what` stands before each key.
fn values<K: Ord + Borrow<str>>(what: &str, old: &BTreeMap<K, String>, new: &BTreeMap<K, String>) -> Vec<String> {
    let keys: BTreeSet<&K> = old.keys().chain(new.keys()).collect();
    let differing = keys.into_iter().filter_map(|key| {
        let key: &str = key.borrow();
        let (old, new) = (old.get(key), new.get(key));
        moved(
            &format!("{what} {}", code(key)),
            old.map(String::as_str),
            new.map(String::as_str),
        )
    });
    differing.collect()
}

/// The steps that the program carries out in Slack, by severity and step, with their channels.
fn said(process: &Process) -> BTreeMap<String, String> {
    let steps = process.severities.iter().flat_map(|severity| {
        let steps = severity.steps.iter().filter(|step| step.effect.is_some());
        steps.map(move |step| {
            let channel = step.channel.as_deref().unwrap_or("the incident's channel");
            (format!("{}: {}", severity.key, step.key), channel.to_owned())
        })
    });
    steps.collect()
}

/// The roles that are told of an overdue promise, each with its delay.
fn escalation(process: &Process) -> Vec<String> {
    let levels = process.overdue.iter();
    levels.map(|(after, role)| format!("{role} after {after}")).collect()
}

/// Names on one line; `None` if there are none.
fn joined(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(", "))
}

/// Customers whose tickets go elsewhere.
fn tickets(before: &Directory, after: &Directory) -> Vec<String> {
    let project = |directory: &Directory, key: &str| directory.customer(key)?.tickets.get().cloned();
    let keys = keys(before.customers.as_ref(), after.customers.as_ref());
    let moved = keys.into_iter().filter_map(|key| {
        let (old, new) = (project(before, key), project(after, key));
        moved(&format!("tickets of {}", code(key)), old.as_deref(), new.as_deref())
    });
    moved.collect()
}

/// The entries of a file that are new, gone or different.
fn entries<T>(
    what: &str,
    before: Option<&Entries<T>>,
    after: Option<&Entries<T>>,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<String> {
    let value = |entries: Option<&Entries<T>>, key: &str| entries.and_then(|entries| entries.get(key)).is_some();
    let (mut added, mut removed, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys(before, after) {
        match (value(before, key), value(after, key)) {
            (false, _) => added.push(code(key)),
            (true, false) => removed.push(code(key)),
            (true, true) => {
                let old = before.and_then(|entries| entries.get(key)?.get());
                let new = after.and_then(|entries| entries.get(key)?.get());
                let unchanged = match (old, new) {
                    (Some(old), Some(new)) => same(old, new),
                    (old, new) => old.is_none() && new.is_none(),
                };
                if !unchanged {
                    changed.push(code(key));
                }
            }
        }
    }
    let groups = [("added", added), ("removed", removed), ("changed", changed)];
    let lines = groups.into_iter().filter(|(_, names)| !names.is_empty());
    lines
        .map(|(word, names)| {
            let more = names.len().saturating_sub(MAX_NAMES);
            let rest = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!("{what} {word}: {}{rest}", names[..names.len() - more].join(", "))
        })
        .collect()
}

fn keys<'a, T>(before: Option<&'a Entries<T>>, after: Option<&'a Entries<T>>) -> BTreeSet<&'a str> {
    let both = before.into_iter().chain(after);
    both.flat_map(Entries::iter).map(|(key, _)| key).collect()
}

/// A name or a value as code, on one line, cut where it is long.
pub(super) fn code(text: &str) -> String {
    let plain = crate::terminal::plain(text).replace('`', "'");
    format!("`{}`", escape::cut(&plain, MAX_VALUE))
}

/// Names with commas, and an `and` before the last.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::directory::CUSTOMERS_PATH;
    use crate::render::escape::{hostile::HOSTILE, proof::acts_beyond};
    use crate::source::File;

    fn settings(customers: &str) -> LedgerConfig {
        let file = File::new(CUSTOMERS_PATH, customers.as_bytes());
        LedgerConfig::read(&|path| Ok((path == CUSTOMERS_PATH).then(|| file.clone())), &[]).expect("settings")
    }

    #[test]
    fn no_name_and_no_value_acts_in_the_paragraph_before_the_note() {
        let before = settings("acme: { tickets: a/b }\n");
        for text in HOSTILE {
            let quoted = serde_json::to_string(text).expect("JSON");
            let mut after = settings(&format!("acme: {{ tickets: {quoted} }}\n{quoted}: {{}}\n"));
            after.process.channels.insert((*text).to_owned(), (*text).to_owned());
            after
                .process
                .gitlab_mention
                .insert((*text).to_owned(), (*text).to_owned());
            after.process.slack_mention.insert((*text).into(), (*text).to_owned());
            after.process.former_bots.push((*text).to_owned());
            let path = format!("templates/{text}.hbs");
            let paragraph = SettingsChange::new(vec![&path], &before, &after).markdown();
            assert_eq!(
                acts_beyond(&paragraph, &[]),
                Vec::<String>::new(),
                "{text:?} in {paragraph}"
            );
        }
    }

    #[test]
    fn whoever_is_mentioned_and_every_new_project_of_tickets_is_named() {
        let (before, mut after) = (
            settings("acme: { tickets: a/b }\n"),
            settings("globex: { tickets: c/d }\n"),
        );
        let mention = after.process.gitlab_mention.entry("executives".to_owned());
        *mention.or_default() = "@company/executives".to_owned();
        after.process.former_bots.push("old_bot".to_owned());
        after.process.overdue.clear();
        let paragraph = SettingsChange::new(vec!["process.yaml"], &before, &after).markdown();
        for line in [
            "who is mentioned in GitLab: `executives`: nothing → `@company/executives`",
            "bots whose objects count as ours: nothing → `old_bot`",
            "who is told of an overdue promise: `incident_coordinator after",
            "tickets of `acme`: `a/b` → nothing",
            "tickets of `globex`: nothing → `c/d`",
        ] {
            assert!(paragraph.contains(line), "no {line} in {paragraph}");
        }
    }

    #[test]
    fn many_changes_and_long_values_are_cut() {
        let long = "x".repeat(500);
        let many: Vec<String> = (0..99)
            .map(|number| format!("c{number:02}: {{ tickets: a/{long} }}\n"))
            .collect();
        let paragraph =
            SettingsChange::new(vec!["customers.yaml"], &settings(""), &settings(&many.concat())).markdown();
        assert!(paragraph.contains("and 60 more: see the files"), "{paragraph}");
        assert!(paragraph.len() < 12_000 && !paragraph.contains(&"x".repeat(200)));
    }

    #[test]
    fn long_lists_of_names_are_cut() {
        let many: Vec<String> = (0..13).map(|number| format!("c{number:02}: {{}}\n")).collect();
        let change = SettingsChange::new(vec!["customers.yaml"], &settings(""), &settings(&many.concat()));
        assert!(change.markdown().contains("`c09` and 3 more"), "{}", change.markdown());
    }
}
