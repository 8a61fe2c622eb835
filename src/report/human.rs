//! The report as text for people: the totals first, then each incident with its missed and overdue promises.

use std::fmt::Write as _;

use super::{ElapsedMinutes, IncidentScore, PromiseOutcome, PromiseScore, PromiseStats, ScoreReport};
use crate::model::humanize;
use crate::render::time;
use crate::targets::{TargetScore, TargetStats};
use crate::terminal::plain;

pub(super) fn table(report: &ScoreReport) -> String {
    let mut out = String::new();
    let totals = &report.totals;
    let _ = writeln!(
        out,
        "{} incident{} as of {}\n",
        totals.incidents,
        if totals.incidents == 1 { "" } else { "s" },
        time(report.as_of)
    );
    let _ = writeln!(out, "{:<32}  {}", "Promises to the business", kept(&totals.business));
    let _ = writeln!(out, "{:<32}  {}", "Promises to customers", kept(&totals.customers));
    for (target, stats) in totals.targets.iter().filter(|(_, stats)| stats.is_known()) {
        let name = format!("Target: {}", target.title());
        let _ = writeln!(out, "{name:<32}  {}", stats.describe());
    }
    let _ = writeln!(out, "{:<32}  {}", "Median times", times(&totals.median_minutes));
    for score in &report.incidents {
        incident(score, &mut out);
    }
    for id in &report.unreadable {
        let _ = writeln!(
            out,
            "\n{}: cannot be read to the end, not counted (see `incidentctl check`)",
            plain(id)
        );
    }
    out
}

fn incident(score: &IncidentScore, out: &mut String) {
    let title: String = score
        .title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let drill = if score.drill { ", drill" } else { "" };
    let [id, severity, status] = [&score.incident, &score.severity, &score.status].map(|text| plain(text));
    let _ = writeln!(out, "\n{id}  {severity}, {status}{drill}");
    let _ = writeln!(out, "  {}", plain(&title));
    let _ = writeln!(out, "  to the business  {}", kept(&score.business));
    late(&score.business, out);
    let _ = writeln!(out, "  to customers     {}", kept(&score.customers));
    late(&score.customers, out);
    targets(&score.targets, out);
    let reopened = match score.reopened {
        0 => String::new(),
        1 => ", reopened once".to_owned(),
        count => format!(", reopened {count} times"),
    };
    let _ = writeln!(out, "  times            {}{reopened}", times(&score.minutes));
}

/// The numbers of one audience's promises, in one line.
pub(super) fn kept(stats: &PromiseStats) -> String {
    let overdue = if stats.overdue > 0 {
        format!(", {} overdue", stats.overdue)
    } else {
        String::new()
    };
    let share = stats
        .kept_percent
        .map_or_else(String::new, |share| format!(" ({share:.1} % kept)"));
    format!("{} kept, {} missed{overdue}{share}", stats.kept, stats.missed)
}

/// Writes the numbers of an incident's targets, and a line for each that was missed or is overdue.
fn targets(scores: &[TargetScore], out: &mut String) {
    if scores.is_empty() {
        return;
    }
    let _ = writeln!(out, "  targets          {}", TargetStats::of(scores).describe());
    for score in scores.iter().filter(|score| score.is_late()) {
        let customer = score.customer.as_ref();
        let customer = customer.map_or_else(String::new, |key| format!(" ({})", plain(key.as_str())));
        let names: Vec<_> = score.holders.iter().map(|person| plain(person.as_str())).collect();
        let names = if names.is_empty() {
            "nobody".to_owned()
        } else {
            names.join(", ")
        };
        let role = score.role.as_ref();
        let who = role.map_or_else(String::new, |role| format!(" ({}: {names})", plain(role.as_str())));
        let _ = writeln!(
            out,
            "    {}{customer}, due {}: {}{who}",
            score.target.title(),
            time(score.due),
            score.outcome()
        );
    }
}

/// Writes a line for each promise that was not kept.
fn late(stats: &PromiseStats, out: &mut String) {
    let is_late = |one: &&PromiseScore| matches!(one.end, PromiseOutcome::Missed | PromiseOutcome::Overdue);
    for one in stats.promises.iter().filter(is_late) {
        let by = humanize(chrono::TimeDelta::minutes(one.late_minutes.unwrap_or(0)));
        let word = if one.end == PromiseOutcome::Missed {
            "missed"
        } else {
            "overdue"
        };
        let customer = one.customer.as_ref();
        let customer = customer.map_or_else(String::new, |key| format!("{}, ", plain(key.as_str())));
        let _ = writeln!(out, "    {customer}due {}: {word} by {by}", time(one.due));
    }
}

fn times(minutes: &ElapsedMinutes) -> String {
    let ElapsedMinutes {
        assemble,
        first_broadcast,
        customer_notice,
        resolve,
        impact,
    } = *minutes;
    let shown = [
        ("assemble", assemble),
        ("first broadcast", first_broadcast),
        ("customer notice", customer_notice),
        ("resolve", resolve),
        ("impact", impact),
    ];
    let shown = shown.map(|(name, minutes)| {
        let length = minutes.map_or_else(
            || "—".to_owned(),
            |minutes| humanize(chrono::TimeDelta::minutes(minutes)),
        );
        format!("{name} {length}")
    });
    shown.join(", ")
}

impl PromiseStats {
    /// The number of kept and missed promises, as text for people.
    #[must_use]
    pub fn describe(&self) -> String {
        kept(self)
    }
}
