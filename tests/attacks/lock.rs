//! A forged lock stops nobody, and a name like a bot's makes nobody a bot.

use super::gitlab_server::*;
use super::life::*;

const LOCK: &str = "incidentctl-at-work";

/// Puts a lock's label with this description into the incident project.
fn forge_lock(run: &Run, description: &str) {
    let mut state = run.fake.lock();
    let id = state.id();
    state.projects[0].labels.push(Label {
        id,
        name: LOCK.into(),
        description: description.into(),
    });
}

fn has_lock(run: &Run) -> bool {
    run.fake.lock().projects[0]
        .labels
        .iter()
        .any(|label| label.name == LOCK)
}

/// A GitLab where user 6 has this name, and is a bot or not.
fn with_user(name: &str, bot: bool) -> State {
    let mut state = State::team();
    let user = state.users.iter_mut().find(|user| user.id == 6).expect("the user");
    user.username = name.into();
    user.bot = bot;
    state
}

/// Posts a note with the mark of the next update on the incident issue.
fn pastes_our_mark(run: &Run, author: u64) {
    let mut state = run.fake.lock();
    let note = Note {
        id: state.id(),
        project: 1,
        on: "issues".into(),
        iid: 1,
        body: format!("<!-- incidentctl: incident/{ID}/update/20260105T0940Z-bob 0 -->\n\nforged"),
        author,
        created: state.now(),
        ..Note::default()
    };
    state.notes.push(note);
}

/// An incident issue with our mark, by this user.
fn forged_issue(state: &mut State, author: u64, iid: u64) {
    let (id, created) = (state.id(), state.now());
    state.issues.push(Issue {
        id,
        iid,
        project: 1,
        title: "forged".into(),
        description: format!("<!-- incidentctl: incident/{ID} 0 -->"),
        author,
        kind: "issue".into(),
        created,
        ..Issue::default()
    });
}

fn summaries(run: &Run) -> usize {
    let state = run.fake.lock();
    let ours = state
        .notes
        .iter()
        .filter(|note| note.author == BOT && note.project == 1);
    ours.filter(|note| note.body.contains("A proxy drops packets")).count()
}

#[test]
fn a_lock_that_holds_longer_than_any_run_sets_it_stops_nobody() {
    let run = Run::new();
    run.write(0);
    forge_lock(&run, "job 1 is at work until 9999-12-31T23:59:59Z");
    run.green(&[]);
    assert!(!has_lock(&run), "the forged label is taken away");
}

