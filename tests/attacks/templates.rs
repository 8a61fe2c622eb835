//! Attacks by a team's template: it overflows the stack, never ends, or silently brings the shipped text back.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::common::{files, git, incidentctl, lives, run, text, write};

/// The longest time that a command may take on two busy cores.
const SOON: Duration = Duration::from_secs(30);
/// Partials that call themselves.
const ITSELF: [&str; 4] = [
    "{{#*inline \"a\"}}{{> a}}{{/inline}}{{> a}}",
    "{{ # * inline \"a\"}}{{ > a}}{{/inline}}{{ > a}}",
    "{{~#*inline \"a\"~}}{{~> a}}{{/inline}}{{~> a}}",
    "{{# > issue.hbs}}{{/issue.hbs}}",
];

fn ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    lives::copy("pushes-rejected", folder.path());
    folder
}

/// A repository with a ledger, in which this template is merged.
fn repository(file: &str, text: &str) -> tempfile::TempDir {
    let folder = ledger();
    let root = folder.path();
    write(root, &format!("templates/{file}"), text);
    git(root, &["init", "-q"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "Start"]);
    folder
}

/// Runs a command, which must end soon.
fn soon(root: &Path, arguments: &[&str]) -> (i32, String) {
    let start = Instant::now();
    let ended = run(root, arguments);
    assert!(start.elapsed() < SOON, "{arguments:?} took {:?}", start.elapsed());
    ended
}

/// The description of the incident issue in the outbox.
fn issue(root: &Path) -> String {
    let all = files(&root.join("out"));
    let issue = all.iter().find(|(path, _)| path.ends_with("issue.md"));
    String::from_utf8_lossy(issue.expect("an issue").1).into_owned()
}

/// Checks and applies a ledger with a template for the issue that cannot be used.
fn is_replaced(text: &str) {
    let folder = ledger();
    let root = folder.path();
    write(root, "templates/issue.hbs", text);
    let shown = &text[..text.len().min(60)];
    let (code, said) = soon(root, &["check"]);
    assert!(
        code == 1 && said.contains("INC011") && said.contains("templates/issue.hbs:1:"),
        "{shown}: {said}"
    );
    let (code, said) = soon(root, &["apply", "--to", "outbox:out"]);
    let note = "NOTE     the team's template issue.hbs is not used, the shipped one is: line 1: ";
    assert!(code == 0 && said.contains(note), "{shown}: {said}");
    assert!(issue(root).contains("**Timeline** (UTC)"), "{shown}");
}

#[test]
fn a_partial_that_calls_itself_is_not_used() {
    ITSELF.into_iter().for_each(is_replaced);
}

#[test]
fn nesting_that_exhausts_the_stack_is_not_used() {
    is_replaced(&"{{#if title}}".repeat(5000));
    is_replaced(&format!(
        "{{{{#if title}}}}{}{{{{/if}}}}",
        "{{else if drill}}".repeat(3500)
    ));
    is_replaced(&format!("{{{{#each {}", "[".repeat(60_000)));
    is_replaced(&format!("{{{{title \"}}}}\" {}", "(not ".repeat(10_000)));
}

#[test]
fn twin_a_template_with_usual_blocks_and_signs_is_used() {
    let folder = ledger();
    let root = folder.path();
    let text = "Ours: [{{title}}](x) {{#each customers}}{{#if ticket}}{{name}} ({{ticket}}){{else if @first}}{{name}}, first of \
                {{len ../customers}}{{else}}{{name}}{{/if}} {{/each}}\n";
    write(root, "templates/issue.hbs", text);
    let (_, said) = soon(root, &["check"]);
    assert!(!said.contains("templates/"), "{said}");
    let (code, said) = soon(root, &["apply", "--to", "outbox:out"]);
    assert!(code == 0 && !said.contains("NOTE"), "{said}");
    assert!(issue(root).contains("Ours: ["), "{}", issue(root));
}

/// A template that repeats a text for each point of the timeline, for each point, and so on.
fn lists_in_lists(depth: usize, text: &str) -> String {
    let (each, end) = ("{{#each @root.timeline}}".repeat(depth), "{{/each}}".repeat(depth));
    format!("Ours\n{each}{text}{end}\n")
}

