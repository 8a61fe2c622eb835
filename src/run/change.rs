//! The incidents that a merge request changes, for people and machines.

use serde::Serialize;

use crate::ledger::LedgerConfig;
use crate::model::{Entries, Entry, History, Snapshot};
use crate::render::escape;
use crate::rules::MaskedRecord;

/// The change of one incident between two revisions.
#[derive(Serialize, Debug)]
pub struct Change {
    /// The incident's id.
    pub incident: String,
    /// The state before; `None` for a new incident.
    pub from: Option<Snapshot>,
    /// The state after.
    pub to: Option<Snapshot>,
    /// The new entries, described in Markdown.
    #[serde(skip)]
    pub words: Vec<String>,
}

/// The tickets that an entry adopts, in words. They decide who reads a customer's words.
fn adopted(entry: &Entry) -> Vec<String> {
    let tickets = entry.tickets.get().into_iter().flat_map(Entries::iter);
    let named = tickets.filter_map(|(customer, url)| Some((customer, url.get()?)));
    named
        .map(|(customer, url)| format!("the ticket of {} is {}", escape::line(customer), escape::line(url)))
        .collect()
}

/// The change of an incident; `None` if its state and its entries are the same.
pub(super) fn change(
    config: &LedgerConfig,
    old: Option<(&MaskedRecord, &History)>,
    record: &MaskedRecord,
    history: &History,
) -> Option<Change> {
    let before = old.map(|(record, history)| Snapshot::from_state(record, history.last()));
    let after = Snapshot::from_state(record, history.last());
    let context = config.render_context(record, history, history.last().at);
    let known = old.iter().flat_map(|(record, _)| &record.entries);
    let known: Vec<&str> = known.map(|entry| entry.path.as_str()).collect();
    let new = record
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| !known.contains(&entry.path.as_str()));
    let words: Vec<String> = new
        .flat_map(|(index, entry)| {
            let mut words = if entry.declaration {
                let severity = config.process.severity_title(&after.severity);
                vec![format!("declared as {}", escape::line(severity))]
            } else {
                context.changes(index)
            };
            words.extend(adopted(&entry.entry));
            if words.is_empty() {
                words.push(format!("update by {}", escape::line(entry.by.as_str())));
            }
            words
        })
        .collect();
    if before.as_ref() == Some(&after) && words.is_empty() {
        return None;
    }
    Some(Change {
        incident: record.id.to_string(),
        from: before,
        to: Some(after),
        words,
    })
}
