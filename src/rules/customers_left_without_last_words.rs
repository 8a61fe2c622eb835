//! INC511 customers-left-without-last-words: customers who were told of an incident and do not hear how it ended.

use std::collections::BTreeSet;

use super::context::{FindingSink, IncidentContext, Turn, first_names};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::{CustomerKey, Customers, SpokenTo, State, ToldBy};
use crate::process::StatusKind;

pub(super) static RULE: Rule = Rule {
    code: "INC511",
    name: "customers-left-without-last-words",
    level: Level::Warning,
    since: "0.5.0",
    summary: "customers who were told of an incident and do not hear how it ended",
    overridable: true,
    flag_hint: Some("--customer-message TEXT, with --release-customers if words are held; or --told-otherwise REASON"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
An entry that closes the incident: each customer who was told on a ticket gets a `customer_message` by this entry, or got one since the
incident was resolved; words that are held reach nobody. `told_otherwise: REASON` says why customers need none from here. At the closure it
is an error. A resolution while words are held is a warning. Quiet in drills. A merged entry is a warning.

## Why
The ticket says that something is wrong. A false alarm, a duplicate and the end of a hold are news for the customer.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
impact: { symptoms: Pushes are refused }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: closed
#       ^^^^^^ INC511
outcome: false_alarm
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
impact: { symptoms: Pushes are refused }
```
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: closed
outcome: false_alarm
customer_message: It was our monitoring. Your pushes were never refused.
```
";

/// The customers who have heard how the incident ended.
#[derive(Default)]
struct LastWords<'a> {
    all: bool,
    named: BTreeSet<&'a CustomerKey>,
}

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let mut heard = LastWords::default();
    for turn in incident.entries() {
        let kind = incident.process.status_kind(&turn.after.status);
        if kind == StatusKind::Active {
            heard = LastWords::default();
            continue;
        }
        heard.listen(turn);
        let Some(before) = turn.before.map(|before| incident.process.status_kind(&before.status)) else {
            continue;
        };
        if turn.after.drill || turn.after.told_otherwise.is_some() {
            continue;
        }
        if kind == StatusKind::Closed && before != StatusKind::Closed {
            check_closure(turn, &heard, out);
        } else if kind == StatusKind::Resolved && before == StatusKind::Active {
            check_resolution(turn, &heard, out);
        }
    }
}

impl<'a> LastWords<'a> {
    /// Adds the customers whom the words of an entry reach.
    fn listen(&mut self, turn: Turn<'a>) {
        match turn.entry.speaks_to(turn.after) {
            SpokenTo::Nobody => {}
            SpokenTo::Everyone => self.all = true,
            SpokenTo::Named(named) => self.named.extend(named),
        }
    }

    /// The customers who were told on tickets and have not heard how the incident ended.
    fn left<'s>(&self, state: &'s State) -> Vec<&'s CustomerKey> {
        let told = state.told.iter().filter(|_| !self.all);
        let told = told.filter(|(_, how)| !matches!(how, ToldBy::People(_)));
        let left = told.map(|(customer, _)| customer);
        left.filter(|customer| !self.named.contains(customer)).collect()
    }
}

fn check_closure(turn: Turn, heard: &LastWords, out: &mut FindingSink) {
    let left = heard.left(turn.after);
    let is_held = turn.after.hold_customers.is_some();
    let is_untold = is_held && !heard.all && waits_for_first_words(turn.after);
    if left.is_empty() && !is_untold {
        return;
    }
    let (message, help) = match (is_held, left.is_empty()) {
        (true, true) => ("words to customers are still held".to_owned(), HELD),
        (true, false) => (
            format!(
                "words are still held for {}, who were told of the incident",
                names(&left)
            ),
            HELD,
        ),
        (false, _) => (
            format!("nothing tells {} how the incident ended", names(&left)),
            NOT_HELD,
        ),
    };
    out.at(turn.index, turn.status_span(), message).help(help);
}

const HELD: &str =
    "end the hold and tell them: `hold_customers: null` and `customer_message: …`; or say why not: `told_otherwise: …`";
const NOT_HELD: &str = "add `customer_message: …`, or say why they need none from here: `told_otherwise: …`";

