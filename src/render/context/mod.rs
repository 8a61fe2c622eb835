//! Builds views from a record and its history, one file for each audience.

mod changes;
mod chat;
mod customer;
mod issue;
mod reminder;
mod summary;

use super::body::reference;
use super::escape;
use super::views::TextWithTime;
use crate::model::{CustomerKey, DatedText, Directory, History, PersonKey, Record, RecordEntry, State, Timestamp};
use crate::process::Process;
use crate::targets::{Observed, TargetScore, target_scores};

/// The largest number of characters of a field that are shown; the record has the rest.
const MAX_TEXT: usize = 8_000;
/// The largest number of names on one line.
const MAX_NAMES: usize = 20;

/// An incident with its process, people and customers: everything that views are built from.
#[derive(Clone, Copy)]
pub struct RenderContext<'a> {
    /// The process that applies.
    pub process: &'a Process,
    /// People and customers.
    pub directory: &'a Directory,
    /// The record.
    pub record: &'a Record,
    /// The history: the record's state after each entry.
    pub history: &'a History,
    /// The time of the run, by which open promises are overdue.
    pub now: Timestamp,
    /// When objects were made, as far as it was observed.
    pub observed: &'a Observed<'a>,
}

/// A time in UTC for readers, without seconds if they are zero.
#[must_use]
pub fn time(at: Timestamp) -> String {
    let whole = at.0.timestamp() % 60 == 0;
    at.0.format(if whole {
        "%Y-%m-%d %H:%M UTC"
    } else {
        "%Y-%m-%d %H:%M:%S UTC"
    })
    .to_string()
}

fn block(text: &str) -> String {
    let quoted = escape::block(&escape::cut(text, MAX_TEXT), 0);
    if quoted.is_empty() {
        "> (empty)".to_owned()
    } else {
        quoted
    }
}

fn line(text: &str) -> String {
    escape::cut(&escape::line(&escape::cut(text, MAX_TEXT)), 1_000)
}

fn some_text(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

impl<'a> RenderContext<'a> {
    pub(super) fn entry(&self, index: usize) -> &'a RecordEntry {
        &self.record.entries[index]
    }

    pub(super) fn state(&self, index: usize) -> &'a State {
        &self.history.states[index]
    }

    /// The same incident, with what was observed of it.
    #[must_use]
    pub const fn with_observed(self, observed: &'a Observed<'a>) -> Self {
        Self { observed, ..self }
    }

    /// How the incident does against the targets of its severities.
    #[must_use]
    pub fn targets(&self) -> Vec<TargetScore> {
        let terms = (self.process, self.directory);
        target_scores(self.record, self.history, terms, self.now, self.observed)
    }

    /// Whether the incident is running.
    pub(super) fn is_active(&self, state: &State) -> bool {
        self.process.status_kind(&state.status) == crate::process::StatusKind::Active
    }

    /// A person's name for readers.
    pub(super) fn person(&self, key: &PersonKey) -> String {
        line(self.directory.person_name(key.as_str()))
    }
}

/// The names of people on one line; `None` if there are no people.
fn names<'p>(people: impl Iterator<Item = &'p PersonKey>, name: impl Fn(&PersonKey) -> String) -> Option<String> {
    let names: Vec<_> = people.map(name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The names of customers on one line, with the number of those that are left out; `None` if there are none.
fn listed(customers: &[&CustomerKey], name: impl Fn(&&CustomerKey) -> String) -> Option<String> {
    let shown: Vec<_> = customers.iter().take(MAX_NAMES).map(name).collect();
    let more = customers.len().saturating_sub(MAX_NAMES);
    let text = shown.join(", ");
    match more {
        _ if shown.is_empty() => None,
        0 => Some(text),
        more => Some(format!("{text} and {more} more")),
    }
}

/// A link to the dedicated channel: the one that people opened, otherwise the one that this program opens.
fn channel_of(state: &State, own: Option<&str>) -> Option<String> {
    match &state.slack_channel {
        Some(address) => Some(link(address)),
        None => own.map(reference),
    }
}

/// A text on one line, cut at a fixed length.
fn one_line(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    escape::cut(&joined, 300)
}

fn said(text: &DatedText, at: Timestamp) -> TextWithTime {
    TextWithTime {
        text: block(&text.text),
        since: (text.at != at).then(|| time(text.at)),
    }
}

/// An address as a link, or as plain text if it is not a valid address.
fn link(address: &str) -> String {
    escape::url(address).map_or_else(|| line(address), |url| format!("<{url}>"))
}
