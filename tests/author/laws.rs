//! A law over sequences of commands: whatever is typed in whatever order, the ledger passes, and says what was accepted.

use std::collections::BTreeSet;

use incidentctl::author::{check_draft, new_declaration, new_update};
use incidentctl::model::{Directory, Entry, IncidentId, PersonKey, Timestamp, fold};
use incidentctl::process::Process;
use incidentctl::rules::CheckContext;
use incidentctl::source::{self, File};
use proptest::prelude::*;

use super::{CUSTOMERS, ID, PEOPLE};

/// What somebody types.
#[derive(Clone, Debug)]
enum Typed {
    Status(&'static str),
    Words,
    Promise(u32),
    HandOver(&'static str, &'static str),
    Step(&'static str),
    Add(&'static str),
    Restored(&'static str),
    Resolve,
    Reclassify(&'static str),
    Close,
    FalseAlarm,
}

fn typed() -> impl Strategy<Value = Typed> {
    let people = prop::sample::select(vec!["alice", "bob", "carol", "frank", "nobody"]);
    let roles = prop::sample::select(vec![
        "incident_manager",
        "incident_coordinator",
        "incident_analysts",
        "no_role",
    ]);
    let customers = || prop::sample::select(vec!["acme", "globex", "stranger"]);
    prop_oneof![
        prop::sample::select(vec!["investigating", "identified", "monitoring", "fixed"]).prop_map(Typed::Status),
        Just(Typed::Words),
        (1_u32..200).prop_map(Typed::Promise),
        (roles, people).prop_map(|(role, person)| Typed::HandOver(role, person)),
        prop::sample::select(vec!["brief_analysts", "notify", "join_channel"]).prop_map(Typed::Step),
        customers().prop_map(Typed::Add),
        customers().prop_map(Typed::Restored),
        Just(Typed::Resolve),
        prop::sample::select(vec!["sev0", "sev1"]).prop_map(Typed::Reclassify),
        Just(Typed::Close),
        Just(Typed::FalseAlarm),
    ]
}

fn entry(typed: &Typed) -> Entry {
    let text = match typed {
        Typed::Status(status) => format!("status: {status}"),
        Typed::Words => "current_status: \"a: b # c\"\ncustomer_message: Words.".to_owned(),
        Typed::Promise(minutes) => format!("current_status: x\nnext_update: {minutes}m"),
        Typed::HandOver(role, person) => format!("roles: {{ {role}: {person} }}"),
        Typed::Step(step) => format!("steps: {{ {step}: seen }}"),
        Typed::Add(customer) => format!("customers: {{ add: [{customer}] }}"),
        Typed::Restored(customer) => format!("customers: {{ restored: [{customer}] }}"),
        Typed::Resolve => "status: resolved\ncurrent_status: back\ncustomer_message: Back.".to_owned(),
        Typed::Reclassify(severity) => format!("severity: {severity}\nreason: it changed"),
        Typed::Close => "status: closed".to_owned(),
        Typed::FalseAlarm => "status: closed\noutcome: false_alarm".to_owned(),
    };
    serde_yaml::from_str(&text).expect("an entry")
}

/// What is so, by a model of its own.
#[derive(Default, PartialEq, Eq, Debug)]
struct Model {
    status: String,
    severity: String,
    manager: Option<String>,
    coordinator: Option<String>,
    customers: BTreeSet<String>,
    restored: BTreeSet<String>,
    steps: BTreeSet<String>,
}

impl Model {
    fn accept(&mut self, typed: &Typed) {
        match typed {
            Typed::Status(status) => self.status = (*status).to_owned(),
            Typed::Resolve => self.status = "resolved".to_owned(),
            Typed::Close | Typed::FalseAlarm => self.status = "closed".to_owned(),
            Typed::Reclassify(severity) => self.severity = (*severity).to_owned(),
            Typed::HandOver("incident_manager", person) => self.manager = Some((*person).to_owned()),
            Typed::HandOver("incident_coordinator", person) => self.coordinator = Some((*person).to_owned()),
            Typed::Add(customer) => {
                self.customers.insert((*customer).to_owned());
                self.restored.remove(*customer);
            }
            Typed::Restored(customer) => {
                self.restored.insert((*customer).to_owned());
            }
            Typed::Step(step) => {
                self.steps.insert((*step).to_owned());
            }
            Typed::Words | Typed::Promise(_) | Typed::HandOver(..) => {}
        }
    }

    fn of(files: &[File], process: &Process) -> Self {
        let record = source::read_record(ID, files).record.expect("a record");
        let history = fold(&record, &process.with(&Directory::default()));
        let state = history.last();
        let holder = |role: &str| state.holders(role).first().map(ToString::to_string);
        Self {
            status: state.status.to_string(),
            severity: state.severity.to_string(),
            manager: holder("incident_manager"),
            coordinator: holder("incident_coordinator"),
            customers: state.customers.listed().iter().map(ToString::to_string).collect(),
            restored: state.restored.keys().map(ToString::to_string).collect(),
            steps: state.steps.keys().map(ToString::to_string).collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_commands_leaves_a_ledger_that_passes_and_says_what_was_accepted(
        steps in prop::collection::vec((typed(), 0_i64..90, prop::sample::select(vec!["alice", "bob", "carol", "frank"])), 1..12)
    ) {
        let (process, _) = source::read_process(None);
        let directory = Directory {
            people: source::read_people(&File::new("people.yaml", PEOPLE)).0,
            customers: source::read_customers(&File::new("customers.yaml", CUSTOMERS)).0,
        };
        let mut now = Timestamp::parse("2026-11-23T09:12:00Z").expect("a time");
        let declared: Entry = serde_yaml::from_str(
            "title: Pushes rejected\nseverity: sev0\ncustomers: [acme, globex]\nimpact: { symptoms: git push fails }\n\
             roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: carol }",
        ).expect("an entry");
        let new = new_declaration(IncidentId::from(ID), &declared, now, &PersonKey::from("alice")).expect("a file");
        let mut files = vec![new.file()];
        let mut model = Model::of(&files, &process);
        for (typed, minutes, by) in steps {
            now = Timestamp(now.0 + chrono::TimeDelta::minutes(minutes));
            let record = source::read_record(ID, &files).record.expect("a record");
            let tolerance = process.clock_tolerance.0;
            let new = new_update(&record, &files, &entry(&typed), now, &PersonKey::from(by), tolerance).expect("a file");
            let mut after = files.clone();
            after.push(new.file());
            let world = CheckContext::new(&process, &directory, now);
            if check_draft(&world, ID, &files, &files, &after).passes() {
                prop_assert!(!files.iter().any(|file| file.path == new.path), "a name was taken twice");
                files = after;
                model.accept(&typed);
            }
        }
        let world = CheckContext::new(&process, &directory, now);
        let all = check_draft(&world, ID, &[], &[], &files);
        prop_assert!(all.passes(), "{:?}", all.errors);
        prop_assert_eq!(Model::of(&files, &process), model);
    }
}
