//! The report as CSV for spreadsheets: <https://www.rfc-editor.org/rfc/rfc4180>.

use crate::targets::TargetStats;
use crate::terminal::plain;

use super::{ElapsedMinutes, IncidentScore, PromiseStats, ScoreReport};

const HEAD: &str = "incident,title,severity,status,drill,declared_at,\
business_kept,business_missed,business_overdue,business_late_minutes,business_worst_minutes,\
customers_kept,customers_missed,customers_overdue,customers_late_minutes,customers_worst_minutes,\
assemble_minutes,first_broadcast_minutes,customer_notice_minutes,resolve_minutes,impact_minutes,reopened,\
targets_met,targets_missed,targets_overdue,targets_unknown\r\n";

pub(super) fn table(report: &ScoreReport) -> String {
    let lines = report.incidents.iter().map(line);
    std::iter::once(HEAD.to_owned()).chain(lines).collect()
}

fn line(score: &IncidentScore) -> String {
    let mut cells = vec![
        cell(&score.incident),
        cell(&score.title),
        cell(&score.severity),
        cell(&score.status),
        score.drill.to_string(),
        score.declared_at.to_string(),
    ];
    for PromiseStats {
        kept,
        missed,
        overdue,
        late_minutes,
        worst_minutes,
        ..
    } in [&score.business, &score.customers]
    {
        cells.extend([kept, missed, overdue].map(ToString::to_string));
        cells.extend([late_minutes, worst_minutes].map(ToString::to_string));
    }
    let ElapsedMinutes {
        assemble,
        first_broadcast,
        customer_notice,
        resolve,
        impact,
    } = score.minutes;
    let times = [assemble, first_broadcast, customer_notice, resolve, impact];
    cells.extend(times.map(|minutes| minutes.map_or_else(String::new, |minutes| minutes.to_string())));
    cells.push(score.reopened.to_string());
    let targets = TargetStats::of(&score.targets);
    let counts = [targets.met, targets.missed, targets.overdue, targets.unknown];
    cells.extend(counts.map(|count| count.to_string()));
    cells.join(",") + "\r\n"
}

/// A text as a CSV cell. A text that a spreadsheet would read as a formula gets an apostrophe before it.
/// <https://owasp.org/www-community/attacks/CSV_Injection>
fn cell(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = plain(&line);
    let acts = line.trim_start().starts_with(['=', '+', '-', '@']);
    let safe = if acts { format!("'{line}") } else { line };
    if safe.contains([',', '"', '\'']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_ends_early() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell(" @x"), "\"' @x\"");
        assert_eq!(cell("a \"b\", c\nd"), "\"a \"\"b\"\", c d\"");
        assert_eq!(cell("\u{202e}=1+1\u{9b}2J"), "\"'=1+1 2J\"");
        assert_eq!(cell("plain"), "plain");
    }
}
