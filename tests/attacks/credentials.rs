//! A credential in a text is not shown and not sent; the other words are.

use super::both::*;
use super::common::{files, git, incidentctl, text};
use super::gitlab_server::*;
use super::life::*;
use super::project::*;

/// The secret part of the token in the texts.
const SECRET: &str = "abcdefghijklmnopqrst";

/// A declaration and an update with these words in every text.
fn entries(words: &str) -> [(String, String); 2] {
    let declaration = format!(
        "title: Title {words} end\nseverity: sev0\ndeclared_at: 2026-01-05T09:12:00Z\ndeclared_by: alice\ncustomers: [acme, \
         globex]\nimpact:\n  headline: Headline {words} end\n  symptoms: Symptoms {words} end\nroles:\n  incident_manager: \
         alice\n  incident_coordinator: bob\n  incident_analysts: [carol]\nlinks:\n  \"Link {words} end\": \
         https://example.com/?token={words}\ntimeline:\n  - {{ at: 09:10, what: Timeline {words} end }}\nsteps: {{ \
         brief_analysts: Evidence {words} end }}\nnext_steps: Next {words} end\n"
    );
    let update = format!(
        "by: bob\nstatus: identified\ncurrent_status: Status {words} end\ncurrent_actions: Actions {words} end\nnext_update: \
         60m\ncustomer_message: Message {words} end\nreason: Reason {words} end\nhold_customers: null\nslack_channel: \
         https://team.slack.com/x?{words}\n"
    );
    [
        (format!("incidents/{ID}/incident.yaml"), declaration),
        (format!("incidents/{ID}/updates/20260105T0940Z-bob.yaml"), update),
    ]
}

/// A life of two runs with these words in every text; what the runs print.
fn live(words: &str, more: &str) -> (Both, String) {
    let both = Both::new();
    let mut said = String::new();
    for ((path, entry), now) in entries(words).into_iter().zip(NOWS) {
        both.run.put(&path, &format!("{entry}{more}"));
        let ended = both.at("apply", now, &[]);
        // The words are sent in any case; a masked credential makes the run red.
        let code = i32::from(ended.text.contains("MASKED"));
        assert_eq!(ended.code, code, "{}", ended.text);
        said += &ended.text;
    }
    (both, said)
}

/// Everything in GitLab and Slack that somebody reads.
pub(super) fn sent(both: &Both) -> String {
    let mut all = String::new();
    let gitlab = both.run.fake.lock();
    for issue in &gitlab.issues {
        all += &format!("{}\n{}\n", issue.title, issue.description);
    }
    gitlab.notes.iter().for_each(|note| all += &note.body);
    let slack = both.slack.lock();
    for room in &slack.rooms {
        all += &format!("{} {:?} {:?}\n", room.name, room.topic, room.purpose);
        let said = room.messages.iter();
        said.for_each(|said| all += &format!("{} {} {}\n", said.text, said.blocks, said.metadata));
    }
    let later = slack.scheduled.iter();
    later.for_each(|later| all += &format!("{} {}\n", later.text, later.blocks));
    all
}

/// What the commands print that show an incident.
pub(super) fn shown(both: &Both) -> String {
    let folder = both.run.folder.path();
    let mut all = String::new();
    for arguments in [
        "plan -v",
        "plan --format json",
        "plan --format markdown",
        "show ID",
        "show ID --json",
        "list",
        "list --json",
        "summary ID",
        "summary ID --copy",
        "summary ID --template issue",
        "summary ID --template review",
        "summary ID --template customer",
        "report",
        "report --format json",
        "report --format csv",
        "check",
        "check --format json",
        "apply --to outbox:outbox -v",
    ] {
        let arguments: Vec<&str> = arguments
            .split(' ')
            .map(|word| if word == "ID" { ID } else { word })
            .collect();
        let output = incidentctl(folder, &arguments).args(["--now", NOW]).output();
        all += &text(&output.expect("it runs"));
    }
    for (path, bytes) in files(&folder.join("outbox")) {
        all += &format!("{path}\n{}\n", String::from_utf8_lossy(&bytes));
    }
    all
}

#[test]
fn no_object_and_no_output_shows_a_credential_of_any_text() {
    let (both, said) = live(&format!("glpat-{SECRET}"), "");
    assert!(said.contains("MASKED") && said.contains("INC601"), "{said}");
    let (sent, shown) = (sent(&both), shown(&both));
    for text in [&said, &sent, &shown] {
        assert!(!text.contains(SECRET), "{}", line_with(text, SECRET));
    }
    for word in [
        "Title", "Headline", "Symptoms", "Message", "Status", "Actions", "Timeline",
    ] {
        for text in [&sent, &shown] {
            let is_masked = ["*", "\\*"].iter().any(|star| text.contains(&format!("{word} {star}")));
            assert!(is_masked, "the other words of {word} stay: {text}");
        }
    }
}

/// The first line of a text that contains a word.
pub(super) fn line_with(text: &str, word: &str) -> String {
    text.lines()
        .find(|line| line.contains(word))
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn twin_an_override_with_a_reason_sends_the_words_as_they_are_written() {
    let words = format!("glpat-{SECRET}");
    let more = "overrides: [{ rule: INC601, reason: an example from the manual }]\n";
    let (both, said) = live(&words, more);
    assert!(!said.contains("MASKED"), "{said}");
    let sent = sent(&both);
    for word in ["Title", "Headline", "Symptoms", "Message", "Status"] {
        assert!(sent.contains(&format!("{word} {words} end")), "{word}: {sent}");
    }
}

#[test]
fn twin_words_that_only_mention_a_prefix_are_sent_as_they_are_written() {
    let (both, said) = live("eyJ glpat-short", "");
    assert!(!said.contains("MASKED"), "{said}");
    assert!(sent(&both).contains("Message eyJ glpat-short end"));
}

#[test]
fn the_note_on_a_merge_request_shows_no_credential_and_the_check_is_red() {
    let (run, _origin) = project(State::team());
    let [(path, declaration), _] = entries(&format!("glpat-{SECRET}"));
    run.put(&path, &declaration);
    commit(run.folder.path(), "declare with a credential");
    let ended = on_merge_request(&run, TOKEN, &["plan", "--comment"]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    let state = run.fake.lock();
    let note = state
        .notes
        .iter()
        .find(|note| note.on == "merge_requests")
        .expect("a note");
    assert!(
        note.body.contains("INC601") && note.body.contains("Symptoms"),
        "{}",
        note.body
    );
    assert!(
        !note.body.contains(SECRET) && !ended.text.contains(SECRET),
        "{}",
        note.body
    );
    drop(state);
    let ended = on_merge_request(&run, TOKEN, &["check"]);
    assert!(ended.code == 1 && !ended.text.contains(SECRET), "{}", ended.text);
    let base = git(run.folder.path(), &["rev-parse", "main"]);
    for format in ["human", "json", "markdown"] {
        let ended = on_merge_request(&run, "", &["plan", "--base", &base, "--format", format]);
        assert!(
            ended.text.contains("Symptoms") && !ended.text.contains(SECRET),
            "{}",
            ended.text
        );
    }
}
