//! Pushing: to a bare repository that records which options it is given.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;

fn git(root: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", root)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .arg("-C")
        .arg(root)
        .args(["-c", "user.name=Alice Ng", "-c", "user.email=alice@example.com"])
        .args(arguments)
        .output()
        .expect("git runs");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A bare repository with a ledger in it, and clones of it.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        let (bare, seed) = (world.at("bare.git"), world.at("seed"));
        fs::create_dir_all(&seed).expect("a folder");
        git(world.folder.path(), &["init", "-q", "--bare", "-b", "main", "bare.git"]);
        git(&bare, &["config", "receive.advertisePushOptions", "true"]);
        let hook = bare.join("hooks/post-receive");
        let script = "#!/bin/sh\ni=0\nwhile [ \"$i\" -lt \"${GIT_PUSH_OPTION_COUNT:-0}\" ]; do\n  eval \"printf '%s\\\\n' \\\"\\$GIT_PUSH_OPTION_$i\\\"\" >> options\n  i=$((i+1))\ndone\n\
            echo 'View merge request for x:' >&2\necho '  https://gitlab.example.com/s/i/-/merge_requests/7' >&2\n";
        fs::write(&hook, script).expect("it is written");
        Command::new("chmod").arg("+x").arg(&hook).status().expect("chmod");
        git(&seed, &["init", "-q", "-b", "main"]);
        fs::create_dir(seed.join("incidents")).expect("a folder");
        fs::write(seed.join("incidents/.gitkeep"), "").expect("it is written");
        fs::write(seed.join("people.yaml"), PEOPLE).expect("it is written");
        fs::write(seed.join("customers.yaml"), CUSTOMERS).expect("it is written");
        git(&seed, &["add", "-A"]);
        git(&seed, &["commit", "-qm", "Start"]);
        git(&seed, &["push", "-q", "../bare.git", "main"]);
        world
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn clone(&self, name: &str, user: &str) -> PathBuf {
        git(self.folder.path(), &["clone", "-q", "bare.git", name]);
        let clone = self.at(name);
        git(&clone, &["config", "user.name", user]);
        git(&clone, &["config", "user.email", "someone@example.com"]);
        clone
    }

    fn options(&self) -> String {
        fs::read_to_string(self.at("bare.git/options")).unwrap_or_default()
    }
}

fn pushed<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let mut all = arguments.to_vec();
    all.push("--push");
    all
}

#[test]
fn a_declaration_is_pushed_on_a_branch_of_its_own_with_a_merge_request_and_nothing_else_is_touched() {
    let world = World::new();
    let clone = world.clone("one", "Alice Ng");
    fs::write(clone.join("people.yaml"), format!("{PEOPLE}# not committed\n")).expect("it is written");
    fs::write(clone.join("staged"), "x").expect("it is written");
    git(&clone, &["add", "staged"]);
    // A line of its own for the incident alone, whatever else changes.
    let status = |root: &Path| git(root, &["status", "--porcelain", "--", "people.yaml", "staged"]);
    let (before, head) = (status(&clone), git(&clone, &["rev-parse", "HEAD"]));
    let said = green(&clone, NOW, &pushed(&DECLARE));
    assert!(
        said.contains("merge request: https://gitlab.example.com/s/i/-/merge_requests/7"),
        "{said}"
    );
    assert_eq!(status(&clone), before);
    assert_eq!(git(&clone, &["rev-parse", "HEAD"]), head);
    assert_eq!(git(&clone, &["branch", "--show-current"]).trim(), "main");

    let bare = world.at("bare.git");
    let branch = format!("incident/{ID}/declare");
    let files = git(&bare, &["diff", "--name-only", "main", &branch]);
    assert_eq!(files.trim(), format!("incidents/{ID}/incident.yaml"));
    assert_eq!(
        git(&bare, &["rev-parse", &format!("{branch}^")]),
        git(&bare, &["rev-parse", "main"])
    );
    let there = git(&bare, &["show", &format!("{branch}:incidents/{ID}/incident.yaml")]);
    assert_eq!(
        there,
        fs::read_to_string(clone.join(format!("incidents/{ID}/incident.yaml"))).expect("it is there")
    );
    let options = world.options();
    for option in [
        "merge_request.create\n",
        "merge_request.target=main\n",
        "merge_request.title=Declare Pushes rejected\n",
        "merge_request.auto_merge\n",
        "merge_request.merge_when_pipeline_succeeds\n",
        "merge_request.label=incident-severity::sev0\n",
        "merge_request.description=### Executive summary: Severity 0, Investigating\\n",
    ] {
        assert!(options.contains(option), "no {option:?} in {options}");
    }
}

