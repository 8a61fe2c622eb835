//! The settings beside the incidents: process, people, customers, templates.

use std::collections::BTreeMap;
use std::path::Path;

use super::disk::file_at;
use crate::diagnostics::{Diagnostic, Level};
use crate::folder::{Folder, Kind};
use crate::model::Directory;
use crate::model::directory::{CUSTOMERS_PATH, PEOPLE_PATH};
use crate::process::{self, HANDBOOK_PATH, PROCESS_PATH, Process};
use crate::render::{BrokenTemplate, Renderer};
use crate::rules;
use crate::source::{self, File};
use crate::span::Span;

/// The folder of the team's templates.
pub const TEMPLATES: &str = "templates";

/// The settings of a ledger: what lies beside the record.
pub struct LedgerConfig {
    /// The process that applies.
    pub process: Process,
    /// People and customers.
    pub directory: Directory,
    /// The templates that apply.
    pub renderer: Renderer,
    /// What is wrong with these files.
    pub findings: Vec<Diagnostic>,
    /// The texts of these files and of the embedded process, for findings that show them.
    pub sources: BTreeMap<String, String>,
}

impl LedgerConfig {
    /// Reads the files beside the record. `file` gives each by its path from the ledger's root.
    ///
    /// # Errors
    /// Fails if a file is there and cannot be read.
    pub fn read(file: &dyn Fn(&str) -> anyhow::Result<Option<File>>, templates: &[File]) -> anyhow::Result<Self> {
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

    /// Reads the files beside the record from the disk; `process` stands in place of the ledger's own.
    ///
    /// # Errors
    /// Fails if a file is there and cannot be read.
    pub fn on_disk(root: &Path, process: Option<&File>) -> anyhow::Result<Self> {
        let folder = Folder::open_if_there(root, "")?;
        let read = |path: &str| match (process.filter(|_| path == PROCESS_PATH), &folder) {
            (Some(process), _) => Ok(Some(process.clone())),
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
fn broken_template(broken: &BrokenTemplate, texts: &BTreeMap<String, String>) -> Diagnostic {
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
#[must_use]
pub fn is_template(path: &str) -> bool {
    path.strip_prefix("templates/")
        .is_some_and(|name| name.ends_with(".hbs") && !name.contains('/'))
}
