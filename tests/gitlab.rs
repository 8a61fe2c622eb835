//! GitLab, through the real program and the real client, against a fake that is as unkind as the real one.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "tests run the program")]

mod common;
mod gitlab_server;
mod loopback;

#[path = "gitlab/life.rs"]
mod life;

#[path = "gitlab/endings.rs"]
mod endings;
#[path = "gitlab/people.rs"]
mod people;
#[path = "gitlab/pipelines.rs"]
mod pipelines;
#[path = "gitlab/project.rs"]
mod project;
#[path = "gitlab/troubles.rs"]
mod troubles;

use gitlab_server::*;
use life::*;

#[test]
fn a_whole_life_ends_in_the_state_that_the_record_says() {
    let run = Run::new();
    for stage in 0..STAGES {
        run.write(stage);
        run.green(&[]);
    }
    let state = run.fake.lock();
    assert_eq!(state.violations, Vec::<String>::new());
    assert_eq!(state.executed, Vec::<String>::new());
    insta::assert_snapshot!("life", state.world().join("\n"));
}

#[test]
fn a_second_run_with_nothing_changed_writes_nothing() {
    let run = Run::new();
    for stage in 0..STAGES {
        run.write(stage);
        run.green(&[]);
        let before = run.fake.lock().writes().len();
        let said = run.green(&[]);
        assert!(said.contains("Nothing is to do"), "{said}");
        assert_eq!(run.fake.lock().writes().len(), before);
    }
}

#[test]
fn the_requests_of_an_update_do_not_grow_with_the_project_or_the_issue() {
    let requests = |crowded: bool| {
        let run = Run::new();
        run.write(0);
        run.green(&[]);
        if crowded {
            let mut state = run.fake.lock();
            for number in 0..3000 {
                let id = state.id();
                state.issues.push(Issue {
                    id,
                    iid: 1000 + number,
                    project: 1,
                    title: format!("Older {number}"),
                    description: format!("<!-- incidentctl: incident/2025-01-01-older-{number} 0 -->"),
                    kind: "incident".into(),
                    author: BOT,
                    created: "2025-06-01T00:00:00Z".parse().expect("a time"),
                    ..Issue::default()
                });
            }
            // Fewer than a page since this program's last note; each further page costs one request more.
            for number in 0..90 {
                let note = Note {
                    id: state.id(),
                    project: 1,
                    on: "issues".into(),
                    iid: 1,
                    body: format!("a person's word {number}"),
                    author: 1,
                    created: state.now(),
                    ..Note::default()
                };
                state.notes.push(note);
            }
        }
        run.write(1);
        let before = run.fake.count();
        run.green(&[]);
        let state = run.fake.lock();
        let own = |line: &String| match line.split_once("/labels/") {
            Some((start, _)) => format!("{start}/labels/OURS"),
            None => line.clone(),
        };
        state.traffic.log[before..].iter().map(own).collect::<Vec<_>>()
    };
    let (quiet, crowded) = (requests(false), requests(true));
    assert_eq!(quiet, crowded);
    insta::assert_snapshot!("update_requests", quiet.join("\n"));
}