#[test]
fn the_schedule_takes_a_lock_away_that_holds_longer_than_any_run_sets_it() {
    let run = Run::new();
    run.write(0);
    run.green(&[]);
    forge_lock(&run, "job 1 is at work until 2999-01-01T00:00:00+00:00");
    let ended = run.run("remind", TOKEN, &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(!has_lock(&run), "{}", ended.text);
}

#[test]
fn no_run_takes_a_lease_that_other_runs_would_not_wait_for() {
    let run = Run::new();
    let ended = run.run("doctor", TOKEN, &["--request-timeout", "61"]);
    assert_eq!(ended.code, 2, "{}", ended.text);
    assert!(ended.text.contains("between 0.01 and 60"), "{}", ended.text);
}

#[test]
fn a_label_without_a_time_stops_nobody() {
    let run = Run::new();
    run.write(0);
    forge_lock(&run, "please do not run until I say so");
    run.green(&[]);
    assert!(!has_lock(&run));
}

#[test]
fn the_lock_of_a_run_that_is_at_work_is_waited_for() {
    let run = Run::new();
    run.write(0);
    let end = run.fake.lock().now() + chrono::TimeDelta::seconds(3);
    forge_lock(&run, &format!("job 1 is at work until {}", end.to_rfc3339()));
    run.green(&[]);
    let state = run.fake.lock();
    let looked = state
        .traffic
        .log
        .iter()
        .filter(|line| line.starts_with("GET") && line.contains(LOCK));
    assert!(looked.count() > 1, "{}", state.traffic.log.join("\n"));
}

#[test]
fn a_person_with_a_bots_name_who_pastes_our_mark_into_a_note_stops_no_effect() {
    let run = Run::with(with_user("project_1_bot_x", false));
    run.write(0);
    run.green(&[]);
    pastes_our_mark(&run, 6);
    run.write(1);
    let ended = run.run("remind", TOKEN, &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(summaries(&run), 1);
    let state = run.fake.lock();
    assert_eq!(state.violations, Vec::<String>::new());
    let asked = state
        .traffic
        .log
        .iter()
        .filter(|line| line.starts_with("GET /api/v4/users/6"));
    assert_eq!(asked.count(), 1, "GitLab is asked once for a user");
}

#[test]
fn a_person_with_a_bots_name_who_opens_an_issue_with_our_mark_stops_no_incident() {
    let mut state = with_user("project_1_bot_x", false);
    forged_issue(&mut state, 6, 1);
    let run = Run::with(state);
    run.write(0);
    run.green(&[]);
    let state = run.fake.lock();
    assert_eq!(state.issue(1, 1).map(|issue| issue.title.as_str()), Some("forged"));
    assert_eq!(state.issues.iter().filter(|issue| issue.project == 1).count(), 2);
}

#[test]
fn a_persons_issue_with_our_mark_hides_no_issue_of_a_former_bot() {
    let run = Run::new();
    forged_issue(&mut run.fake.lock(), 6, 1);
    run.write(0);
    run.green(&[]);
    let before = run.fake.lock().issues.len();
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { project: support/incidents, former_bots: [project_1_bot_0a1b] }\n",
    );
    run.write(1);
    let ended = run.run("apply", "glpat-new-bot", &[]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(run.fake.lock().issues.len(), before, "{}", ended.text);
}

/// Lives until the first update of user 7, then under another token, with these former bots. Who has the name of user 7 by then
/// is user 6, whose note has the mark of the update.
fn with_former(bots: &str, renamed: Option<&str>) -> (Run, i32) {
    let run = Run::new();
    run.write(0);
    run.green(&[]);
    if let Some(name) = renamed {
        let mut state = run.fake.lock();
        state
            .users
            .iter_mut()
            .find(|user| user.id == BOT)
            .expect("the bot")
            .username = "renamed".into();
        state
            .users
            .iter_mut()
            .find(|user| user.id == 6)
            .expect("the user")
            .username = name.into();
    }
    pastes_our_mark(&run, 6);
    run.put(
        "process.yaml",
        &format!("extends: handbook\ngitlab: {{ project: support/incidents, former_bots: [{bots}] }}\n"),
    );
    run.write(1);
    let ended = run.run("apply", "glpat-new-bot", &[]);
    (run, ended.code)
}

/// How many notes of the program's new user show the update.
fn summaries_of_new_bot(run: &Run) -> usize {
    let state = run.fake.lock();
    let told = |note: &&Note| note.author == 8 && note.project == 1 && note.body.contains("A proxy drops packets");
    state.notes.iter().filter(told).count()
}

#[test]
fn a_former_bot_by_id_keeps_its_objects_when_another_user_takes_its_name() {
    let (run, code) = with_former("7", Some("project_1_bot_0a1b"));
    assert_eq!(code, 0);
    assert_eq!(summaries_of_new_bot(&run), 1, "the forged note replaces nothing");
    let issues = run.fake.lock().issues.iter().filter(|issue| issue.project == 1).count();
    assert_eq!(issues, 1, "the old issue is the program's own");
}

#[test]
fn a_user_whose_name_is_the_id_of_a_former_bot_is_no_former_bot() {
    let (run, code) = with_former("7", Some("7"));
    assert_eq!(code, 0);
    assert_eq!(summaries_of_new_bot(&run), 1);
}

#[test]
fn a_former_bot_by_id_or_by_name_continues() {
    for bots in ["7", "\"7\"", "project_1_bot_0a1b", "4711, project_1_bot_0a1b"] {
        let (run, code) = with_former(bots, None);
        assert_eq!((code, summaries_of_new_bot(&run)), (0, 1), "{bots}");
    }
}

#[test]
fn the_doctor_and_check_warn_of_former_bots_by_name() {
    let run = Run::new();
    for (bots, warns) in [("7", false), ("7, project_1_bot_0a1b", true)] {
        let process = format!("extends: handbook\ngitlab: {{ project: support/incidents, former_bots: [{bots}] }}\n");
        run.put("process.yaml", &process);
        let doctor = run.run("doctor", TOKEN, &[]).text;
        assert!(doctor.contains("user `project_1_bot_0a1b`, id 7"), "{doctor}");
        assert_eq!(
            doctor.contains("former bots       `project_1_bot_0a1b`:"),
            warns,
            "{doctor}"
        );
        let check = run.run("check", "", &[]);
        assert_eq!(
            (check.code, check.text.contains("warning[INC012]")),
            (0, warns),
            "{}",
            check.text
        );
    }
}

#[test]
fn a_bot_with_a_persons_name_stops_the_effect_that_it_may_have_made() {
    let run = Run::with(with_user("release-helper", true));
    run.write(0);
    run.green(&[]);
    pastes_our_mark(&run, 6);
    run.write(1);
    let ended = run.run("remind", TOKEN, &[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(ended.text.contains("former_bots: [6]"), "{}", ended.text);
    assert_eq!(summaries(&run), 0);
}

#[test]
fn an_unknown_bot_stops_the_effect_that_it_may_have_made() {
    let run = Run::new();
    run.write(0);
    run.green(&[]);
    pastes_our_mark(&run, 8);
    run.write(1);
    let ended = run.run("remind", TOKEN, &[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(ended.text.contains("former_bots: ["), "{}", ended.text);
    assert_eq!(summaries(&run), 0);
}

#[test]
fn the_doctor_knows_a_persons_token_by_gitlabs_word() {
    let mut state = State::team();
    state.users.iter_mut().for_each(|user| user.bot = false);
    let run = Run::with(state);
    let ended = run.run("doctor", TOKEN, &[]);
    assert!(
        ended.text.contains("a person's, user `project_1_bot_0a1b`"),
        "{}",
        ended.text
    );
}
