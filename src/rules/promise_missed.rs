//! INC503 promise-missed: a promised update that is late.

use std::collections::BTreeMap;

use super::context::{FindingSink, IncidentContext, first_names};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::time::humanize;
use crate::model::{Entry, Promise, Timestamp};
use crate::span::{Field, Span};

pub(super) static RULE: Rule = Rule {
    code: "INC503",
    name: "promise-missed",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a promised update that is late",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
The open promises to the business and to customers against the time of the check, and promises that were answered or ended late. The finding
about customers names them. Quiet in drills, and once the incident is over: the review keeps count.

## Why
A promise of the next update is the only thing that customers and executives can hold on to.

## Example
```yaml updates/20261123T0940Z-bob.yaml now=2026-11-23T11:00:00Z
by: bob
current_status: looking at the proxies
next_update: 60m
#^^^^^^^^^^ INC503
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml now=2026-11-23T10:30:00Z
by: bob
current_status: looking at the proxies
next_update: 60m
```
";

/// The number of groups of late customers that a finding names.
const MAX_GROUPS: usize = 5;

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let last = incident.history.last();
    if last.drill || !incident.is_active(last) {
        return;
    }
    for promise in &incident.history.promises {
        let Some((lateness, until)) = lateness(promise, incident.now) else {
            continue;
        };
        let how = match lateness {
            Lateness::Overdue => "is overdue",
            Lateness::Missed => "was late",
        };
        let by = humanize(until.0 - promise.due.0);
        let message = format!("the update promised for {} {how} by {by}", promise.due);
        let entry = &incident.record.entries[promise.entry].entry;
        let finding = out.at(promise.entry, place(entry, &entry.current_status), message);
        if lateness == Lateness::Overdue {
            finding.help("write the update now, even if there is nothing new, with the next `next_update`");
        }
    }
    for of_entry in incident.history.customer_promises.chunk_by(|a, b| a.entry == b.entry) {
        check_customers(incident, of_entry, out);
    }
}

/// How a promise is late.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lateness {
    Overdue,
    Missed,
}

/// How a promise is late, and until when it was late; `None` if it is not late.
fn lateness(promise: &Promise, now: Timestamp) -> Option<(Lateness, Timestamp)> {
    let how = if promise.is_overdue(now) {
        Lateness::Overdue
    } else {
        Lateness::Missed
    };
    promise.late_until(now).map(|until| (how, until))
}

/// Reports the late customers of one entry in one finding; `promises` are the entry's promises to customers.
fn check_customers(incident: &IncidentContext, promises: &[Promise], out: &mut FindingSink) {
    let mut late: BTreeMap<(Lateness, Timestamp), Vec<&Promise>> = BTreeMap::new();
    for promise in promises {
        if let Some(how) = lateness(promise, incident.now) {
            late.entry(how).or_default().push(promise);
        }
    }
    let Some(((lateness, _), first)) = late.first_key_value() else {
        return;
    };
    let first = first[0];
    let groups = late.iter().take(MAX_GROUPS).map(|((lateness, until), group)| {
        let by = humanize(until.0 - first.due.0);
        match lateness {
            Lateness::Overdue => format!("overdue by {by} for {}", names(group)),
            Lateness::Missed => format!("late by {by} for {}", names(group)),
        }
    });
    let groups: Vec<String> = groups.collect();
    let message = format!(
        "the update promised to customers for {} is late: {}",
        first.due,
        groups.join("; ")
    );
    let entry = &incident.record.entries[first.entry].entry;
    let finding = out.at(first.entry, place(entry, &entry.customer_message), message);
    if *lateness == Lateness::Overdue {
        finding.help("write `customer_message` now, even if there is nothing new, with the next `next_update`");
    }
}

/// The customers to whom these promises were made, the first few of many.
fn names(promises: &[&Promise]) -> String {
    first_names(promises.iter().map(|promise| {
        let customer = promise.customer.as_ref();
        customer.map_or_else(|| "all customers".to_owned(), |customer| format!("`{customer}`"))
    }))
}

/// The place of a promise: the key of the field that made it; `words` are the words to its reader.
fn place(entry: &Entry, words: &Field<String>) -> Span {
    let fields = [
        entry.next_update.place(),
        words.place(),
        entry.declared_at.place(),
        entry.by.place(),
    ];
    fields.into_iter().flatten().next().unwrap_or_default().key
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{TOLD, messages};

    #[test]
    fn late_customers_are_named_in_one_finding_for_each_entry_that_promised() {
        let spoken = "by: bob\ncurrent_status: a\ncustomer_message: b\ncustomer_message_to: [acme]\n";
        let files = [("incident.yaml", TOLD), ("updates/20261123T1010Z-bob.yaml", spoken)];
        let found = messages("INC503", "2026-11-23T10:30:00Z", &files);
        let of_customers: Vec<_> = found.iter().filter(|message| message.contains("customers")).collect();
        assert_eq!(
            of_customers,
            [
                "the update promised to customers for 2026-11-23T10:00:00Z is late: overdue by 30 min for `globex`; \
             late by 10 min for `acme`"
            ]
        );
        let drill = format!("{TOLD}drill: true\n");
        assert!(messages("INC503", "2026-11-23T10:30:00Z", &[("incident.yaml", &drill)]).is_empty());
        let over = "by: bob\nstatus: closed\noutcome: false_alarm\n";
        let files = [("incident.yaml", TOLD), ("updates/20261123T1010Z-bob.yaml", over)];
        assert!(messages("INC503", "2026-11-23T10:30:00Z", &files).is_empty());
    }

    #[test]
    fn customers_who_heard_in_time_are_not_late_though_the_business_is() {
        let spoken = "by: bob\ncustomer_message: b\n";
        let files = [("incident.yaml", TOLD), ("updates/20261123T0950Z-bob.yaml", spoken)];
        let found = messages("INC503", "2026-11-23T10:30:00Z", &files);
        assert_eq!(
            found,
            ["the update promised for 2026-11-23T10:00:00Z is overdue by 30 min"]
        );
    }
}
