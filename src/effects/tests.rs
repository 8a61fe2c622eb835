use std::collections::BTreeMap;

use super::*;
use crate::model::{Directory, Record, fold};
use crate::process::Process;
use crate::render::{RenderContext, Renderer, Template};
use crate::source::{self, File};

const ID: &str = "2026-11-23-pushes-rejected";

const DECLARATION: &str = "title: Pushes rejected\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\n\
    declared_by: alice\ncustomers: [acme, globex]\nimpact: { headline: Pushes fail, symptoms: Pushes are refused. }\n\
    roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol] }\n";

const CUSTOMERS: &str = "acme: { name: Acme Corp, tickets: customers/acme }\nglobex: { name: Globex, tickets: \
    customers/globex, service_desk: true }\ninitech: { name: Initech, tickets: customers/initech }\n";

/// A record of a declaration and updates by `STAMP-PERSON` and text.
fn record(declaration: &str, updates: &[(&str, &str)]) -> Record {
    let mut files = vec![File::new(&format!("incidents/{ID}/incident.yaml"), declaration)];
    for (stamp, text) in updates {
        let by = stamp.split_once('-').expect("a person").1;
        files.push(File::new(
            &format!("incidents/{ID}/updates/{stamp}.yaml"),
            format!("by: {by}\n{text}"),
        ));
    }
    let read = source::read_record(ID, &files);
    assert_eq!(read.findings, []);
    read.record.expect("a record")
}

fn directory() -> Directory {
    Directory {
        people: None,
        customers: source::read_customers(&File::new("customers.yaml", CUSTOMERS)).0,
    }
}

fn effects(record: &Record) -> Vec<Effect> {
    let (process, _): (Process, _) = source::read_process(None);
    let directory = directory();
    let history = fold(record, &process.with(&directory));
    let context = RenderContext {
        now: history.last().at,
        observed: &crate::targets::nothing_observed,
        process: &process,
        directory: &directory,
        record,
        history: &history,
    };
    desired(&context, &Renderer::new(&BTreeMap::new()).0)
}

fn keys(effects: &[Effect]) -> Vec<String> {
    let prefix = format!("incident/{ID}");
    effects
        .iter()
        .map(|effect| effect.key.to_string().replace(&prefix, ""))
        .collect()
}

fn observed(effects: &[Effect]) -> Observed {
    effects
        .iter()
        .map(|effect| (effect.key.clone(), ObservedObject::after_applying(effect)))
        .collect()
}

fn planned(from: &Record, to: &Record) -> Vec<String> {
    let plan = plan(&effects(to), &observed(&effects(from)));
    let prefix = format!("incident/{ID}");
    plan.iter()
        .map(|step| {
            format!(
                "{} {}",
                step.action.display_name(),
                step.effect.key.to_string().replace(&prefix, "")
            )
        })
        .collect()
}

#[test]
fn a_declaration_asks_for_issue_channel_ping_summary_tickets_and_a_reminder() {
    let all = effects(&record(DECLARATION, &[]));
    assert_eq!(
        keys(&all),
        [
            "",
            "/slack/open_channel/sev0",
            "/update/declaration",
            "/slack/notify/sev0",
            "/customer/acme",
            "/customer/globex",
            "/nag/declaration"
        ]
    );
    let open: Vec<_> = all
        .iter()
        .filter(|effect| effect.stage == ApplyStage::Open)
        .map(|effect| effect.kind)
        .collect();
    assert_eq!(open, [Kind::Issue, Kind::Channel, Kind::Ping]);
}

#[test]
fn an_update_edits_the_issue_posts_a_summary_tells_customers_and_moves_the_reminder() {
    let from = record(DECLARATION, &[]);
    let to = record(
        DECLARATION,
        &[(
            "20261123T0940Z-bob",
            "status: identified\ncurrent_status: proxies\nnext_update: 60m\ncustomer_message: We know why.\n",
        )],
    );
    assert_eq!(
        planned(&from, &to),
        [
            "cancel /nag/declaration",
            "edit ",
            "edit /slack/open_channel/sev0",
            "create /update/20261123T0940Z-bob",
            "create /slack/broadcast/sev0",
            "create /customer/acme/update/20261123T0940Z-bob",
            "create /customer/globex/update/20261123T0940Z-bob",
            "create /slack/update/20261123T0940Z-bob",
            "schedule /nag/20261123T0940Z-bob",
        ]
    );
}

#[test]
fn nothing_is_planned_where_everything_is_there() {
    let record = record(DECLARATION, &[("20261123T0940Z-bob", "status: identified\n")]);
    assert_eq!(planned(&record, &record), [] as [String; 0]);
}

