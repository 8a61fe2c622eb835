use super::*;
use crate::model::{Entry, IncidentId, RecordEntry, fold};
use crate::process::ProcessFile;

const ID: &str = "2026-01-05-x";

fn time(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-01-05T{text}:00Z")).expect("a time of day")
}

fn process() -> Process {
    let handbook: ProcessFile = serde_yaml::from_str(crate::process::HANDBOOK).expect("the handbook");
    crate::process::resolve(&handbook, None)
}

/// The record of a declaration at 09:00 and of updates by bob.
fn record(declaration: &str, updates: &[(&str, &str)]) -> Record {
    let entry = |at: &str, text: &str| RecordEntry {
        path: format!("incidents/{ID}/{at}.yaml"),
        stamp: at.into(),
        declaration: at == "09:00",
        at: time(at),
        by: "bob".into(),
        entry: serde_yaml::from_str::<Box<Entry>>(text).expect("an entry"),
    };
    let all = std::iter::once(("09:00", declaration)).chain(updates.iter().copied());
    Record {
        id: IncidentId::from(ID),
        entries: all.map(|(at, text)| entry(at, text)).collect(),
    }
}

/// The targets as lines: part, customer, due, outcome and who.
fn lines(declaration: &str, updates: &[(&str, &str)], now: &str, observed: &Observed) -> Vec<String> {
    let (record, process, directory) = (record(declaration, updates), process(), Directory::default());
    let history = fold(&record, &process.with(&directory));
    let scores = target_scores(&record, &history, (&process, &directory), time(now), observed);
    let line = |score: &TargetScore| {
        let customer = score.customer.as_ref().map(|key| format!(" {key}")).unwrap_or_default();
        let who: Vec<&str> = score.holders.iter().map(PersonKey::as_str).collect();
        let due = score.due.0.format("%H:%M");
        format!(
            "{}{customer} {due} {} [{}]",
            score.target.key(),
            score.outcome(),
            who.join(",")
        )
    };
    scores
        .iter()
        .map(line)
        .filter(|line| !line.starts_with("review"))
        .collect()
}

const FULL: &str = "{title: t, severity: sev0, customers: [acme, globex], impact: {symptoms: s}, \
     roles: {incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol]}}";

#[test]
fn a_late_promise_of_ones_own_never_loosens_a_target() {
    let updates = [
        ("09:30", "{current_status: a, next_update: 5h, customer_message: m}"),
        ("14:00", "{current_status: b, customer_message: m}"),
    ];
    let all = lines(FULL, &updates, "14:10", &nothing_observed);
    let of = |part: &str| {
        all.iter()
            .filter(|line| line.starts_with(part))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("update "),
        [
            "update 10:00 met [bob]",
            "update 10:30 missed by 3 h 30 min [bob]",
            "update 15:00 open [bob]"
        ]
    );
    assert_eq!(of("customer_update acme").len(), 3);
    assert!(
        of("customer_update globex")[1].contains("missed by 3 h 30 min"),
        "{all:?}"
    );
}

#[test]
fn what_was_neither_observed_nor_recorded_is_not_known() {
    let observed = |object: Observable| match object {
        Observable::Step(step, _) => (step.as_str() == "notify").then(|| time("09:04")),
        Observable::Ticket(customer) => (customer.as_str() == "acme").then(|| time("09:45")),
    };
    let updates = [("09:20", "{steps: {broadcast: 'posted in General at 09:18'}}")];
    let blind = lines(FULL, &[], "10:00", &nothing_observed);
    for part in ["notify 09:05", "broadcast 09:30", "customers_told acme 09:30"] {
        assert!(
            blind.iter().any(|line| line.starts_with(&format!("{part} —"))),
            "{part}: {blind:?}"
        );
    }
    let seen = lines(FULL, &updates, "10:00", &observed);
    for line in [
        "notify 09:05 met []",
        "assemble 09:30 met [alice]",
        "broadcast 09:30 met [bob]",
        "customers_told acme 09:30 missed by 15 min [bob]",
        "customers_told globex 09:30 — [bob]",
    ] {
        assert!(seen.iter().any(|one| one == line), "{line}: {seen:?}");
    }
}

#[test]
fn an_empty_required_role_is_overdue_until_it_is_filled() {
    let declaration = "{title: t, severity: sev1, customers: [acme]}";
    let filled = "{roles: {incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol]}}";
    let at = |updates: &[(&str, &str)], now: &str| lines(declaration, updates, now, &nothing_observed)[1].clone();
    assert_eq!(at(&[], "09:20"), "assemble 09:30 open []");
    assert_eq!(at(&[], "09:40"), "assemble 09:30 overdue by 10 min []");
    assert_eq!(at(&[("09:45", filled)], "10:00"), "assemble 09:30 missed by 15 min []");
}

#[test]
fn a_reclassification_begins_the_targets_of_the_new_severity() {
    let one =
        "{title: t, severity: sev1, customers: [acme], impact: {symptoms: s}, roles: {incident_coordinator: bob}}";
    let updates = [("11:00", "{severity: sev0, reason: more, customers: {add: [globex]}}")];
    let all = lines(one, &updates, "11:10", &nothing_observed);
    for line in [
        "notify 11:05 —",
        "broadcast 11:30 open",
        "update 12:00 open",
        "customers_told globex 11:30 open",
    ] {
        assert!(all.iter().any(|one| one.starts_with(line)), "{line}: {all:?}");
    }
}

#[test]
fn a_hold_stops_the_clock_of_the_customers_and_not_that_of_the_business() {
    let updates = [("09:20", "{hold_customers: legal review}")];
    let all = lines(FULL, &updates, "10:30", &nothing_observed);
    assert!(
        all.iter()
            .any(|line| line.starts_with("update 10:00 overdue by 30 min")),
        "{all:?}"
    );
    assert!(
        all.iter()
            .any(|line| line.starts_with("customer_update acme 10:00 ended before")),
        "{all:?}"
    );
}

#[test]
fn the_restoration_counts_by_the_end_of_the_impact() {
    let process = {
        let handbook: ProcessFile = serde_yaml::from_str(crate::process::HANDBOOK).expect("the handbook");
        let team = "{extends: handbook, severities: {sev0: {sla: {restore: 2h, notify: null}}}}";
        crate::process::resolve(&handbook, Some(&serde_yaml::from_str(team).expect("a process")))
    };
    let updates = [(
        "11:30",
        "{status: resolved, current_status: done, impact: {ended_at: '2026-01-05T10:50:00Z'}}",
    )];
    let (record, directory) = (record(FULL, &updates), Directory::default());
    let history = fold(&record, &process.with(&directory));
    let scores = target_scores(
        &record,
        &history,
        (&process, &directory),
        time("12:00"),
        &nothing_observed,
    );
    let restore = scores
        .iter()
        .find(|score| score.target == Target::Restore)
        .expect("the target");
    assert_eq!((restore.at, restore.end), (Some(time("10:50")), TargetOutcome::Met));
    assert!(
        scores.iter().all(|score| score.target != Target::Notify),
        "null removes a target"
    );
}
