//! The index in the incident issue chooses no place and no address: an edited one is a hint, and everything is proven again.

use serde_json::{Value, json};

use super::both::*;
use super::gitlab_server::*;
use super::life::*;
use super::slack_server::*;

pub(super) const CHANNEL: &str = "inc-2026-01-05-pushes-rejected";
pub(super) const OPENED: &str = "slack/open_channel/sev0";

/// Edits the index in the first incident issue, as anybody may who may edit the issue.
pub(super) fn edit_index(fake: &GitlabServer, edit: impl FnOnce(&mut Value)) {
    let mut state = fake.lock();
    let text = &mut state.issue_mut(1, 1).expect("the issue").description;
    let start = text.find("<!-- incidentctl index ").expect("the index") + 23;
    let end = start + text[start..].find(" -->").expect("its end");
    let mut index: Value = serde_json::from_str(&text[start..end]).expect("JSON");
    edit(&mut index);
    let line = index.to_string().replace('<', "\\u003c").replace('>', "\\u003e");
    text.replace_range(start..end, &line);
}

/// A run that has told the customers, and then the index was edited.
pub(super) fn after(edit: impl FnOnce(&mut Value)) -> Run {
    let run = Run::new();
    run.write(0);
    run.green(&[]);
    edit_index(&run.fake, edit);
    run
}

/// The same with a Slack, after the first two stages.
pub(super) fn chat_after(edit: impl FnOnce(&mut Value)) -> Both {
    let both = Both::new();
    both.live(0);
    both.live(1);
    edit_index(&both.run.fake, edit);
    both
}

pub(super) fn notes(run: &Run, project: u64, iid: u64) -> Vec<String> {
    let state = run.fake.lock();
    state
        .notes_on(project, iid)
        .iter()
        .map(|note| note.body.clone())
        .collect()
}

pub(super) fn red(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, 3, "{}", ended.text);
    for word in words {
        assert!(ended.text.contains(word), "no {word:?} in {}", ended.text);
    }
}

/// The words that a run says once when it does not trust an index.
pub(super) const PROVEN_AGAIN: &str = "everything was looked for again";

/// A run that noticed an edited index, proved everything again, said so and did all there was to do.
pub(super) fn healed(ended: &Ended) {
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(ended.text.matches(PROVEN_AGAIN).count(), 1, "{}", ended.text);
}

/// Corrects the words of the second stage.
pub(super) fn correct(run: &Run) {
    run.correct(1, &[("A proxy drops packets.", "A proxy dropped packets.")]);
}

/// The texts of a channel.
pub(super) fn said(state: &Workspace, room: &str) -> Vec<String> {
    let all = state.room(room).messages.iter();
    all.map(|message| format!("{} {}", message.text, message.blocks))
        .collect()
}

#[test]
fn a_ticket_that_the_index_puts_into_another_customers_project_is_found_where_it_is() {
    let run = after(|index| {
        index["done"]["customer/acme"]["p"] = json!("customers/globex");
        index["done"]["customer/acme"]["i"] = json!(1);
    });
    run.write(1);
    run.write(2);
    healed(&run.apply(&[]));
    // Each of the two updates once.
    assert_eq!(notes(&run, 3, 1).len(), 2, "globex is told its own words, once");
    assert_eq!(notes(&run, 2, 1).len(), 2, "acme is told on its own ticket");
    assert_eq!(notes(&run, 4, 1).len(), 1, "initech is told");
    let again = run.green(&[]);
    assert!(!again.contains(PROVEN_AGAIN), "it is said once: {again}");
    let state = run.fake.lock();
    assert_eq!(state.issues.iter().filter(|issue| issue.project == 2).count(), 1);
}

#[test]
fn one_ticket_that_the_index_names_for_two_customers_is_told_the_words_of_its_own() {
    let run = Run::new();
    run.put(
        "customers.yaml",
        "acme: { tickets: customers/acme }\nglobex: { tickets: customers/acme }\ninitech: { tickets: customers/initech }\n",
    );
    run.write(0);
    run.green(&[]);
    edit_index(&run.fake, |index| index["done"]["customer/acme"]["i"] = json!(2));
    run.write(1);
    run.write(2);
    healed(&run.apply(&[]));
    assert_eq!((notes(&run, 2, 1).len(), notes(&run, 2, 2).len()), (2, 2));
    assert_eq!(notes(&run, 4, 1).len(), 1);
}

