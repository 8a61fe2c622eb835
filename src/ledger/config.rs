//! The settings of a ledger: process, people, customers, templates.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::bail;

use super::disk::{incident_ids, read_file_below};
use super::templates::{TEMPLATES, TeamTemplate, templates_among, templates_on_disk};
use crate::diagnostics::{Diagnostic, Level};
use crate::folder::Folder;
use crate::model::directory::{CUSTOMERS_PATH, PEOPLE_PATH};
use crate::model::issue_link::TicketProjects;
use crate::model::{Directory, History, Record, Timestamp, fold};
use crate::process::{self, HANDBOOK_PATH, PROCESS_PATH, Process};
use crate::render::{RenderContext, Renderer, TemplateProblem};
use crate::rules::{self, CheckContext, MaskedRecord, VariableInTemplate};
use crate::source::{self, File};
use crate::targets::nothing_observed;

/// The settings of a ledger: process, people, customers and templates.
pub struct LedgerConfig {
    /// The process that applies, with the credentials in its names masked.
    pub process: Process,
    /// People and customers, with the credentials in their names masked.
    pub directory: Directory,
    /// People and customers as the files list them, for the rules and for records that override INC601.
    pub written_directory: Directory,
    /// The templates that apply.
    pub renderer: Renderer,
    /// The findings about the settings files.
    pub findings: Vec<Diagnostic>,
    /// The texts of the settings files and of the embedded process, for findings that show them.
    pub sources: BTreeMap<String, String>,
}

impl LedgerConfig {
    /// Reads the settings. `file` returns the file at a path from the ledger's root; `files` contains the templates.
    ///
    /// # Errors
    /// Fails if a file exists and cannot be read.
    pub fn read(file: &dyn Fn(&str) -> anyhow::Result<Option<File>>, files: &[File]) -> anyhow::Result<Self> {
        Self::read_with(file, templates_among(files))
    }

    fn read_with(
        file: &dyn Fn(&str) -> anyhow::Result<Option<File>>,
        templates: Vec<TeamTemplate>,
    ) -> anyhow::Result<Self> {
        let process_file = file(PROCESS_PATH)?;
        let (mut process, mut findings) = source::read_process(process_file.as_ref());
        findings.extend(rules::check_process(&process));
        rules::mask_process(&mut process);
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
        let mut sources = BTreeMap::new();
        let beside = [process_file, people, customers].into_iter().flatten();
        sources.extend(beside.filter_map(|file| Some((file.path.clone(), file.text()?.to_owned()))));
        let (renderer, own) = read_templates(templates, &process, &mut findings);
        sources.extend(own);
        for (path, text) in &sources {
            findings.extend(rules::settings_credential_findings(path, text));
        }
        sources.insert(HANDBOOK_PATH.to_owned(), process::HANDBOOK.to_owned());
        Ok(Self {
            findings: rules::apply_rule_levels(&process, findings),
            directory: rules::masked_directory(&directory, &process),
            written_directory: directory,
            process,
            renderer,
            sources,
        })
    }

    /// Reads the settings from the disk; `process` replaces the ledger's own process file.
    ///
    /// # Errors
    /// Fails if a file exists and cannot be read.
    pub fn on_disk(root: &Path, process: Option<&File>) -> anyhow::Result<Self> {
        let folder = Folder::open_if_there(root, "")?;
        let read = |path: &str| match (process.filter(|_| path == PROCESS_PATH), &folder) {
            (Some(process), _) => Ok(Some(process.clone())),
            (None, Some(folder)) => read_file_below(folder, Path::new(path), path),
            (None, None) => Ok(None),
        };
        let templates = folder.as_ref().map(templates_on_disk);
        Self::read_with(&read, templates.unwrap_or_default())
    }

    /// Returns the settings; an error if process, people or customers contain a mistake.
    ///
    /// # Errors
    /// Fails as [`Self::ensure_usable`] does.
    pub fn into_usable(self) -> anyhow::Result<Self> {
        self.ensure_usable()?;
        Ok(self)
    }

