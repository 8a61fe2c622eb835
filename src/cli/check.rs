//! `check`: holds the record against the format and the process, and reports all that is wrong.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::environment;
use super::places;
use super::{Global, Outcome};
use crate::changes::IncidentChange;
use crate::diagnostics::json::Checked;
use crate::diagnostics::{Diagnostic, Level, codequality, human, json, junit};
use crate::ledger::{self, Incidents, LedgerConfig};
use crate::ledger::{Comparison, compare};
use crate::model::fold;
use crate::rules::{self, ChangeContext, CheckContext, Incident, Scope};
use crate::source::{self, File, Read};
use crate::span::Span;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl check --base origin/main --report codequality=gl-code-quality.json")]
pub(super) struct Arguments {
    /// Also judge the change since this revision; then only files that changed can fail the run.
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// How findings are written to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Writes the findings to a file as well; may be given several times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    report: Vec<(Format, PathBuf)>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: the line, carets, help.
    Human,
    /// For machines: one document, format 1.
    Json,
    /// GitLab's code quality report.
    Codequality,
    /// A `JUnit` report with the fields that GitLab reads.
    Junit,
}

fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .ok_or("expected FORMAT=FILE, such as junit=report.xml")?;
    Ok((Format::from_str(format, false)?, PathBuf::from(file)))
}

/// All findings of a run, and the texts that they speak of.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) all: Vec<Diagnostic>,
    pub(super) sources: BTreeMap<String, String>,
    pub(super) checked: Checked,
}

impl Findings {
    /// Those about the files beside the record.
    fn config(config: &LedgerConfig) -> Self {
        Self {
            all: config.findings.clone(),
            sources: config.sources.clone(),
            checked: Checked::default(),
        }
    }

    /// Whether one of them fails the run.
    pub(super) fn failed(&self) -> bool {
        self.all.iter().any(|finding| finding.level == Level::Error)
    }

    /// Takes credentials out of all that is shown: messages, and the lines of files.
    pub(super) fn mask(&mut self) {
        let mask = |text: &mut String| {
            if let Some(masked) = rules::masked(text) {
                *text = masked;
            }
        };
        self.sources.values_mut().for_each(mask);
        for finding in &mut self.all {
            mask(&mut finding.message);
            finding.help.iter_mut().for_each(mask);
            finding.overridden.iter_mut().for_each(mask);
            finding
                .related
                .iter_mut()
                .for_each(|related| mask(&mut related.message));
        }
    }

    /// The same with paths from the repository's top, as GitLab reads reports; `place` is the ledger's.
    fn below(&self, place: &str) -> Self {
        let below = |path: &mut String| path.insert_str(0, place);
        let mut all = self.all.clone();
        for finding in &mut all {
            below(&mut finding.path);
            finding.related.iter_mut().for_each(|related| below(&mut related.path));
        }
        let sources = self.sources.iter();
        Self {
            all,
            sources: sources
                .map(|(path, text)| (format!("{place}{path}"), text.clone()))
                .collect(),
            checked: self.checked,
        }
    }

    /// Takes over those of one incident.
    fn add(&mut self, mut other: Self) {
        // Not `append`, which copies the whole map each time.
        self.all.append(&mut other.all);
        self.sources.extend(other.sources);
        self.checked.incidents += other.checked.incidents;
        self.checked.files += other.checked.files;
    }
}

/// Reads, reports, and says whether there was an error among the findings.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let mut findings = match compare(&root, arguments.base.as_deref(), None, &environment::ci_variables())? {
        Some(comparison) => change(global, &comparison)?,
        None => ledger(global, &global.config()?)?,
    };
    findings.mask();
    write_reports(&root, &findings, &arguments.report)?;
    let failed = findings.failed();
    if global.quiet && arguments.format == Format::Human {
        findings.all.retain(|finding| finding.level == Level::Error);
    }
    write!(out, "{}", render(arguments.format, &findings, true))?;
    Ok(if failed { Outcome::Findings } else { Outcome::Clean })
}

/// Writes the findings to files; for GitLab with the paths that it knows, where the ledger is a folder of a repository.
fn write_reports(root: &Path, findings: &Findings, reports: &[(Format, PathBuf)]) -> anyhow::Result<()> {
    let for_gitlab = |format| matches!(format, Format::Codequality | Format::Junit);
    let mut below = None;
    if reports.iter().any(|(format, _)| for_gitlab(*format)) {
        let place = super::open_repo(root)?.map(|repo| repo.place()).unwrap_or_default();
        below = (!place.is_empty()).then(|| findings.below(&place));
    }
    for (format, file) in reports {
        let shown = below.as_ref().filter(|_| for_gitlab(*format)).unwrap_or(findings);
        places::write(file, render(*format, shown, false))?;
    }
    Ok(())
}

