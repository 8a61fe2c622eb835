//! What a folder's handle reaches, and what it refuses.

#![expect(clippy::disallowed_methods, reason = "the tests look at the folder")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

/// A folder to write in, and another one outside of it that holds a file.
fn both() -> (TempDir, TempDir, Folder) {
    let (inside, outside) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("one"),
    );
    fs::write(outside.path().join("secret"), "outside").expect("a file");
    let folder = Folder::open(inside.path(), "").expect("it is there");
    (inside, outside, folder)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn refused<T: std::fmt::Debug>(result: anyhow::Result<T>, path: &str) {
    let error = format!("{:#}", result.expect_err("a link"));
    let words =
        format!("`{path}` is a link: incidentctl never reads or writes through links in a ledger; move it away");
    assert!(error.contains(&words), "{error}");
}

#[test]
fn entries_are_sorted_and_have_their_kinds() {
    let (inside, outside, folder) = both();
    fs::create_dir(inside.path().join("b")).expect("a folder");
    fs::write(inside.path().join("c"), "").expect("a file");
    symlink(outside.path(), inside.path().join("a")).expect("a link");
    let socket = std::os::unix::net::UnixListener::bind(inside.path().join("d")).expect("a socket");
    let entries = folder.entries().expect("they are read");
    let kinds: Vec<_> = entries.iter().map(|entry| (entry.name.to_str(), entry.kind)).collect();
    let expected = [
        (Some("a"), EntryKind::Link),
        (Some("b"), EntryKind::Folder),
        (Some("c"), EntryKind::File),
        (Some("d"), EntryKind::Other),
    ];
    assert_eq!(kinds, expected);
    drop(socket);
}

#[test]
fn a_link_in_any_component_is_refused_and_named() {
    let (inside, outside, folder) = both();
    fs::create_dir(inside.path().join("x")).expect("a folder");
    symlink(outside.path(), inside.path().join("x/link")).expect("a link");
    symlink("nowhere", inside.path().join("x/gone")).expect("a link");
    refused(folder.subfolder("x/link"), "x/link");
    refused(folder.subfolder("x/gone"), "x/gone");
    refused(folder.make_subfolder("x/link/y"), "x/link");
    refused(folder.make_subfolder("x/gone/y"), "x/gone");
    refused(folder.read("x/link/secret", 10), "x/link");
    refused(folder.kind("x/link/secret"), "x/link");
    refused(folder.create("x/link/new", b"n"), "x/link");
    refused(folder.replace("x/link/secret", b"n"), "x/link");
    refused(folder.remove("x/link/secret"), "x/link");
    assert_eq!(names_in(outside.path()), ["secret"]);
    assert_eq!(
        fs::read_to_string(outside.path().join("secret")).expect("a file"),
        "outside"
    );
}

#[test]
fn a_link_at_the_end_is_neither_read_nor_written_through() {
    let (inside, outside, folder) = both();
    symlink(outside.path().join("secret"), inside.path().join("link")).expect("a link");
    symlink(outside.path().join("new"), inside.path().join("gone")).expect("a link");
    for name in ["link", "gone"] {
        assert_eq!(folder.kind(name).expect("it is seen"), Some(EntryKind::Link));
        refused(folder.read(name, 10), name);
        refused(folder.replace(name, b"n"), name);
        assert!(!folder.create(name, b"n").expect("something is there"));
    }
    let found = folder.entries().expect("entries");
    refused(folder.read_entry(&found[1], 10), "link");
    assert_eq!(names_in(outside.path()), ["secret"]);
    assert_eq!(names_in(inside.path()), ["gone", "link"]);
}

#[test]
fn a_path_that_leaves_the_folder_is_refused() {
    let (_inside, outside, folder) = both();
    let absolute = outside.path().join("secret");
    for path in ["../x", "a/../../x", absolute.to_str().expect("text")] {
        assert!(folder.read(path, 10).is_err(), "{path}");
        assert!(folder.create(path, b"n").is_err(), "{path}");
        assert!(folder.make_subfolder(path).is_err(), "{path}");
    }
    for path in ["", "."] {
        assert!(folder.create(path, b"n").is_err(), "{path}");
        assert!(folder.subfolder(path).expect("itself").is_some(), "{path}");
    }
}