#[test]
fn no_words_reach_a_customer_while_they_are_held_or_before_the_symptoms_are_known() {
    let held = record(
        DECLARATION,
        &[(
            "20261123T0910Z-bob",
            "hold_customers: legal\ncustomer_message: secret\n",
        )],
    );
    let notes = |record: &Record| {
        effects(record)
            .iter()
            .filter(|effect| effect.kind == Kind::TicketNote)
            .count()
    };
    assert_eq!(notes(&held), 0);
    let silent = DECLARATION.replace(", symptoms: Pushes are refused.", "");
    assert!(
        effects(&record(&silent, &[]))
            .iter()
            .all(|effect| effect.audience != Audience::Customer)
    );
}

#[test]
fn a_restored_customer_hears_so_once_and_no_more_updates() {
    let record = record(
        DECLARATION,
        &[
            ("20261123T0930Z-bob", "customers: { restored: [acme] }\n"),
            ("20261123T0945Z-bob", "customer_message: Still working on it.\n"),
        ],
    );
    let all = effects(&record);
    let notes: Vec<_> = all.iter().filter(|effect| effect.kind == Kind::TicketNote).collect();
    let keys: Vec<_> = notes
        .iter()
        .map(|effect| {
            effect
                .key
                .to_string()
                .rsplit("customer/")
                .next()
                .expect("a customer")
                .to_owned()
        })
        .collect();
    assert_eq!(
        keys,
        ["acme/update/20261123T0930Z-bob", "globex/update/20261123T0945Z-bob"]
    );
    assert!(notes[0].body.contains("restored"));
}

#[test]
fn a_message_for_one_customer_goes_to_nobody_else() {
    let update = (
        "20261123T0930Z-bob",
        "customer_message: Yours first.\ncustomer_message_to: [globex]\n",
    );
    let all = effects(&record(DECLARATION, &[update]));
    let with: Vec<_> = all
        .iter()
        .filter(|effect| effect.body.contains("Yours first"))
        .map(|effect| effect.kind)
        .collect();
    assert_eq!(with, [Kind::TicketNote]);
}

#[test]
fn a_customers_words_hold_nothing_internal_and_no_other_customer() {
    let text = "title: INTERNAL title\ncurrent_status: INTERNAL a\ncurrent_actions: INTERNAL b\nnext_steps: INTERNAL c\n\
        timeline: [{at: 09:07, what: INTERNAL d}]\nlinks: {INTERNAL: https://INTERNAL.example}\nreason: INTERNAL\n\
        customer_message: Hello.\ncustomers: {restored: [acme]}\n";
    for effect in effects(&record(DECLARATION, &[("20261123T0930Z-bob", text)])) {
        if effect.audience == Audience::Customer {
            let all = format!("{} {}", effect.title.unwrap_or_default(), effect.body);
            for word in [
                "INTERNAL",
                "Pushes rejected",
                "alice",
                "bob",
                "carol",
                "acme",
                "Acme",
                "globex",
                "Globex",
                ID,
            ] {
                assert!(!all.contains(word), "{word} in {all}");
            }
        }
    }
}

#[test]
fn a_ping_for_each_severity_stays_whichever_way_it_moved_later() {
    let sev1 = DECLARATION.replace("sev0", "sev1").replace("[acme, globex]", "[acme]");
    let up = (
        "20261123T0930Z-bob",
        "severity: sev0\nreason: more\ncustomers: {add: [globex]}\n",
    );
    let down = (
        "20261123T1000Z-bob",
        "severity: sev1\nreason: fewer\ncustomers: {remove: [globex]}\n",
    );
    let all = keys(&effects(&record(&sev1, &[up, down])));
    for key in ["/slack/notify/sev1", "/slack/notify/sev0", "/customer/globex"] {
        assert!(all.contains(&key.to_owned()), "{key} in {all:?}");
    }
    assert_eq!(all.iter().filter(|key| key.contains("open_channel")).count(), 1);
}

#[test]
fn an_adopted_ticket_gets_notes_and_is_never_created() {
    let adopted = format!("{DECLARATION}tickets: {{ acme: https://gitlab.example.com/customers/acme/-/issues/7 }}\n");
    let all = keys(&effects(&record(
        &adopted,
        &[("20261123T0930Z-bob", "customer_message: Hello.\n")],
    )));
    assert!(!all.contains(&"/customer/acme".to_owned()));
    assert!(all.contains(&"/customer/acme/update/20261123T0930Z-bob".to_owned()));
}

