//! A credential is found and masked wherever a file of the ledger can hold one: in names, addresses, quoted texts, file names,
//! settings and templates.

use std::path::Path;

use super::both::*;
use super::common::{git, lives, run, write};
use super::credentials::{line_with, sent, shown};
use super::life::*;

/// The secret part of the tokens.
const SECRET: &str = "abcdefghijklmnopqrst";
const TOKEN: &str = "glpat-abcdefghijklmnopqrst";
/// The override of the rule.
const OVERRIDE: &str = "overrides: [{ rule: INC601, reason: an example from the manual }]\n";

/// A ledger with an incident of two files, in which these words of the files are replaced.
fn ledger(words: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    lives::copy_start(LIFE, folder.path());
    for stage in [0, 1] {
        let mut step = step(stage);
        for (from, to) in words {
            step.text = step.text.replace(from, to);
        }
        write(folder.path(), &step.path, &step.text);
    }
    folder
}

/// Every output of the commands that show an incident or its findings.
fn outputs(root: &Path, id: &str) -> String {
    let mut all = String::new();
    for arguments in [
        "check",
        "check --format json",
        "check --format junit",
        "check --format codequality",
        "plan -v",
        "plan --format json",
        "plan --to outbox:outbox",
        "apply --to outbox:outbox -v",
        "show ID",
        "show ID --json",
        "list",
        "list --json",
        "report",
        "summary ID",
        "summary ID --template issue",
        "summary ID --template customer",
    ] {
        let arguments: Vec<&str> = arguments
            .split(' ')
            .map(|word| if word == "ID" { id } else { word })
            .collect();
        let more = ["--now", NOW];
        all += &run(root, &[arguments.as_slice(), &more].concat()).1;
    }
    for (path, bytes) in super::common::files(&root.join("outbox")) {
        all += &format!("{path}\n{}\n", String::from_utf8_lossy(&bytes));
    }
    all
}

/// Every output names the rule and shows no part of the secret.
fn is_hidden(root: &Path, id: &str, what: &str) {
    let all = outputs(root, id);
    assert!(all.contains("INC601"), "{what}: {all}");
    assert!(!all.contains(SECRET), "{what}: {}", line_with(&all, SECRET));
}

#[test]
fn no_name_in_a_file_of_the_record_shows_a_credential() {
    let both = Both::new();
    let names = format!(
        "roles: {{ incident_manager: alice, incident_coordinator: p1-{TOKEN}, r-{TOKEN}: {{ add: [p2-{TOKEN}], remove: [p3-{TOKEN}] }} }}\n\
         steps: {{ s-{TOKEN}: done }}\nlinks: {{ l-{TOKEN}: 'https://example.com' }}\nrelated: [2026-01-01-{TOKEN}]\n"
    );
    let text = step(0).text;
    let declaration = format!("{}{names}", text.split("roles:").next().unwrap_or_default());
    both.run.put(&format!("incidents/{ID}/incident.yaml"), &declaration);
    let first = both.at("apply", NOWS[0], &[]);
    let update = format!(
        "by: b-{TOKEN}\nseverity: v-{TOKEN}\nstatus: t-{TOKEN}\nreason: none\ncustomers: {{ add: [c-{TOKEN}], remove: [d-{TOKEN}] }}\n\
         overrides: [{{ rule: o-{TOKEN}, reason: none }}]\ncustomer_message: We know the cause.\ncustomer_message_to: [m-{TOKEN}]\n\
         tickets: {{ k-{TOKEN}: 'https://example.com' }}\n"
    );
    both.run
        .put(&format!("incidents/{ID}/updates/20260105T0940Z.yaml"), &update);
    let second = both.at("apply", NOWS[1], &[]);
    for ended in [&first, &second] {
        assert!(ended.code != 0 && ended.text.contains("MASKED"), "{}", ended.text);
    }
    let shown = shown(&both);
    for name in ["p1", "r", "p2", "p3", "s", "l", "b", "v", "t", "c", "d", "o", "m", "k"] {
        let finding = format!("{name}-{}", "*".repeat(TOKEN.len()));
        assert!(shown.contains(&finding), "{name}: {shown}");
    }
    for text in [&first.text, &second.text, &sent(&both), &shown] {
        assert!(!text.contains(SECRET), "{}", line_with(text, SECRET));
    }
}

