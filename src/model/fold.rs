//! Computes the history of a record: the state after each entry, and how each promise ended.
//!
//! *Invariant*: total and deterministic. A field that could not be read counts as absent.

use std::sync::Arc;

use super::history::{History, Promise};
use super::parts::ToldBy;
use super::policy::FoldPolicy;
use super::promises::Clocks;
use super::state::{State, apply, declared};
use super::{CustomerKey, Record, RecordEntry};

/// Returns the history of a record: the state after each entry, and all promises.
#[must_use]
pub fn fold(record: &Record, terms: &dyn FoldPolicy) -> History {
    let mut states: Vec<State> = Vec::with_capacity(record.entries.len());
    let mut clocks = Clocks::default();
    for (index, entry) in record.entries.iter().enumerate() {
        let mut state = states
            .last()
            .cloned()
            .unwrap_or_else(|| declared(record, terms.initial_status()));
        apply(&mut state, entry, index);
        note_told_customers(&mut state, entry, index, terms);
        clocks.advance(&state, states.last(), entry, index, terms);
        clocks.note_due_times(&mut state);
        states.push(state);
    }
    let (promises, customer_promises) = clocks.into_promises();
    History {
        states,
        promises,
        customer_promises,
    }
}

/// The updates that a cadence asks for, to the business and to customers, whatever people promised: each with the entry from which
/// it is counted, its due time, and how it ended.
#[must_use]
pub fn expected_updates(record: &Record, history: &History, terms: &dyn FoldPolicy) -> (Vec<Promise>, Vec<Promise>) {
    let mut clocks = Clocks::by_cadence_alone();
    for (index, (entry, state)) in record.entries.iter().zip(&history.states).enumerate() {
        clocks.advance(state, history.before(index), entry, index, terms);
    }
    clocks.into_promises()
}

