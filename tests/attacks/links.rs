//! Attacks by links: a cloned ledger, or one on a shared machine, holds a link where the program reads or writes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::common::{copy_ledger, files, git, repository, run};

#[path = "links/guessed.rs"]
mod guessed;

/// An incident of the sample ledger.
const ID: &str = "2026-11-03-geo-push-rejected";
/// What the links lead to.
const CANARY: &str = "not for incidentctl\n";
/// The program's arguments for a new declaration.
const DECLARE: [&str; 9] = [
    "--now=2026-11-23T09:12:00Z",
    "declare",
    "Pushes rejected",
    "--severity=sev0",
    "--customer=acme,globex",
    "--degradation=total",
    "--symptoms=git push fails",
    "--role=incident_manager=alice",
    "--by=alice",
];
const DECLARED: &str = "incidents/2026-11-23-pushes-rejected";
/// The program's arguments for a new update.
const UPDATE: [&str; 5] = [
    "--now=2026-11-03T14:00:00Z",
    "update",
    ID,
    "--current-status=checked",
    "--by=frank",
];

/// A copy of the sample ledger, and a folder outside of it.
struct Ledger {
    folder: tempfile::TempDir,
    outside: tempfile::TempDir,
}

impl Ledger {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy_ledger(&repository(), folder.path());
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(outside.path().join("canary"), CANARY).expect("it is written");
        Self { folder, outside }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn outside(&self, path: &str) -> PathBuf {
        self.outside.path().join(path)
    }

    /// Puts a link in a place of the ledger, with the folders on the way.
    fn link(&self, place: &str, to: &Path) {
        let place = self.root().join(place);
        fs::create_dir_all(place.parent().expect("a folder")).expect("they are made");
        symlink(to, place).expect("it is made");
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        run(self.root(), arguments)
    }

    fn green(&self, arguments: &[&str]) -> String {
        let (code, text) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
        text
    }

    /// Runs the program, which refuses a link, and makes sure that nothing outside changed.
    fn refused(&self, link: &str, arguments: &[&str]) {
        let (code, text) = self.run(arguments);
        self.intact();
        assert!(
            code > 0 && text.contains(&format!("`{link}` is a link")),
            "{arguments:?}: {code}: {text}"
        );
    }

    /// Outside there is the canary as it was, and nothing else.
    fn intact(&self) {
        let entries = fs::read_dir(self.outside.path()).expect("a folder");
        let names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
        assert_eq!(names, ["canary"]);
        assert_eq!(fs::read_to_string(self.outside("canary")).expect("it is there"), CANARY);
    }
}

/// Runs an attack with a link to a folder outside, to a file outside, and to nothing.
fn each_link(attack: impl Fn(&Ledger, &Path)) {
    for to in ["", "canary", "none"] {
        let ledger = Ledger::new();
        attack(&ledger, &ledger.outside(to));
        ledger.intact();
    }
}

#[test]
fn an_unfinished_file_that_is_a_link_is_not_written_through() {
    let ledger = Ledger::new();
    let twin = Ledger::new();
    twin.green(&["apply"]);
    for path in files(&twin.root().join("outbox")).into_keys() {
        ledger.link(&format!("outbox/{path}.unfinished"), &ledger.outside("canary"));
    }
    ledger.green(&["apply"]);
    ledger.intact();
}

#[test]
fn a_link_in_the_outbox_is_not_written_through() {
    for place in [
        "outbox",
        "outbox/ID",
        "outbox/ID/slack",
        "outbox/ID/slack/update",
        "outbox/ID/issue.md",
    ] {
        let place = place.replace("ID", ID);
        each_link(|ledger, to| {
            ledger.link(&place, to);
            ledger.refused(&place, &["apply"]);
            ledger.refused(
                &place,
                &["apply", "--to", &format!("outbox:{}/outbox", ledger.root().display())],
            );
        });
    }
}

#[test]
fn a_link_in_an_outbox_elsewhere_is_not_written_through() {
    each_link(|ledger, to| {
        let elsewhere = tempfile::tempdir().expect("a folder");
        let link = elsewhere.path().join(ID);
        symlink(to, &link).expect("it is made");
        let outbox = format!("outbox:{}", elsewhere.path().display());
        ledger.refused(&link.display().to_string(), &["apply", "--to", &outbox]);
    });
}

#[test]
fn a_link_in_the_outbox_is_not_read_through() {
    for place in ["outbox", "outbox/ID", "outbox/ID/issue.md"] {
        let place = place.replace("ID", ID);
        let ledger = Ledger::new();
        ledger.green(&["apply"]);
        let moved = tempfile::tempdir().expect("a folder");
        let to = moved.path().join("moved");
        fs::rename(ledger.root().join(&place), &to).expect("it is moved");
        ledger.link(&place, &to);
        ledger.refused(&place, &["plan"]);
    }
}

