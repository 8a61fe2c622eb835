//! What a merge request changes beside the record, which decides who is told what: process, people, customers, templates.

use std::collections::BTreeSet;

use crate::ledger::LedgerConfig;
use crate::model::{Customer, Directory, Entries, Person};
use crate::render::escape;

/// At most so many names are listed of one kind.
const MAX_NAMES: usize = 10;

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
        let names: BTreeSet<&String> = old.channels.keys().chain(new.channels.keys()).collect();
        for name in names {
            let what = format!("the Slack channel `{}`", escape::title(name).replace('`', "'"));
            lines.extend(moved(
                &what,
                old.channels.get(name).map(String::as_str),
                new.channels.get(name).map(String::as_str),
            ));
        }
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
        for line in &self.lines {
            out += &format!("- {line}\n");
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

/// Customers whose tickets go elsewhere.
fn tickets(before: &Directory, after: &Directory) -> Vec<String> {
    let project = |directory: &Directory, key: &str| directory.customer(key)?.tickets.get().cloned();
    let keys = keys(before.customers.as_ref(), after.customers.as_ref());
    let moved = keys.into_iter().filter_map(|key| {
        let (old, new) = (project(before, key), project(after, key));
        let both = before.customer(key).is_some() && after.customer(key).is_some();
        let line = moved(&format!("tickets of {}", code(key)), old.as_deref(), new.as_deref());
        line.filter(|_| both)
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

/// A name or a value as code, on one line.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", crate::terminal::plain(text).replace('`', "'"))
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
    fn long_lists_of_names_are_cut() {
        let many: Vec<String> = (0..13).map(|number| format!("c{number:02}: {{}}\n")).collect();
        let change = SettingsChange::new(vec!["customers.yaml"], &settings(""), &settings(&many.concat()));
        assert!(change.markdown().contains("`c09` and 3 more"), "{}", change.markdown());
    }
}
