//! The time of the next update in words, as `show` and `list` print it.

use crate::model::{Timestamp, humanize};
use crate::render::time;
use crate::terminal::{BAD, CAUTION, GOOD};

/// A promise that falls due so soon is worth a colour.
const SOON: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

/// When an update is due, and how far away that is: red past its time, yellow in its last quarter of an hour.
pub(super) fn describe(due: Option<Timestamp>, now: Timestamp) -> String {
    let Some(due) = due else {
        return "none promised".to_owned();
    };
    let left = due.0 - now.0;
    let away = humanize(left);
    if due < now {
        format!("{BAD}by {}, overdue by {away}{BAD:#}", time(due))
    } else {
        let color = if left <= SOON { CAUTION } else { GOOD };
        format!("{color}by {}, in {away}{color:#}", time(due))
    }
}
