//! An adopted ticket is shown, and reaches only its own customer.

use super::common::git;
use super::gitlab_server::*;
use super::life::*;

/// A GitLab with these issues of a person: project and number.
fn with_issues(places: &[(u64, u64)]) -> State {
    let mut state = State::team();
    let mut open = state.projects[3].clone();
    (open.id, open.path, open.public) = (9, "open/help".into(), true);
    state.projects.push(open);
    let mut apart = state.projects[3].clone();
    (apart.id, apart.path) = (8, "partners/acme".into());
    state.projects.push(apart);
    for (project, iid) in places {
        let (id, created) = (state.id(), state.now());
        state.issues.push(Issue {
            id,
            iid: *iid,
            project: *project,
            title: "Our pushes fail".into(),
            description: "please help".into(),
            author: 6,
            kind: "issue".into(),
            created,
            ..Issue::default()
        });
    }
    state
}

/// Declares the incident with an adopted ticket of acme, and says words to both customers.
fn adopts(run: &Run, path: &str) -> String {
    let url = format!("{}/{path}", run.fake.url);
    run.put(
        &format!("incidents/{ID}/incident.yaml"),
        &format!("{}tickets: {{ acme: \"{url}\" }}\n", step(0).text),
    );
    run.write(1);
    url
}

fn told(run: &Run, project: u64, iid: u64) -> usize {
    let state = run.fake.lock();
    let notes = state.notes_on(project, iid);
    notes
        .iter()
        .filter(|note| note.body.contains("We know the cause"))
        .count()
}

/// Applies; acme is not told, for this reason, and globex is.
fn refused(run: &Run, project: u64, iid: u64, words: &str) {
    for _ in 0..2 {
        let ended = run.apply(&[]);
        assert_eq!(ended.code, 3, "{}", ended.text);
        let failed = ended.text.lines().find(|line| line.starts_with("FAILED"));
        let failed = failed.unwrap_or(&ended.text);
        assert!(failed.contains("customer/acme") && failed.contains(words), "{failed}");
        let state = run.fake.lock();
        let own = state.notes_on(project, iid);
        let ours = own
            .iter()
            .filter(|note| note.author == BOT && note.body.contains("You will hear"));
        assert_eq!(ours.count(), usize::from(project == 3 && iid == 1), "{own:?}");
        assert_eq!(state.violations, Vec::<String>::new());
        let globex = state
            .issues
            .iter()
            .find(|issue| issue.project == 3 && issue.author == BOT);
        let iid = globex.expect("globex's ticket").iid;
        drop(state);
        assert_eq!(told(run, 3, iid), 1, "globex is told");
    }
}

#[test]
fn a_customers_words_do_not_go_to_a_ticket_in_another_customers_project() {
    let run = Run::with(with_issues(&[(3, 9)]));
    adopts(&run, "customers/globex/-/issues/9");
    refused(&run, 3, 9, "is in the ticket project of globex");
}

#[test]
fn a_project_is_another_customers_in_whatever_case_or_by_its_number() {
    for (tickets, path) in [
        ("customers/globex", "Customers/Globex/-/issues/9"),
        ("\"3\"", "customers/globex/-/issues/9"),
    ] {
        let run = Run::with(with_issues(&[(3, 9)]));
        run.put(
            "customers.yaml",
            &format!("acme: {{ tickets: customers/acme }}\nglobex: {{ tickets: {tickets} }}\n"),
        );
        adopts(&run, path);
        refused(&run, 3, 9, "is in the ticket project of globex");
    }
}

#[test]
fn a_customers_words_do_not_go_to_an_issue_of_the_incident_project() {
    let run = Run::with(with_issues(&[(1, 9)]));
    adopts(&run, "support/incidents/-/issues/9");
    refused(&run, 1, 9, "is in the project of the incident issues");
}

