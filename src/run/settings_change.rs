//! The changes of a merge request to process, people, customers and templates, which decide who is informed of what.

use std::collections::BTreeSet;

use super::settings::{Section, sections};
use crate::ledger::LedgerConfig;
use crate::model::{Customer, Entries, Person};
use crate::render::escape;
use crate::rules;

/// The largest number of listed names of one kind.
const MAX_NAMES: usize = 10;
/// The largest number of listed changes of one kind.
const MAX_LINES: usize = 10;
/// The largest length of a shown name or value.
const MAX_VALUE: usize = 200;
/// The number of characters shown before the position at which two long values differ.
const SHOWN_BEFORE: usize = 20;

/// The difference between the settings of two revisions, shown at the top of the note on a merge request.
pub(super) struct SettingsChange {
    /// The paths of the files that differ.
    paths: Vec<String>,
    /// One line for each change of the places or readers of words.
    lines: Vec<String>,
}

impl SettingsChange {
    /// Compares the settings before and after; `paths` are the files that differ.
    pub(super) fn new(paths: Vec<&str>, before: &LedgerConfig, after: &LedgerConfig) -> Self {
        let (old, new) = (sections(before), sections(after));
        let mut lines: Vec<String> = old
            .iter()
            .zip(&new)
            .flat_map(|(old, new)| differing(old, new))
            .collect();
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

    /// The paragraph before the note, in Markdown.
    pub(super) fn markdown(&self) -> String {
        let mut paths: Vec<_> = self.paths.iter().take(MAX_NAMES).map(|path| code(path)).collect();
        if self.paths.len() > MAX_NAMES {
            paths.push(format!("{} more files", self.paths.len() - MAX_NAMES));
        }
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

/// The line for a setting with a new value. Long values are shown from the position at which they differ.
fn moved(what: &str, old: Option<&str>, new: Option<&str>) -> String {
    // Credentials are masked before the values are cut, because a part of a credential does not look like one.
    let [old, new] = [old, new].map(|value| value.map(masked));
    let (old, new) = (old.as_deref(), new.as_deref());
    let pairs = || old.unwrap_or_default().chars().zip(new.unwrap_or_default().chars());
    let same = pairs().take_while(|(old, new)| old == new).count();
    let is_long = [old, new]
        .into_iter()
        .flatten()
        .any(|value| value.chars().nth(MAX_VALUE).is_some());
    let skipped = if is_long { same.saturating_sub(SHOWN_BEFORE) } else { 0 };
    let shown = |value: Option<&str>| match value {
        None => "nothing".to_owned(),
        Some(value) if skipped == 0 => code(value),
        Some(value) => code(&format!("…{}", value.chars().skip(skipped).collect::<String>())),
    };
    format!("{what}: {} → {}", shown(old), shown(new))
}

/// The settings of one kind that differ, changed ones before new and removed ones. Each kind has its own limit.
fn differing(old: &Section, new: &Section) -> Vec<String> {
    let pair = |key: &String| [old, new].map(|section| section.values.get(key).map(String::as_str));
    let keys: BTreeSet<&String> = old.values.keys().chain(new.values.keys()).collect();
    let is_same = |key: &String| old.values.get(key) == new.values.get(key);
    let mut keys: Vec<&String> = keys.into_iter().filter(|key| !is_same(key)).collect();
    keys.sort_by_key(|key| pair(key).contains(&None));
    let lines = keys.iter().take(MAX_LINES).map(|&key| {
        let what = old
            .what
            .map_or_else(|| key.clone(), |what| format!("{what} {}", code(key)));
        let [old, new] = pair(key);
        moved(&what, old, new)
    });
    let mut lines: Vec<String> = lines.collect();
    if keys.len() > MAX_LINES {
        let what = old.what.unwrap_or("settings");
        lines.push(format!("{what}: and {} more, see the files", keys.len() - MAX_LINES));
    }
    lines
}

/// The entries of a file that are new, removed or changed.
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

/// A value with stars for its credentials.
fn masked(value: &str) -> String {
    rules::mask_path(value).unwrap_or_else(|| value.to_owned())
}

/// A name or a value as inline code on one line, cut at the largest length, with stars for its credentials.
pub(super) fn code(text: &str) -> String {
    let plain = crate::terminal::plain(&masked(text)).replace('`', "'");
    format!("`{}`", escape::cut(&plain, MAX_VALUE))
}

/// Joins names with commas, and with `and` before the last.
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
        assert!(
            paragraph.contains("tickets of: and 89 more, see the files"),
            "{paragraph}"
        );
        assert!(paragraph.len() < 12_000 && !paragraph.contains(&"x".repeat(200)));
    }

    #[test]
    fn many_changes_of_one_kind_hide_none_of_another_and_long_values_are_shown_where_they_differ() {
        let long = "x".repeat(500);
        let mut before = settings(&format!("acme: {{ tickets: {long}/a }}\n"));
        let mut after = settings(&format!("acme: {{ tickets: {long}/b }}\n"));
        let many = (0..99).map(|number| (format!("a{number}"), "C0EVIL".to_owned()));
        after.process.channels.extend(many);
        for (settings, channel) in [(&mut before, "C0GENERAL"), (&mut after, "C0MOVED")] {
            let channels = &mut settings.process.channels;
            channels.insert("general".to_owned(), channel.to_owned());
        }
        after
            .process
            .slack_mention
            .insert("sev0".into(), "<!channel>".to_owned());
        let paragraph = SettingsChange::new(vec!["process.yaml"], &before, &after).markdown();
        let differ = "x".repeat(19);
        for line in [
            "the Slack channel `general`: `C0GENERAL` → `C0MOVED`".to_owned(),
            "the Slack channel: and 90 more, see the files".to_owned(),
            "who is mentioned in Slack: `sev0`: nothing → `<!channel>`".to_owned(),
            format!("tickets of `acme`: `…{differ}/a` → `…{differ}/b`"),
        ] {
            assert!(paragraph.contains(&line), "no {line} in {paragraph}");
        }
    }

    #[test]
    fn long_lists_of_names_are_cut() {
        let many: Vec<String> = (0..13).map(|number| format!("c{number:02}: {{}}\n")).collect();
        let change = SettingsChange::new(vec!["customers.yaml"], &settings(""), &settings(&many.concat()));
        assert!(change.markdown().contains("`c09` and 3 more"), "{}", change.markdown());
    }
}