#[test]
fn a_plan_against_gitlab_shows_what_is_missing_there_and_writes_nothing() {
    let run = Run::new();
    run.write(0);
    run.green(&[]);
    run.write(1);
    let ended = run.run("plan", TOKEN, &["--to", "gitlab"]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    for words in [
        "Compared with GitLab",
        "edit",
        "+ create executive summary",
        "We know the cause",
    ] {
        assert!(ended.text.contains(words), "no {words:?} in {}", ended.text);
    }
    let writes = run.fake.lock().writes().len();
    run.green(&[]);
    assert!(run.fake.lock().writes().len() > writes);
    let ended = run.run("plan", TOKEN, &["--to", "gitlab"]);
    assert!(ended.text.contains("Nothing is to do"), "{}", ended.text);
}

#[test]
fn a_list_with_short_pages_is_read_to_its_end() {
    let mut state = State::team();
    state.page_limit = Some(1);
    for number in 0..5 {
        let id = state.id();
        state.issues.push(Issue {
            id,
            iid: 500 + number,
            project: 1,
            title: "Another".into(),
            author: BOT,
            kind: "issue".into(),
            created: state.now() - chrono::TimeDelta::minutes(5),
            ..Issue::default()
        });
    }
    let run = Run::with(state);
    run.write(0);
    run.green(&[]);
    run.write(1);
    run.green(&[]);
    let state = run.fake.lock();
    assert_eq!(
        state
            .issues
            .iter()
            .filter(|issue| issue.project == 1 && issue.kind == "incident")
            .count(),
        1
    );
}

#[test]
fn two_runs_at_once_end_as_one_run_does() {
    let alone = Run::new();
    let together = Run::new();
    for stage in 0..3 {
        alone.write(stage);
        alone.green(&[]);
        together.write(stage);
        let start = || together.command("apply", TOKEN, &[]).spawn().expect("it starts");
        let (one, other) = (start(), start());
        for child in [one, other] {
            let output = child.wait_with_output().expect("it ends");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(output.status.code(), Some(0), "{text}");
        }
        assert_eq!(together.fake.lock().world(), alone.fake.lock().world());
    }
}

#[test]
fn two_updates_of_the_same_minute_reach_the_customers_one_after_the_other() {
    let run = Run::new();
    run.write(0);
    run.green(&["--now", "2026-01-05T09:13:00Z"]);
    for (stamp, words) in [("0940", "First."), ("094026", "Second."), ("0941", "Third.")] {
        let path = format!("incidents/{ID}/updates/20260105T{stamp}Z-bob.yaml");
        run.put(
            &path,
            &format!("by: bob\ncurrent_status: {words}\ncustomer_message: {words}\n"),
        );
        let said = run.green(&["--now", "2026-01-05T09:42:00Z"]);
        assert!(!said.contains("HELD"), "{said}");
    }
    let state = run.fake.lock();
    let notes: Vec<_> = state.notes_on(2, 1).into_iter().map(|note| note.body.clone()).collect();
    assert_eq!(notes.len(), 3, "{notes:?}");
}

#[test]
fn an_older_server_gets_the_severity_by_graphql() {
    let mut state = State::team();
    state.rest_severity = false;
    let run = Run::with(state);
    run.write(0);
    run.green(&[]);
    assert_eq!(run.fake.lock().issues[0].severity, "CRITICAL");
    let writes = run.fake.lock().writes().len();
    run.green(&[]);
    assert_eq!(run.fake.lock().writes().len(), writes);
}

#[test]
fn an_upgrade_that_changes_templates_edits_no_posted_note_and_no_ticket() {
    let run = Run::new();
    run.write_to(1);
    run.green(&[]);
    let before = run.texts();
    run.put("templates/executive-summary.hbs", "### New look: {{title}}\n");
    run.put("templates/customer-ticket.hbs", "New: {{symptoms}}\n");
    run.put("templates/customer-update.hbs", "New: {{message}}\n");
    run.green(&[]);
    assert_eq!(run.texts(), before);
}

#[test]
fn a_correction_edits_the_summary_and_tells_customers_in_a_new_note() {
    let run = Run::new();
    run.write_to(1);
    run.green(&[]);
    run.correct(
        1,
        &[
            ("A proxy drops packets.", "A switch drops packets."),
            ("We know the cause.", "We found the cause."),
        ],
    );
    run.green(&[]);
    let state = run.fake.lock();
    let summaries = state.notes_on(1, 1);
    assert_eq!(summaries.len(), 2);
    assert!(
        summaries
            .iter()
            .any(|note| note.body.contains("A switch") && note.body.contains("Corrected"))
    );
    let told: Vec<&str> = state.notes_on(2, 1).iter().map(|note| note.body.as_str()).collect();
    assert_eq!(told.len(), 2);
    assert!(
        told.iter().any(|body| body.contains("We know the cause"))
            && told.iter().any(|body| body.contains("Correction"))
    );
}

#[test]
fn an_import_of_fifty_old_incidents_tells_nobody() {
    let run = Run::new();
    for number in 0..50 {
        let id = format!("2024-03-01-old-{number}");
        let text = step(0).text.replace("2026-01-05T09:12", "2024-03-01T09:12");
        run.put(&format!("incidents/{id}/incident.yaml"), &text);
        if number % 2 == 0 {
            run.put(
                &format!("incidents/{id}/updates/20240301T1000Z-erin.yaml"),
                "by: erin\nstatus: closed\noutcome: false_alarm\ncurrent_status: Closed.\n",
            );
        }
    }
    let said = run.green(&["--all"]);
    let state = run.fake.lock();
    assert_eq!(state.writes(), Vec::<&String>::new());
    assert_eq!(state.mails, Vec::<String>::new());
    assert!(said.contains("--send-stale incident/2024-03-01-old-1"), "{said}");
    drop(state);
    run.green(&["--send-stale", "incident/2024-03-01-old-2"]);
    let made: Vec<String> = run
        .fake
        .lock()
        .issues
        .iter()
        .map(|issue| issue.description.clone())
        .collect();
    assert!(made.len() == 1 && made[0].contains("2024-03-01-old-2"), "{made:?}");
    let ended = run.apply(&["--send-stale", "incident/2024-03-01-old-2/update/nothing"]);
    assert_eq!(ended.code, 2, "{}", ended.text);
}

#[test]
fn a_late_update_goes_to_the_issue_and_not_to_customers() {
    let run = Run::new();
    run.write(0);
    run.write(2);
    run.green(&[]);
    run.write(1);
    let said = run.green(&[]);
    assert!(
        said.contains("a later update was sent to this customer already"),
        "{said}"
    );
    let state = run.fake.lock();
    assert!(
        !state
            .notes_on(2, 1)
            .iter()
            .any(|note| note.body.contains("We know the cause"))
    );
    assert!(
        state
            .notes_on(1, 1)
            .iter()
            .any(|note| note.body.contains("A proxy drops packets"))
    );
}

#[test]
fn a_drill_makes_only_its_own_issue() {
    let run = Run::new();
    run.put(
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{}drill: true\n", step(0).text),
    );
    let said = run.green(&[]);
    let state = run.fake.lock();
    assert!(said.contains("a drill tells no customer"), "{said}");
    assert!(
        state
            .issues
            .iter()
            .all(|issue| issue.project == 1 && issue.labels.contains("drill"))
    );
}

#[test]
fn an_adopted_ticket_gets_notes_and_is_never_edited() {
    let run = Run::new();
    let url = {
        let mut state = run.fake.lock();
        let (id, created) = (state.id(), state.now());
        state.issues.push(Issue {
            id,
            iid: 9,
            project: 2,
            title: "Our pushes fail".into(),
            description: "please help".into(),
            author: 6,
            kind: "issue".into(),
            created,
            ..Issue::default()
        });
        format!("{}/customers/acme/-/issues/9", state.url)
    };
    run.put(
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{}tickets: {{ acme: {url} }}\n", step(0).text),
    );
    run.write(1);
    run.green(&[]);
    let state = run.fake.lock();
    assert_eq!(state.issues.iter().filter(|issue| issue.project == 2).count(), 1);
    assert_eq!(
        state.issue(2, 9).map(|issue| issue.description.as_str()),
        Some("please help")
    );
    assert!(
        state
            .notes_on(2, 9)
            .iter()
            .any(|note| note.body.contains("We know the cause"))
    );
}

/// A text as a YAML scalar in double quotes, every sign that is not plain as its number.
fn in_quotes(text: &str) -> String {
    let sign = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        c => format!("\\U{:08X}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(sign).collect::<String>())
}

#[test]
fn no_text_from_a_file_acts_in_gitlab_or_reaches_another_audience() {
    let internal = "INTERNALWORD";
    for (number, text) in hostile::HOSTILE.iter().enumerate() {
        let run = Run::new();
        let quoted = in_quotes(text);
        let both = in_quotes(&format!("{internal} {text}"));
        run.put(
            "people.yaml",
            &format!("alice: {{ name: {both}, gitlab: alice }}\nbob: {{ name: {both} }}\n"),
        );
        let declaration = format!(
            "title: {both}\nseverity: sev0\ndeclared_at: 2026-01-05T09:12:00Z\ndeclared_by: alice\ncustomers: [acme, globex]\n\
             impact: {{ headline: {quoted}, symptoms: {quoted}, workaround: {both} }}\nroles: {{ incident_manager: alice }}\n\
             links: {{ a_page: {both} }}\noverrides: [ {{ rule: INC201, reason: {both} }} ]\n"
        );
        let update = format!(
            "by: bob\nstatus: identified\nreason: {both}\ncurrent_status: {both}\ncurrent_actions: {both}\nnext_steps: {both}\n\
             customer_message: {quoted}\nlinks: {{ b_page: {both} }}\nsteps: {{ brief_analysts: {both} }}\ntimeline: [ {{ at: \"09:20\", what: {both} }} ]\nnext_update: 60m\n"
        );
        run.put(&format!("incidents/{ID}/incident.yaml"), &declaration);
        run.put(&format!("incidents/{ID}/updates/20260105T0940Z-bob.yaml"), &update);
        run.put(
            &format!("incidents/{ID}/updates/20260105T0950Z-bob.yaml"),
            &format!("by: bob\nhold_customers: {both}\nnext_update: 60m\n"),
        );
        let ended = run.apply(&[]);
        assert_eq!(ended.code, 0, "{number} {text:?}: {}", ended.text);
        let state = run.fake.lock();
        assert_eq!(state.executed, Vec::<String>::new(), "{text:?}");
        assert_eq!(state.violations, Vec::<String>::new(), "{text:?}");
        let own = format!("{}/", state.url);
        let texts = state.issues.iter().map(|issue| (issue.project, &issue.description));
        for (project, body) in texts.chain(state.notes.iter().map(|note| (note.project, &note.body))) {
            let acts = proof::acts_beyond(&body.replace("@company/executives", "them"), &[&own]);
            assert_eq!(acts, Vec::<String>::new(), "{text:?} in {body}");
            if project != 1 {
                assert!(!body.contains(internal), "{body}");
            }
            let others: &[&str] = match project {
                2 => &["Globex", "globex"],
                3 => &["Acme", "acme"],
                _ => &[],
            };
            assert!(!others.iter().any(|name| body.contains(name)), "{body}");
        }
        for issue in &state.issues {
            // A title is no Markdown, so that only what refers to something counts.
            let mut acts = proof::acts(&issue.title);
            acts.retain(|act| !act.starts_with("math: "));
            assert_eq!(acts, Vec::<String>::new(), "{:?}", issue.title);
            assert!(issue.project == 1 || !issue.title.contains(internal));
        }
    }
}

#[test]
fn the_issue_links_to_the_editor_for_a_new_update_and_keeps_the_link_in_a_run_outside_a_pipeline() {
    let run = Run::new();
    common::git(run.folder.path(), &["init", "-q"]);
    let remote = format!("{}/support/ledger.git", run.fake.url);
    common::git(run.folder.path(), &["remote", "add", "origin", &remote]);
    run.write(0);
    let mut it = run.command("apply", TOKEN, &[]);
    it.env("CI_PROJECT_PATH", "support/ledger")
        .env("CI_DEFAULT_BRANCH", "main");
    assert!(it.output().expect("it runs").status.success());
    let link = format!(
        "[Write an update without a terminal]({}/support/ledger/-/new/main?file_name=incidents/{ID}/updates/STAMP-YOU.yaml)",
        run.fake.url
    );
    let has = |run: &Run| run.fake.lock().issues[0].description.contains(&link);
    assert!(has(&run), "{}", run.fake.lock().issues[0].description);
    let said = run.green(&[]);
    assert!(said.contains("Nothing is to do"), "{said}");
    run.write(1);
    run.green(&[]);
    assert!(has(&run));
}
