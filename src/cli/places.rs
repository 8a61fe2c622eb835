//! Opens files and folders that a person names on the command line.
//!
//! *Invariant*: a path below the working directory, relative or absolute, with `..` or without, may lie in what somebody else
//! cloned, so no link in it is followed. Any other path is what the person typed, and is opened as it is.

use std::path::{Component, Path, PathBuf};

use anyhow::Context;

use super::Global;
use crate::folder::{Folder, FolderPath, stays_below};
use crate::forge::Outbox;
use crate::ledger;
use crate::source::File;

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: usize = 64 << 20;

/// Opens the outbox. A path below the ledger may contain no link; another path is used as a person named it. A relative path
/// starts at the ledger.
///
/// # Errors
/// Fails if the ledger's folder cannot be opened.
pub(super) fn outbox(global: &Global, folder: &Path) -> anyhow::Result<Outbox> {
    let root = global.root();
    let shown = root.join(folder);
    let place = match below_ledger(global, &root, folder) {
        Some(path) => FolderPath::below(Folder::open(&root, "")?, &path),
        None => FolderPath::from_person(&shown),
    };
    Ok(Outbox::at(place, &shown))
}

/// The path from the ledger's root; `None` if the text of the path does not lead into the ledger.
fn below_ledger(global: &Global, root: &Path, folder: &Path) -> Option<PathBuf> {
    if stays_below(folder) {
        return Some(folder.to_path_buf());
    }
    // A relative folder lies in the ledger; one with `..` is looked at from the root as it was typed.
    let typed = std::path::absolute(&global.directory).unwrap_or_else(|_| root.to_path_buf());
    below(root, &typed.join(folder))
}

/// Opens a folder for written files, such as man pages.
///
/// # Errors
/// Fails if the working directory cannot be opened.
pub(super) fn folder(path: &Path) -> anyhow::Result<FolderPath> {
    Ok(match below_here(path) {
        Some(path) => FolderPath::below(here()?, &path),
        None => FolderPath::from_person(path),
    })
}

/// Writes a file, such as a report.
///
/// # Errors
/// Fails if a link stands in a relative path, or the file cannot be written.
pub(super) fn write(file: &Path, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let written = match below_here(file) {
        Some(path) => here().and_then(|here| here.replace(&path, bytes.as_ref())),
        None => std::fs::write(file, bytes).map_err(Into::into),
    };
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// Reads a file that the command line names, such as a process to try out; findings call it `path`. `None` if it does not
/// exist.
///
/// # Errors
/// Fails if a folder in a relative path is a link, or the file cannot be read.
pub(super) fn read(file: &Path, path: &str) -> anyhow::Result<Option<File>> {
    if let Some(file) = below_here(file) {
        return ledger::read_file_below(&here()?, &file, path);
    }
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
        return Ok(None);
    };
    match FolderPath::from_person(folder).open()? {
        Some(folder) => ledger::read_file_below(&folder, Path::new(name), path),
        None => Ok(None),
    }
}

/// The text of a file that the command line names; `None` if it does not exist.
///
/// # Errors
/// Fails if a folder in a relative path is a link, or the file is too large or not a text.
pub(super) fn read_text(path: &Path) -> anyhow::Result<Option<String>> {
    let (folder, name) = match below_here(path) {
        Some(below) => (Some(here()?), below),
        None => match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => (FolderPath::from_person(folder).open()?, name.into()),
            _ => return Ok(None),
        },
    };
    let Some(bytes) = folder
        .map(|folder| folder.read(&name, MAX_FILE_BYTES))
        .transpose()?
        .flatten()
    else {
        return Ok(None);
    };
    anyhow::ensure!(
        bytes.len() <= MAX_FILE_BYTES,
        "{} is larger than 64 MiB",
        path.display()
    );
    let text = String::from_utf8(bytes);
    text.with_context(|| format!("{} is not UTF-8", path.display()))
        .map(Some)
}

/// The path from the working directory; `None` if the text of the path does not lead into it. A pipeline also names files in
/// its clone by absolute paths.
fn below_here(path: &Path) -> Option<PathBuf> {
    if stays_below(path) {
        return Some(path.to_path_buf());
    }
    let here = std::env::current_dir().ok()?;
    below(&here, &here.join(path))
}

/// The path from a folder to an absolute path; `None` if no ancestor of the path is this folder under any name. Links count
/// only below the first ancestor that is the folder.
fn below(folder: &Path, path: &Path) -> Option<PathBuf> {
    let path = lexical(path);
    let folder = folder.canonicalize().ok()?;
    let is_it = |ancestor: &&Path| ancestor.canonicalize().is_ok_and(|ancestor| ancestor == folder);
    let first = path.ancestors().filter(is_it).last()?;
    let rest = path.strip_prefix(first).ok()?;
    stays_below(rest).then(|| rest.to_path_buf())
}

/// Checks that no component of a path below the working directory is a link.
///
/// # Errors
/// Fails if a component is a link.
pub(super) fn ensure_no_link(path: &Path) -> anyhow::Result<()> {
    let Some(path) = below_here(path).filter(|path| path.components().next().is_some()) else {
        return Ok(());
    };
    here()?.subfolder(&path).map(drop)
}

/// The path without `.` and `..`, from its text alone.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// The working directory.
fn here() -> anyhow::Result<Folder> {
    Folder::open(Path::new("."), "")
}
