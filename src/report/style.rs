//! Styles and rows that the texts of `show` and `list` share.

use crate::model::{Timestamp, humanize};
use crate::render::time;

pub(super) const BOLD: &str = "\u{1b}[1m";
pub(super) const RED: &str = "\u{1b}[31m";
pub(super) const YELLOW: &str = "\u{1b}[33m";
pub(super) const GREEN: &str = "\u{1b}[32m";
pub(super) const END: &str = "\u{1b}[0m";

/// A promise that falls due so soon is worth a colour.
const SOON: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

/// When an update is due, and how far away that is: red past its time, yellow in its last quarter of an hour.
pub(super) fn promise(due: Option<Timestamp>, now: Timestamp) -> String {
    let Some(due) = due else {
        return "none promised".to_owned();
    };
    let left = due.0 - now.0;
    let away = humanize(left);
    if due < now {
        format!("{RED}by {}, overdue by {away}{END}", time(due))
    } else {
        let color = if left <= SOON { YELLOW } else { GREEN };
        format!("{color}by {}, in {away}{END}", time(due))
    }
}
