//! What goes wrong for good: each gives one clear line with what to do, and the right exit code.

use super::gitlab_server::*;
use super::life::*;

fn declared() -> Run {
    let run = Run::new();
    run.write(0);
    run
}

fn says(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, code, "{}", ended.text);
    for word in words {
        assert!(ended.text.contains(word), "no {word:?} in {}", ended.text);
    }
    assert!(!ended.text.contains("glpat-"), "a token is printed: {}", ended.text);
}

#[test]
fn without_a_token_a_pipeline_says_which_variable_to_set() {
    let run = declared();
    says(
        &run.run("apply", "", &["--to", "gitlab"]),
        2,
        &["GITLAB_TOKEN", "scope `api`"],
    );
}

#[test]
fn a_read_only_token_is_refused_with_the_scope_it_lacks() {
    let run = declared();
    says(
        &run.run("apply", "glpat-read", &[]),
        3,
        &["insufficient_scope", "scope `api`"],
    );
}

#[test]
fn an_expired_token_and_a_wrong_one_say_so() {
    let run = declared();
    says(
        &run.run("apply", "glpat-expired", &[]),
        2,
        &["Token is expired", "GITLAB_TOKEN"],
    );
    says(
        &run.run("apply", "glpat-nonsense", &[]),
        2,
        &["does not accept the token"],
    );
}

#[test]
fn a_wrong_project_and_revoked_rights_say_so() {
    let run = declared();
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { project: support/nothing }\n",
    );
    says(&run.apply(&[]), 3, &["404 Project Not Found", "member"]);
    let run = declared();
    run.fake.lock().projects[0].members.remove(&BOT);
    says(&run.apply(&[]), 3, &["finds nothing there", "member"]);
}

#[test]
fn a_moved_project_is_not_followed_and_its_new_place_is_said() {
    let run = declared();
    run.fake.lock().projects[0].moved = Some("support/new-place".into());
    says(&run.apply(&[]), 3, &["has moved to", "new-place", "write its new path"]);
    assert!(run.fake.lock().writes().is_empty());
}

#[test]
fn a_server_that_is_down_says_so() {
    let run = declared();
    let mut command = run.command("apply", TOKEN, &[]);
    command.env("CI_API_V4_URL", "http://127.0.0.1:9/api/v4");
    let output = command.output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("cannot be reached"), "{text}");
}

#[test]
fn a_file_of_authorities_without_a_certificate_says_so() {
    let run = declared();
    run.put("authority.pem", "nothing of the kind\n");
    let mut command = run.command("apply", TOKEN, &[]);
    command.env("CI_SERVER_TLS_CA_FILE", run.folder.path().join("authority.pem"));
    let output = command.output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("CI_SERVER_TLS_CA_FILE names holds no certificate"),
        "{text}"
    );
}

#[test]
fn a_variable_cannot_send_the_token_elsewhere() {
    let run = declared();
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { url: \"https://gitlab.example.com\", project: support/incidents }\n",
    );
    says(&run.apply(&[]), 2, &["no token is sent"]);
    assert_eq!(run.fake.count(), 0);
}

#[test]
fn a_token_that_may_not_make_confidential_issues_leaves_no_public_text() {
    let mut state = State::team();
    state.projects[0].members.insert(BOT, GUEST);
    let run = Run::with(state);
    run.write(0);
    let ended = run.apply(&[]);
    says(&ended, 3, &["confidential", "Reporter or Planner"]);
    {
        let state = run.fake.lock();
        let issue = &state.issues[0];
        assert!(!issue.confidential);
        assert!(
            !issue.title.contains("pushes") && !issue.description.contains("pushes"),
            "{issue:?}"
        );
        assert_eq!(
            state.issues.len(),
            1,
            "no customer is told before the incident has its place"
        );
    }
    // When the right is there, the same issue is filled.
    run.fake.lock().projects[0].members.insert(BOT, REPORTER);
    run.green(&[]);
    let state = run.fake.lock();
    assert_eq!(state.issues.iter().filter(|issue| issue.project == 1).count(), 1);
    assert!(state.issues[0].confidential && state.issues[0].title.contains("pushes rejected"));
}

#[test]
fn a_planner_gets_a_plain_issue_and_is_told_which_right_is_missing() {
    let mut state = State::team();
    state.projects[0].members.insert(BOT, PLANNER);
    let run = Run::with(state);
    run.write(0);
    let said = run.green(&[]);
    assert!(
        said.contains("became a plain issue") && said.contains("Reporter"),
        "{said}"
    );
    let writes = run.fake.lock().writes().len();
    let said = run.green(&[]);
    assert_eq!(run.fake.lock().writes().len(), writes, "{said}");
}

#[test]
fn a_user_who_cannot_be_assigned_is_named_once_and_not_asked_for_again() {
    let run = Run::new();
    run.put(
        "people.yaml",
        "alice: { name: Alice, gitlab: nobody-of-this-name }\nbob: { name: Bob }\ncarol: { name: Carol }\n",
    );
    run.write(0);
    let said = run.green(&[]);
    assert!(said.contains("no user `nobody-of-this-name`"), "{said}");
    let writes = run.fake.lock().writes().len();
    run.green(&[]);
    assert_eq!(run.fake.lock().writes().len(), writes);
}

#[test]
fn an_unreadable_incident_holds_up_no_other() {
    let run = declared();
    run.put("incidents/2026-01-04-broken/incident.yaml", "title: [\n");
    let ended = run.apply(&[]);
    says(&ended, 1, &["SKIPPED", "2026-01-04-broken", "create   incident issue"]);
}