#[test]
fn lists_in_lists_end_soon_and_the_run_names_the_template() {
    for text in [
        "{{what}} and much more",
        "",
        "{{#if (eq ../timeline @root.timeline)}}{{/if}}",
    ] {
        let folder = ledger();
        let root = folder.path();
        write(root, "templates/issue.hbs", &lists_in_lists(20, text));
        soon(root, &["check"]);
        let (code, said) = soon(root, &["apply", "--to", "outbox:out"]);
        let note = "NOTE     the team's template issue.hbs is not used, the shipped one is: line 2: ";
        assert!(code == 0 && said.contains(note), "{text}: {said}");
        assert!(issue(root).contains("**Timeline** (UTC)"));
        let (code, said) = soon(root, &["plan", "--to", "outbox:other"]);
        assert!(code == 0 && said.contains(note), "{text}: {said}");
    }
}

#[test]
fn twin_a_list_in_a_list_is_rendered() {
    let folder = ledger();
    let root = folder.path();
    write(root, "templates/issue.hbs", &lists_in_lists(2, "{{what}} "));
    let (_, said) = soon(root, &["check"]);
    assert!(!said.contains("templates/"), "{said}");
    let (code, said) = soon(root, &["apply", "--to", "outbox:out"]);
    assert!(code == 0 && !said.contains("NOTE"), "{said}");
    assert!(issue(root).contains("Ours") && !issue(root).contains("**Timeline** (UTC)"));
}

#[test]
fn a_misspelt_variable_warns_and_fails_the_change_that_brings_it() {
    let text = "{{#each customers}}\n{{nmae}} of {{../title}}\n{{/each}}\n";
    let folder = repository("nag.hbs", "{{who}}: {{due}}\n");
    let root = folder.path();
    write(root, "templates/issue.hbs", text);
    let (_, said) = run(root, &["check"]);
    assert!(
        said.contains("warning[INC013]") && !said.contains("error[INC013]"),
        "{said}"
    );
    assert!(
        said.contains("templates/issue.hbs:2:3") && said.contains("did you mean `name`?"),
        "{said}"
    );
    let (code, said) = run(root, &["check", "--base", "HEAD"]);
    assert!(code == 1 && said.contains("error[INC013]"), "{said}");
    // The process decides the level if it names the rule.
    write(root, "process.yaml", "extends: handbook\nrules: { INC013: warning }\n");
    let (code, said) = run(root, &["check", "--base", "HEAD"]);
    assert!(code == 0 && said.contains("warning[INC013]"), "{said}");
}

#[test]
fn twin_a_misspelt_variable_that_is_merged_blocks_no_other_change() {
    let folder = repository("nag.hbs", "{{who}}: {{deu}}\n");
    let root = folder.path();
    write(
        root,
        "templates/overdue.hbs",
        "{{#with this}}{{who}}{{/with}}: {{@root.due}}\n",
    );
    let (code, said) = run(root, &["check", "--base", "HEAD"]);
    assert!(code == 0 && said.contains("warning[INC013]"), "{said}");
    assert_eq!(said.matches("INC013").count(), 1, "{said}");
}

#[test]
fn a_template_that_fails_on_its_variables_is_reported_at_its_line() {
    let folder = ledger();
    write(
        folder.path(),
        "templates/issue.hbs",
        "one\n{{#if title}}\n{{lookup customers 99}}\n{{/if}}\n",
    );
    let (code, said) = run(folder.path(), &["check"]);
    assert!(
        code == 1 && said.contains("INC011") && said.contains("templates/issue.hbs:3:"),
        "{said}"
    );
}

#[test]
fn a_new_ledger_has_no_copies_of_templates_and_a_copy_overrides_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let (code, said) = run(root, &["init"]);
    assert!(code == 0 && !root.join("templates").exists(), "{said}");
    let (code, said) = run(root, &["init", "--templates"]);
    assert!(code == 0 && said.contains("wrote  templates/issue.hbs"), "{said}");
    assert_eq!(fs::read_dir(root.join("templates")).expect("a folder").count(), 14);
    let (code, said) = run(root, &["check"]);
    assert!(code == 0 && said.contains("no findings"), "{said}");
}

