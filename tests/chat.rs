//! Slack, through the real program and the real client, against fakes that are as unkind as the real ones.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "tests run the program")]

mod common;
mod gitlab_server;
mod loopback;
mod slack_server;

#[path = "gitlab/life.rs"]
mod life;

#[path = "chat/both.rs"]
mod both;
#[path = "chat/clocks.rs"]
mod clocks;
#[path = "chat/faults.rs"]
mod faults;
#[path = "chat/promises.rs"]
mod promises;
#[path = "chat/troubles.rs"]
mod troubles;

use both::*;
use life::*;
use slack_server::*;

#[test]
fn a_whole_life_is_told_as_the_process_says() {
    let both = Both::new();
    for stage in 0..STAGES {
        both.live(stage);
    }
    let state = both.slack.lock();
    assert_eq!(state.violations, Vec::<String>::new());
    insta::assert_snapshot!("chat_life", state.world().join("\n"));
}

#[test]
fn a_second_run_with_nothing_changed_asks_slack_nothing() {
    let both = Both::new();
    for (stage, now) in NOWS.iter().enumerate() {
        both.live(stage);
        let before = both.slack.count();
        let said = both.green("apply", now, &[]);
        assert!(said.contains("Nothing is to do"), "{said}");
        assert_eq!(both.slack.count(), before);
    }
}

#[test]
fn the_requests_of_an_update_do_not_grow_with_the_channels_history() {
    let requests = |crowded: bool| {
        let both = Both::new();
        both.live(0);
        if crowded {
            let mut state = both.slack.lock();
            for number in 0..2_000 {
                for room in ["C0GENERAL", "C0NOTIFY", &format!("inc-{ID}")] {
                    state.say(
                        room,
                        "U0ALICE",
                        &format!("a person's word {number}"),
                        serde_json::Value::Null,
                        serde_json::Value::Null,
                    );
                }
            }
        }
        both.live(1);
        let before = both.slack.count();
        both.live(2);
        both.slack.log_from(before)
    };
    let (quiet, crowded) = (requests(false), requests(true));
    assert_eq!(quiet, crowded);
    insta::assert_snapshot!("chat_update_requests", quiet.join("\n"));
}

#[test]
fn the_issue_and_the_summary_link_to_what_was_said() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    let state = both.run.fake.lock();
    let issue = &state
        .issues
        .iter()
        .find(|issue| issue.project == 1)
        .expect("the issue")
        .description;
    let channel = format!("https://team.slack.com/archives/{}", both.channel());
    for words in [
        format!("| Slack channel | {channel} |"),
        format!("Create the dedicated channel — automatic: {channel}"),
        "Ping the Incident Notification channel to gather participants — automatic: https://team.slack.com/archives/C0NOTIFY/p"
            .to_owned(),
        "automatic: https://team.slack.com/archives/C0GENERAL/p".to_owned(),
    ] {
        assert!(issue.contains(&words), "no {words:?} in {issue}");
    }
    assert!(!issue.contains("Not said in Slack"), "{issue}");
    let summaries = state
        .notes
        .iter()
        .filter(|note| note.body.contains("Executive summary"));
    for note in summaries {
        assert!(note.body.contains(&channel), "{}", note.body);
    }
}

#[test]
fn a_text_with_slacks_markup_arrives_as_it_was_written() {
    let text = "<!channel> <@U0ALICE> <https://evil|x> *bold* _it_ `code` ~no~ :fire: & &amp; @here #general";
    let both = Both::new();
    let quoted = serde_json::to_string(text).expect("JSON");
    both.run.put(
        &format!("incidents/{ID}/incident.yaml"),
        &step(0).text.replace(
            "title: Git pushes rejected on every secondary",
            &format!("title: {quoted}"),
        ),
    );
    both.run.put(
        &format!("incidents/{ID}/updates/20260105T0940Z-bob.yaml"),
        &format!(
            "by: bob\ncurrent_status: {quoted}\ncurrent_actions: {quoted}\nnext_steps: {quoted}\nnext_update: 60m\n"
        ),
    );
    both.green("apply", NOWS[1], &[]);
    let state = both.slack.lock();
    assert_eq!(state.violations, Vec::<String>::new());
    let allowed = ["!subteam^S0INCIDENT", "#C0NEW", "http://127.0.0.1", "@U0BOB"];
    let mut shown = 0;
    for message in state.rooms.iter().flat_map(|room| &room.messages) {
        assert_eq!(
            text::acts_beyond(&message.text, &message.blocks, &allowed),
            Vec::<String>::new()
        );
        shown += text::literals(&message.blocks)
            .iter()
            .filter(|own| *own == text)
            .count();
    }
    // The ping's title; title and three texts of the broadcast and of the executives' channel; three texts of the update.
    assert_eq!(shown, 1 + 4 + 4 + 3);
    for later in &state.scheduled {
        assert_eq!(
            text::acts_beyond(&later.text, &later.blocks, &allowed),
            Vec::<String>::new()
        );
        assert!(text::literals(&later.blocks).contains(&text.to_owned()));
    }
    let topic = &state.room(&channel_of(&state)).topic.0;
    assert!(
        !topic.contains("<!channel>") && !topic.contains("<@U0ALICE>"),
        "{topic}"
    );
    let called: Vec<&str> = state.notified.iter().map(|(_, who)| who.as_str()).collect();
    assert_eq!(called, ["!subteam^S0INCIDENT"]);
}
