//! How a target ended, and the numbers of many.

use serde::Serialize;

use crate::model::{CustomerKey, PersonKey, RoleKey, SeverityKey, Timestamp, humanize};
use crate::process::Target;

/// One target of an incident, and how it ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TargetScore {
    /// The part of the work.
    pub target: Target,
    /// The severity whose target it is.
    pub severity: SeverityKey,
    /// The customer, for the targets of each customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerKey>,
    /// When its time began.
    pub from: Timestamp,
    /// When it was due.
    pub due: Timestamp,
    /// How it ended.
    pub end: TargetOutcome,
    /// When it was done; `None` if it was not, or if that is unknown.
    pub at: Option<Timestamp>,
    /// How late it was done, or how long it is overdue, in minutes; `None` if it is not late.
    pub late_minutes: Option<i64>,
    /// The role that sees to it; `None` if anybody does.
    pub role: Option<RoleKey>,
    /// Who held the role when it was due.
    pub holders: Vec<PersonKey>,
}

/// How a target ended, or whether it is open or overdue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetOutcome {
    /// Done in time.
    Met,
    /// Done late, or not done when it no longer applied.
    Missed,
    /// Not done, and due.
    Overdue,
    /// Not done, and not due yet.
    Open,
    /// It stopped to apply before it was due.
    Released,
    /// Neither observed nor recorded.
    Unknown,
}

impl TargetScore {
    /// How the target ended, in words: `met`, `missed by 12 min`, `—` if it is not known.
    #[must_use]
    pub fn outcome(&self) -> String {
        let by = || humanize(chrono::TimeDelta::minutes(self.late_minutes.unwrap_or(0)));
        match self.end {
            TargetOutcome::Met => "met".to_owned(),
            TargetOutcome::Missed => format!("missed by {}", by()),
            TargetOutcome::Overdue => format!("overdue by {}", by()),
            TargetOutcome::Open => "open".to_owned(),
            TargetOutcome::Released => "ended before it was due".to_owned(),
            TargetOutcome::Unknown => "—".to_owned(),
        }
    }

    /// Whether the target was missed or is overdue.
    #[must_use]
    pub const fn is_late(&self) -> bool {
        matches!(self.end, TargetOutcome::Missed | TargetOutcome::Overdue)
    }
}

/// How many targets ended in which way.
#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize)]
pub struct TargetStats {
    /// Done in time.
    pub met: usize,
    /// Done late, or not done.
    pub missed: usize,
    /// Not done, and due.
    pub overdue: usize,
    /// Neither observed nor recorded.
    pub unknown: usize,
    /// The percentage of met targets among those that fell due and are known; `None` if there are none.
    pub met_percent: Option<f64>,
    /// The lateness of the latest one, in minutes.
    pub worst_minutes: i64,
}

impl TargetStats {
    /// The numbers of some targets.
    #[must_use]
    pub fn of<'a>(scores: impl IntoIterator<Item = &'a TargetScore>) -> Self {
        let mut stats = Self::default();
        for score in scores {
            match score.end {
                TargetOutcome::Met => stats.met += 1,
                TargetOutcome::Missed => stats.missed += 1,
                TargetOutcome::Overdue => stats.overdue += 1,
                TargetOutcome::Unknown => stats.unknown += 1,
                TargetOutcome::Open | TargetOutcome::Released => {}
            }
            stats.worst_minutes = stats.worst_minutes.max(score.late_minutes.unwrap_or(0));
        }
        stats.met_percent = percent(stats.met, stats.met + stats.missed + stats.overdue);
        stats
    }

    /// Whether any target ended in one of these ways.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.met + self.missed + self.overdue + self.unknown > 0
    }

    /// The numbers in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = format!("{} met, {} missed", self.met, self.missed);
        for (count, word) in [(self.overdue, "overdue"), (self.unknown, "not known")] {
            if count > 0 {
                text += &format!(", {count} {word}");
            }
        }
        if let Some(share) = self.met_percent {
            text += &format!(" ({share:.1} % met)");
        }
        text
    }
}

/// A share in percent with one decimal, because more would only look exact; `None` of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no ledger has so many")]
pub fn percent(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1000.0).round() / 10.0)
}
