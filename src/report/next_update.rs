//! Formats the time of the next update for `show` and `list`.

use crate::model::{Timestamp, humanize};
use crate::render::time;
use crate::terminal::{BAD, CAUTION, GOOD};

/// The time before the due time from which a promise is shown in yellow.
const SOON: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

/// Formats the due time of an update and the time until then: red if overdue, yellow in the last quarter of an hour.
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
