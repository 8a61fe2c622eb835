//! Slack in trouble: down, without a token, with a stranger's channel, with people who archive, remove and write.

use super::both::*;
use super::gitlab_server::State;
use super::life::*;
use super::slack_server::*;

const CHANNEL: &str = "inc-2026-01-05-pushes-rejected";

#[test]
fn without_slack_the_rest_goes_on_and_is_named_and_the_next_run_says_it() {
    let both = Both::new();
    both.slack.lock().down = true;
    both.run.write(0);
    let ended = both.at("apply", NOWS[0], &[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(
        ended.text.contains("Slack cannot be reached") || ended.text.contains("Slack's answer is lost"),
        "{}",
        ended.text
    );
    {
        let state = both.run.fake.lock();
        assert!(
            state.issues.iter().filter(|issue| issue.project != 1).count() == 2,
            "customers are told"
        );
        assert!(
            state.issues[0].description.contains("**Not said in Slack**: "),
            "{}",
            state.issues[0].description
        );
    }
    both.slack.lock().down = false;
    both.green("apply", NOWS[0], &[]);
    let state = both.slack.lock();
    assert_eq!(state.room("C0NOTIFY").messages.len(), 1);
    assert!(!state.room(CHANNEL).archived);
    assert!(!both.run.fake.lock().issues[0].description.contains("Not said in Slack"));
}

#[test]
fn without_a_token_what_should_have_been_sent_is_named_and_the_run_is_red() {
    let mut both = Both::new();
    both.token = "";
    both.run.write(0);
    let ended = both.at("apply", NOWS[0], &[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(
        ended.text.contains("NOT SENT Slack ping") && ended.text.contains("SLACK_BOT_TOKEN"),
        "{}",
        ended.text
    );
    assert_eq!(both.slack.count(), 0);
    let planned = both.green("plan", NOWS[0], &["--to", "gitlab"]);
    assert!(planned.contains("Slack ping"), "{planned}");
}

#[test]
fn a_team_without_slack_in_its_process_is_not_told_of_it() {
    let mut both = Both::new();
    both.run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { project: support/incidents }\n",
    );
    both.token = "";
    let said = both.live(0);
    assert!(!said.contains("Slack"), "{said}");
    assert!(!both.run.fake.lock().issues[0].description.contains("Not said in Slack"));
}

#[test]
fn what_was_said_by_hand_is_not_said_again() {
    let both = Both::new();
    both.run.write(0);
    both.run.put(
        &format!("incidents/{ID}/updates/20260105T0930Z-bob.yaml"),
        &format!("by: bob\nsent_by_hand: [incident/{ID}/slack/notify/sev0]\n"),
    );
    both.green("apply", NOWS[1], &[]);
    assert!(both.slack.lock().room("C0NOTIFY").messages.is_empty());
}

#[test]
fn a_strangers_channel_of_the_same_name_is_not_taken_over() {
    for archived in [false, true] {
        let mut workspace = Workspace::team();
        workspace.rooms.push(Room {
            id: "C0STRANGE".into(),
            name: CHANNEL.into(),
            creator: "U0FRANK".into(),
            archived,
            members: [BOT_USER.to_owned()].into(),
            ..Room::default()
        });
        let both = Both::with(State::team(), workspace);
        both.live(0);
        both.live(1);
        let state = both.slack.lock();
        assert!(state.room("C0STRANGE").messages.is_empty());
        assert!(!state.room(&format!("{CHANNEL}-2")).messages.is_empty());
    }
}

#[test]
fn a_channel_that_a_person_archived_stays_so_and_the_rest_goes_on() {
    let both = Both::new();
    both.live(0);
    both.slack.lock().room_mut(CHANNEL).archived = true;
    both.run.write(1);
    let ended = both.at("apply", NOWS[1], &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(ended.text.contains("archived"), "{}", ended.text);
    let again = both.green("remind", NOWS[1], &[]);
    assert!(again.contains("a person archived the incident's channel"), "{again}");
    let state = both.slack.lock();
    assert!(state.room(CHANNEL).archived && state.room(CHANNEL).messages.is_empty());
    assert_eq!(state.room("C0GENERAL").messages.len(), 1);
    assert!(!state.rooms.iter().any(|room| room.name.ends_with("-2")));
}

#[test]
fn a_bot_that_is_not_in_a_channel_joins_it_or_says_who_has_to_invite_it() {
    let mut workspace = Workspace::team();
    workspace.room_mut("C0NOTIFY").members.remove(BOT_USER);
    let both = Both::with(State::team(), workspace.clone());
    both.live(0);
    assert_eq!(both.slack.lock().room("C0NOTIFY").messages.len(), 1);

    workspace.scopes.remove("channels:join");
    let both = Both::with(State::team(), workspace);
    both.run.write(0);
    let ended = both.at("apply", NOWS[0], &[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(ended.text.contains("invite it there"), "{}", ended.text);
    assert_eq!(
        both.slack
            .lock()
            .rooms
            .iter()
            .filter(|room| room.name == CHANNEL)
            .count(),
        1
    );
}

#[test]
fn a_channel_that_is_archived_or_unknown_is_named_with_its_line_in_the_process() {
    let mut workspace = Workspace::team();
    workspace.room_mut("C0NOTIFY").archived = true;
    let both = Both::with(State::team(), workspace);
    both.run.put("process.yaml", &process().replace("C0EXEC", "C0NOWHERE"));
    both.run.write_to(1);
    let ended = both.at("apply", NOWS[1], &[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    for words in [
        "the channel `incident_notification` is archived",
        "no channel of the id that process.yaml gives `executives`",
    ] {
        assert!(ended.text.contains(words), "no {words:?} in {}", ended.text);
    }
    assert_eq!(both.slack.lock().room("C0GENERAL").messages.len(), 1);
}

#[test]
fn a_message_that_a_person_removed_stays_removed() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    both.slack.lock().room_mut("C0GENERAL").messages.clear();
    both.green("remind", NOWS[1], &[]);
    assert!(both.slack.lock().room("C0GENERAL").messages.is_empty());
    // A correction of its words does not bring it back either.
    both.run
        .correct(1, &[("A proxy drops packets.", "A proxy dropped packets.")]);
    both.green("apply", NOWS[1], &[]);
    assert!(both.slack.lock().room("C0GENERAL").messages.is_empty());
    let state = both.slack.lock();
    let corrected = &state.room(CHANNEL).messages[0];
    assert!(
        corrected.edited && corrected.text.contains("dropped packets"),
        "{}",
        corrected.text
    );
}

#[test]
fn a_topic_that_a_person_wrote_is_left_and_who_left_is_not_invited_again() {
    let both = Both::new();
    both.live(0);
    {
        let mut state = both.slack.lock();
        let room = state.room_mut(CHANNEL);
        room.topic = ("lunch at noon".into(), "U0CAROL".into());
        room.members.remove("U0CAROL");
    }
    let said = both.live(1);
    assert!(said.contains("a person wrote the topic"), "{said}");
    let state = both.slack.lock();
    let room = state.room(CHANNEL);
    assert_eq!(room.topic.0, "lunch at noon");
    assert!(
        !room.members.contains("U0CAROL") && room.members.contains("U0ERIN"),
        "{:?}",
        room.members
    );
}

#[test]
fn people_who_cannot_be_invited_are_named_and_hold_up_nobody() {
    let both = Both::new();
    both.run.put("people.yaml", &people().replace("U0CAROL", "U0GONE"));
    both.live(0);
    assert!(both.slack.lock().room(CHANNEL).members.contains("U0ALICE"));
}

#[test]
fn a_channel_that_people_opened_is_used_and_none_is_opened_beside_it() {
    let mut workspace = Workspace::team();
    workspace.rooms.push(Room {
        id: "C0OWN".into(),
        name: "our-own".into(),
        creator: "U0ALICE".into(),
        ..Room::default()
    });
    let both = Both::with(State::team(), workspace);
    both.run.put(
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{}slack_channel: https://team.slack.com/archives/C0OWN\n", step(0).text),
    );
    both.green("apply", NOWS[0], &[]);
    both.live(1);
    let state = both.slack.lock();
    assert_eq!(state.room("C0OWN").messages.len(), 1);
    assert!(!state.rooms.iter().any(|room| room.name.starts_with("inc-")));
}

#[test]
fn a_drill_speaks_in_the_channel_for_drills_and_opens_none() {
    let both = Both::new();
    both.run.put(
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{}drill: true\n", step(0).text),
    );
    both.green("apply", NOWS[0], &[]);
    both.live(1);
    let state = both.slack.lock();
    for room in &state.rooms {
        assert_eq!(room.messages.is_empty(), room.id != "C0DRILL", "{}", room.name);
    }
    assert!(state.notified.is_empty() && state.scheduled.is_empty());
}

#[test]
fn a_lost_index_says_nothing_twice() {
    let both = Both::new();
    both.live(0);
    both.live(1);
    let before = both.slack.lock().world();
    {
        let mut state = both.run.fake.lock();
        let text = &mut state.issues[0].description;
        let start = text.find("<!-- incidentctl index").expect("the index");
        let end = start + text[start..].find("-->").expect("its end") + 3;
        text.replace_range(start..end, "");
    }
    both.green("apply", NOWS[1], &[]);
    assert_eq!(both.slack.lock().world(), before);
}

#[test]
fn doctor_proves_token_scopes_and_channels() {
    let both = Both::new();
    let said = both.at("doctor", NOWS[0], &[]).text;
    assert!(
        said.contains("ok       Slack token") && said.contains("`general` is #general"),
        "{said}"
    );
    {
        let mut state = both.slack.lock();
        state.scopes.remove("channels:manage");
        state.room_mut("C0EXEC").archived = true;
        state.room_mut("C0DRILL").private = true;
        state.room_mut("C0DRILL").members.clear();
    }
    let ended = both.at("doctor", NOWS[0], &[]);
    assert_eq!(ended.code, 2);
    for words in [
        "without `channels:manage`",
        "which is archived",
        "`drills`: Slack has no channel C0DRILL",
    ] {
        assert!(ended.text.contains(words), "no {words:?} in {}", ended.text);
    }
    both.slack.lock().revoked = true;
    let said = both.at("doctor", NOWS[0], &[]).text;
    assert!(said.contains("Slack does not accept the token"), "{said}");
}

#[test]
fn two_runs_at_once_say_everything_once() {
    let both = Both::new();
    both.run.write_to(1);
    let runs: Vec<_> = (0..3).map(|_| both.start("apply", NOWS[1], &[])).collect();
    for run in runs {
        let output = run.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let state = both.slack.lock();
    assert_eq!(state.room("C0NOTIFY").messages.len(), 1);
    assert_eq!(state.room("C0GENERAL").messages.len(), 1);
    assert_eq!(state.room(CHANNEL).messages.len(), 1);
    assert_eq!(state.scheduled.len(), 1);
}

#[test]
fn a_variable_cannot_take_the_token_elsewhere_than_the_process_says() {
    let both = Both::new();
    both.run
        .put("process.yaml", &format!("{}  url: https://slack.com/api/\n", process()));
    both.run.write(0);
    let ended = both.at("apply", NOWS[0], &[]);
    assert_eq!(ended.code, 2, "{}", ended.text);
    assert!(ended.text.contains("no token is sent"), "{}", ended.text);
    assert_eq!(both.slack.count(), 0);
}
