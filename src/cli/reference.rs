//! `explain`, `rules`, `schema`, `completions` and `man`: print the program's own reference.

use std::io::Write;

use anyhow::{Context, anyhow};
use clap::{CommandFactory, ValueEnum};

use super::complete;
use super::places;
use super::{Global, Outcome, print_json};
use crate::folder::Folder;
use crate::rules::{self, RULES};
use crate::source::{self, FileSchema};
use crate::terminal::plain;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl explain INC201")]
pub(super) struct Explain {
    /// The rule's code or name.
    #[arg(add = complete::rules())]
    rule: String,
}

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl schema incident > incident.schema.json")]
pub(super) struct Schema {
    /// The file that the schema describes.
    #[arg(value_enum)]
    kind: SchemaKind,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemaKind {
    /// `incident.yaml`.
    Incident,
    /// `updates/*.yaml`.
    Update,
    /// `process.yaml`.
    Process,
    /// `people.yaml`.
    People,
    /// `customers.yaml`.
    Customers,
}

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl completions bash > /etc/bash_completion.d/incidentctl")]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl man /usr/local/share/man/man1")]
pub(super) struct Man {
    /// The folder to write to.
    #[arg(value_name = "DIR", add = complete::paths())]
    directory: std::path::PathBuf,
}

/// Prints a rule's documentation.
pub(super) fn explain(arguments: &Explain, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let rule = rules::find_rule(&arguments.rule).map_err(|why| anyhow!(plain(&why)))?;
    write!(out, "{}", rule.markdown_page())?;
    Ok(Outcome::Clean)
}

/// Prints all rules with their level in the process that applies.
pub(super) fn rules(global: &Global, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let process = global.config()?.process;
    for rule in RULES {
        writeln!(out, "{}", rule.list_line(&process))?;
    }
    Ok(Outcome::Clean)
}

/// Prints the script with which a shell asks this program for completions.
pub(super) fn completions(arguments: &Completions, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let shells = clap_complete::env::Shells::builtins();
    let name = arguments.shell.to_string();
    let completer = shells
        .completer(&name)
        .with_context(|| format!("there are no completions for {name}"))?;
    let mut script = Vec::new();
    completer.write_registration("COMPLETE", "incidentctl", "incidentctl", "incidentctl", &mut script)?;
    out.write_all(&script)?;
    Ok(Outcome::Clean)
}

/// The largest size of a man page, in bytes, far above any real page.
const MAX_PAGE_BYTES: usize = 1 << 20;

/// Writes a man page for the program and one for each command.
pub(super) fn man(arguments: &Man, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let shown = plain(&arguments.directory.display().to_string());
    // The generator writes by path, so it writes into a private temporary folder.
    let pages = tempfile::tempdir().context("cannot make a temporary folder")?;
    clap_mangen::generate_to(super::Arguments::command(), pages.path()).context("cannot write the man pages")?;
    let pages = Folder::open(pages.path(), "")?;
    let folder = places::folder(&arguments.directory)?.make()?;
    for page in pages.entries()? {
        let text = pages.read_entry(&page, MAX_PAGE_BYTES)?.unwrap_or_default();
        folder.replace(&page.name, &text)?;
    }
    writeln!(out, "wrote man pages into {shown}: `man -l {shown}/incidentctl.1`")?;
    Ok(Outcome::Clean)
}

/// Prints a JSON Schema, with the words of the process that applies.
pub(super) fn schema(global: &Global, arguments: &Schema, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let process = global.config()?.process;
    let kind = match arguments.kind {
        SchemaKind::Incident => FileSchema::Incident,
        SchemaKind::Update => FileSchema::Update,
        SchemaKind::Process => FileSchema::Process,
        SchemaKind::People => FileSchema::People,
        SchemaKind::Customers => FileSchema::Customers,
    };
    print_json(&source::schema(kind, &process), out)?;
    Ok(Outcome::Clean)
}