/// Lives with a customer of this key; the texts of the customer's ticket.
fn ticket_of(key: &str, more: &str) -> (i32, String) {
    let both = Both::new();
    let customers =
        format!("{key}: {{ name: Acme, tickets: customers/acme }}\nglobex: {{ tickets: customers/globex }}\n");
    both.run.put("customers.yaml", &customers);
    let text = step(0).text.replace("acme", key);
    both.run
        .put(&format!("incidents/{ID}/incident.yaml"), &format!("{text}{more}"));
    let text = step(1).text.replace("acme", key);
    both.run.put(&step(1).path, &text);
    let ended = both.at("apply", NOWS[1], &[]);
    let gitlab = both.run.fake.lock();
    let ticket = gitlab.issues.iter().find(|issue| issue.project == 2);
    let notes = ticket.map(|ticket| {
        let notes = gitlab.notes_on(2, ticket.iid);
        notes.iter().map(|note| note.body.clone()).collect::<String>()
    });
    assert!(!notes.as_ref().is_some_and(|notes| notes.contains(SECRET)));
    (ended.code, notes.unwrap_or_default())
}

#[test]
fn a_customer_whose_key_looks_like_a_credential_is_told_all_the_same() {
    let key = format!("acme-{TOKEN}");
    let (code, notes) = ticket_of(&key, "");
    assert!(code != 0 && notes.contains("We know the cause"), "{code} {notes}");
    let (_, notes) = ticket_of(&key, OVERRIDE);
    assert!(notes.contains("We know the cause"), "{notes}");
    let (code, notes) = ticket_of("acme-glpat-short", "");
    assert!(code == 0 && notes.contains("We know the cause"), "{code} {notes}");
}

#[test]
fn two_customers_that_only_their_credentials_tell_apart_get_no_words_of_each_other() {
    let both = Both::new();
    let [one, two] = [format!("acme-{TOKEN}"), format!("acme-glpat-{}", "z".repeat(20))];
    let customers = format!("{one}: {{ tickets: customers/acme }}\n{two}: {{ tickets: customers/globex }}\n");
    both.run.put("customers.yaml", &customers);
    let text = step(0).text.replace("acme, globex", &one);
    both.run.put(&format!("incidents/{ID}/incident.yaml"), &text);
    let ended = both.at("apply", NOWS[0], &[]);
    assert_ne!(ended.code, 0, "{}", ended.text);
    assert!(
        both.run.fake.lock().issues.iter().all(|issue| issue.project == 1),
        "{}",
        ended.text
    );
}

#[test]
fn the_address_of_a_ticket_shows_no_credential() {
    for address in [
        format!("https://gitlab.example.com/customers/acme/-/issues/9?private_token={TOKEN}"),
        format!("https://gitlab.example.com/customers/{TOKEN}/-/issues/9"),
        format!("https://bob:{SECRET}@gitlab.example.com/customers/acme/-/issues/9"),
        format!("https://gitlab.example.com/customers/acme/-/issues/9#{TOKEN}"),
    ] {
        let folder = ledger(&[(
            "customers: [",
            &format!("tickets: {{ acme: '{address}' }}\ncustomers: ["),
        )]);
        is_hidden(folder.path(), ID, &address);
    }
}

#[test]
fn the_lines_of_a_finding_show_no_credential_however_the_file_writes_it() {
    for title in [
        format!("\"Pushes gl\\x70at-{SECRET}\""),
        "\"Pushes \\u0067lpat-abcdefghij\\x6blmnopqrst\"".to_owned(),
        "\"Pushes glpat-abcdefghij\\\n  klmnopqrst\"".to_owned(),
        format!("'It''s glpat-{SECRET}'"),
        format!("Pushes\n  rejected with glpat-{SECRET}\n  and more"),
        format!("|\n  Pushes\n  glpat-{SECRET}"),
        format!(">-\n  Pushes\n  glpat-{SECRET}"),
    ] {
        let title = format!("title: {title}\n");
        // An unknown key on the next line shows the line, and stops the record from being read.
        for more in ["", "unknown_key: x\n", "  broken: [\n"] {
            let folder = ledger(&[(
                "title: Git pushes rejected on every secondary\n",
                &format!("{title}{more}"),
            )]);
            let all = outputs(folder.path(), ID);
            for part in [SECRET, "klmnopqrst", "lmnopqrst"] {
                assert!(!all.contains(part), "{title}{more}: {}", line_with(&all, part));
            }
            assert!(all.contains("INC601") || !more.is_empty(), "{title}: {all}");
        }
    }
}