#[test]
fn incidents_that_are_a_link_are_neither_read_nor_written() {
    let ledger = Ledger::new();
    let moved = tempfile::tempdir().expect("a folder");
    let to = moved.path().join("incidents");
    fs::rename(ledger.root().join("incidents"), &to).expect("it is moved");
    ledger.link("incidents", &to);
    let before = files(moved.path());
    let commands: [&[&str]; 9] = [
        &["check"],
        &["list"],
        &["show", ID],
        &["summary", ID],
        &["report"],
        &["plan"],
        &["apply"],
        &DECLARE,
        &UPDATE,
    ];
    for arguments in commands {
        let (code, text) = ledger.run(arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains("`incidents` is a link"), "{arguments:?}: {text}");
    }
    assert!(files(moved.path()) == before && !ledger.root().join("outbox").exists());
}

#[test]
fn an_incident_whose_folder_is_a_link_is_not_written() {
    each_link(|ledger, to| {
        ledger.link(DECLARED, to);
        ledger.refused(DECLARED, &DECLARE);
        let (code, text) = ledger.run(&["check"]);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("is not part of the record"), "{text}");
    });
}

#[test]
fn updates_that_are_a_link_are_not_written() {
    each_link(|ledger, to| {
        let updates = format!("incidents/{ID}/updates");
        fs::remove_dir_all(ledger.root().join(&updates)).expect("they are removed");
        ledger.link(&updates, to);
        let (code, text) = ledger.run(&UPDATE);
        assert!(code > 0, "{text}");
    });
}

#[test]
fn a_folder_that_became_a_link_since_the_base_is_not_read() {
    let ledger = Ledger::new();
    git(ledger.root(), &["init", "-q"]);
    git(ledger.root(), &["add", "-A"]);
    git(ledger.root(), &["commit", "-qm", "Start"]);
    let moved = tempfile::tempdir().expect("a folder");
    let (place, to) = (format!("incidents/{ID}"), moved.path().join("moved"));
    fs::rename(ledger.root().join(&place), &to).expect("it is moved");
    fs::write(to.join("incident.yaml"), "title: from outside\n").expect("it is written");
    ledger.link(&place, &to);
    let (code, text) = ledger.run(&["check", "--base", "HEAD"]);
    assert!(
        code == 1 && text.contains("a merged file was deleted"),
        "{code}: {text}"
    );
    assert!(!text.contains("from outside"), "{text}");
}

#[test]
fn templates_that_are_a_link_are_a_finding_and_are_not_read() {
    let template = "executive-summary.hbs";
    let shipped = Ledger::new();
    fs::remove_dir_all(shipped.root().join("templates")).expect("they are removed");
    let summary = shipped.green(&["summary", ID]);
    for (place, words) in [
        ("templates".to_owned(), "a link instead of a folder"),
        (format!("templates/{template}"), "a link instead of a file"),
    ] {
        let ledger = Ledger::new();
        fs::remove_dir_all(ledger.root().join("templates")).expect("they are removed");
        let elsewhere = tempfile::tempdir().expect("a folder");
        fs::write(elsewhere.path().join(template), "from outside").expect("it is written");
        let to = if place == "templates" {
            elsewhere.path().to_path_buf()
        } else {
            elsewhere.path().join(template)
        };
        ledger.link(&place, &to);
        let (code, text) = ledger.run(&["check"]);
        assert!(code == 1 && text.contains(words), "{place}: {code}: {text}");
        let text = ledger.green(&["summary", ID]);
        let (shown, notes) = text.split_at(summary.len());
        assert_eq!(shown, summary, "{place}");
        assert!(
            notes.contains("not used") && notes.contains("it is a link"),
            "{place}: {notes}"
        );
        git(ledger.root(), &["init", "-q"]);
        git(ledger.root(), &["add", "-A"]);
        git(ledger.root(), &["commit", "-qm", "Start"]);
        let base = git(ledger.root(), &["rev-parse", "HEAD"]);
        let (code, text) = ledger.run(&["check", "--base", &base]);
        assert!(code == 1 && text.contains(words), "{place}: {code}: {text}");
    }
}

#[test]
fn a_new_ledger_is_not_written_through_links() {
    for place in ["incidents", "skeletons", "templates"] {
        each_link(|ledger, to| {
            let empty = ledger.root().join("empty");
            fs::create_dir(&empty).expect("a folder");
            symlink(to, empty.join(place)).expect("it is made");
            let (code, text) = ledger.run(&["-C", "empty", "init", "--templates"]);
            assert!(code == 2 && text.contains(&format!("`{place}` is a link")), "{text}");
        });
    }
    each_link(|ledger, to| {
        fs::remove_file(ledger.root().join("people.yaml")).expect("it is removed");
        ledger.link("people.yaml", to);
        let text = ledger.green(&["init"]);
        assert!(text.contains("kept   people.yaml"), "{text}");
    });
}