#[test]
fn a_file_is_created_once_and_read_to_one_byte_over_the_limit() {
    let (_inside, _outside, folder) = both();
    folder.make_subfolder("a/b").expect("made");
    folder.make_subfolder("a/b").expect("made already");
    assert!(folder.create("a/b/file", b"0123456789").expect("created"));
    assert!(!folder.create("a/b/file", b"other").expect("it is there"));
    for (limit, expected) in [(3, "0123"), (9, "0123456789"), (10, "0123456789"), (99, "0123456789")] {
        let read = folder.read("a/b/file", limit).expect("it is read");
        assert_eq!(read.as_deref(), Some(expected.as_bytes()), "{limit}");
    }
    assert_eq!(folder.read("a/b/none", 9).expect("nothing is there"), None);
    assert_eq!(folder.read("a/none/file", 9).expect("nothing is there"), None);
    assert!(folder.read("a/b", 9).is_err(), "a folder is no file");
    assert!(folder.create("none/file", b"").is_err(), "its folder is missing");
    assert!(folder.replace("none/file", b"").is_err(), "its folder is missing");
    folder.remove("a/b/file").expect("removed");
    assert!(folder.remove("a/b/file").is_err(), "it is gone");
}

#[test]
fn a_file_is_replaced_whole_with_its_permissions_and_leaves_nothing_beside_it() {
    let (inside, _outside, folder) = both();
    let place = inside.path().join("file");
    folder.replace("file", b"one").expect("new");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o640)).expect("set");
    folder.replace("file", b"two").expect("replaced");
    assert_eq!(fs::read_to_string(&place).expect("a file"), "two");
    assert_eq!(
        fs::metadata(&place).expect("a file").permissions().mode() & 0o777,
        0o640
    );
    assert_eq!(names_in(inside.path()), ["file"]);
    fs::create_dir(inside.path().join("folder")).expect("a folder");
    assert!(folder.replace("folder", b"three").is_err(), "a folder is there");
    assert_eq!(names_in(inside.path()), ["file", "folder"]);
}

#[test]
fn a_rename_that_fails_leaves_no_unfinished_file() {
    let (inside, _outside, folder) = both();
    fs::create_dir(inside.path().join("folder")).expect("a folder");
    assert!(folder.replace_file(OsStr::new("folder"), b"text").is_err());
    assert_eq!(names_in(inside.path()), ["folder"]);
}

#[test]
fn a_pipe_is_not_waited_for() {
    let (inside, _outside, folder) = both();
    let made = std::process::Command::new("mkfifo")
        .arg(inside.path().join("pipe"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    assert!(folder.read("pipe", 10).is_err());
    assert!(folder.read_file(OsStr::new("pipe"), 10).is_err());
    assert!(folder.replace("pipe", b"text").is_err());
}

#[test]
fn the_names_of_unfinished_files_do_not_repeat() {
    let names: std::collections::BTreeSet<_> = (0..1000).map(|_| unguessable()).collect();
    assert_eq!(names.len(), 1000);
}

#[test]
fn what_a_killed_run_left_is_removed_an_hour_later_and_nothing_else_is() {
    let (inside, outside, folder) = both();
    let [old, young, foreign, link] = [0, 1, 2, 3].map(|_| unguessable());
    let foreign = foreign.replace(".incidentctl-", ".another-");
    let aged = |path: &Path, minutes: u64| {
        fs::write(path, "half").expect("written");
        let file = fs::File::options().write(true).open(path).expect("a file");
        let at = fs::metadata(path).expect("a file").modified().expect("a time");
        file.set_modified(at - Duration::from_secs(minutes * 60)).expect("set");
    };
    aged(&inside.path().join(&old), 61);
    aged(&inside.path().join(&young), 59);
    aged(&inside.path().join(&foreign), 61);
    aged(&outside.path().join("old"), 61);
    symlink(outside.path().join("old"), inside.path().join(&link)).expect("a link");
    folder.replace("file", b"text").expect("written");
    let mut kept = vec!["file".to_owned(), young, foreign, link];
    kept.sort();
    assert_eq!(names_in(inside.path()), kept);
    assert!(outside.path().join("old").exists());
}

#[test]
fn a_place_that_a_person_named_is_reached_through_links_and_one_below_a_folder_is_not() {
    let (inside, outside, folder) = both();
    let link = inside.path().join("link");
    symlink(outside.path(), &link).expect("a link");
    let named = FolderPath::from_person(&link)
        .open()
        .expect("opened")
        .expect("it is there");
    assert!(named.read("secret", 10).expect("it is read").is_some());
    assert!(
        FolderPath::from_person(&inside.path().join("none"))
            .open()
            .expect("no error")
            .is_none()
    );
    FolderPath::from_person(&inside.path().join("made/deep"))
        .make()
        .expect("made");
    let below = FolderPath::below(folder, Path::new("link"));
    refused(below.open(), "link");
    refused(below.make(), "link");
    assert!(stays_below(Path::new("./a/b")) && !stays_below(Path::new("a/../b")) && !stays_below(Path::new("/a")));
}