fn check_resolution(turn: Turn, heard: &LastWords, out: &mut FindingSink) {
    if turn.after.hold_customers.is_none() || heard.left(turn.after).is_empty() {
        return;
    }
    let names = names(&heard.left(turn.after));
    let message = format!("resolved while words are held for {names}, who were told of the incident");
    out.at(turn.index, turn.status_span(), message)
        .help(format!("before the incident is closed, {HELD}"));
}

/// Whether the incident affects customers, of whom none was told on a ticket.
fn waits_for_first_words(state: &State) -> bool {
    let is_affecting = state.customers == Customers::All || !state.customers.listed().is_empty();
    is_affecting && state.told.values().all(|how| matches!(how, ToldBy::People(_)))
}

/// The names of customers, the first few of many.
fn names(customers: &[&CustomerKey]) -> String {
    first_names(customers.iter().map(|customer| format!("`{customer}`")))
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Level;
    use crate::rules::tests::{TOLD, levels, merged_levels, messages};

    const RESOLVE: &str = "updates/20261123T0940Z-bob.yaml";
    const CLOSE: &str = "updates/20261123T0950Z-bob.yaml";
    const RESOLVED: &str = "by: bob\nstatus: resolved\ncurrent_status: a\n";
    const CLOSED: &str = "by: bob\nstatus: closed\n";

    fn found(resolve: &str, close: &str) -> Vec<Level> {
        let (resolve, close) = (format!("{RESOLVED}{resolve}"), format!("{CLOSED}{close}"));
        levels(
            "INC511",
            &[("incident.yaml", TOLD), (RESOLVE, &resolve), (CLOSE, &close)],
        )
    }

    fn closed_at_once(declaration: &str, close: &str) -> Vec<Level> {
        let close = format!("{CLOSED}outcome: false_alarm\n{close}");
        levels("INC511", &[("incident.yaml", declaration), (RESOLVE, &close)])
    }

    #[test]
    fn a_false_alarm_tells_the_customers_who_were_told_or_says_why_not() {
        assert_eq!(closed_at_once(TOLD, ""), [Level::Error]);
        assert_eq!(closed_at_once(TOLD, "customer_message: ' '\n"), [Level::Error]);
        assert_eq!(closed_at_once(TOLD, "customer_message: it was nothing\n"), []);
        assert_eq!(closed_at_once(TOLD, "told_otherwise: called by the sponsor\n"), []);
        assert_eq!(
            closed_at_once(&TOLD.replace("symptoms", "headline"), ""),
            [],
            "nobody was told"
        );
        assert_eq!(closed_at_once(&format!("{TOLD}drill: true\n"), ""), []);
        let closed = format!("{CLOSED}outcome: false_alarm\n");
        let files = [("incident.yaml", TOLD), (RESOLVE, closed.as_str())];
        assert_eq!(merged_levels("INC511", &files), [Level::Warning]);
    }

    #[test]
    fn last_words_to_one_customer_leave_the_other() {
        let close = format!("{CLOSED}outcome: false_alarm\ncustomer_message: a\ncustomer_message_to: [acme]\n");
        let files = [("incident.yaml", TOLD), (RESOLVE, close.as_str())];
        let wanted = ["nothing tells `globex` how the incident ended"];
        assert_eq!(messages("INC511", "", &files), wanted);
    }

    #[test]
    fn a_resolution_with_words_satisfies_the_closure_unless_the_incident_reopened() {
        assert_eq!(found("customer_message: it works\n", ""), []);
        let resolve = format!("{RESOLVED}customer_message: it works\n");
        let files = [
            ("incident.yaml", TOLD),
            (RESOLVE, resolve.as_str()),
            ("updates/20261123T0945Z-bob.yaml", "by: bob\nstatus: investigating\n"),
            (CLOSE, "by: bob\nstatus: closed\noutcome: false_alarm\n"),
        ];
        assert_eq!(levels("INC511", &files), [Level::Error]);
    }

    #[test]
    fn words_that_are_held_warn_at_the_resolution_and_fail_the_closure() {
        let held = "customer_message: it works\nhold_customers: legal\n";
        assert_eq!(found(held, ""), [Level::Warning, Level::Error]);
        let ended = found(held, "hold_customers: null\ncustomer_message: it works\n");
        assert_eq!(ended, [Level::Warning]);
        assert_eq!(found(held, "told_otherwise: legal will write\n"), [Level::Warning]);
        let from_the_start = format!("{TOLD}hold_customers: legal\n");
        assert_eq!(closed_at_once(&from_the_start, ""), [Level::Error]);
    }
}
