//! All incidents as `list` prints them: active incidents first, sorted by the due time of the next update.

use std::cmp::Reverse;

use anstyle::Style;
use serde::Serialize;

use super::incident::Line;
use super::next_update::describe;
use crate::model::{Record, Snapshot, State, Timestamp};
use crate::process::{Process, StatusKind};
use crate::terminal::{STRONG, plain};

/// The incidents of a ledger, in the order of the command `list`.
pub struct IncidentList<'a> {
    process: &'a Process,
    rows: Vec<Row>,
    running: usize,
    over: usize,
    unreadable: Vec<String>,
}

struct Row {
    active: bool,
    record: Record,
    state: State,
}

impl Row {
    /// The sort key: active incidents by due time, without a promise last; then the other incidents, the newest first.
    fn rank(&self) -> (bool, i64, Reverse<&str>) {
        let due = self.state.next_update.filter(|_| self.active);
        let due = due.map_or(i64::MAX, |due| due.0.timestamp());
        (!self.active, due, Reverse(self.record.id.as_str()))
    }
}

impl<'a> IncidentList<'a> {
    /// A list of these records with their last states. `unreadable` are the ids without a readable declaration.
    #[must_use]
    pub fn new(process: &'a Process, incidents: Vec<(Record, State)>, unreadable: Vec<String>) -> Self {
        let row = |(record, state): (Record, State)| Row {
            active: process.status_kind(&state.status) == StatusKind::Active,
            record,
            state,
        };
        let mut rows: Vec<Row> = incidents.into_iter().map(row).collect();
        rows.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let running = rows.iter().filter(|row| row.active).count();
        Self {
            process,
            running,
            over: rows.len() - running,
            rows,
            unreadable,
        }
    }

    /// Removes the rows of incidents that are not active; they still count.
    pub fn retain_active(&mut self) {
        self.rows.retain(|row| row.active);
    }

    /// The list's values, for machines.
    #[must_use]
    pub fn machine_values(&self) -> impl Serialize {
        let lines = self.rows.iter().map(|row| Line {
            id: row.record.id.as_str(),
            active: row.active,
            details: None,
            state: Snapshot::from_state(&row.record, &row.state),
        });
        lines.collect::<Vec<_>>()
    }

    /// The list's text for people, with terminal colours, for a terminal of this width.
    #[must_use]
    pub fn human_text(&self, now: Timestamp, width: usize) -> String {
        if self.rows.is_empty() && self.unreadable.is_empty() {
            return if self.over == 0 {
                "There is no incident yet: `incidentctl declare`.\n".to_owned()
            } else {
                "No incident is running.\n".to_owned()
            };
        }
        let mut out = self.table(now, width);
        for id in &self.unreadable {
            out += &format!("{}  cannot be read (see `incidentctl check`)\n", plain(id));
        }
        out + &format!("\n{} running, {} over\n", self.running, self.over)
    }

    /// The rows in columns; the title gets the remaining width.
    fn table(&self, now: Timestamp, width: usize) -> String {
        let columns = |row: &Row| {
            [
                plain(row.record.id.as_str()),
                plain(row.state.severity.as_str()),
                plain(self.process.status_title(row.state.status.as_str())),
            ]
        };
        let widest = |column: usize| {
            let widths = self.rows.iter().map(|row| columns(row)[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let (ids, severities, statuses) = (widest(0), widest(1), widest(2));
        let room = width.saturating_sub(ids + severities + statuses + 6).max(20);
        let mut out = String::new();
        for row in &self.rows {
            let [id, severity, status] = columns(row);
            let due = row.state.next_update.filter(|_| row.active);
            let due = due.map_or_else(String::new, |due| format!("  next update {}", describe(Some(due), now)));
            let title: String = plain(&row.state.title).chars().take(room).collect();
            let style = if row.active { STRONG } else { Style::new() };
            out += &format!("{style}{id:<ids$}  {severity:<severities$}  {status:<statuses$}{style:#}  {title}{due}\n");
        }
        out
    }
}
