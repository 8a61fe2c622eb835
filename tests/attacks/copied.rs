//! A change is a change of content: a copied ledger, or one whose files were only touched, has no changes.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::common::{git, lives, run, write};

/// A repository with a ledger and its settings.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    lives::copy("pushes-rejected", root);
    write(root, "templates/nag.hbs", "{{who}}: {{due}}\n");
    git(root, &["init", "-q"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "Start"]);
    folder
}

/// A copy of a repository whose files have other places and times on the disk than its index says.
fn copied(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = Command::new("cp")
        .arg("-a")
        .arg(from.join("."))
        .arg(folder.path())
        .status();
    assert!(copy.expect("cp runs").success());
    for file in ["customers.yaml", "people.yaml"] {
        let touched = Command::new("touch")
            .args(["-d", "2030-01-01"])
            .arg(folder.path().join(file))
            .status();
        assert!(touched.expect("touch runs").success());
    }
    folder
}

fn note(root: &Path) -> String {
    let (code, said) = run(root, &["plan", "--base", "HEAD", "--format", "markdown"]);
    assert_eq!(code, 0, "{said}");
    said
}

#[test]
fn a_copied_ledger_has_no_changed_settings_and_no_changed_incidents() {
    let folder = repository();
    let copy = copied(folder.path());
    let said = note(copy.path());
    for name in ["customers.yaml", "people.yaml", "process.yaml", "templates/"] {
        assert!(!said.contains(name), "{name}: {said}");
    }
    let (code, said) = run(copy.path(), &["check", "--base", "HEAD"]);
    assert!(code == 0 && said.contains("checked 0 incidents"), "{said}");
}

#[test]
fn twin_a_change_of_content_in_a_copied_ledger_is_named() {
    let folder = repository();
    let copy = copied(folder.path());
    let root = copy.path();
    let customers = fs::read_to_string(root.join("customers.yaml")).expect("customers");
    write(
        root,
        "customers.yaml",
        &format!("{customers}umbrella: {{ tickets: customers/umbrella }}\n"),
    );
    let said = note(root);
    assert!(
        said.contains("customers.yaml") && !said.contains("people.yaml"),
        "{said}"
    );
}

#[test]
fn a_settings_file_that_becomes_a_link_to_the_same_content_is_named() {
    let folder = repository();
    let copy = copied(folder.path());
    let root = copy.path();
    fs::rename(root.join("templates/nag.hbs"), root.join("nag.hbs")).expect("it is moved");
    std::os::unix::fs::symlink("../nag.hbs", root.join("templates/nag.hbs")).expect("it is made");
    let said = note(root);
    assert!(said.contains("templates/nag.hbs"), "{said}");
}