#[test]
fn the_note_on_a_merge_request_names_its_own_template_if_it_is_not_used() {
    let folder = ledger();
    let root = folder.path();
    let (each, end) = ("{{#each @root.effects}}".repeat(20), "{{/each}}".repeat(20));
    write(root, "templates/merge-request.hbs", &format!("Ours\n{each}x{end}\n"));
    let (code, said) = soon(root, &["plan", "--to", "outbox:out", "--format", "markdown"]);
    assert!(
        code == 0 && said.contains("the team's template merge-request.hbs is not used"),
        "{said}"
    );
    assert!(!said.contains("Ours"), "{said}");
}

/// The incident of the ledger.
const ID: &str = "2026-01-05-pushes-rejected";
/// A template that shows in every text of the issue that it is used.
const OURS: &str = "Ours: {{title}}\n";

fn pipe(at: &Path) {
    let made = Command::new("mkfifo").arg(at).status().expect("mkfifo runs");
    assert!(made.success());
}

/// UTF-16 text with a byte order mark or without.
fn utf16(text: &str, mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// Puts something in a place of the ledger.
type Put = Box<dyn Fn(&Path)>;
/// The same as a function.
type PutHere = fn(&Path);

/// Each way to put something that is not read in place of the template of the issue.
fn unread_templates() -> Vec<(&'static str, Put)> {
    let bytes =
        |bytes: Vec<u8>| -> Box<dyn Fn(&Path)> { Box::new(move |at| fs::write(at, &bytes).expect("it is written")) };
    vec![
        ("Latin-1", bytes(b"Ours: caf\xe9 {{title}}\n".to_vec())),
        ("UTF-16", bytes(utf16(OURS, true))),
        ("UTF-16 without a mark", bytes(utf16(OURS, false))),
        (
            "a large file that is cut in a character",
            bytes("\u{20ac}".repeat(400_000).into_bytes()),
        ),
        (
            "a folder",
            Box::new(|at| {
                fs::create_dir(at).expect("it is made");
                fs::write(at.join("x"), OURS).expect("it is written");
            }),
        ),
        (
            "a link",
            Box::new(|at| symlink("../customers.yaml", at).expect("it is made")),
        ),
        ("a pipe", Box::new(pipe)),
    ]
}

/// Runs the commands that use templates; each must name the part that it does not use.
fn each_run_names(root: &Path, unused: &str, case: &str) {
    for (arguments, word) in [
        (&["plan", "--to", "outbox:other"][..], "NOTE     "),
        (&["apply", "--to", "outbox:out"], "NOTE     "),
        (&["summary", ID], "note: "),
    ] {
        let (code, said) = soon(root, arguments);
        assert!(
            code == 0 && said.contains(&format!("{word}{unused}")),
            "{case}: {arguments:?}: {said}"
        );
    }
    assert!(issue(root).contains("**Timeline** (UTC)"), "{case}");
}

#[test]
fn a_template_that_cannot_be_read_is_an_error_and_each_run_names_it() {
    for (case, put) in unread_templates() {
        let folder = repository("nag.hbs", "{{who}}: {{due}}\n");
        let root = folder.path();
        put(&root.join("templates/issue.hbs"));
        let (code, said) = soon(root, &["check"]);
        assert!(code == 1 && said.contains("templates/issue.hbs"), "{case}: {said}");
        let (code, said) = soon(root, &["check", "--base", "HEAD"]);
        assert!(code == 1 && said.contains("templates/issue.hbs"), "{case}: {said}");
        each_run_names(
            root,
            "the team's template issue.hbs is not used, the shipped one is: ",
            case,
        );
        if case == "a pipe" {
            continue;
        }
        // The same of a commit.
        git(root, &["add", "-A"]);
        git(root, &["commit", "-qm", "Put it in place"]);
        let (code, said) = soon(root, &["plan", "--base", "HEAD^", "--head", "HEAD"]);
        let unused = "the team's template issue.hbs is not used, the shipped one is: ";
        assert!(code == 0 && said.contains(unused), "{case}: {said}");
        let (code, said) = soon(root, &["check", "--base", "HEAD^"]);
        assert!(code == 1 && said.contains("templates/issue.hbs"), "{case}: {said}");
    }
}

#[test]
fn what_is_in_place_of_the_folder_of_templates_is_an_error_and_each_run_names_it() {
    let puts: [(&str, PutHere); 3] = [
        ("a file", |at| fs::write(at, OURS).expect("it is written")),
        ("a link", |at| symlink("incidents", at).expect("it is made")),
        ("a pipe", pipe),
    ];
    for (case, put) in puts {
        let folder = ledger();
        let root = folder.path();
        git(root, &["init", "-q"]);
        git(root, &["add", "-A"]);
        git(root, &["commit", "-qm", "Start"]);
        put(&root.join("templates"));
        let (code, said) = soon(root, &["check"]);
        assert!(code == 1 && said.contains("templates"), "{case}: {said}");
        each_run_names(root, "the team's templates are not used, the shipped ones are: ", case);
        if case == "a pipe" {
            continue;
        }
        git(root, &["add", "-A"]);
        git(root, &["commit", "-qm", "Put it in place"]);
        let (code, said) = soon(root, &["plan", "--base", "HEAD^", "--head", "HEAD"]);
        assert!(
            code == 0 && said.contains("the team's templates are not used"),
            "{case}: {said}"
        );
        let (code, said) = soon(root, &["check", "--base", "HEAD^"]);
        assert!(code == 1 && said.contains("templates"), "{case}: {said}");
    }
}

/// Runs a command as a user who is not the superuser, who may read everything.
fn as_somebody(root: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = incidentctl(root, arguments);
    if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        command.uid(65_534).gid(65_534);
    }
    let output = command.output().expect("the binary runs");
    (output.status.code().expect("an exit code"), text(&output))
}

