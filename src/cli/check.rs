//! `check`: holds the record against the format and the process, and reports all that is wrong.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::environment;
use super::places;
use super::who::{actors, check_facts};
use super::{Global, Outcome, stderr};
use crate::diagnostics::{Level, codequality, human, json, junit};
use crate::ledger::compare;
use crate::rules;
use crate::run::{Findings, Revisions, check_ledger, check_revisions};
use crate::terminal::{plain, plural};

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl check --base origin/main --report codequality=gl-code-quality.json")]
pub(super) struct Arguments {
    /// Also checks the change since this revision; then only changed files can fail the run.
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The format of the findings on standard output.
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

/// Checks the ledger, reports the findings, and returns whether one of them is an error.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let mut findings = match compare(&root, arguments.base.as_deref(), None, &environment::ci_variables())? {
        Some(comparison) => {
            let revisions = Revisions::read(comparison, &root, global.process_file()?.as_ref())?;
            check_revisions(&revisions, &check_facts(global, actors(global)))
        }
        None => check_ledger(&root, &global.config()?, &check_facts(global, Vec::new()))?,
    };
    findings.mask();
    write_reports(&root, &findings, &arguments.report)?;
    let failed = findings.fails_run();
    if global.quiet && arguments.format == Format::Human {
        findings.all.retain(|finding| finding.level == Level::Error);
    }
    write!(out, "{}", render(arguments.format, &findings, true))?;
    Ok(if failed { Outcome::Findings } else { Outcome::Clean })
}

/// Writes the findings to files; paths in GitLab's reports begin at the repository's root.
fn write_reports(root: &Path, findings: &Findings, reports: &[(Format, PathBuf)]) -> anyhow::Result<()> {
    let for_gitlab = |format| matches!(format, Format::Codequality | Format::Junit);
    let mut below = None;
    if reports.iter().any(|(format, _)| for_gitlab(*format)) {
        // The findings are written even if git refuses to read the repository.
        let place = match super::open_repo(root) {
            Ok(repo) => repo.map(|repo| repo.ledger_prefix()).unwrap_or_default(),
            Err(error) => {
                let why = plain(&format!("{error:#}"));
                writeln!(stderr(), "note: paths in reports begin at the ledger: {why}")?;
                String::new()
            }
        };
        below = (!place.is_empty()).then(|| findings.with_path_prefix(&place));
    }
    for (format, file) in reports {
        let shown = below.as_ref().filter(|_| for_gitlab(*format)).unwrap_or(findings);
        places::write(file, render(*format, shown, false))?;
    }
    Ok(())
}

fn render(format: Format, findings: &Findings, terminal: bool) -> String {
    match format {
        Format::Human => {
            let drawn = human::render(&findings.all, &findings.sources, terminal);
            format!("{drawn}{}\n", summary(findings))
        }
        Format::Json => json::render(findings.checked, &findings.all, &findings.sources, &rules::rule_name),
        Format::Codequality => codequality::render(&findings.all, &findings.sources),
        Format::Junit => junit::render(&findings.all, &findings.sources),
    }
}

/// The last line of the findings, for people.
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
