//! Computes the history of a record: the state after each entry, and how each promise ended.
//!
//! *Invariant*: total and deterministic. A field that could not be read counts as absent.

use super::history::{History, Promise, PromiseEnd};
use super::state::{Customers, State, apply, declared};
use super::{Length, Record, RecordEntry, SeverityKey, StatusKey, Timestamp};

/// The parts of the process that the fold needs: the first status, active statuses and cadences.
pub trait FoldPolicy {
    /// The status of an incident whose declaration names no status.
    fn initial_status(&self) -> StatusKey;
    /// Whether an incident with this status is active.
    fn is_active(&self, status: &StatusKey) -> bool;
    /// The time between two updates to the business; `None` if this severity and status promise no update.
    fn cadence(&self, severity: &SeverityKey, status: &StatusKey) -> Option<Length>;
    /// Whether incidents of this severity promise the same cadence to customers.
    fn promises_customers(&self, severity: &SeverityKey) -> bool;
}

/// Returns the history of a record: the state after each entry, and all promises.
#[must_use]
pub fn fold(record: &Record, terms: &dyn FoldPolicy) -> History {
    let mut states: Vec<State> = Vec::with_capacity(record.entries.len());
    let mut business = Promises::default();
    let mut customers = Promises::default();
    for (index, entry) in record.entries.iter().enumerate() {
        let mut state = states
            .last()
            .cloned()
            .unwrap_or_else(|| declared(record, terms.initial_status()));
        apply(&mut state, entry, index);
        promise(&mut state, entry, index, terms, &mut business, &mut customers);
        states.push(state);
    }
    History {
        states,
        promises: business.0,
        customer_promises: customers.0,
    }
}

/// The promises to one audience, oldest first.
#[derive(Default)]
struct Promises(Vec<Promise>);

impl Promises {
    /// Ends the open promise by an update made at `at`: kept if `at` is not later than due, else missed.
    fn answer(&mut self, at: Timestamp) {
        self.end(|due| {
            if at <= due {
                PromiseEnd::Kept { at }
            } else {
                PromiseEnd::Missed { at }
            }
        });
    }

    /// Ends the open promise without an update; an overdue promise counts as missed.
    fn release(&mut self, at: Timestamp) {
        self.end(|due| {
            if at <= due {
                PromiseEnd::Released
            } else {
                PromiseEnd::Missed { at }
            }
        });
    }

    fn end(&mut self, how: impl FnOnce(Timestamp) -> PromiseEnd) {
        if let Some(open) = self.0.last_mut().filter(|promise| promise.end == PromiseEnd::Open) {
            open.end = how(open.due);
        }
    }

    /// The due time of the open promise; `None` if it does not exist.
    fn due(&self) -> Option<Timestamp> {
        self.0
            .last()
            .filter(|promise| promise.end == PromiseEnd::Open)
            .map(|promise| promise.due)
    }
}

/// Ends and makes the promises of one entry. An update with a current status or a new promise answers the promise to
/// the business; an update with a customer message answers the promise to customers.
fn promise(
    state: &mut State,
    from: &RecordEntry,
    index: usize,
    terms: &dyn FoldPolicy,
    business: &mut Promises,
    customers: &mut Promises,
) {
    let entry = &from.entry;
    let named = entry.next_update.get().map(|time| time.resolve(from.at));
    let active = terms.is_active(&state.status);
    let by_cadence = || {
        let cadence = state
            .cadence
            .or_else(|| terms.cadence(&state.severity, &state.status))?;
        from.at
            .0
            .checked_add_signed(cadence.0)
            .map(Timestamp)
            .filter(|_| active)
    };
    let new = |due: Timestamp| Promise {
        entry: index,
        made_at: from.at,
        due,
        explicit: named.is_some(),
        end: PromiseEnd::Open,
    };
    let told_business = entry.current_status.get().is_some() || named.is_some() || from.declaration;
    let told_customers = entry.customer_message.get().is_some() || from.declaration;
    if told_business {
        business.answer(from.at);
        business.0.extend(named.or_else(by_cadence).map(new));
    } else if !active {
        business.release(from.at);
    }
    let someone = match &state.customers {
        Customers::Unknown => false,
        Customers::All => true,
        Customers::Listed(_) => state.affected().next().is_some(),
    };
    let promised = active && someone && state.hold_customers.is_none() && terms.promises_customers(&state.severity);
    if told_customers {
        customers.answer(from.at);
    } else if !promised {
        customers.release(from.at);
    }
    if promised && customers.due().is_none() {
        customers.0.extend(named.or_else(by_cadence).map(new));
    }
    state.next_update = business.due();
    state.customer_next_update = customers.due();
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, IncidentId};
    use super::*;
    use crate::model::{CustomerKey, PersonKey};

    /// Two active statuses and a final one; hourly to everyone for `sev0`, to the business for the rest.
    struct Hourly;

    impl FoldPolicy for Hourly {
        fn initial_status(&self) -> StatusKey {
            "investigating".into()
        }
        fn is_active(&self, status: &StatusKey) -> bool {
            status.as_str() != "resolved"
        }
        fn cadence(&self, _: &SeverityKey, _: &StatusKey) -> Option<Length> {
            Some(Length::minutes(60))
        }
        fn promises_customers(&self, severity: &SeverityKey) -> bool {
            severity.as_str() == "sev0"
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

    const DECLARATION: &str =
        "{title: t, severity: sev0, customers: [acme, globex], roles: {im: alice, analysts: [carol, dave]}}";

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
        let ends: Vec<_> = history.customer_promises.iter().map(|promise| promise.end).collect();
        assert_eq!(ends, [PromiseEnd::Missed { at: time("10:10") }, PromiseEnd::Open]);
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