#[test]
fn a_customer_without_a_project_gets_no_ticket() {
    let text = DECLARATION.replace("globex", "umbrella");
    assert!(!keys(&effects(&record(&text, &[]))).contains(&"/customer/umbrella".to_owned()));
}

#[test]
fn resolving_and_closing_close_the_issue_and_the_channel_and_end_the_reminder() {
    let resolved = (
        "20261123T1000Z-bob",
        "status: resolved\ncurrent_status: back\ncustomer_message: Back.\n",
    );
    let closed = ("20261123T1100Z-bob", "status: closed\n");
    let from = record(DECLARATION, &[]);
    let to = record(DECLARATION, &[resolved]);
    let steps = planned(&from, &to);
    assert!(steps.contains(&"cancel /nag/declaration".to_owned()), "{steps:?}");
    assert!(steps.contains(&"close ".to_owned()), "{steps:?}");
    assert!(
        steps.iter().any(|step| step.contains("/resolved-20261123T1000Z-bob")),
        "{steps:?}"
    );
    let steps = planned(&to, &record(DECLARATION, &[resolved, closed]));
    assert!(
        steps.contains(&"close /slack/open_channel/sev0".to_owned()),
        "{steps:?}"
    );
}

#[test]
fn a_correction_edits_the_summary_and_is_a_new_note_for_the_customer() {
    let before = record(
        DECLARATION,
        &[(
            "20261123T0930Z-bob",
            "current_status: proxys\ncustomer_message: Helo.\n",
        )],
    );
    let after = record(
        DECLARATION,
        &[(
            "20261123T0930Z-bob",
            "current_status: proxies\ncustomer_message: Hello.\n",
        )],
    );
    let steps = planned(&before, &after);
    assert!(
        steps.contains(&"edit /update/20261123T0930Z-bob".to_owned()),
        "{steps:?}"
    );
    let note = |step: &&String| step.starts_with("create /customer/acme/update/20261123T0930Z-bob/correction-");
    assert_eq!(steps.iter().filter(note).count(), 1, "{steps:?}");
}

#[test]
fn a_template_that_changed_edits_no_posted_note() {
    let record = record(DECLARATION, &[]);
    let (process, _) = source::read_process(None);
    let directory = directory();
    let history = fold(&record, &process.with(&directory));
    let context = RenderContext {
        now: history.last().at,
        observed: &crate::targets::nothing_observed,
        process: &process,
        directory: &directory,
        record: &record,
        history: &history,
    };
    let templates = ["executive-summary.hbs", "customer-ticket.hbs", "slack-ping.hbs"];
    let team = templates
        .iter()
        .map(|name| ((*name).to_owned(), "{{at}}".to_owned()))
        .collect();
    let now = desired(&context, &Renderer::new(&team).0);
    assert_eq!(plan(&now, &observed(&effects(&record))), []);
}

#[test]
fn what_was_sent_by_hand_is_not_sent_again() {
    let text = format!("sent_by_hand: [incident/{ID}/customer/acme]\n");
    let all = keys(&effects(&record(DECLARATION, &[("20261123T0930Z-bob", &text)])));
    assert!(!all.contains(&"/customer/acme".to_owned()) && all.contains(&"/customer/globex".to_owned()));
}

#[test]
fn every_key_is_there_once() {
    let resolved = (
        "20261123T1000Z-bob",
        "status: resolved\ncurrent_status: back\ncustomer_message: Back.\n",
    );
    let all = keys(&effects(&record(
        DECLARATION,
        &[("20261123T0930Z-bob", "current_status: a\n"), resolved],
    )));
    let unique: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(unique.len(), all.len());
}

/// A text as a YAML value: JSON is YAML, and characters that YAML cannot hold are written as escapes.
fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).expect("JSON");
    json.chars()
        .map(|c| {
            if c.is_control()
                || matches!(
                    c,
                    '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}'..='\u{ffff}'
                )
            {
                format!("\\u{:04x}", c as u32)
            } else {
                c.to_string()
            }
        })
        .collect()
}