#[test]
fn a_customer_whose_project_is_gone_holds_up_no_other() {
    let run = declared();
    run.fake.lock().projects.retain(|project| project.id != 2);
    let ended = run.apply(&[]);
    says(
        &ended,
        3,
        &["FAILED   create incident/2026-01-05-pushes-rejected/customer/acme"],
    );
    assert_eq!(
        run.fake.lock().issues.iter().filter(|issue| issue.project == 3).count(),
        1
    );
}

#[test]
fn a_customer_without_a_project_is_told_by_nobody_and_that_is_said_each_time() {
    let run = declared();
    std::fs::remove_file(run.folder.path().join("customers.yaml")).expect("it goes");
    for _ in 0..2 {
        let ended = run.apply(&[]);
        says(
            &ended,
            3,
            &["nothing says where tickets of `acme` go", "tickets: { acme: URL }"],
        );
    }
    assert_eq!(run.fake.lock().violations, Vec::<String>::new());
}

#[test]
fn doctor_says_ok_or_what_to_do() {
    let run = Run::new();
    let ended = run.run("doctor", TOKEN, &[]);
    insta::with_settings!({filters => vec![(r"127\.0\.0\.1:\d+", "HOST"), (r"\d{2,} days|\d+ h[^ ]*|in \d+ days|\d+ s apart", "N"), (r"warning  clock .*", "clock")]}, {
        insta::assert_snapshot!("doctor", ended.text);
    });
    run.fake.lock().projects[0].members.insert(BOT, MAINTAINER);
    {
        let mut state = run.fake.lock();
        state.projects[0].variables[0].protected = false;
        state.projects[0].resource_groups.clear();
        state.projects[0].branches[0].protected = false;
        state.projects[2].members.remove(&BOT);
        state.tokens.get_mut(TOKEN).expect("the token").expires_at = Some("2026-01-20".into());
    }
    let ended = run.run("doctor", TOKEN, &[]);
    says(
        &ended,
        2,
        &[
            "GITLAB_TOKEN is not protected",
            "main is not protected",
            "comes with the first run",
            "globex: customers/globex",
            "in 15 days",
        ],
    );
    says(&run.run("doctor", "", &[]), 2, &["FAILED   token", "GITLAB_TOKEN"]);
    says(&run.run("doctor", "glpat-read", &[]), 2, &["FAILED   scopes"]);
    says(
        &run.run("doctor", "glpat-expired", &[]),
        2,
        &["FAILED   server", "Token is expired"],
    );
    assert_eq!(run.fake.lock().violations, Vec::<String>::new());
    assert!(run.fake.lock().writes().is_empty());
}

/// The lines of `doctor` about merging; with the ledger in this project.
fn about_merging(run: &Run, ledger: Option<&str>) -> Vec<String> {
    let mut command = run.command("doctor", TOKEN, &[]);
    if let Some(path) = ledger {
        command.env("CI_PROJECT_PATH", path);
    }
    let ended = Ended::of(&command.output().expect("it ends"));
    let lines = ended.text.lines().filter(|line| line.contains(" merging "));
    lines.map(str::to_owned).collect()
}

#[test]
fn doctor_warns_where_a_merge_request_may_be_merged_although_its_pipeline_failed() {
    let run = Run::new();
    let ok = ["ok       merging           support/incidents: pipelines must succeed"];
    assert_eq!(about_merging(&run, None), ok);
    assert_eq!(about_merging(&run, Some("support/incidents")), ok);
    run.fake.lock().projects[0].pipelines_must_succeed = false;
    for ledger in [None, Some("support/incidents")] {
        let lines = about_merging(&run, ledger);
        assert!(
            matches!(lines.as_slice(), [one] if one.starts_with("warning  merging") && one.contains("Pipelines must succeed")),
            "{lines:?}"
        );
    }
}

#[test]
fn doctor_asks_the_project_of_the_ledger_whether_pipelines_must_succeed() {
    let run = Run::new();
    // Another project than that of the issues: what counts is where merge requests are merged.
    run.fake.lock().projects[0].pipelines_must_succeed = false;
    let lines = about_merging(&run, Some("customers/acme"));
    assert_eq!(
        lines,
        ["ok       merging           customers/acme: pipelines must succeed"]
    );
    let unseen = about_merging(&run, Some("support/nothing"));
    assert!(
        matches!(unseen.as_slice(), [one] if one.starts_with("?        merging")),
        "{unseen:?}"
    );
}

#[test]
fn a_limit_that_names_no_time_or_too_long_a_one_ends_red_and_says_so() {
    let mut state = State::team();
    state.limited = Some("3600".to_owned());
    let run = Run::with(state);
    run.write(0);
    let ended = run.apply(&[]);
    says(&ended, 3, &["3600 s", "run again later"]);
    run.fake.lock().limited = None;
    run.green(&[]);
    assert_eq!(run.fake.lock().issues.len(), 3);
}

#[test]
fn a_limit_longer_than_the_lock_is_waited_for_and_the_lock_kept() {
    let mut state = State::team();
    // The limit is met once, at the first note, for longer than the lock holds by itself.
    state.limited_once = Some(("POST", "/notes", "4"));
    let run = Run::with(state);
    run.write(0);
    let said = run.green(&[]);
    assert!(said.contains("of them waiting"), "{said}");
    let state = run.fake.lock();
    assert!(
        state
            .traffic
            .log
            .iter()
            .any(|line| line.starts_with("PUT") && line.contains("/labels/")),
        "the lock is renewed"
    );
    assert_eq!(state.notes_on(1, 1).len(), 1);
}
