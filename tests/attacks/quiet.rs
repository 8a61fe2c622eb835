//! What a person edits in the index, or in a ticket, stops a run only where something unknown is to be written.

use serde_json::json;

use super::both::*;
use super::index::*;
use super::life::*;

/// Writes an update.
fn update(run: &Run, stamp: &str, text: &str) {
    run.put(
        &format!("incidents/{ID}/updates/{stamp}-bob.yaml"),
        &format!("by: bob\n{text}"),
    );
}

#[test]
fn an_internal_update_is_not_stopped_by_a_ticket_in_another_project() {
    let run = after(|_| {});
    // The team moves the customer's tickets: the ticket of this incident stays where it was.
    run.put(
        "customers.yaml",
        "acme: { tickets: customers/globex }\nglobex: { tickets: customers/acme }\ninitech: { tickets: customers/initech }\n",
    );
    update(&run, "20260105T0930Z", "current_status: Still looking.\n");
    let text = run.green(&[]);
    assert!(text.contains("LEFT") && text.contains("acme's"), "it is named: {text}");
    let told = notes(&run, 1, 1);
    assert!(told.iter().any(|body| body.contains("Still looking")), "{told:?}");
    // Words to acme stop it.
    run.write(1);
    red(&run.apply(&[]), &["acme's"]);
}

#[test]
fn a_message_that_is_not_edited_stops_nothing_wherever_the_index_says_it_is() {
    let both = chat_after(|index| index["done"]["slack/broadcast/sev0"]["c"] = json!("C0EVIL"));
    both.run.write(2);
    healed(&both.at("apply", NOWS[2], &[]));
    assert_eq!(said(&both.slack.lock(), "C0GENERAL").len(), 1, "it is not said again");
}

#[test]
fn an_incident_becomes_a_drill_and_a_real_one_again_without_a_word_of_its_old_messages() {
    let both = chat_after(|_| {});
    for (stamp, drill, now) in [
        ("20260105T0950Z", true, "2026-01-05T09:51:00Z"),
        ("20260105T0955Z", false, "2026-01-05T09:56:00Z"),
    ] {
        update(
            &both.run,
            stamp,
            &format!("drill: {drill}\nreason: A mistake.\ncurrent_status: Hm.\n"),
        );
        let text = both.green("apply", now, &[]);
        assert!(!text.contains("unknown"), "{text}");
    }
    let slack = both.slack.lock();
    assert_eq!(said(&slack, "C0DRILL").len(), 1);
}

#[test]
fn a_correction_is_not_said_in_another_channel_of_the_team_in_a_drill() {
    let both = chat_after(|_| {});
    update(&both.run, "20260105T0950Z", "drill: true\nreason: A mistake.\n");
    both.green("apply", "2026-01-05T09:51:00Z", &[]);
    let before = said(&both.slack.lock(), "C0GENERAL");
    correct(&both.run);
    red(
        &both.at("apply", "2026-01-05T09:52:00Z", &[]),
        &["slack/broadcast/sev0"],
    );
    assert_eq!(said(&both.slack.lock(), "C0GENERAL"), before);
}

#[test]
fn an_incident_that_is_closed_is_not_red() {
    let run = Run::new();
    run.write_to(3);
    run.green(&[]);
    run.write(4);
    run.green(&[]);
    run.put(
        "customers.yaml",
        "acme: { tickets: customers/globex }\nglobex: { tickets: customers/acme }\ninitech: { tickets: customers/initech }\n",
    );
    run.correct(1, &[("We know the cause.", "We know the reason.")]);
    red(&run.apply(&[]), &["acme's"]);
    let before = notes(&run, 3, 1);
    run.write(5);
    let text = run.green(&[]);
    assert!(text.contains("LEFT") && text.contains("acme's"), "{text}");
    assert_eq!(run.green(&[]).matches("FAILED").count(), 0);
    assert_eq!(notes(&run, 3, 1), before, "globex is told nothing of acme's");
}

#[test]
fn a_channel_that_a_former_app_made_is_named_by_the_record() {
    let both = chat_after(|_| {});
    let id = both.channel();
    both.slack.lock().room_mut(&id).creator = "U0FORMER".into();
    both.run.write(2);
    red(
        &both.at("apply", NOWS[2], &[]),
        &["slack_channel", OPENED, "an earlier Slack app"],
    );
    let key = format!("incident/{ID}/{OPENED}");
    update(
        &both.run,
        "20260105T1036Z",
        &format!("slack_channel: https://team.slack.com/archives/{id}\nsent_by_hand: [{key}]\n"),
    );
    both.green("apply", NOWS[2], &[]);
    let slack = both.slack.lock();
    let told = said(&slack, &id);
    assert!(told.iter().any(|words| words.contains("A third customer")), "{told:?}");
}

/// A project of two customers in which both were told, and both tickets rewritten by a person.
fn rewritten(by_us: bool, swapped: bool) -> Run {
    let run = Run::new();
    run.put(
        "customers.yaml",
        "acme: { tickets: customers/acme }\nglobex: { tickets: customers/acme }\ninitech: { tickets: customers/initech }\n",
    );
    run.write(0);
    run.write(1);
    run.green(&[]);
    for iid in [1, 2] {
        run.fake.lock().edit_issue_as(6, (2, iid), |ticket| {
            ticket.description = "Our pushes fail.".into();
            if !by_us {
                ticket.author = 6;
            }
        });
    }
    if swapped {
        edit_index(&run.fake, |index| {
            let done = &mut index["done"];
            let first = done["customer/acme"]["i"].take();
            done["customer/acme"]["i"] = done["customer/globex"]["i"].take();
            done["customer/globex"]["i"] = first;
        });
    }
    update(
        &run,
        "20260105T1000Z",
        "customer_message: Only for you.\ncustomer_message_to: [acme]\n",
    );
    run
}

fn told(run: &Run, iid: u64) -> usize {
    let all = notes(run, 2, iid);
    all.iter().filter(|body| body.contains("Only for you")).count()
}

#[test]
fn a_customer_whose_ticket_a_person_rewrote_is_told() {
    let run = rewritten(true, false);
    run.green(&[]);
    assert_eq!((told(&run, 1), told(&run, 2)), (1, 0));
    let state = run.fake.lock();
    for ticket in [(2, 1), (2, 2)] {
        assert_eq!(
            state.bot_edits_after(6, ticket),
            [] as [&str; 0],
            "the person's text stays"
        );
    }
}

#[test]
fn words_go_to_no_rewritten_ticket_of_a_person() {
    let run = rewritten(false, false);
    red(&run.apply(&[]), &["acme's ticket", "tickets: { acme: URL }"]);
    assert_eq!((told(&run, 1), told(&run, 2)), (0, 0));
}

#[test]
fn rewritten_tickets_are_told_apart_by_our_notes_whatever_the_index_says() {
    let run = rewritten(true, true);
    healed(&run.apply(&[]));
    assert_eq!((told(&run, 1), told(&run, 2)), (1, 0));
}
