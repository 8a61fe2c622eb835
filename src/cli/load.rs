//! From a folder on disk to files, and what lies beside the record: process, people, customers, templates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::places;
use crate::diagnostics::{Diagnostic, Level};
use crate::folder::{Folder, Kind};
use crate::model::Directory;
use crate::model::directory::{CUSTOMERS_PATH, PEOPLE_PATH};
use crate::process::{self, HANDBOOK_PATH, PROCESS_PATH, Process};
use crate::render::{Broken, Renderer};
use crate::rules;
use crate::source::{self, File, MAX_FILE_BYTES, Read};
use crate::span::Span;

/// The folder of the incidents.
const INCIDENTS: &str = "incidents";

/// The folder of the team's templates.
pub(super) const TEMPLATES: &str = "templates";

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
        findings.extend(templates.iter().filter(|file| file.link).map(linked_template));
        let name = |file: &File| file.path.rsplit('/').next().unwrap_or_default().to_owned();
        let own = templates
            .iter()
            .filter(|file| !file.link)
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
        let folder = Folder::open_if_there(root, "")?;
        let read = |path: &str| match (process.filter(|_| path == PROCESS_PATH), &folder) {
            (Some(elsewhere), _) => {
                let file = places::read(elsewhere, PROCESS_PATH)?;
                file.with_context(|| format!("no process at {}", elsewhere.display()))
                    .map(Some)
            }
            (None, Some(folder)) => file_at(folder, Path::new(path), path),
            (None, None) => Ok(None),
        };
        let templates = folder.as_ref().map(templates).transpose()?;
        Self::read(&read, &templates.unwrap_or_default())
    }
}