/// Notes the customers whom the incident's tickets reach from this entry on: the customer is named, its symptoms are known, and
/// words are not held. Adopted tickets need no symptoms, because the customer knows them. A customer without a project is told by
/// people, who record the step: the record is about the customers that are listed then.
fn note_told_customers(state: &mut State, from: &RecordEntry, index: usize, terms: &dyn FoldPolicy) {
    let step = terms.ticket_step(&state.severity);
    let Some(step) = step.filter(|_| state.hold_customers.is_none()) else {
        return;
    };
    let is_known = state.symptoms.as_deref().is_some_and(|text| !text.trim().is_empty());
    let how = |customer: &CustomerKey| {
        if state.tickets.contains_key(customer) {
            Some(ToldBy::AdoptedTicket(index))
        } else if is_known && terms.has_ticket_project(customer) {
            Some(ToldBy::Ticket(index))
        } else {
            let recorded = from.entry.steps.get().and_then(|steps| steps.get(step.as_str()));
            recorded.map(|_| ToldBy::People(index))
        }
    };
    let is_by_people = |told: Option<&ToldBy>| matches!(told, None | Some(ToldBy::People(_)));
    let untold = state
        .customers
        .listed()
        .iter()
        .filter(|customer| is_by_people(state.told.get(*customer)));
    let new: Vec<(CustomerKey, ToldBy)> = untold
        .filter_map(|customer| Some((customer.clone(), how(customer)?)))
        .filter(|(customer, how)| !(is_by_people(Some(how)) && state.told.contains_key(customer)))
        .collect();
    if !new.is_empty() {
        Arc::make_mut(&mut state.told).extend(new);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, IncidentId};
    use super::*;
    use crate::model::{Customers, Length, PersonKey, PromiseEnd, SeverityKey, StatusKey, StepKey, Timestamp};

    /// Two active statuses and a final one; hourly to everyone for `sev0`, no promises for `sev1`.
    struct Hourly;

    impl FoldPolicy for Hourly {
        fn initial_status(&self) -> StatusKey {
            "investigating".into()
        }
        fn is_active(&self, status: &StatusKey) -> bool {
            status.as_str() != "resolved"
        }
        fn cadence(&self, severity: &SeverityKey, _: &StatusKey) -> Option<Length> {
            (severity.as_str() != "sev1").then(|| Length::minutes(60))
        }
        fn promises_customers(&self, severity: &SeverityKey) -> bool {
            severity.as_str() == "sev0"
        }
        fn ticket_step(&self, _: &SeverityKey) -> Option<StepKey> {
            Some("tell".into())
        }
        fn has_ticket_project(&self, customer: &CustomerKey) -> bool {
            customer.as_str() != "initech"
        }
    }

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2026-11-23T{text}:00Z")).expect("a time of day")
    }

    /// The first text is the declaration, made at 09:00 by alice; each other one an update by bob.
    fn history(declaration: &str, updates: &[(&str, &str)]) -> History {
        let read = |text: &str| serde_yaml::from_str::<Box<Entry>>(text).expect("valid YAML of an entry");
        let mut entries = vec![RecordEntry {
            path: "incidents/2026-11-23-x/incident.yaml".into(),
            stamp: "declaration".into(),
            declaration: true,
            at: time("09:00"),
            by: "alice".into(),
            entry: read(declaration),
        }];
        entries.extend(updates.iter().map(|(at, text)| RecordEntry {
            path: format!("incidents/2026-11-23-x/updates/{at}.yaml"),
            stamp: (*at).into(),
            declaration: false,
            at: time(at),
            by: "bob".into(),
            entry: read(text),
        }));
        fold(
            &Record {
                id: IncidentId::from("2026-11-23-x"),
                entries,
            },
            &Hourly,
        )
    }

    const DECLARATION: &str = "{title: t, severity: sev0, customers: [acme, globex], roles: {im: alice, analysts: [carol, dave]}, \
         impact: {symptoms: s}}";

    /// The ends of the promises to a customer, oldest first.
    fn ends(history: &History, customer: &str) -> Vec<PromiseEnd> {
        let key = CustomerKey::from(customer);
        let of_customer = history
            .customer_promises
            .iter()
            .filter(|promise| promise.customer.as_ref() == Some(&key));
        of_customer.map(|promise| promise.end).collect()
    }

    #[test]
    fn every_entry_has_a_state_and_the_declaration_is_update_zero() {
        let history = history(DECLARATION, &[("09:30", "{status: identified}")]);
        assert_eq!(history.states.len(), 2);
        assert_eq!(history.states[0].status.as_str(), "investigating");
        assert_eq!(history.last().status.as_str(), "identified");
        assert_eq!(history.last().status_since, time("09:30"));
        assert!(history.last().confidential);
    }

    #[test]
    fn a_role_is_replaced_edited_and_vacated() {
        let history = history(
            DECLARATION,
            &[
                ("09:10", "{roles: {analysts: {add: [erin], remove: [carol]}}}"),
                ("09:20", "{roles: {im: null}}"),
            ],
        );
        assert_eq!(
            history.last().holders("analysts"),
            [PersonKey::from("dave"), PersonKey::from("erin")]
        );
        assert!(history.last().holders("im").is_empty());
        assert_eq!(history.states[1].holders("im"), [PersonKey::from("alice")]);
    }

    #[test]
    fn a_restored_customer_is_no_longer_affected_until_it_is_named_again() {
        let history = history(
            DECLARATION,
            &[
                ("09:10", "{customers: {restored: [acme]}}"),
                ("09:20", "{customers: {add: [acme], remove: [globex]}}"),
            ],
        );
        let affected = |state: &State| state.affected().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(affected(&history.states[1]), ["globex"]);
        assert_eq!(affected(&history.states[2]), ["acme"]);
        assert_eq!(history.last().removed, [CustomerKey::from("globex")]);
    }

    #[test]
    fn unknown_customers_become_a_list_with_the_first_that_is_added() {
        let history = history(
            "{title: t, severity: sev1, customers: unknown}",
            &[("09:10", "{customers: {add: [acme]}}")],
        );
        assert_eq!(history.states[0].customers, Customers::Unknown);
        assert_eq!(history.last().customers.listed(), [CustomerKey::from("acme")]);
    }

    #[test]
    fn the_impact_is_merged_key_by_key() {
        let history = history(
            "{title: t, severity: sev0, customers: all, impact: {headline: h, degradation: total}}",
            &[("09:10", "{impact: {degradation: severe}}")],
        );
        assert_eq!(history.last().headline.as_deref(), Some("h"));
        assert_eq!(history.last().degradation.as_deref(), Some("severe"));
    }

    #[test]
    fn a_promise_is_kept_by_an_update_at_its_time_and_missed_by_a_later_one() {
        let history = history(
            DECLARATION,
            &[
                ("10:00", "{current_status: a, next_update: 30m}"),
                ("10:31", "{current_status: b}"),
            ],
        );
        let ends: Vec<_> = history.promises.iter().map(|promise| promise.end).collect();
        assert_eq!(
            ends,
            [
                PromiseEnd::Kept { at: time("10:00") },
                PromiseEnd::Missed { at: time("10:31") },
                PromiseEnd::Open
            ]
        );
        assert!(history.promises[1].explicit);
        assert_eq!(history.last().next_update, Some(time("11:31")));
    }

    #[test]
    fn an_update_without_a_current_status_leaves_the_promise_to_the_business_standing() {
        let history = history(DECLARATION, &[("09:50", "{steps: {brief: joined}}")]);
        assert_eq!(history.promises.len(), 1);
        assert_eq!(history.last().next_update, Some(time("10:00")));
    }

    #[test]
    fn words_to_the_business_alone_leave_the_promise_to_customers_standing() {
        let history = history(
            DECLARATION,
            &[("09:50", "{current_status: a}"), ("10:10", "{customer_message: sorry}")],
        );
        for customer in ["acme", "globex"] {
            let wanted = [PromiseEnd::Missed { at: time("10:10") }, PromiseEnd::Open];
            assert_eq!(ends(&history, customer), wanted);
        }
    }

    #[test]
    fn held_words_release_the_promise_to_customers_and_lifting_makes_a_new_one() {
        let history = history(
            DECLARATION,
            &[
                ("09:30", "{hold_customers: legal}"),
                ("11:00", "{hold_customers: null, current_status: a}"),
            ],
        );
        assert_eq!(history.customer_promises[0].end, PromiseEnd::Released);
        assert_eq!(history.last().customer_next_update, Some(time("12:00")));
    }

    #[test]
    fn the_promise_to_customers_ends_when_the_last_one_is_restored() {
        let restored = history(DECLARATION, &[("09:30", "{customers: {restored: [acme, globex]}}")]);
        assert_eq!(restored.last().customer_next_update, None);
        assert_eq!(restored.customer_promises[0].end, PromiseEnd::Released);
        assert!(restored.last().next_update.is_some());
    }

    #[test]
    fn words_answer_the_promise_of_the_customers_whom_they_reach() {
        let history = history(
            DECLARATION,
            &[
                ("09:40", "{customer_message: sorry, customer_message_to: [acme]}"),
                (
                    "09:50",
                    "{customer_message: sorry, customers: {restored: {acme: 09:45}}}",
                ),
            ],
        );
        let kept = |at| PromiseEnd::Kept { at: time(at) };
        assert_eq!(ends(&history, "acme"), [kept("09:40"), kept("09:50")]);
        assert_eq!(ends(&history, "globex"), [kept("09:50"), PromiseEnd::Open]);
        assert_eq!(history.last().restored["acme"], time("09:45"));
        assert_eq!(history.last().customer_due.len(), 1);
    }

    #[test]
    fn a_customer_is_promised_an_update_when_it_is_told_and_not_before() {
        let unknown = "{title: t, severity: sev0, customers: [acme, initech]}";
        let updates = [
            ("09:20", "{customer_message: nobody reads it}"),
            ("09:30", "{impact: {symptoms: s}}"),
            ("09:40", "{steps: {tell: 'https://status.example.com/1'}}"),
        ];
        let history = history(unknown, &updates);
        assert!(history.states[1].told.is_empty() && history.states[1].customer_due.is_empty());
        let told = &history.last().told;
        assert_eq!(told["acme"], ToldBy::Ticket(2));
        assert_eq!(told["initech"], ToldBy::People(3));
        let due: Vec<_> = history.last().customer_due.values().copied().collect();
        assert_eq!(due, [time("10:30"), time("10:40")]);
    }

    #[test]
    fn words_that_are_held_keep_no_promise() {
        let updates = [("09:50", "{customer_message: sorry, hold_customers: legal}")];
        assert_eq!(ends(&history(DECLARATION, &updates), "acme"), [PromiseEnd::Released]);
    }

    #[test]
    fn a_reclassification_starts_the_clocks_of_the_new_severity_at_once() {
        let one = "{title: t, severity: sev1, customers: [acme], impact: {symptoms: s}}";
        let grown = history(one, &[("11:30", "{severity: sev0, reason: more}")]);
        assert_eq!(grown.last().next_update, Some(time("12:30")));
        assert_eq!(grown.last().customer_due["acme"], time("12:30"));
        let named = history(
            DECLARATION,
            &[
                ("09:30", "{current_status: a, next_update: 30m}"),
                ("09:40", "{severity: sev1, reason: fewer}"),
            ],
        );
        assert_eq!(
            named.last().next_update,
            Some(time("10:00")),
            "a promise that people named stays"
        );
        assert_eq!(
            ends(&named, "acme"),
            [PromiseEnd::Open],
            "what a customer was told stands"
        );
    }

    #[test]
    fn a_promise_is_for_a_whole_minute_rounded_down() {
        let history = history(
            DECLARATION,
            &[("09:30", "{current_status: a, next_update: 2026-11-23T10:00:59.5Z}")],
        );
        assert_eq!(history.last().next_update, Some(time("10:00")));
    }

    #[test]
    fn the_record_of_a_step_may_name_its_time_and_another_person() {
        let updates = [("09:40", "{steps: {brief: {by: carol, at: 09:31, evidence: joined}}}")];
        let history = history(DECLARATION, &updates);
        let done = &history.last().steps["brief"];
        assert_eq!(
            (done.at, done.by.as_str(), done.evidence.as_str()),
            (time("09:31"), "carol", "joined")
        );
    }

    #[test]
    fn resolving_ends_all_promises_unless_it_makes_one() {
        let resolved = history(DECLARATION, &[("09:30", "{status: resolved, current_status: done}")]);
        assert_eq!(resolved.last().next_update, None);
        assert_eq!(resolved.last().customer_next_update, None);
        let review = history(
            DECLARATION,
            &[("09:30", "{status: resolved, current_status: done, next_update: 3d}")],
        );
        assert_eq!(
            review.last().next_update,
            Some(Timestamp(time("09:30").0 + chrono::TimeDelta::days(3)))
        );
    }

    #[test]
    fn only_the_first_record_of_a_step_counts() {
        let history = history(
            DECLARATION,
            &[
                ("09:10", "{steps: {brief: first}}"),
                ("09:20", "{steps: {brief: again}}"),
            ],
        );
        assert_eq!(history.last().steps["brief"].evidence, "first");
    }
}