#[test]
fn a_report_that_is_a_link_is_not_written_through() {
    each_link(|ledger, to| {
        ledger.link("link", to);
        ledger.link("reports/deep", to);
        for (link, file) in [
            ("link", "link"),
            ("link", "link/new"),
            ("reports/deep", "./reports/deep/new"),
        ] {
            ledger.refused(link, &["check", "--report", &format!("json={file}")]);
            ledger.refused(link, &["plan", "--report", &format!("json={file}")]);
            ledger.refused(link, &["plan", "--comment", "--annotations", file]);
        }
        let absolute = format!("json={}", ledger.root().join("link").display());
        ledger.refused("link", &["check", "--report", &absolute]);
        let back = ledger
            .root()
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        for way in [format!("../{back}/link"), "reports/../link".to_owned()] {
            ledger.refused("link", &["check", "--report", &format!("json={way}")]);
            ledger.refused("link", &["apply", "--to", &format!("outbox:{way}")]);
        }
        ledger.refused("link", &["man", "link"]);
        ledger.link("pages/incidentctl.1", to);
        ledger.refused("pages/incidentctl.1", &["man", "pages"]);
    });
}

#[test]
fn a_working_directory_that_is_reached_by_a_link_opens_no_link_below_it() {
    each_link(|ledger, to| {
        ledger.link("outbox", to);
        ledger.link("plan.json", to);
        let outside = tempfile::tempdir().expect("a folder");
        let way = outside.path().join("way");
        symlink(ledger.root(), &way).expect("a link");
        for (link, arguments) in [
            (
                "outbox",
                ["apply", "--to", &format!("outbox:{}", way.join("outbox").display())],
            ),
            (
                "plan.json",
                [
                    "check",
                    "--report",
                    &format!("json={}", way.join("plan.json").display()),
                ],
            ),
        ] {
            ledger.refused(link, &arguments);
        }
    });
}

#[test]
fn twin_ordinary_files_and_folders_are_written_as_ever() {
    let ledger = Ledger::new();
    fs::create_dir_all(ledger.root().join("outbox").join(ID).join("slack")).expect("made");
    fs::write(
        ledger.root().join("outbox").join(ID).join("issue.md.unfinished"),
        "half",
    )
    .expect("it is written");
    ledger.green(&["apply", "--to", "outbox:./outbox"]);
    let issue = ledger.root().join("outbox").join(ID).join("issue.md");
    let before = fs::read_to_string(&issue).expect("it is there") + "a person's note\n";
    fs::write(&issue, &before).expect("it is edited");
    ledger.green(&DECLARE);
    ledger.green(&UPDATE);
    ledger.green(&["apply"]);
    let after = fs::read_to_string(&issue).expect("it is there");
    assert!(after.ends_with("a person's note\n"), "{after}");
    fs::create_dir(ledger.root().join("reports")).expect("a folder");
    for _ in 0..2 {
        ledger.green(&[
            "plan",
            "--report",
            "json=./reports/plan.json",
            "--report",
            "human=reports/../plan.txt",
        ]);
        ledger.green(&["man", "pages/deep"]);
        ledger.run(&["check", "--report", "junit=reports/junit.xml"]);
    }
    let written = files(ledger.root());
    for path in [
        "reports/plan.json",
        "plan.txt",
        "reports/junit.xml",
        "pages/deep/incidentctl-apply.1",
    ] {
        assert!(written.get(path).is_some_and(|bytes| !bytes.is_empty()), "{path}");
    }
    let (code, text) = ledger.run(&["check", "--report", "json=none/x.json"]);
    assert_eq!(code, 2, "a folder of a report is not made: {text}");
}

#[test]
fn twin_what_a_person_names_is_reached_through_links() {
    let ledger = Ledger::new();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let link = elsewhere.path().join("ledger");
    symlink(ledger.root(), &link).expect("a link");
    let link = link.to_str().expect("text");
    ledger.green(&["-C", link, "check"]);
    ledger.green(&["-C", link, "init"]);
    ledger.green(&[&["-C", link], &DECLARE[..]].concat());
    ledger.green(&["-C", link, "apply"]);
    assert!(ledger.root().join("outbox").join(ID).join("issue.md").is_file());
    let outbox = elsewhere.path().join("real");
    fs::create_dir(&outbox).expect("a folder");
    symlink(&outbox, elsewhere.path().join("outbox")).expect("a link");
    ledger.green(&[
        "apply",
        "--to",
        &format!("outbox:{}/outbox", elsewhere.path().display()),
    ]);
    assert!(outbox.join(ID).join("issue.md").is_file());
    let report = elsewhere.path().join("outbox/report.json");
    ledger.green(&["plan", "--report", &format!("json={}", report.display())]);
    assert!(outbox.join("report.json").is_file());
    let text = ledger.green(&["plan", "--format", "json", "--report", "human=/dev/stdout"]);
    assert!(text.contains("Nothing is to do"), "{text}");
    let inside = ledger.root().join("incidents");
    let (code, text) = run(&inside, &["-C", "..", "plan", "--report", "json=../above.json"]);
    assert!(code == 0 && ledger.root().join("above.json").is_file(), "{text}");
}