/// A template, or the folder of them, that is a link and is not used.
fn linked_template(file: &File) -> Diagnostic {
    let (what, instead) = if file.path == TEMPLATES {
        ("folder", "put the folder itself here")
    } else {
        ("file", "put the file itself here")
    };
    let message = format!("a link instead of a {what}: no template is read through it");
    let help = format!("{instead}; links are not followed. Until then the shipped templates are used instead");
    Diagnostic::new("INC008", Level::Error, &file.path, Span::default(), message).with_help(Some(help))
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

/// The team's templates; the folder of them itself, if it is a link.
fn templates(root: &Folder) -> anyhow::Result<Vec<File>> {
    let mut found = Vec::new();
    match root.kind(TEMPLATES)? {
        Some(Kind::Link) => found.extend(file_at(root, Path::new(TEMPLATES), TEMPLATES)?),
        Some(Kind::Folder) => {
            let Some(folder) = root.subfolder(TEMPLATES)? else {
                return Ok(found);
            };
            for entry in folder.entries()? {
                let path = format!("{TEMPLATES}/{}", entry.name.to_string_lossy());
                if is_template(&path) {
                    found.extend(file_at(&folder, Path::new(&entry.name), &path)?);
                }
            }
        }
        _ => {}
    }
    Ok(found)
}

/// Whether a file of the ledger is a template; other files may lie beside them, such as a component's.
pub(super) fn is_template(path: &str) -> bool {
    path.strip_prefix("templates/")
        .is_some_and(|name| name.ends_with(".hbs") && !name.contains('/'))
}

/// The folder `incidents` of a ledger on the disk.
pub(super) struct Incidents(Folder);

impl Incidents {
    /// The incidents of the ledger in a folder.
    ///
    /// # Errors
    /// Fails if there is no folder `incidents`, or it is a link.
    pub(super) fn open(root: &Path) -> anyhow::Result<Self> {
        Self::open_if_there(root)?.with_context(|| {
            format!(
                "no ledger here: {} has no folder `incidents` (`incidentctl init` makes one)",
                root.display()
            )
        })
    }

    /// The same; `None` if there is no folder `incidents`.
    ///
    /// # Errors
    /// Fails if it is a link.
    pub(super) fn open_if_there(root: &Path) -> anyhow::Result<Option<Self>> {
        let folder = Folder::open_if_there(root, "")?;
        let incidents = folder.map(|root| root.subfolder(INCIDENTS)).transpose()?;
        Ok(incidents.flatten().map(Self))
    }

    /// The ids of all incidents, sorted, and findings about files beside their folders.
    ///
    /// # Errors
    /// Fails if the file system refuses to read.
    pub(super) fn ids(&self) -> anyhow::Result<(Vec<String>, Vec<Diagnostic>)> {
        let mut ids = Vec::new();
        let mut findings = Vec::new();
        for entry in self.0.entries()? {
            let name = entry.name.to_string_lossy().into_owned();
            if entry.kind == Kind::Folder {
                ids.push(name);
            } else if entry.kind == Kind::Link || name.ends_with(".yaml") || name.ends_with(".yml") {
                findings.push(stray(&name));
            }
        }
        Ok((ids, findings))
    }

    /// The files of an incident, sorted by path. At most one byte over the limit is read; links are not followed.
    ///
    /// # Errors
    /// Fails if there is no such folder, or the file system refuses to read.
    pub(super) fn files(&self, id: &str) -> anyhow::Result<Vec<File>> {
        let folder = self.0.subfolder(id)?;
        let folder = folder.with_context(|| format!("cannot read {INCIDENTS}/{id}: there is no such folder"))?;
        let mut files = Vec::new();
        collect(&folder, &format!("{INCIDENTS}/{id}"), MAX_DEPTH, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The same; `None` if there is no folder of that name, or a link in its place.
    ///
    /// # Errors
    /// Fails if the file system refuses to read.
    pub(super) fn files_if_there(&self, id: &str) -> anyhow::Result<Option<Vec<File>>> {
        let is_there = self.0.kind(id)? == Some(Kind::Folder);
        is_there.then(|| self.files(id)).transpose()
    }

    /// An incident as it was read.
    ///
    /// # Errors
    /// Fails if the file system refuses to read.
    pub(super) fn incident(&self, id: &str) -> anyhow::Result<Read> {
        Ok(source::read_record(id, &self.files(id)?))
    }
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

/// The ids of all incidents of the ledger in a folder, sorted, and findings about files beside their folders.
///
/// # Errors
/// Fails if there is no folder `incidents`, it is a link, or the file system refuses to read.
pub(super) fn ids(root: &Path) -> anyhow::Result<(Vec<String>, Vec<Diagnostic>)> {
    Incidents::open(root)?.ids()
}

/// The files of one incident of the ledger in a folder.
///
/// # Errors
/// Fails if there is no such incident, or the file system refuses to read.
pub(super) fn folder(root: &Path, id: &str) -> anyhow::Result<Vec<File>> {
    Incidents::open(root)?.files(id)
}

/// One incident of the ledger in a folder, as it was read.
///
/// # Errors
/// Fails if there is no such incident, or the file system refuses to read.
pub(super) fn incident(root: &Path, id: &str) -> anyhow::Result<Read> {
    Incidents::open(root)?.incident(id)
}

fn collect(folder: &Folder, path: &str, depth: usize, files: &mut Vec<File>) -> anyhow::Result<()> {
    for entry in folder.entries()? {
        let path = format!("{path}/{}", entry.name.to_string_lossy());
        match entry.kind {
            Kind::Folder if depth == 0 => {}
            Kind::Folder => {
                if let Some(below) = folder.subfolder(&entry.name)? {
                    collect(&below, &path, depth - 1, files)?;
                }
            }
            Kind::File => {
                let bytes = folder.read_entry(&entry, MAX_FILE_BYTES)?;
                files.extend(bytes.map(|bytes| File {
                    path,
                    bytes,
                    link: false,
                }));
            }
            Kind::Link | Kind::Other => files.push(File {
                path,
                bytes: Vec::new(),
                link: true,
            }),
        }
    }
    Ok(())
}

/// The file at this place below a folder, under this name; `None` if nothing is there.
///
/// # Errors
/// Fails if a folder on the way is a link, or something is there and cannot be read.
pub(super) fn file_at(folder: &Folder, place: &Path, path: &str) -> anyhow::Result<Option<File>> {
    let (bytes, link) = match folder.kind(place)? {
        None => return Ok(None),
        Some(Kind::File) => match folder.read(place, MAX_FILE_BYTES)? {
            Some(bytes) => (bytes, false),
            None => return Ok(None),
        },
        // A device or a pipe is no more to be read than a link.
        Some(_) => (Vec::new(), true),
    };
    Ok(Some(File {
        path: path.to_owned(),
        bytes,
        link,
    }))
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
    std::fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf())
}