#[test]
fn pushed_twice_says_so_and_pushes_nothing() {
    let world = World::new();
    let clone = world.clone("one", "Alice Ng");
    green(&clone, NOW, &pushed(&DECLARE));
    let (refs, options) = (git(&world.at("bare.git"), &["for-each-ref"]), world.options());
    let said = green(&clone, "2026-11-23T09:20:00Z", &pushed(&DECLARE));
    assert!(said.contains("declared already"), "{said}");
    let said = green(&clone, "2026-11-23T09:20:00Z", &["push", "pushes"]);
    assert!(said.contains("nothing was pushed"), "{said}");
    assert_eq!(git(&world.at("bare.git"), &["for-each-ref"]), refs);
    assert_eq!(world.options(), options);
}

#[test]
fn an_id_that_somebody_else_pushed_says_who_and_how_to_join() {
    let world = World::new();
    let (one, two) = (world.clone("one", "Alice Ng"), world.clone("two", "Bob Li"));
    green(&one, NOW, &pushed(&DECLARE));
    git(&two, &["fetch", "-q"]);
    let mut other = pushed(&DECLARE);
    other[14] = "--by=bob";
    let (code, said) = run(&two, "2026-11-23T09:20:00Z", &other);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("by alice at 2026-11-23T09:12:00Z") && said.contains("git pull"),
        "{said}"
    );
    assert!(!two.join(format!("incidents/{ID}")).exists());
}

#[test]
fn a_remote_that_is_away_leaves_the_file_and_says_how_to_push_it_later() {
    let world = World::new();
    let clone = world.clone("one", "Alice Ng");
    let (bare, away) = (world.at("bare.git"), world.at("away.git"));
    fs::rename(&bare, &away).expect("it moves");
    let (code, said) = run(&clone, NOW, &pushed(&DECLARE));
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("incidentctl push"), "{said}");
    assert!(clone.join(format!("incidents/{ID}/incident.yaml")).exists());
    fs::rename(&away, &bare).expect("it moves");
    green(&clone, NOW, &["push", "pushes"]);
    assert!(git(&bare, &["for-each-ref"]).contains(&format!("incident/{ID}/declare")));
}

#[test]
fn two_people_at_once_always_merge_without_a_conflict() {
    let world = World::new();
    let (one, two) = (world.clone("one", "Alice Ng"), world.clone("two", "Bob Li"));
    green(&one, NOW, &pushed(&DECLARE));
    let bare = world.at("bare.git");
    let merge = |branch: &str| {
        let seed = world.at("seed");
        git(&seed, &["pull", "-q", "--no-rebase", "../bare.git", "main"]);
        git(
            &seed,
            &["pull", "-q", "--no-rebase", "--no-edit", "../bare.git", branch],
        );
        git(&seed, &["push", "-q", "../bare.git", "main"]);
    };
    merge(&format!("incident/{ID}/declare"));
    for clone in [&one, &two] {
        // What was written here is the same as what was merged.
        git(clone, &["fetch", "-q"]);
        git(clone, &["reset", "-q", "--hard", "origin/main"]);
    }
    for minute in 20..24 {
        let now = format!("2026-11-23T09:{minute}:00Z");
        let words = format!("As of minute {minute}.");
        for (clone, by) in [(&one, "--by=alice"), (&two, "--by=bob")] {
            green(
                clone,
                &now,
                &["update", "pushes", by, "--current-status", &words, "--push"],
            );
        }
    }
    let branches = git(
        &bare,
        &["for-each-ref", "--format=%(refname:short)", "refs/heads/incident"],
    );
    let updates: Vec<&str> = branches
        .lines()
        .filter(|branch| !branch.ends_with("/declare"))
        .collect();
    assert_eq!(updates.len(), 8, "{branches}");
    updates.iter().rev().for_each(|branch| merge(branch));
    git(&one, &["fetch", "-q"]);
    git(&one, &["reset", "-q", "--hard", "origin/main"]);
    assert_eq!(
        record(&one)
            .keys()
            .filter(|path| path.to_string_lossy().contains("updates/"))
            .count(),
        8
    );
    green(&one, "2026-11-23T09:30:00Z", &["check"]);
}