#[test]
fn a_customers_words_do_not_go_to_an_issue_that_everybody_may_read() {
    let run = Run::with(with_issues(&[(9, 9)]));
    adopts(&run, "open/help/-/issues/9");
    run.write(2);
    let ended = run.apply(&[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    let failed = ended.text.lines().filter(|line| line.starts_with("FAILED"));
    assert_eq!(failed.count(), 3, "{}", ended.text);
    assert!(ended.text.contains("open/help is public"), "{}", ended.text);
    assert!(run.fake.lock().notes_on(9, 9).is_empty());
    let state = run.fake.lock();
    let asked = state
        .traffic
        .log
        .iter()
        .filter(|line| line.starts_with("GET /api/v4/projects/open%2Fhelp"));
    assert_eq!(asked.count(), 2, "the project and the issue are asked for once");
}

#[test]
fn an_address_that_could_lead_elsewhere_gets_no_word() {
    for path in [
        "customers/acme/../globex/-/issues/9",
        "customers%2fglobex/-/issues/9",
        "customers/acme/-/issues/9?show=eyJpaWQiOiI0In0",
        "customers/acme/-/issues/9x",
        "customers/acme/-/merge_requests/9",
    ] {
        let run = Run::with(with_issues(&[(2, 9), (3, 9)]));
        adopts(&run, path);
        let ended = run.apply(&[]);
        assert_eq!(ended.code, 3, "{path}: {}", ended.text);
        assert!(ended.text.contains("is not an issue of"), "{}", ended.text);
        assert_eq!((told(&run, 2, 9), told(&run, 3, 9)), (0, 0), "{path}");
    }
}

#[test]
fn a_ticket_of_the_customer_or_of_a_project_that_nobody_names_is_told() {
    for (project, path) in [
        (2, "customers/acme/-/issues/9"),
        (2, "customers/acme/-/work_items/9"),
        (2, "customers/acme/-/issues/9#note_4"),
        (8, "partners/acme/-/issues/9"),
    ] {
        let run = Run::with(with_issues(&[(project, 9)]));
        adopts(&run, path);
        run.green(&[]);
        assert_eq!(told(&run, project, 9), 1, "{path}");
    }
}

#[test]
fn a_confidential_ticket_of_a_public_project_is_told() {
    let run = Run::with(with_issues(&[(9, 9)]));
    run.fake.lock().issue_mut(9, 9).expect("the issue").confidential = true;
    adopts(&run, "open/help/-/issues/9");
    run.green(&[]);
    assert_eq!(told(&run, 9, 9), 1);
}

#[test]
fn a_ticket_in_a_project_of_both_customers_is_told() {
    let run = Run::with(with_issues(&[(3, 9)]));
    run.put(
        "customers.yaml",
        "acme: { tickets: customers/globex }\nglobex: { tickets: customers/globex }\n",
    );
    adopts(&run, "customers/globex/-/issues/9");
    run.green(&[]);
    assert_eq!(told(&run, 3, 9), 1);
}

#[test]
fn a_check_finds_an_adopted_ticket_that_is_another_customers_or_no_issue() {
    for path in [
        "customers/globex/-/issues/9",
        "Customers/Globex/-/work_items/9",
        "support/incidents/-/issues/9",
        "customers/acme/../globex/-/issues/9",
        "customers/acme",
    ] {
        let run = Run::new();
        adopts(&run, path);
        let ended = run.run("check", "", &[]);
        assert_eq!(ended.code, 1, "{path}: {}", ended.text);
        assert!(ended.text.contains("INC508"), "{path}: {}", ended.text);
    }
}

#[test]
fn a_check_takes_an_adopted_ticket_of_the_customer() {
    for path in [
        "customers/acme/-/issues/9",
        "customers/acme/-/issues/incident/9",
        "partners/acme/-/work_items/9#note_1",
    ] {
        let run = Run::new();
        adopts(&run, path);
        let ended = run.run("check", "", &[]);
        assert!(!ended.text.contains("INC508"), "{path}: {}", ended.text);
    }
}

#[test]
fn the_plan_shows_the_address_of_an_adopted_ticket() {
    let run = Run::with(with_issues(&[(9, 9)]));
    let url = adopts(&run, "open/help/-/issues/9");
    let ended = run.run("plan", "", &[]);
    assert!(
        ended.text.contains(&format!("in the customer's ticket {url}")),
        "{}",
        ended.text
    );
    let ended = run.run("plan", TOKEN, &["--to", "gitlab"]);
    assert!(ended.text.contains("open/help is public"), "{}", ended.text);
}

#[test]
fn the_note_on_a_merge_request_shows_the_address_and_who_may_read_it() {
    for (path, public) in [("open/help/-/issues/9", true), ("partners/acme/-/issues/9", false)] {
        let run = Run::with(with_issues(&[(8, 9), (9, 9)]));
        run.fake.lock().merge_requests.push(MergeRequest {
            iid: 5,
            project: 1,
            state: "opened".into(),
            author: 2,
            ..MergeRequest::default()
        });
        let folder = run.folder.path();
        git(folder, &["init", "-q"]);
        run.put("incidents/.gitkeep", "");
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-q", "-m", "a ledger"]);
        adopts(&run, path);
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-q", "-m", "declare"]);
        let mut command = run.command("plan", TOKEN, &["--base", "HEAD~1", "--head", "HEAD", "--comment"]);
        command
            .env("CI_MERGE_REQUEST_IID", "5")
            .env("CI_MERGE_REQUEST_PROJECT_PATH", "support/incidents");
        let output = command.output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let state = run.fake.lock();
        let note = state.notes.iter().find(|note| note.on == "merge_requests");
        assert!(note.is_some(), "{text}");
        let note = &note.expect("the note").body;
        let preview = note.lines().find(|line| line.contains("<summary>customer note: acme"));
        let short = path.replace("/-/issues/9", "");
        assert!(preview.is_some_and(|line| line.contains(&short)), "{note}");
        assert_eq!(note.contains("**Not sent**"), public, "{note}");
        assert_eq!(state.executed, Vec::<String>::new());
        assert_eq!(state.violations, Vec::<String>::new());
    }
}

#[test]
fn the_doctor_names_adopted_tickets_that_everybody_may_read() {
    for (path, public) in [("open/help/-/issues/9", true), ("partners/acme/-/issues/9", false)] {
        let run = Run::with(with_issues(&[(8, 9), (9, 9)]));
        adopts(&run, path);
        let ended = run.run("doctor", TOKEN, &[]);
        let line = ended
            .text
            .lines()
            .find(|line| line.starts_with("FAILED   adopted ticket"));
        assert_eq!(line.is_some(), public, "{}", ended.text);
        assert!(
            line.is_none_or(|line| line.contains(ID) && line.contains("is public")),
            "{line:?}"
        );
    }
    // An incident that is over gets no more words.
    let run = Run::with(with_issues(&[(9, 9)]));
    adopts(&run, "open/help/-/issues/9");
    run.write(4);
    let ended = run.run("doctor", TOKEN, &[]);
    assert!(!ended.text.contains("adopted ticket"), "{}", ended.text);
}
