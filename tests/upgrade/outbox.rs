//! Outboxes, of which one version writes a part and another the rest.

use std::collections::BTreeMap;
use std::path::Path;

use super::common::{files, repository, write};
use super::life::program;
use super::*;

/// The golden ledger's files of incidents by the time at which each was written.
fn history() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for (path, bytes) in files(&repository().join("tests/golden/ledger")) {
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let declared = text.lines().find_map(|line| line.strip_prefix("declared_at: "));
        let at = declared.map_or(name, |at| at.replace(['-', ':'], ""));
        // People and customers are there from the start.
        let at = if path.starts_with("incidents/") {
            at[..13].to_owned()
        } else {
            String::new()
        };
        all.push((at, path, bytes));
    }
    all.sort();
    // A drill tells no customer since version 0.5.0.
    let real = |bytes: Vec<u8>| {
        String::from_utf8_lossy(&bytes)
            .replace("drill: true\n", "")
            .into_bytes()
    };
    all.into_iter().map(|(_, path, bytes)| (path, real(bytes))).collect()
}

fn ledger(history: &[(String, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    put(history, folder.path());
    folder
}

fn put(history: &[(String, Vec<u8>)], root: &Path) {
    for (path, bytes) in history {
        write(root, path, &String::from_utf8_lossy(bytes));
    }
}

fn apply(root: &Path, version: Version) -> String {
    let mut command = program(&version.binary(), root);
    command.args(["--now", "2026-12-24T00:00:00Z", "apply", "--to", "outbox:out"]);
    let output = command.output().expect("it runs");
    let text = common::text(&output);
    assert!(output.status.success(), "{version:?}: {text}");
    text
}

/// The files of an outbox with who each is, the hash of its source words and its state. What follows the state of the
/// incident has a hash of its rendered words, which is left out.
fn outbox(root: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for (path, bytes) in files(&root.join("out")) {
        let text = String::from_utf8(bytes).expect("UTF-8");
        let first = text.lines().next().unwrap_or_default();
        let words: Vec<&str> = first.split(' ').collect();
        assert!(words.len() == 7 && words[1] == "incidentctl:", "{path}: {first}");
        let rendered = ["/issue.md", "/nag/", "/open_channel/"]
            .iter()
            .any(|part| path.contains(part));
        let hash = if rendered { "" } else { words[3] };
        // Version 0.5.0 brought both, for entries that no earlier version has handled.
        let is_last_word = ["acme", "globex"].map(|name| format!("{name}/update/20261103T1332Z-frank.md"));
        if is_last_word.iter().any(|note| path.ends_with(note)) {
            continue;
        }
        let state = if path.ends_with("/ticket.md") { "" } else { words[5] };
        assert_eq!(text.matches("<!-- /incidentctl -->").count(), 1, "{path}");
        all.push(format!("{path} {} {hash} {state}", words[2]));
    }
    all
}

/// Words that were posted: they stay as they were, whichever version goes on.
fn posted(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let all = files(&root.join("out")).into_iter();
    all.filter(|(path, _)| path.contains("/update/") || path.contains("/notify/"))
        .collect()
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn an_outbox_that_two_versions_write_is_the_one_that_one_writes() {
    let history = history();
    let whole = ledger(&history);
    apply(whole.path(), New);
    let wanted = outbox(whole.path());
    let splits: Vec<usize> = (3..=history.len()).collect();
    each(&splits, |split| {
        for (first, second) in [(Old, New), (New, Old)] {
            let name = format!("{first:?} up to file {split}");
            let folder = ledger(&history[..*split]);
            let root = folder.path();
            apply(root, first);
            let before = posted(root);
            put(&history, root);
            apply(root, second);
            let after = posted(root);
            for (path, bytes) in &before {
                if after.get(path) != Some(bytes) {
                    return Err(format!("{name}: {path} was changed by {second:?}"));
                }
            }
            apply(root, New);
            same(&name, &outbox(root), &wanted, &[])?;
            let said = apply(root, New);
            if !said.contains("Nothing is to do") {
                return Err(format!("{name}: {said}"));
            }
        }
        Ok(())
    });
}

#[test]
#[ignore = "needs the binary of 0.1.0: tests/upgrade/run"]
fn an_outbox_of_which_the_old_version_was_killed_is_completed() {
    let history = history();
    let whole = ledger(&history);
    apply(whole.path(), New);
    let wanted = outbox(whole.path());
    let old = ledger(&history);
    let said = apply(old.path(), Old);
    // In the order in which they were written.
    let order = said.lines().filter_map(|line| Some(line.split_once(" out/")?.1.trim()));
    let order = order
        .filter(|path| path.ends_with(".md") && !path.contains(' '))
        .map(str::to_owned);
    let order: Vec<String> = order.collect();
    let all = files(&old.path().join("out"));
    assert_eq!(order.len(), all.len(), "{said}");
    let cuts: Vec<usize> = (0..=order.len()).collect();
    each(&cuts, |cut| {
        let folder = ledger(&history);
        let root = folder.path();
        for path in &order[..*cut] {
            write(root, &format!("out/{path}"), &String::from_utf8_lossy(&all[path]));
        }
        // The file that it was writing.
        if let Some(path) = order.get(*cut) {
            let half = &all[path][..all[path].len() / 2];
            write(root, &format!("out/{path}.unfinished"), &String::from_utf8_lossy(half));
        }
        apply(root, New);
        same(&format!("killed after {cut} files"), &outbox(root), &wanted, &[])
    });
}
