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
    let mut signed_in = state.projects[3].clone();
    (signed_in.id, signed_in.path, signed_in.internal) = (7, "inner/help".into(), true);
    state.projects.push(signed_in);
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
fn a_customers_words_do_not_go_to_an_issue_that_everybody_with_an_account_may_read() {
    let run = Run::with(with_issues(&[(7, 9)]));
    adopts(&run, "inner/help/-/issues/9");
    refused(&run, 7, 9, "inner/help is internal");
}

#[test]
fn a_ticket_that_only_members_may_read_is_told_in_an_open_project() {
    for (project, path) in [(7, "inner/help"), (9, "open/help")] {
        for confidential in [true, false] {
            let run = Run::with(with_issues(&[(project, 9)]));
            {
                let mut state = run.fake.lock();
                state.issue_mut(project, 9).expect("the issue").confidential = confidential;
                let found = state.projects.iter_mut().find(|one| one.id == project);
                found.expect("the project").issues_for_members = !confidential;
            }
            adopts(&run, &format!("{path}/-/issues/9"));
            run.green(&[]);
            assert_eq!(told(&run, project, 9), 1, "{path}");
        }
    }
}

#[test]
fn a_project_of_both_customers_is_each_ones_own_by_its_path_and_by_its_number() {
    for (own, is_told) in [("3", true), ("2", false)] {
        let run = Run::with(with_issues(&[(3, 9)]));
        run.put(
            "customers.yaml",
            &format!("acme: {{ tickets: \"{own}\" }}\nglobex: {{ tickets: customers/globex }}\n"),
        );
        adopts(&run, "customers/globex/-/issues/9");
        if is_told {
            run.green(&[]);
            assert_eq!(told(&run, 3, 9), 1);
        } else {
            refused(&run, 3, 9, "is in the ticket project of globex");
        }
    }
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

/// Checks in a pipeline of the incident project, with a process.yaml that names no project.
fn check_by_pipeline(path: &str) -> Ended {
    let run = Run::new();
    run.put("process.yaml", "extends: handbook\n");
    adopts(&run, path);
    let mut command = run.command("check", "", &["--base", "HEAD"]);
    command.env("CI_PROJECT_PATH", "support/incidents");
    git(run.folder.path(), &["init", "-q"]);
    git(run.folder.path(), &["commit", "-q", "--allow-empty", "-m", "Start"]);
    Ended::of(&command.output().expect("it runs"))
}

#[test]
fn a_check_knows_the_incident_project_by_the_pipeline_alone() {
    for path in ["support/incidents/-/issues/9", "Support/Incidents/-/work_items/9"] {
        let ended = check_by_pipeline(path);
        assert_eq!(ended.code, 1, "{path}: {}", ended.text);
        assert!(
            ended.text.contains("the project of the incident issues"),
            "{path}: {}",
            ended.text
        );
    }
    let ended = check_by_pipeline("customers/acme/-/issues/9");
    assert!(!ended.text.contains("INC508"), "{}", ended.text);
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

/// A repository whose merged declaration adopts another customer's ticket.
fn merged() -> Run {
    let run = Run::new();
    git(run.folder.path(), &["init", "-q"]);
    adopts(&run, "customers/globex/-/issues/9");
    git(run.folder.path(), &["add", "-A"]);
    git(run.folder.path(), &["commit", "-q", "-m", "declare"]);
    run
}

#[test]
fn a_merged_ticket_of_another_customer_stops_no_update_and_no_correction() {
    let run = merged();
    run.write(2);
    let file = run.folder.path().join(format!("incidents/{ID}/incident.yaml"));
    let text = std::fs::read_to_string(&file).expect("it is there");
    std::fs::write(&file, text.replace("git push fails", "git push is slow")).expect("it is written");
    let ended = run.run("check", "", &["--base", "HEAD"]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert!(ended.text.contains("warning[INC508]"), "{}", ended.text);
}

#[test]
fn a_new_ticket_of_another_customer_stops_the_change_that_adds_it_and_a_later_one_settles_it() {
    let run = merged();
    let url = |path: &str| format!("tickets: {{ acme: \"{}/{path}/-/issues/9\" }}\n", run.fake.url);
    let second = format!("incidents/{ID}/updates/20260105T1000Z-bob.yaml");
    run.put(&second, &format!("by: bob\n{}", url("customers/initech")));
    let ended = run.run("check", "", &["--base", "HEAD"]);
    assert_eq!(ended.code, 1, "{}", ended.text);
    assert!(ended.text.contains("error[INC508]"), "{}", ended.text);
    assert_eq!(run.run("check", "", &[]).code, 1, "nothing says that it is merged");
    run.put(&second, &format!("by: bob\n{}", url("customers/acme")));
    for more in [&["--base", "HEAD"][..], &[]] {
        let ended = run.run("check", "", more);
        assert!(!ended.text.contains("INC508"), "{}", ended.text);
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
    let ended = run.run("plan", TOKEN, &["--to", "gitlab", "--format", "markdown"]);
    assert!(ended.text.contains("is public"), "{}", ended.text);
}

#[test]
fn the_plan_and_the_note_show_an_adopted_ticket_for_which_there_are_no_words() {
    let run = Run::with(with_issues(&[(9, 9)]));
    run.fake.lock().merge_requests.push(MergeRequest {
        iid: 5,
        project: 1,
        state: "opened".into(),
        author: 2,
        ..MergeRequest::default()
    });
    let folder = run.folder.path();
    git(folder, &["init", "-q"]);
    run.write(0);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "a ledger"]);
    let url = format!("{}/open/help/-/issues/9", run.fake.url);
    run.put(
        &format!("incidents/{ID}/updates/20260105T0930Z-bob.yaml"),
        &format!("by: bob\ntickets: {{ acme: \"{url}\" }}\n"),
    );
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "adopt"]);
    let range = ["--base", "HEAD~1", "--head", "HEAD"];
    let ended = run.run("plan", "", &range);
    assert!(
        ended.text.contains(&format!("the ticket of acme is {url}")),
        "{}",
        ended.text
    );
    let mut command = run.command("plan", TOKEN, &[&range[..], &["--comment"]].concat());
    command
        .env("CI_MERGE_REQUEST_IID", "5")
        .env("CI_MERGE_REQUEST_PROJECT_PATH", "support/incidents");
    assert!(command.output().expect("it runs").status.success());
    let state = run.fake.lock();
    let note = state.notes.iter().find(|note| note.on == "merge_requests");
    let note = &note.expect("the note").body;
    assert!(note.contains("the ticket of acme is"), "{note}");
    assert!(note.contains("open/help"), "{note}");
    assert!(note.contains("**Not sent**") && note.contains("is public"), "{note}");
    assert_eq!(state.executed, Vec::<String>::new());
}