    /// Checks that process, people and customers have no mistake, because a partly read process could cause wrong
    /// effects. A broken template is accepted, because the shipped one replaces it, and so is a credential, because it is masked.
    ///
    /// # Errors
    /// Fails if process, people or customers contain a mistake.
    pub fn ensure_usable(&self) -> anyhow::Result<()> {
        let is_template = |path: &str| path == TEMPLATES || path.starts_with("templates/");
        let is_broken = |finding: &&Diagnostic| {
            finding.level == Level::Error && !is_template(&finding.path) && !rules::is_credential_finding(finding)
        };
        if let Some(finding) = self.findings.iter().find(is_broken) {
            bail!(
                "{} has a mistake ({}): nothing is done by half of it; see `incidentctl check`",
                finding.path,
                finding.message
            );
        }
        Ok(())
    }

    /// The project of each customer's tickets, by the customer's key as it is written and as it is masked.
    #[must_use]
    pub fn ticket_projects(&self) -> TicketProjects {
        let mut projects = BTreeMap::clone(&self.written_directory.ticket_projects());
        let masked = self.directory.ticket_projects();
        projects.extend(
            masked
                .iter()
                .map(|(customer, project)| (customer.clone(), project.clone())),
        );
        TicketProjects::new(projects)
    }

    /// Computes the history of a record with this process.
    #[must_use]
    pub fn history(&self, record: &Record) -> History {
        fold(record, &self.process.with(&self.directory).or(&self.written_directory))
    }

    /// The context of a check at the time `now`, with the ids of the ledger's incidents on the disk, if they can be read.
    #[must_use]
    pub fn check_context(&self, root: &Path, now: Timestamp) -> CheckContext<'_> {
        let ids = incident_ids(root).ok();
        let mut context = CheckContext::new(&self.process, &self.written_directory, now);
        context.incident_ids = ids.map(|(ids, _)| ids.into_iter().collect());
        context
    }

    /// Masks the credentials in a record, for views and effects.
    #[must_use]
    pub fn masked(&self, record: Record) -> MaskedRecord {
        MaskedRecord::new(record, &self.process)
    }

    /// Combines a record and its history with these settings, for rendering at the time `now`. A view is built only from a masked record.
    #[must_use]
    pub fn render_context<'a>(
        &'a self,
        record: &'a MaskedRecord,
        history: &'a History,
        now: Timestamp,
    ) -> RenderContext<'a> {
        RenderContext {
            now,
            observed: &nothing_observed,
            process: &self.process,
            directory: if record.is_as_written() {
                &self.written_directory
            } else {
                &self.directory
            },
            record,
            history,
        }
    }
}

/// Reads the team's templates, with their credentials masked, and adds the findings about them. Returns the texts as they are written,
/// by path, as well.
fn read_templates(
    templates: Vec<TeamTemplate>,
    process: &Process,
    findings: &mut Vec<Diagnostic>,
) -> (Renderer, BTreeMap<String, String>) {
    let (mut own, mut sources) = (BTreeMap::new(), BTreeMap::new());
    let mut unread = Vec::new();
    for template in templates {
        // A name with a credential is no template's name, and is shown with stars.
        let masked = |name: &str| rules::mask_path(name).unwrap_or_else(|| name.to_owned());
        let name = template.file_name().map(masked);
        match (name, template.text) {
            (Some(name), Ok(text)) => {
                own.insert(name.clone(), rules::masked_template(&text, process));
                sources.insert(format!("{TEMPLATES}/{name}"), text);
            }
            (name, Err(reason)) => {
                findings.push(reason.finding(&template.path));
                unread.push((name, reason.describe()));
            }
            (None, Ok(_)) => {}
        }
    }
    let (mut renderer, problems) = Renderer::new(&own);
    for (name, reason) in unread {
        renderer.add_unread_template(name.as_deref(), &reason);
    }
    findings.extend(problems.iter().map(|(name, problem)| {
        let text = own.get(name).map(String::as_str).unwrap_or_default();
        template_finding(&format!("{TEMPLATES}/{name}"), text, problem)
    }));
    (renderer, sources)
}

/// The finding about a problem of a template.
fn template_finding(path: &str, text: &str, problem: &TemplateProblem) -> Diagnostic {
    match problem {
        TemplateProblem::Unusable(fault) => {
            rules::unusable_template_finding(path, text, fault.line, &fault.message, &fault.help)
        }
        TemplateProblem::Failing(fault) => rules::failing_template_finding(path, text, fault.line, &fault.message),
        TemplateProblem::UnknownVariable(variable) => rules::unknown_template_variable_finding(
            path,
            text,
            VariableInTemplate {
                line: variable.line,
                column: variable.column,
                name: &variable.name,
                part: &variable.part,
                known: &variable.known,
            },
        ),
    }
}