#[test]
fn a_template_that_the_system_refuses_to_read_is_an_error_and_each_run_names_it() {
    for (part, unused) in [
        ("templates/issue.hbs", "the team's template issue.hbs is not used"),
        ("templates", "the team's templates are not used"),
    ] {
        let folder = ledger();
        let root = folder.path();
        write(root, "templates/issue.hbs", OURS);
        let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is set");
        allow(root, 0o755);
        allow(&root.join(part), 0);
        let (code, said) = as_somebody(root, &["check"]);
        let (planned, shown) = as_somebody(root, &["plan", "--to", "outbox:other"]);
        allow(&root.join(part), 0o755);
        assert!(code == 1 && said.contains("INC011"), "{part}: {said}");
        assert!(planned == 0 && shown.contains(unused), "{part}: {shown}");
    }
}

#[test]
fn twin_templates_of_text_beside_other_files_are_used() {
    let folder = repository("issue.hbs", "Ours: caf\u{e9} {{title}}\n");
    let root = folder.path();
    fs::write(root.join("templates/logo.png"), b"\x89PNG\r\n\x1a\n\0").expect("it is written");
    write(root, "templates/old/issue.hbs", OURS);
    let (_, said) = soon(root, &["check"]);
    assert!(!said.contains("templates"), "{said}");
    let (code, said) = soon(root, &["apply", "--to", "outbox:out"]);
    assert!(code == 0 && !said.contains("NOTE"), "{said}");
    assert!(issue(root).contains("Ours: caf\u{e9}"), "{}", issue(root));
}

#[test]
fn what_is_in_place_of_the_folder_of_updates_is_an_error() {
    let puts: [(&str, PutHere); 4] = [
        ("a file", |at| fs::write(at, "by: bob\n").expect("it is written")),
        ("a link", |at| symlink("../../elsewhere", at).expect("it is made")),
        ("a pipe", pipe),
        ("a link in it", |at| {
            fs::create_dir(at).expect("it is made");
            symlink("../../../elsewhere", at.join("more")).expect("it is made");
        }),
    ];
    for (case, put) in puts {
        let folder = ledger();
        let root = folder.path();
        let updates = root.join(format!("incidents/{ID}/updates"));
        fs::rename(&updates, root.join("elsewhere")).expect("they are moved");
        put(&updates);
        let (code, said) = soon(root, &["check"]);
        assert!(code == 1 && said.contains("error[INC005]"), "{case}: {said}");
        let (code, said) = soon(root, &["apply", "--to", "outbox:out"]);
        assert!(code != 0 && said.contains("SKIPPED"), "{case}: {said}");
    }
}

#[test]
fn twin_other_files_beside_updates_only_warn() {
    let folder = ledger();
    let root = folder.path();
    write(root, &format!("incidents/{ID}/updates/notes.txt"), "to do\n");
    symlink("incident.yaml", root.join(format!("incidents/{ID}/latest"))).expect("it is made");
    let (_, said) = soon(root, &["check"]);
    assert!(
        said.contains("warning[INC005]") && !said.contains("error[INC005]"),
        "{said}"
    );
}
