//! Questions on a terminal, answered through a pseudo-terminal.

use std::time::Duration;

use rexpect::session::{PtySession, spawn_command};

use super::*;

const WAIT: u64 = 10_000;

fn open(root: &Path, arguments: &[&str]) -> PtySession {
    let mut it = program(root, NOW);
    it.args(arguments).env("TERM", "xterm-256color").env("EDITOR", "true");
    spawn_command(it, Some(WAIT)).expect("a terminal")
}

/// Waits for words and answers with keys.
fn answer(session: &mut PtySession, question: &str, keys: &str) {
    session.exp_string(question).expect(question);
    // The question is drawn before keys are read.
    std::thread::sleep(Duration::from_millis(120));
    session.send(keys).and_then(|_| session.flush()).expect("it takes keys");
}

const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";

#[test]
fn a_declaration_with_answers_typed_in_a_terminal_is_a_valid_sev0() {
    let folder = ledger();
    let mut session = open(folder.path(), &["declare"]);
    answer(&mut session, "What happened?", &format!("Pushes rejected{ENTER}"));
    answer(&mut session, "How bad is it?", ENTER);
    answer(&mut session, "Who is affected?", &format!(" {DOWN} {ENTER}"));
    answer(
        &mut session,
        "How badly is service degraded?",
        &format!("{DOWN}{ENTER}"),
    );
    answer(
        &mut session,
        "What do customers see?",
        &format!("git push fails{ENTER}"),
    );
    answer(&mut session, "Incident Manager?", &format!("{DOWN}{ENTER}"));
    answer(&mut session, "Incident Coordinator?", &format!("{DOWN}{DOWN}{ENTER}"));
    answer(&mut session, "Incident Analyst/Group?", &format!("carol {ENTER}"));
    answer(&mut session, "Executive Sponsor?", ENTER);
    answer(&mut session, "Who are you?", ENTER);
    answer(&mut session, "Write it?", &format!("y{ENTER}"));
    session.exp_string("wrote").expect("it is written");
    session.exp_eof().expect("it ends");
    let all = record(folder.path());
    let (path, text) = all.iter().next().expect("a file");
    assert!(path.ends_with(format!("{ID}/incident.yaml")), "{}", path.display());
    for words in [
        "severity: sev0",
        "- acme\n- globex",
        "degradation: total",
        "symptoms: git push fails",
        "incident_manager: alice",
        "incident_coordinator: bob",
        "carol",
        "declared_by: alice",
    ] {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    green(folder.path(), NOW, &["check"]);
}

#[test]
fn an_escape_breaks_off_and_writes_nothing() {
    let folder = ledger();
    let mut session = open(folder.path(), &["declare", "Pushes rejected"]);
    answer(&mut session, "How bad is it?", "\x1b");
    session.exp_string("nothing was written").expect("it says so");
    session.exp_eof().expect("it ends");
    assert!(record(folder.path()).is_empty());
}