/// A run with a project of two customers, whose numbers somebody swapped in the index or did not, and words to one of them.
fn shared(swapped: bool) -> Run {
    let run = Run::new();
    run.put(
        "customers.yaml",
        "acme: { tickets: customers/acme }\nglobex: { tickets: customers/acme }\ninitech: { tickets: customers/initech }\n",
    );
    run.write(0);
    run.green(&[]);
    if swapped {
        edit_index(&run.fake, |index| {
            let done = &mut index["done"];
            let first = done["customer/acme"]["i"].take();
            done["customer/acme"]["i"] = done["customer/globex"]["i"].take();
            done["customer/globex"]["i"] = first;
        });
    }
    run.put(
        &format!("incidents/{ID}/updates/20260105T0940Z-bob.yaml"),
        "by: bob\ncustomers: { add: [initech] }\ncustomer_message: Only for you.\ncustomer_message_to: [acme, initech]\n\
         next_update: 60m\n",
    );
    run
}

#[test]
fn swapped_numbers_in_a_project_of_two_customers_lead_no_word_to_the_other_one() {
    let run = shared(true);
    healed(&run.apply(&[]));
    assert_eq!((notes(&run, 2, 1).len(), notes(&run, 2, 2).len()), (1, 0));
    assert_eq!(notes(&run, 4, 1).len(), 1, "initech is told");
}

#[test]
fn each_customer_of_a_project_of_two_is_told_its_own_words() {
    let run = shared(false);
    run.green(&[]);
    let told = |iid| {
        notes(&run, 2, iid)
            .iter()
            .filter(|body| body.contains("Only for you"))
            .count()
    };
    assert_eq!((told(1), told(2)), (1, 0));
}

#[test]
fn an_address_in_the_index_runs_nothing_and_shows_nothing() {
    for text in [
        "x\n\n/close\n\n",
        "![x](https://evil.example/x.png)",
        "https://evil.example/customers/acme/-/issues/1",
        "HOST/customers/acme/-/issues/1\n/close",
        "HOST/customers/globex/-/issues/1",
        "HOST/customers/acme/-/issues/1) ![x](https://evil.example/x.png",
    ] {
        let run = Run::new();
        run.write(0);
        run.green(&[]);
        let text = text.replace("HOST", &run.fake.url);
        edit_index(&run.fake, |index| index["done"]["customer/acme"]["u"] = json!(text));
        run.write(1);
        run.green(&[]);
        let state = run.fake.lock();
        let issue = state.issue(1, 1).expect("the issue");
        assert_eq!(state.executed, Vec::<String>::new(), "{text}");
        let shown: String = issue
            .description
            .lines()
            .filter(|line| !line.contains("incidentctl index"))
            .collect();
        assert!(!shown.contains("evil") && !shown.contains("/close"), "{shown}");
        assert!(
            shown.contains(&format!("{}/customers/acme/-/issues/1", state.url)),
            "{shown}"
        );
        assert_eq!(shown.matches("customers/globex/-/issues/1").count(), 1, "{shown}");
        assert!(!issue.closed);
    }
}

#[test]
fn an_address_of_the_editor_in_the_index_runs_nothing() {
    for text in [
        "x)\n\n/close @all\n\n(",
        "HOST/support/ledger/-/new/main)\n/close @all\n",
        "https://evil.example/a/b/-/new/main",
        "HOST/support/../x/-/new/main",
    ] {
        let run = Run::new();
        run.write(0);
        run.green(&[]);
        let text = text.replace("HOST", &run.fake.url);
        edit_index(&run.fake, |index| index["editor"] = json!(text));
        run.write(1);
        run.green(&[]);
        let state = run.fake.lock();
        let issue = state.issue(1, 1).expect("the issue");
        assert_eq!(state.executed, Vec::<String>::new(), "{text}");
        assert!(
            !issue.description.contains("Write an update without"),
            "{}",
            issue.description
        );
    }
}

#[test]
fn an_address_of_a_message_in_the_index_runs_nothing_and_leads_nowhere_else() {
    for text in [
        "x\n\n/close\n\n",
        "https://evil.example/archives/C0NOTIFY/p1",
        "https://slack.com.evil.example/archives/C0NOTIFY",
        "https://team.slack.com/archives/C0EVIL/p1",
        "https://team.slack.com/archives/C0NOTIFY/p1\n/close",
    ] {
        let both = chat_after(|index| {
            index["done"]["slack/notify/sev0"]["u"] = json!(text);
            index["done"][OPENED]["u"] = json!(text);
        });
        both.live(2);
        let state = both.run.fake.lock();
        assert_eq!(state.executed, Vec::<String>::new(), "{text}");
        let description = &state.issue(1, 1).expect("the issue").description;
        let shown: String = description
            .lines()
            .filter(|line| !line.contains("incidentctl index"))
            .collect();
        assert!(!shown.contains("evil") && !shown.contains("C0EVIL"), "{shown}");
        let slack = both.slack.lock();
        for room in &slack.rooms {
            for words in said(&slack, &room.id) {
                assert!(!words.contains("evil") && !words.contains("C0EVIL"), "{words}");
            }
        }
    }
}

