//! Laws over generated incidents: after applying, nothing is planned; killed anywhere and run again, the end is the same; the
//! order in which files are found does not matter; growing by one update never takes anything back.

#![expect(clippy::expect_used, reason = "a test may fail")]

use std::collections::BTreeMap;

use incidentctl::effects::{Action, Effect, ForcedKeys, Key, Observed, ObservedObject, Planned, desired, plan};
use incidentctl::forge::{DesiredIncident, Failure, Forge, Observation};
use incidentctl::model::{Directory, IncidentId, Record, Timestamp, fold};
use incidentctl::render::{RenderContext, Renderer};
use incidentctl::run::{ApplyOptions, RunReport, apply};
use incidentctl::source::{self, File};
use proptest::prelude::*;

const ID: &str = "2026-11-23-x";

/// What an update may say, one line each.
const SAYINGS: &[&str] = &[
    "status: identified\n",
    "status: monitoring\n",
    "status: resolved\ncurrent_status: back\ncustomer_message: It works again.\n",
    "status: investigating\n",
    "severity: sev1\nreason: only one customer\n",
    "severity: sev0\nreason: several customers\n",
    "customers: { add: [initech] }\n",
    "customers: { restored: [acme] }\n",
    "customers: { remove: [globex] }\n",
    "customers: all\n",
    "customers: unknown\n",
    "customers: [acme]\n",
    "current_status: We look at the proxies.\nnext_update: 30m\n",
    "current_actions: Comparing versions.\n",
    "customer_message: We are working on it.\n",
    "customer_message: For you alone.\ncustomer_message_to: [globex]\n",
    "hold_customers: legal review\n",
    "hold_customers: null\n",
    "roles: { incident_coordinator: bob }\n",
    "impact: { symptoms: Pushes are refused. }\n",
    "tickets: { acme: https://gitlab.example.com/acme/-/issues/7 }\n",
    "steps: { brief_analysts: joined at 09:31 }\n",
    "slack_channel: https://chat.example.com/inc\n",
    "drill: true\n",
    "next_update: 2h\n",
    "status: closed\noutcome: false_alarm\n",
    "sent_by_hand: [incident/2026-11-23-x/customer/acme]\n",
];

/// The files of an incident with these updates: what each says, by the number of its saying.
fn files(updates: &[Vec<usize>]) -> Vec<File> {
    let declaration = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: alice\n\
        customers: [acme, globex]\n";
    let mut files = vec![File::new(&format!("incidents/{ID}/incident.yaml"), declaration)];
    for (number, sayings) in updates.iter().enumerate() {
        // Each key once: the first that says it wins.
        let mut keys = Vec::new();
        let mut text = String::from("by: bob\n");
        for saying in sayings.iter().map(|number| SAYINGS[number % SAYINGS.len()]) {
            let own: Vec<&str> = saying.lines().filter_map(|line| line.split(':').next()).collect();
            if own.iter().all(|key| !keys.contains(key)) {
                keys.extend(own);
                text += saying;
            }
        }
        files.push(File::new(
            &format!("incidents/{ID}/updates/20261123T09{:02}Z-bob.yaml", number + 1),
            text,
        ));
    }
    files
}

fn record(files: &[File]) -> Record {
    source::read_record(ID, files).record.expect("a record")
}

fn effects(record: &Record) -> Vec<Effect> {
    let (process, _) = source::read_process(None);
    let directory = Directory::default();
    let history = fold(record, &process.with(&directory));
    let context = RenderContext {
        now: history.last().at,
        observed: &incidentctl::targets::nothing_observed,
        process: &process,
        directory: &directory,
        record,
        history: &history,
    };
    desired(&context, &Renderer::new(&BTreeMap::new()).0)
}

/// A forge in memory, which dies after so many effects.
struct Memory {
    there: Observed,
    left: usize,
}

impl Forge for Memory {
    fn address(&self) -> String {
        "memory".to_owned()
    }

    fn observe(&mut self, _: &DesiredIncident) -> anyhow::Result<Observation> {
        Ok(Observation {
            seen: self.there.clone(),
            ..Observation::default()
        })
    }