/// An incident with this text in every free-text field.
fn hostile(text: &str) -> Record {
    let quoted = quoted(text);
    let declaration = format!(
        "title: {quoted}\nseverity: sev0\ndeclared_at: 2026-11-23T09:00:00Z\ndeclared_by: alice\ncustomers: [acme, globex]\n\
         impact: {{ headline: {quoted}, symptoms: {quoted}, workaround: {quoted}, degradation: {quoted} }}\n\
         roles: {{ incident_manager: {quoted}, incident_coordinator: {quoted}, incident_analysts: [{quoted}] }}\n"
    );
    let update = format!(
        "status: identified\nreason: {quoted}\nseverity: sev0\nsteps: {{ brief_analysts: {quoted} }}\ncurrent_status: {quoted}\n\
         current_actions: {quoted}\nnext_steps: {quoted}\nnext_update: 60m\ncustomer_message: {quoted}\nslack_channel: {quoted}\n\
         timeline: [{{ at: 09:07, what: {quoted} }}]\nlinks: {{ {quoted}: {quoted} }}\ntickets: {{ acme: {quoted} }}\n\
         overrides: [{{ rule: {quoted}, reason: {quoted} }}]\n"
    );
    let held = format!("hold_customers: {quoted}\n");
    let last =
        format!("status: resolved\ncurrent_status: {quoted}\ncustomer_message: {quoted}\nhold_customers: null\n");
    record(
        &declaration,
        &[
            ("20261123T0930Z-bob", &update),
            ("20261123T0940Z-bob", &held),
            ("20261123T0950Z-bob", &last),
        ],
    )
}

#[test]
fn no_template_lets_a_hostile_text_act() {
    use crate::render::escape::{self, hostile::HOSTILE, proof::acts_beyond};
    let (process, _) = source::read_process(None);
    let (directory, renderer) = (directory(), Renderer::new(&BTreeMap::new()).0);
    for text in HOSTILE.iter().filter(|text| !text.trim().is_empty()) {
        let record = hostile(text);
        // Fields for addresses are shown as the links that they are.
        let address = escape::url(text).unwrap_or_default();
        let acts = |body: &str| acts_beyond(body, &[&address]);
        let history = fold(&record, &process.with(&directory));
        let context = RenderContext {
            now: history.last().at,
            observed: &crate::targets::nothing_observed,
            process: &process,
            directory: &directory,
            record: &record,
            history: &history,
        };
        for effect in desired(&context, &renderer) {
            let body = without_references(&effect.body);
            if effect.kind.is_chat() {
                assert!(
                    !body.contains(['<', '>']) || body.contains("<http"),
                    "{text:?} in {}: {body}",
                    effect.key
                );
            } else {
                assert_eq!(acts(&body), [] as [String; 0], "{text:?} in {}: {body}", effect.key);
            }
        }
        for (promise, role) in history.open_promises().iter().zip(["incident_manager", text]) {
            let view = context.overdue(promise, role);
            let overdue = renderer.promise(Template::Overdue, &view);
            assert_eq!(
                acts(&overdue),
                [] as [String; 0],
                "{text:?} in the overdue note: {overdue}"
            );
        }
        let review = without_references(&renderer.review(&context.issue(None, &|_| None, &|_| None)));
        assert_eq!(acts(&review), [] as [String; 0], "{text:?} in the review: {review}");
    }
}

/// A body with its references to other effects taken out, as an address of ours will stand there.
fn without_references(body: &str) -> String {
    crate::render::with_references(body, |_| String::new())
}

#[test]
fn no_text_can_forge_a_reference_to_another_effect() {
    let forged = crate::render::reference("incident/x/customer/globex");
    for effect in effects(&hostile(&forged)) {
        assert!(
            !effect.body.contains("incident/x\u{e001}") && !effect.body.contains(&forged),
            "{}",
            effect.key
        );
    }
}

#[test]
fn words_have_the_hashes_of_version_0_1_0() {
    for line in include_str!("../../tests/golden/hashes.txt").lines() {
        let (words, golden) = line.split_once(" => ").expect("a hash");
        let words: Vec<String> = serde_json::from_str(words).expect("words");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(hash_texts(&words), golden, "{line}");
    }
}

#[test]
fn a_ticket_that_an_update_names_takes_the_place_of_ours_and_is_shown() {
    let url = "https://gitlab.example.com/customers/acme/-/issues/7";
    let tells = ("20261123T0930Z-bob", "customer_message: Hello.\n");
    let names = format!("tickets: {{ acme: {url} }}\n");
    let all = effects(&record(DECLARATION, &[tells, ("20261123T0940Z-bob", &names)]));
    let steps = plan(&all, &Observed::new());
    let creates = |end: &str| steps.iter().any(|step| step.effect.key.to_string().ends_with(end));
    assert!(!creates("/customer/acme") && creates("/customer/globex"));
    let note = all.iter().find(|effect| {
        effect
            .key
            .to_string()
            .ends_with("/customer/acme/update/20261123T0930Z-bob")
    });
    let note = note.expect("the note");
    assert_eq!(note.adopted(), Some(url));
    assert!(note.to.to_string().ends_with(url), "{}", note.to);
}
