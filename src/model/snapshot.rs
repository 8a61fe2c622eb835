//! The state of an incident, in the format that `show`, `list` and `plan` print for machines.

use serde::Serialize;

use super::{Customers, Record, State};

/// The state of an incident, in the format for machines.
#[derive(Serialize, PartialEq, Eq, Debug)]
pub struct Snapshot {
    title: String,
    /// The key of the incident's severity.
    pub severity: String,
    status: String,
    customers: Vec<String>,
    restored: Vec<String>,
    updates: usize,
    at: String,
    next_update: Option<String>,
}

impl Snapshot {
    /// Returns the snapshot of a record in this state.
    #[must_use]
    pub fn from_state(record: &Record, state: &State) -> Self {
        let customers = match &state.customers {
            Customers::Unknown => vec!["unknown".to_owned()],
            Customers::All => vec!["all".to_owned()],
            Customers::Listed(list) => list.iter().map(ToString::to_string).collect(),
        };
        Self {
            title: state.title.clone(),
            severity: state.severity.to_string(),
            status: state.status.to_string(),
            customers,
            restored: state.restored.keys().map(ToString::to_string).collect(),
            updates: record.entries.len() - 1,
            at: state.at.to_string(),
            next_update: state.next_update.map(|at| at.to_string()),
        }
    }
}