#[test]
fn the_name_of_a_folder_or_file_shows_no_credential_and_nothing_is_sent_under_it() {
    for (id, file, by) in [
        (
            format!("2026-01-05-{TOKEN}"),
            "20260105T0940Z-bob.yaml".to_owned(),
            "bob".to_owned(),
        ),
        (ID.to_owned(), format!("20260105T0940Z-{TOKEN}.yaml"), TOKEN.to_owned()),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        lives::copy_start(LIFE, root);
        write(root, &format!("incidents/{id}/incident.yaml"), &step(0).text);
        let update = format!("by: {by}\nstatus: identified\nnext_update: 60m\n");
        write(root, &format!("incidents/{id}/updates/{file}"), &update);
        write(root, &format!("incidents/{id}/misplaced-{TOKEN}.yaml"), "a: b\n");
        is_hidden(root, &id, &file);
        std::fs::remove_file(root.join(format!("incidents/{id}/misplaced-{TOKEN}.yaml"))).expect("it goes");
        is_hidden(root, &id, &file);
        let (code, said) = run(root, &["apply", "--to", "outbox:other", "--now", NOW]);
        assert!(code == 1 && said.contains("SKIPPED"), "{said}");
        assert!(
            !root.join("other/incidents").exists() && !said.contains(SECRET),
            "{said}"
        );
        write(
            root,
            &format!("incidents/{id}/incident.yaml"),
            &format!("{}{OVERRIDE}", step(0).text),
        );
        let (_, said) = run(root, &["apply", "--to", "outbox:other", "--now", NOW]);
        assert!(!said.contains("SKIPPED"), "an override sends: {said}");
    }
}

#[test]
fn a_credential_in_a_settings_file_is_found_and_shown_as_stars() {
    for (path, text) in [
        (
            "people.yaml",
            format!("alice: {{ name: Alice {TOKEN} }}\nbob: {{ gitlab: x-{TOKEN} }}\ncarol: {{}}\n"),
        ),
        (
            "people.yaml",
            format!("alice: {{}} # {TOKEN}\nbob: {{}}\ncarol: {{}}\n"),
        ),
        (
            "customers.yaml",
            format!("acme: {{ name: \"Acme gl\\x70at-{SECRET}\" }}\nglobex: {{}}\n"),
        ),
        (
            "process.yaml",
            format!("extends: handbook\nroles: {{ incident_manager: {{ title: Manager {TOKEN} }} }}\n"),
        ),
        (
            "process.yaml",
            format!(
                "extends: handbook\ngitlab: {{ mention: {{ executives: '@{TOKEN}' }}, labels: {{ drill: {TOKEN} }} }}\n"
            ),
        ),
        ("process.yaml", format!("extends: handbook\nunknown_key: {TOKEN}\n")),
        ("templates/issue.hbs", format!("{{{{title}}}} {TOKEN}\n")),
        (
            "templates/issue.hbs",
            format!("{{{{title}}}} {{{{[ {TOKEN} ]}}}} {{{{nothing \"{TOKEN}\"}}}}\n"),
        ),
        ("templates/issue.hbs", format!("{{{{#if {TOKEN}}}}}\n")),
    ] {
        let folder = ledger(&[]);
        write(folder.path(), path, &text);
        is_hidden(folder.path(), ID, &text);
        let (code, said) = run(folder.path(), &["check", "--now", NOW]);
        assert!(code == 1 && said.contains(&format!("{path}:")), "{text}: {said}");
    }
}

#[test]
fn a_credential_in_a_settings_file_stops_no_effect_and_makes_the_run_red() {
    let folder = ledger(&[]);
    let root = folder.path();
    write(
        root,
        "people.yaml",
        &format!("alice: {{ name: Alice {TOKEN} }}\nbob: {{}}\ncarol: {{}}\n"),
    );
    let (code, said) = run(root, &["apply", "--to", "outbox:outbox", "--now", NOW]);
    assert!(code == 1 && said.contains("MASKED   people.yaml"), "{said}");
    assert!(root.join("outbox").exists(), "{said}");
}

#[test]
fn a_merged_credential_in_a_settings_file_fails_no_other_change() {
    let folder = ledger(&[]);
    let root = folder.path();
    write(
        root,
        "people.yaml",
        &format!("alice: {{ name: Alice {TOKEN} }}\nbob: {{}}\ncarol: {{}}\n"),
    );
    git(root, &["init", "-q"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "Start"]);
    write(root, "customers.yaml", "acme: { name: Acme }\nglobex: {}\n");
    let (code, said) = run(root, &["check", "--base", "HEAD", "--now", NOW]);
    assert!(code == 0 && said.contains("INC601") && !said.contains(SECRET), "{said}");
    write(
        root,
        "people.yaml",
        &format!("alice: {{ name: Bob {TOKEN} }}\nbob: {{}}\ncarol: {{}}\n"),
    );
    let (code, said) = run(root, &["check", "--base", "HEAD", "--now", NOW]);
    assert!(code == 1 && said.contains("INC601"), "{said}");
    let (_, said) = run(root, &["plan", "--base", "HEAD", "--format", "markdown", "--now", NOW]);
    assert!(!said.contains(SECRET), "{said}");
}