#[test]
fn a_message_is_not_edited_in_a_channel_that_process_yaml_does_not_name() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    let ping = both.slack.lock().room("C0NOTIFY").messages[0].clone();
    edit_index(&both.run.fake, |index| {
        index["done"]["slack/broadcast/sev0"]["c"] = json!("C0NOTIFY");
        index["done"]["slack/broadcast/sev0"]["t"] = json!(ping.ts);
    });
    correct(&both.run);
    healed(&both.at("apply", NOWS[1], &[]));
    let state = both.slack.lock();
    assert_eq!(said(&state, "C0NOTIFY"), [format!("{} {}", ping.text, ping.blocks)]);
    assert!(
        said(&state, "C0EXEC")[0].contains("dropped packets"),
        "the rest goes on"
    );
    assert_eq!(state.room("C0GENERAL").messages.len(), 1, "it is not said again");
}

#[test]
fn a_channel_of_process_yaml_that_the_team_changes_is_settled_by_the_record() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    both.run
        .put("process.yaml", &process().replace("C0GENERAL", "C0SUPPORT"));
    // What stays as it was said stops nothing.
    both.live(2);
    correct(&both.run);
    red(&both.at("apply", NOWS[2], &[]), &["slack/broadcast/sev0", "C0SUPPORT"]);
    let update = format!("incidents/{ID}/updates/20260105T1036Z-bob.yaml");
    both.run.put(
        &update,
        &format!("by: bob\nsent_by_hand: [incident/{ID}/slack/broadcast/sev0]\n"),
    );
    both.green("apply", NOWS[2], &[]);
}

#[test]
fn nothing_internal_is_said_in_a_persons_channel_that_the_index_calls_the_incidents() {
    let both = chat_after(|index| {
        index["done"][OPENED]["c"] = json!("C0GENERAL");
        for (key, place) in index["done"].as_object_mut().expect("an object") {
            if key.starts_with("slack/update/") || key.starts_with("nag/") {
                place["c"] = json!("C0GENERAL");
            }
        }
    });
    let (before, topic) = {
        let state = both.slack.lock();
        (said(&state, "C0GENERAL"), state.room("C0GENERAL").topic.0.clone())
    };
    both.run.write(2);
    correct(&both.run);
    healed(&both.at("apply", NOWS[2], &[]));
    let state = both.slack.lock();
    let now = said(&state, "C0GENERAL");
    assert_eq!(now.len(), before.len(), "{now:?}");
    assert!(
        said(&state, CHANNEL)
            .iter()
            .any(|words| words.contains("A third customer")),
        "it is said in the incident's own channel"
    );
    assert!(!now.iter().any(|words| words.contains("A third customer")), "{now:?}");
    assert_eq!(state.room("C0GENERAL").topic.0, topic);
    assert!(!state.room("C0GENERAL").members.contains("U0CAROL"));
    assert!(!state.scheduled.iter().any(|later| later.channel == "C0GENERAL"));
    assert_eq!(
        state.rooms.iter().filter(|room| room.name.starts_with("inc-")).count(),
        1
    );
    assert!(notes(&both.run, 4, 1).len() == 1, "customers are told");
}

/// A second incident beside the first, with a channel of its own; its id.
pub(super) fn second(both: &Both) -> String {
    let other = "2026-01-05-another";
    both.run.put(
        &format!("incidents/{other}/incident.yaml"),
        &step(0).text.replace("Git pushes", "Other pushes"),
    );
    both.run.put(
        &format!("incidents/{other}/updates/20260105T0941Z-bob.yaml"),
        "by: bob\ncurrent_status: Another one.\ncustomer_message: Another one.\nnext_update: 3h\n",
    );
    both.green("apply", NOWS[1], &[]);
    both.slack.lock().room(&format!("inc-{other}")).id.clone()
}

