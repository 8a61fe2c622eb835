//! INC403 time-in-the-future: a time of something done that has not come yet.

use super::context::{FindingSink, IncidentContext, Turn, items, time_span};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::Timestamp;
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC403",
    name: "time-in-the-future",
    level: Level::Error,
    since: "0.1.0",
    summary: "a time of something done that has not come yet",
    overridable: true,
    flag_hint: Some("--started-at, --detected-at, --ended-at or --timeline with an earlier time"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The time of the declaration and of updates, and times of what has happened (`started_at`, `detected_at`, `ended_at`,
`timeline`), against the time of the check, with the process's `clock_tolerance`.

## Why
An update from the future would keep promises that are being missed.

## Example
```yaml updates/20261123T0940Z-bob.yaml now=2026-11-23T09:10:00Z
by: bob
#   ^^^ INC403
status: identified
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml now=2026-11-23T09:41:00Z
by: bob
status: identified
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (what, at, span) in times(turn) {
            if at.0 - incident.now.0 > incident.process.clock_tolerance.0 {
                out.at(
                    turn.index,
                    span,
                    format!("{what} is {at}, and it is {} now", incident.now),
                )
                .help("times are UTC or have an offset: is this one local time?");
            }
        }
    }
}

/// What has happened, by this entry.
fn times(turn: Turn) -> Vec<(&'static str, Timestamp, Span)> {
    let entry = turn.entry;
    let what = if turn.file.declaration {
        "the declaration"
    } else {
        "the update"
    };
    let mut all = vec![(what, turn.file.at, time_span(entry))];
    if let Some(impact) = entry.impact.get() {
        let fields = [
            ("`started_at`", &impact.started_at),
            ("`detected_at`", &impact.detected_at),
            ("`ended_at`", &impact.ended_at),
        ];
        all.extend(
            fields
                .into_iter()
                .filter_map(|(what, field)| Some((what, *field.get()?, field.span()))),
        );
    }
    for (point, _) in entry.timeline.get().into_iter().flat_map(|list| items(list)) {
        all.extend(
            point
                .at
                .get()
                .map(|at| ("the point", at.resolve(turn.file.at), point.at.span())),
        );
    }
    all
}
