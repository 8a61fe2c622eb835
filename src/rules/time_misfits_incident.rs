//! INC413 time-misfits-incident: a time of a step or a restoration that cannot be right.

use super::context::{FindingSink, IncidentContext, Turn, pairs};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::{CustomersChange, RestoredCustomers, StepRecord, TimeOrTimeOfDay};
use crate::span::{Field, Span};

pub(super) static RULE: Rule = Rule {
    code: "INC413",
    name: "time-misfits-incident",
    level: Level::Error,
    since: "0.5.0",
    summary: "a time of a step or a restoration that is after its entry or before the incident",
    overridable: true,
    flag_hint: Some("--done-at TIME or --restored CUSTOMER=TIME with an earlier time, or with its date"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
The time at which a step was completed and the times at which customers were restored: not after their entry. A restoration is not before
the incident: its `impact.started_at`, otherwise its declaration, whichever is earlier. A merged entry is a warning.

## Why
An entry tells what has happened. `HH:MM` without a date is a time on the day of the entry.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customers: { restored: { acme: 12:15 } }
#                        ^^^^ INC413
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
customers: { restored: { acme: 09:35 } }
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (key, step, span) in pairs(&turn.entry.steps) {
            let at = step.at().map(|time| time.resolve(turn.file.at));
            if let Some(at) = at.filter(|at| *at > turn.file.at) {
                let span = time_span(step).unwrap_or(span);
                let message = format!("`{key}` was completed at {at}, after this entry of {}", turn.file.at);
                out.at(turn.index, span, message).help(LATE);
            }
        }
        if let Some(CustomersChange::Edit(edit)) = turn.entry.customers.get() {
            let restored = edit.restored.get().into_iter().flat_map(RestoredCustomers::iter);
            for (customer, span, time) in restored {
                if let Some(time) = time {
                    check_restored(turn, (customer, span), time, out);
                }
            }
        }
    }
}

/// The advice about a time that is after its entry.
const LATE: &str = "give the time at which it happened, with its date if it was on an earlier day";

fn check_restored(turn: Turn, (customer, span): (&str, Span), time: TimeOrTimeOfDay, out: &mut FindingSink) {
    let at = time.resolve(turn.file.at);
    if at > turn.file.at {
        let message = format!(
            "`{customer}` was restored at {at}, after this entry of {}",
            turn.file.at
        );
        out.at(turn.index, span, message).help(LATE);
        return;
    }
    let declared = turn.after.declared_at;
    let start = turn.after.started_at.map_or(declared, |started| started.min(declared));
    if at < start {
        let message = format!("`{customer}` was restored at {at}, before the incident of {start}");
        out.at(turn.index, span, message)
            .help("give the time of the restoration, or `impact: { started_at: … }` if it started earlier");
    }
}

/// The span of the time in a step's record; `None` if the record has no time.
fn time_span(step: &StepRecord) -> Option<Span> {
    match step {
        StepRecord::Evidence(_) => None,
        StepRecord::Detailed(details) => Some(Field::span(&details.at)),
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Level;
    use crate::rules::tests::{levels, merged_levels};

    const UPDATE: &str = "updates/20261123T0940Z-bob.yaml";

    #[test]
    fn a_step_is_completed_before_or_with_its_entry() {
        let at =
            |time: &str| format!("by: bob\nsteps: {{ brief_analysts: {{ at: {time}, evidence: joined the call }} }}\n");
        assert_eq!(levels("INC413", &[(UPDATE, &at("09:41"))]), [Level::Error]);
        assert_eq!(merged_levels("INC413", &[(UPDATE, &at("09:41"))]), [Level::Warning]);
        assert_eq!(levels("INC413", &[(UPDATE, &at("09:40"))]), []);
    }

    #[test]
    fn a_customer_is_not_restored_before_the_incident_started() {
        let at = |time: &str| format!("by: bob\ncustomers: {{ restored: {{ acme: {time} }} }}\n");
        assert_eq!(levels("INC413", &[(UPDATE, &at("08:59"))]), [Level::Error]);
        assert_eq!(levels("INC413", &[(UPDATE, &at("09:00"))]), []);
        let started = format!("{}impact: {{ started_at: 2026-11-23T08:30:00Z }}\n", at("08:59"));
        assert_eq!(levels("INC413", &[(UPDATE, &started)]), []);
    }
}
