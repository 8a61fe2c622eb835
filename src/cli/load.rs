//! From a folder on disk to files, and what lies beside the record: process, people, customers, templates.

use std::collections::BTreeMap;
use std::fs::{self, File as Handle};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::diagnostics::{Diagnostic, Level};
use crate::model::Directory;
use crate::model::directory::{CUSTOMERS_PATH, PEOPLE_PATH};
use crate::process::{self, HANDBOOK_PATH, PROCESS_PATH, Process};
use crate::render::{Broken, Renderer};
use crate::rules;
use crate::source::{self, File, MAX_FILE_BYTES, Read};
use crate::span::Span;

/// How deep a folder is searched for files that do not belong there.
const MAX_DEPTH: usize = 8;

/// What lies beside the record.
pub(super) struct Beside {
    /// The process that applies.
    pub(super) process: Process,
    /// People and customers.
    pub(super) directory: Directory,
    /// The templates that apply.
    pub(super) renderer: Renderer,
    /// What is wrong with these files.
    pub(super) findings: Vec<Diagnostic>,
    /// The texts of these files and of the embedded process, for findings that show them.
    pub(super) sources: BTreeMap<String, String>,
}

impl Beside {
    /// Reads the files beside the record. `file` gives each by its path from the ledger's root.
    ///
    /// # Errors
    /// A file is there and cannot be read.
    pub(super) fn read(
        file: &dyn Fn(&str) -> anyhow::Result<Option<File>>,
        templates: &[File],
    ) -> anyhow::Result<Self> {
        let process_file = file(PROCESS_PATH)?;
        let (process, mut findings) = source::read_process(process_file.as_ref());
        findings.extend(rules::check_process(&process));
        let mut directory = Directory::default();
        let people = file(PEOPLE_PATH)?;
        if let Some(people) = &people {
            let (read, found) = source::read_people(people);
            directory.people = read;
            findings.extend(found);
        }
        let customers = file(CUSTOMERS_PATH)?;
        if let Some(customers) = &customers {
            let (read, found) = source::read_customers(customers);
            directory.customers = read;
            findings.extend(found);
        }
        let mut sources = BTreeMap::from([(HANDBOOK_PATH.to_owned(), process::HANDBOOK.to_owned())]);
        let beside = [process_file, people, customers].into_iter().flatten();
        sources.extend(beside.filter_map(|file| Some((file.path.clone(), file.text()?.to_owned()))));
        let name = |file: &File| file.path.rsplit('/').next().unwrap_or_default().to_owned();
        let own = templates
            .iter()
            .filter_map(|file| Some((name(file), file.text()?.to_owned())))
            .collect();
        let (renderer, broken) = Renderer::new(&own);
        findings.extend(broken.into_iter().map(|broken| broken_template(&broken, &own)));
        sources.extend(own.into_iter().map(|(name, text)| (format!("templates/{name}"), text)));
        Ok(Self {
            findings: rules::level_findings(&process, findings),
            process,
            directory,
            renderer,
            sources,
        })
    }

    /// Reads the files beside the record from the disk; the process from elsewhere where that is asked for.
    ///
    /// # Errors
    /// A file is there and cannot be read, or the process asked for is not there.
    pub(super) fn on_disk(root: &Path, process: Option<&Path>) -> anyhow::Result<Self> {
        let read = |path: &str| match process.filter(|_| path == PROCESS_PATH) {
            Some(elsewhere) => {
                let file = file_at(elsewhere, PROCESS_PATH)?;
                file.with_context(|| format!("no process at {}", elsewhere.display()))
                    .map(Some)
            }
            None => file_at(&root.join(path), path),
        };
        Self::read(&read, &templates(root)?)
    }
}

/// A template of the team that is not used.
fn broken_template(broken: &Broken, texts: &BTreeMap<String, String>) -> Diagnostic {
    let text = texts.get(&broken.file).map(String::as_str).unwrap_or_default();
    let start: usize = text
        .split_inclusive('\n')
        .take(broken.line.saturating_sub(1))
        .map(str::len)
        .sum();
    let end = start + text[start..].lines().next().map_or(0, str::len);
    let path = format!("templates/{}", broken.file);
    let span = Span::between(start, end);
    Diagnostic::new(
        "INC011",
        Level::Error,
        &path,
        span,
        format!("this template is not used: {}", broken.message),
    )
    .with_help(Some("until it is mended, the shipped one is used instead".to_owned()))
}

/// The team's templates.
fn templates(root: &Path) -> anyhow::Result<Vec<File>> {
    let mut found = Vec::new();
    for entry in sorted_if_there(&root.join("templates"))? {
        let path = format!("templates/{}", entry.file_name().to_string_lossy());
        if is_template(&path) {
            found.extend(file_at(&entry.path(), &path)?);
        }
    }
    Ok(found)
}

/// Whether a file of the ledger is a template; other files may lie beside them, such as a component's.
pub(super) fn is_template(path: &str) -> bool {
    path.strip_prefix("templates/")
        .is_some_and(|name| name.ends_with(".hbs") && !name.contains('/'))
}