#[test]
fn twin_settings_and_names_that_only_mention_a_prefix_are_shown_as_they_are_written() {
    let folder = ledger(&[("Git pushes", "Git \\x41 glpat-short pushes")]);
    let root = folder.path();
    write(
        root,
        "people.yaml",
        "alice: { name: Alice glpat-short }\nbob: {}\ncarol: {}\n",
    );
    write(
        root,
        "templates/issue.hbs",
        "{{title}} https://bob@example.com/glpat-short\n",
    );
    let all = outputs(root, ID);
    assert!(!all.contains("INC601"), "{}", line_with(&all, "INC601"));
    assert!(
        all.contains("Alice glpat-short") && all.contains("https://bob@example.com/glpat-short"),
        "{all}"
    );
}

#[test]
fn twin_an_incident_whose_id_reads_as_words_is_sent() {
    let id = "2026-01-05-glpat-tokens-leaked-in-logs";
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    lives::copy_start(LIFE, root);
    write(root, &format!("incidents/{id}/incident.yaml"), &step(0).text);
    let (code, said) = run(root, &["apply", "--to", "outbox:outbox", "--now", NOW]);
    assert!(code == 0 && root.join("outbox").exists(), "{said}");
    let all = outputs(root, id);
    assert!(!all.contains("INC601") && all.contains(id), "{all}");
}

#[test]
fn a_writing_command_prints_no_credential_and_makes_no_name_of_it() {
    let folder = ledger(&[]);
    let root = folder.path();
    let words = format!("Foo {TOKEN} bar");
    for arguments in [
        vec![
            "declare",
            &words,
            "--by",
            "alice",
            "--severity",
            "sev0",
            "--customer",
            "acme",
            "--customer",
            "globex",
        ],
        vec![
            "declare",
            "Foo",
            "--slug",
            TOKEN,
            "--by",
            "alice",
            "--severity",
            "sev0",
            "--customer",
            TOKEN,
        ],
        vec!["update", "pushes", "--by", TOKEN, "--status", "identified"],
        vec!["update", "pushes", "--by", "bob", "--status", TOKEN],
        vec!["update", "pushes", "--by", "bob", "--current-status", &words],
        vec!["hand-over", "pushes", "--by", "bob", TOKEN, TOKEN],
        vec!["step", "pushes", TOKEN, "done", "--by", "bob"],
        vec!["show", TOKEN],
    ] {
        for more in [&["--now", NOW][..], &["--now", NOW, "--json"][..]] {
            let (code, said) = run(root, &[arguments.as_slice(), more].concat());
            assert!(code != 0 && !said.contains(SECRET), "{arguments:?}: {said}");
        }
    }
    let names: Vec<_> = std::fs::read_dir(root.join("incidents")).expect("a folder").collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn a_message_that_cuts_a_value_shows_no_part_of_a_credential() {
    let words = "0123456789 0123456789";
    for line in [
        format!("reach: {words} {TOKEN}\n"),
        format!("reach: x/{words}/{TOKEN}\n")
            .replace(' ', "-")
            .replace("reach:-", "reach: "),
        format!("drill: {words} https://bob:{SECRET}@example.com\n"),
        format!("next_update: {words} {TOKEN}\n"),
        format!("customers: {words} {TOKEN}\n"),
        format!("cadence: {TOKEN}\n"),
    ] {
        let folder = ledger(&[("impact:", &format!("{line}impact:"))]);
        let folder_two = ledger(&[(
            "headline:",
            &format!("degradation: {words} 0123456789 0123456789 {TOKEN}\n  headline:"),
        )]);
        for root in [folder.path(), folder_two.path()] {
            let all = outputs(root, ID);
            assert!(
                !all.contains("glpat-a") && !all.contains("bob:a"),
                "{line}: {}",
                line_with(&all, "glpat-a")
            );
        }
    }
}

#[test]
fn the_name_of_a_template_shows_no_credential() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    lives::copy_start(LIFE, root);
    write(root, &format!("incidents/{ID}/incident.yaml"), &step(0).text);
    write(root, &format!("templates/{TOKEN}.hbs"), "x");
    for command in [
        &["check"][..],
        &["plan"],
        &["apply", "--to", "outbox:other"],
        &["summary", ID],
    ] {
        let (_, said) = run(root, command);
        assert!(!said.contains(SECRET), "{command:?}: {said}");
    }
}