#[test]
fn one_ticket_of_two_customers_is_an_error_and_each_ones_own_is_not() {
    for (numbers, found) in [((7, 7), true), ((7, 8), false)] {
        let run = Run::new();
        let url = |number| format!("{}/x/y/-/issues/{number}", run.fake.url);
        let (acme, globex) = (url(numbers.0), url(numbers.1).replace("/issues/", "/work_items/"));
        run.put(
            &format!("incidents/{ID}/incident.yaml"),
            &format!(
                "{}tickets: {{ acme: \"{acme}\", globex: \"{globex}\" }}\n",
                step(0).text
            ),
        );
        let ended = run.run("check", "", &[]);
        assert_eq!(
            ended.text.contains("is the ticket of `globex` as well"),
            found,
            "{}",
            ended.text
        );
    }
}

#[test]
fn words_go_to_no_ticket_that_was_made_for_another_customer_of_a_shared_project() {
    let run = Run::new();
    run.put(
        "customers.yaml",
        "acme: { tickets: customers/acme }\nglobex: { tickets: customers/acme }\ninitech: { tickets: customers/initech }\n",
    );
    run.write(0);
    run.green(&[]);
    let globex = {
        let state = run.fake.lock();
        let own = |issue: &&Issue| issue.project == 2 && issue.description.contains(&mark_of("globex"));
        state.issues.iter().find(own).expect("globex's ticket").iid
    };
    let url = format!("{}/customers/acme/-/issues/{globex}", run.fake.url);
    run.put(
        &format!("incidents/{ID}/updates/20260105T0930Z-bob.yaml"),
        &format!("by: bob\ntickets: {{ acme: \"{url}\" }}\n"),
    );
    run.write(1);
    let ended = run.apply(&[]);
    assert_eq!(ended.code, 3, "{}", ended.text);
    assert!(
        ended.text.contains("was made for somebody else than acme"),
        "{}",
        ended.text
    );
    assert_eq!(told(&run, 2, globex), 1, "globex is told, once");
}

/// The identity in the mark of a customer's ticket.
fn mark_of(customer: &str) -> String {
    let key = format!("incident/{ID}/customer/{customer}");
    incidentctl::effects::hash_texts(&[&key])
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