#[test]
fn nothing_of_an_incident_is_said_in_another_incidents_channel() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    let other = second(&both);
    edit_index(&both.run.fake, |index| index["done"][OPENED]["c"] = json!(other));
    let before = said(&both.slack.lock(), &other);
    both.run.write(2);
    healed(&both.at("apply", NOWS[2], &[]));
    let state = both.slack.lock();
    assert_eq!(said(&state, &other), before);
    assert!(
        !state.room(&other).topic.0.contains("Git pushes"),
        "{:?}",
        state.room(&other).topic
    );
    // A close archives nothing of the other one.
    drop(state);
    both.run.write_to(5);
    both.at("apply", NOWS[5], &[]);
    assert!(!both.slack.lock().room(&other).archived);
}

#[test]
fn a_reminder_of_another_incident_is_not_taken_back() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    let other = second(&both);
    let later = both
        .slack
        .lock()
        .scheduled
        .iter()
        .find(|later| later.channel == other)
        .cloned();
    let later = later.expect("a reminder");
    edit_index(&both.run.fake, |index| {
        let nag = &mut index["done"]["nag/20260105T0940Z-bob"];
        nag["c"] = json!(other);
        nag["t"] = json!(later.id);
    });
    both.run.write(2);
    let ended = both.at("apply", "2026-01-05T09:50:00Z", &[]);
    red(&ended, &["nag/20260105T0940Z-bob", &other]);
    assert!(both.slack.lock().scheduled.iter().any(|one| one.id == later.id));
}

#[test]
fn a_reminder_of_another_incident_is_not_taken_back_where_the_channel_is_forged_too() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    let other = second(&both);
    let later = both
        .slack
        .lock()
        .scheduled
        .iter()
        .find(|later| later.channel == other)
        .cloned();
    let later = later.expect("a reminder");
    edit_index(&both.run.fake, |index| {
        index["done"]["slack/open_channel/sev0"]["c"] = json!(other);
        let nag = &mut index["done"]["nag/20260105T0940Z-bob"];
        nag["c"] = json!(other);
        nag["t"] = json!(later.id);
    });
    both.run.write(2);
    let ended = both.at("apply", "2026-01-05T09:50:00Z", &[]);
    red(&ended, &["nag/20260105T0940Z-bob"]);
    assert!(
        both.slack.lock().scheduled.iter().any(|one| one.id == later.id),
        "{}",
        ended.text
    );
}

#[test]
fn an_entry_beside_the_incidents_channel_takes_its_place_for_nothing() {
    let both = chat_after(|index| {
        index["done"]["slack/a/sev0"] = json!({"h": "0", "c": "C0GENERAL"});
    });
    both.live(2);
    let state = both.slack.lock();
    assert!(
        !said(&state, "C0GENERAL")
            .iter()
            .any(|words| words.contains("A third customer"))
    );
    assert!(
        said(&state, CHANNEL)
            .iter()
            .any(|words| words.contains("A third customer"))
    );
}

#[test]
fn a_channel_of_another_incident_that_a_person_gives_our_mark_is_not_ours() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    let other = second(&both);
    let purpose = both.slack.lock().room(CHANNEL).purpose.0.clone();
    both.slack.lock().room_mut(&other).purpose = (purpose, "U0FRANK".into());
    edit_index(&both.run.fake, |index| index["done"][OPENED]["c"] = json!(other));
    let before = said(&both.slack.lock(), &other);
    both.run.write(2);
    healed(&both.at("apply", NOWS[2], &[]));
    assert_eq!(said(&both.slack.lock(), &other), before);
}

#[test]
fn what_people_do_with_the_incidents_channel_does_not_stop_it() {
    for what in ["rename", "topic", "purpose", "nothing"] {
        let both = chat_after(|_| {});
        let id = both.channel();
        {
            let mut state = both.slack.lock();
            let room = state.room_mut(&id);
            match what {
                "rename" => room.name = "git-is-down".into(),
                "topic" => room.topic = ("lunch at noon".into(), "U0CAROL".into()),
                "purpose" => room.purpose = ("All about git".into(), "U0CAROL".into()),
                _ => {}
            }
        }
        both.live(2);
        let state = both.slack.lock();
        assert!(
            said(&state, &id).iter().any(|words| words.contains("A third customer")),
            "{what}"
        );
    }
}

#[test]
fn a_project_that_customers_yaml_writes_in_another_case_is_the_same() {
    let run = after(|index| index["done"]["customer/acme"]["p"] = json!("Customers/Acme"));
    {
        let mut state = run.fake.lock();
        let mut twin = state.projects[1].clone();
        twin.path = "Customers/Acme".into();
        state.projects.push(twin);
    }
    run.write(1);
    run.green(&[]);
    assert_eq!(notes(&run, 2, 1).len(), 1);
}