/// Checks the whole ledger on the disk.
///
/// # Errors
/// There is no ledger, or it cannot be read.
pub(super) fn ledger(global: &Global, config: &LedgerConfig) -> anyhow::Result<Findings> {
    let root = global.root();
    let incidents = Incidents::open(&root)?;
    let (ids, stray) = incidents.ids()?;
    let mut findings = Findings::config(config);
    findings.all.extend(rules::level_findings(&config.process, stray));
    let world = CheckContext::new(&config.process, &config.directory, global.now);
    let parts = ledger::in_parallel(&ids, |id| {
        let files = incidents.files(id)?;
        let read = source::read_record(id, &files);
        anyhow::Ok(incident(read, files, None, &world))
    });
    for part in parts {
        findings.add(part?);
    }
    findings.all.sort();
    Ok(findings)
}

/// Checks the incidents that changed, and the change.
///
/// # Errors
/// A side cannot be read.
pub(super) fn change(global: &Global, comparison: &Comparison) -> anyhow::Result<Findings> {
    let root = global.root();
    let config = comparison.config_after(&root, global.process_file()?.as_ref())?;
    let mut findings = Findings::config(&config);
    let mut world = CheckContext::new(&config.process, &config.directory, global.now);
    // A merge request may not say where a token goes: its target does.
    world.actors = super::who::actors(&root);
    let ids = if comparison.touches_all() {
        comparison.all_ids(&root)?
    } else {
        comparison.ids()
    };
    for changed in comparison.changed(&root, &ids)? {
        let scope = Scope::Changed {
            paths: changed.paths.clone(),
            added: changed.added(),
        };
        let scope = Some((&changed.change, scope));
        match changed.after {
            Some(read) => findings.add(incident(read, changed.files, scope.as_ref(), &world)),
            None => findings.all.extend(gone(&changed.change)),
        }
    }
    findings.all.sort();
    Ok(findings)
}

/// The findings about an incident that is not there any more.
fn gone(change: &IncidentChange) -> impl Iterator<Item = Diagnostic> {
    change.gone.iter().map(|path| {
        let help = "bring it back; a merged incident ends with `status: closed`".to_owned();
        let finding = Diagnostic::new(
            "INC408",
            Level::Error,
            path,
            Span::default(),
            "a merged file was deleted",
        );
        finding.with_help(Some(help))
    })
}

/// Checks one incident as it was read, and what changed where that is asked for.
fn incident(read: Read, files: Vec<File>, change: Option<&(&IncidentChange, Scope)>, world: &CheckContext) -> Findings {
    let mut all = match &read.record {
        Some(record) => {
            let history = fold(record, world.process);
            let incident = Incident::new(world, record, &history);
            let scope = change.map_or(&Scope::Everything, |(_, scope)| scope);
            let mut all = rules::check_incident(&incident, read.findings, scope);
            if let Some((change, _)) = change {
                all.extend(rules::check_change(&ChangeContext {
                    incident: &incident,
                    change,
                }));
            }
            all
        }
        None => rules::level_findings(world.process, read.findings),
    };
    all.sort();
    let checked = Checked {
        incidents: 1,
        files: files.len(),
    };
    // Texts are kept only where a finding shows them.
    let mut sources = BTreeMap::new();
    if !all.is_empty() {
        let texts = files
            .into_iter()
            .filter_map(|file| Some((file.path, String::from_utf8(file.bytes).ok()?)));
        sources.extend(texts);
    }
    Findings { all, sources, checked }
}

fn render(format: Format, findings: &Findings, terminal: bool) -> String {
    match format {
        Format::Human => {
            let drawn = human::render(&findings.all, &findings.sources, terminal);
            format!("{drawn}{}\n", summary(findings))
        }
        Format::Json => json::render(findings.checked, &findings.all, &findings.sources, &rules::name),
        Format::Codequality => codequality::render(&findings.all, &findings.sources),
        Format::Junit => junit::render(&findings.all, &findings.sources),
    }
}

/// The last line for people.
pub(super) fn summary(findings: &Findings) -> String {
    let count = |level| findings.all.iter().filter(|finding| finding.level == level).count();
    let levels = [
        (Level::Error, "error"),
        (Level::Warning, "warning"),
        (Level::Info, "note"),
    ];
    let found: Vec<_> = levels
        .into_iter()
        .map(|(level, word)| (count(level), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| plural(count, word))
        .collect();
    format!(
        "checked {} in {}: {}",
        plural(findings.checked.incidents, "incident"),
        plural(findings.checked.files, "file"),
        if found.is_empty() {
            "no findings".to_owned()
        } else {
            found.join(", ")
        }
    )
}

/// A number and its word.
pub(super) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