    fn carry_out(&mut self, planned: &Planned) -> Result<String, Failure> {
        if self.left == 0 {
            return Err(Failure::Failed("killed".to_owned()));
        }
        self.left -= 1;
        let key: Key = planned.effect.key.clone();
        match planned.action {
            Action::Cancel => drop(self.there.remove(&key)),
            _ => drop(self.there.insert(key, ObservedObject::after_applying(&planned.effect))),
        }
        Ok(String::new())
    }
}

fn run(there: Observed, wanted: &[Effect], left: usize) -> (Observed, RunReport) {
    let mut forge = Memory { there, left };
    let asked = ForcedKeys::default();
    let incident = IncidentId::from(ID);
    let wanted = DesiredIncident {
        incident: &incident,
        effects: wanted,
        since: Timestamp(chrono::DateTime::UNIX_EPOCH),
        recreate: &asked.recreate,
    };
    let scope = ApplyOptions {
        stage: None,
        policy: None,
        forced: &asked,
    };
    let report = apply(&mut forge, [wanted], scope);
    (forge.there, report)
}

fn updates() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(prop::collection::vec(0..SAYINGS.len(), 1..5), 0..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_applying_nothing_is_planned_and_applying_again_does_nothing(updates in updates()) {
        let wanted = effects(&record(&files(&updates)));
        let (there, report) = run(Observed::new(), &wanted, usize::MAX);
        prop_assert!(report.is_complete());
        let mut open = plan(&wanted, &there);
        // The words of a drill to customers are held for ever.
        open.retain(|planned| !planned.effect.is_held_by_drill());
        prop_assert_eq!(open, vec![]);
        let (again, report) = run(there.clone(), &wanted, usize::MAX);
        prop_assert!(report.is_empty());
        prop_assert_eq!(again, there);
    }

    #[test]
    fn killed_anywhere_and_run_again_the_end_is_the_same(updates in updates(), left in 0usize..40) {
        let wanted = effects(&record(&files(&updates)));
        let (whole, _) = run(Observed::new(), &wanted, usize::MAX);
        let (part, _) = run(Observed::new(), &wanted, left);
        let (rest, report) = run(part, &wanted, usize::MAX);
        prop_assert!(report.is_complete());
        prop_assert_eq!(rest, whole);
    }

    #[test]
    fn update_by_update_or_all_at_once_the_end_is_the_same(updates in updates()) {
        let all = files(&updates);
        let mut there = Observed::new();
        for count in 1..=all.len() {
            let (next, report) = run(there, &effects(&record(&all[..count])), usize::MAX);
            prop_assert!(report.is_complete());
            there = next;
        }
        let (once, _) = run(Observed::new(), &effects(&record(&all)), usize::MAX);
        // What was sent before somebody said that it was sent by hand, or before it became a drill, stays sent.
        for (key, seen) in &once {
            prop_assert_eq!(there.get(key).map(|seen| &seen.hash), Some(&seen.hash), "{}", key);
        }
    }

    #[test]
    fn the_order_in_which_files_are_found_changes_no_byte(updates in updates(), seed in any::<prop::sample::Index>()) {
        let sorted = files(&updates);
        let mut turned = sorted.clone();
        let by = seed.index(turned.len());
        turned.rotate_left(by);
        turned.reverse();
        prop_assert_eq!(effects(&record(&turned)), effects(&record(&sorted)));
    }

    #[test]
    fn one_more_update_takes_nothing_back_but_reminders(updates in updates()) {
        let all = files(&updates);
        let mut before: Vec<Key> = Vec::new();
        for count in 1..=all.len() {
            let now: Vec<Key> = effects(&record(&all[..count])).into_iter().map(|effect| effect.key).collect();
            let by_hand = all[..count].iter().any(|file| file.text().is_some_and(|text| text.contains("sent_by_hand")));
            for key in before.iter().filter(|key| !key.is_reminder()) {
                prop_assert!(now.contains(key) || by_hand, "{} is taken back", key);
            }
            before = now;
        }
    }
}