/// The ids of all incidents, sorted, and findings about files beside their folders.
///
/// # Errors
/// There is no `incidents/`, or the file system refuses to read.
pub(super) fn ids(root: &Path) -> anyhow::Result<(Vec<String>, Vec<Diagnostic>)> {
    let folder = root.join("incidents");
    let mut ids = Vec::new();
    let mut findings = Vec::new();
    let entries = sorted(&folder).with_context(|| {
        format!(
            "no ledger here: {} has no folder `incidents` (`incidentctl init` makes one)",
            root.display()
        )
    })?;
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            ids.push(name);
        } else if kind.is_symlink() || name.ends_with(".yaml") || name.ends_with(".yml") {
            findings.push(stray(&name));
        }
    }
    Ok((ids, findings))
}

/// A file that lies beside the incidents' folders.
fn stray(name: &str) -> Diagnostic {
    let path = format!("incidents/{name}");
    let help = "an incident is a folder: `incidents/ID/incident.yaml`".to_owned();
    Diagnostic::new(
        "INC005",
        Level::Error,
        &path,
        Span::default(),
        format!("`{name}` is not part of the record"),
    )
    .with_help(Some(help))
}

/// The files of an incident, sorted by path. At most one byte over the limit is read; links are not followed.
///
/// # Errors
/// The file system refuses to read.
pub(super) fn folder(root: &Path, id: &str) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    let path = format!("incidents/{id}");
    collect(&root.join("incidents").join(id), &path, MAX_DEPTH, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// An incident on the disk, as it was read.
///
/// # Errors
/// The file system refuses to read.
pub(super) fn incident(root: &Path, id: &str) -> anyhow::Result<Read> {
    Ok(source::read_record(id, &folder(root, id)?))
}

fn collect(directory: &Path, path: &str, depth: usize, files: &mut Vec<File>) -> anyhow::Result<()> {
    for entry in fs::read_dir(directory).with_context(|| format!("cannot read {path}"))? {
        let entry = entry?;
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if depth > 0 {
                collect(&entry.path(), &path, depth - 1, files)?;
            }
        } else if kind.is_file() {
            let bytes = content(&entry.path(), &path)?;
            files.push(File {
                path,
                bytes,
                link: false,
            });
        } else {
            files.push(File {
                path,
                bytes: Vec::new(),
                link: true,
            });
        }
    }
    Ok(())
}

/// The file at this place, under this name; none where nothing is.
///
/// # Errors
/// Something is there and cannot be read.
pub(super) fn file_at(place: &Path, path: &str) -> anyhow::Result<Option<File>> {
    let kind = match fs::symlink_metadata(place) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {path}")),
    };
    // A device or a pipe is no more to be read than a link.
    let bytes = if kind.is_file() {
        content(place, path)?
    } else {
        Vec::new()
    };
    Ok(Some(File {
        path: path.to_owned(),
        bytes,
        link: !kind.is_file(),
    }))
}

/// What a file holds, at most one byte over the limit.
fn content(place: &Path, path: &str) -> anyhow::Result<Vec<u8>> {
    let file = Handle::open(place).with_context(|| format!("cannot open {path}"))?;
    // Most files fit, so that one read gets it all and one more finds the end.
    let mut bytes = Vec::with_capacity(8 * 1024);
    let mut limited = file.take(MAX_FILE_BYTES as u64 + 1);
    limited
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {path}"))?;
    bytes.shrink_to_fit();
    Ok(bytes)
}

fn sorted_if_there(directory: &Path) -> anyhow::Result<Vec<fs::DirEntry>> {
    if directory.is_dir() {
        sorted(directory)
    } else {
        Ok(Vec::new())
    }
}

/// The entries of a directory by name.
fn sorted(directory: &Path) -> anyhow::Result<Vec<fs::DirEntry>> {
    let mut entries = fs::read_dir(directory)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read {}", directory.display()))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    Ok(entries)
}

/// Work on each item, spread over the machine's cores; results in the order of the items.
pub(super) fn in_parallel<T: Sync, U: Send>(items: &[T], work: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if items.len() < 32 || cores < 2 {
        return items.iter().map(work).collect();
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let chunk = (items.len() / (cores * 8)).clamp(1, 256);
    let mut parts: Vec<(usize, Vec<U>)> = std::thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            loop {
                let start = next.fetch_add(chunk, std::sync::atomic::Ordering::Relaxed);
                let Some(rest) = items.get(start..).filter(|rest| !rest.is_empty()) else {
                    return done;
                };
                let part = rest.iter().take(chunk).map(&work).collect();
                done.push((start, part));
            }
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<(usize, Vec<U>)>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().flat_map(join).collect()
    });
    parts.sort_by_key(|(start, _)| *start);
    parts.into_iter().flat_map(|(_, part)| part).collect()
}

/// The ledger's root, as an absolute path where it can be had.
pub(super) fn root(directory: &Path) -> PathBuf {
    fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf())
}
