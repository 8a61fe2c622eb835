//! `explain`, `rules`, `schema` and `completions`: what the program knows about itself.

use std::io::Write;

use anyhow::{Context, bail};
use clap::{CommandFactory, ValueEnum};
use serde_json::{Value, json};

use super::complete;
use super::places;
use super::{Global, Outcome, print_json};
use crate::diagnostics::suggest;
use crate::folder::Folder;
use crate::model::{Customer, Entries, Entry, Person};
use crate::process::{Process, ProcessFile};
use crate::rules::{self, RULES};
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
    /// Which file the schema is for.
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
    /// Where they are written.
    #[arg(value_name = "DIR", add = complete::paths())]
    directory: std::path::PathBuf,
}

/// Prints a rule's documentation.
pub(super) fn explain(arguments: &Explain, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let wanted = arguments.rule.to_ascii_uppercase();
    let Some(rule) = RULES
        .iter()
        .find(|rule| rule.code == wanted || rule.name.eq_ignore_ascii_case(&arguments.rule))
    else {
        let known = RULES.iter().flat_map(|rule| [rule.code, rule.name]);
        let hint = suggest::nearest(&arguments.rule, known)
            .map_or("`incidentctl rules` shows all".to_owned(), |near| {
                format!("did you mean {near}?")
            });
        bail!("there is no rule `{}`; {hint}", plain(&arguments.rule))
    };
    writeln!(
        out,
        "# {} {}\n\n{} ({}; since {})\n\n{}",
        rule.code,
        rule.name,
        rule.summary,
        rule.level.word(),
        rule.since,
        rule.docs.trim_end()
    )?;
    Ok(Outcome::Clean)
}

/// Prints all rules with their level in the process that applies.
pub(super) fn rules(global: &Global, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let process = global.config()?.process;
    for rule in RULES {
        let set = process
            .levels
            .get(rule.code)
            .map(|set| format!("{:?}", set.value).to_lowercase());
        let level = set.unwrap_or_else(|| rule.level.word().to_owned());
        let gates: Vec<&str> = rules::Gate::ALL
            .iter()
            .map(|gate| gate.key())
            .filter(|gate| {
                process
                    .gates
                    .get(*gate)
                    .is_some_and(|codes| codes.value.iter().any(|code| code == rule.code))
            })
            .collect();
        let gates = if gates.is_empty() || level == "error" {
            String::new()
        } else {
            format!(" (error at: {})", gates.join(", "))
        };
        writeln!(
            out,
            "{}  {level:<7}  {:<28}  {}{gates}",
            rule.code, rule.name, rule.summary
        )?;
    }
    Ok(Outcome::Clean)
}

/// Prints what makes a shell ask this program for completions.
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

/// Far more than the largest man page has, in bytes.
const MAX_PAGE_BYTES: usize = 1 << 20;

/// Writes a man page for the program and one for each command.
pub(super) fn man(arguments: &Man, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let shown = plain(&arguments.directory.display().to_string());
    // The generator writes by path, so it writes where nobody else does.
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
    print_json(&document(arguments.kind, &process), out)?;
    Ok(Outcome::Clean)
}

fn document(kind: SchemaKind, process: &Process) -> Value {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    let (mut schema, title) = match kind {
        SchemaKind::Incident => (generator.into_root_schema_for::<Entry>().to_value(), "incident.yaml"),
        SchemaKind::Update => (generator.into_root_schema_for::<Entry>().to_value(), "an update"),
        SchemaKind::Process => (
            generator.into_root_schema_for::<ProcessFile>().to_value(),
            "process.yaml",
        ),
        SchemaKind::People => (
            generator.into_root_schema_for::<Entries<Person>>().to_value(),
            "people.yaml",
        ),
        SchemaKind::Customers => (
            generator.into_root_schema_for::<Entries<Customer>>().to_value(),
            "customers.yaml",
        ),
    };
    schema["title"] = json!(title);
    match kind {
        SchemaKind::Incident => entry(
            &mut schema,
            process,
            &["at", "by"],
            &["title", "severity", "declared_at", "declared_by", "customers"],
        ),
        SchemaKind::Update => entry(&mut schema, process, &["declared_at", "declared_by"], &["by"]),
        SchemaKind::Process | SchemaKind::People | SchemaKind::Customers => {}
    }
    schema
}

/// The schema of an entry: without the keys of the other kind of file, with what is required, and with the process's words.
fn entry(schema: &mut Value, process: &Process, without: &[&str], required: &[&str]) {
    schema["required"] = json!(required);
    let Some(properties) = schema["properties"].as_object_mut() else {
        return;
    };
    for key in without {
        properties.remove(*key);
    }
    let described = |properties: &serde_json::Map<String, Value>, key: &str, mut value: Value| {
        if let Some(text) = properties.get(key).and_then(|old| old.get("description")) {
            value["description"] = text.clone();
        }
        value
    };
    let severities: Vec<_> = process
        .severities
        .iter()
        .map(|severity| severity.key.as_str())
        .collect();
    let statuses: Vec<_> = process.statuses.iter().map(|status| status.key.as_str()).collect();
    let role = properties
        .get("roles")
        .and_then(|roles| roles.get("additionalProperties"))
        .cloned()
        .unwrap_or(json!(true));
    let roles: serde_json::Map<String, Value> = process
        .roles
        .iter()
        .map(|known| (known.key.to_string(), role.clone()))
        .collect();
    let steps = process.severities.iter().flat_map(|severity| &severity.steps);
    let steps: serde_json::Map<String, Value> = steps
        .map(|step| {
            (
                step.key.to_string(),
                json!({ "type": "string", "description": step.title }),
            )
        })
        .collect();
    for (key, value) in [
        ("severity", json!({ "enum": severities })),
        ("status", json!({ "enum": statuses })),
        (
            "roles",
            json!({ "type": "object", "properties": roles, "additionalProperties": false }),
        ),
        (
            "steps",
            json!({ "type": "object", "properties": steps, "additionalProperties": false }),
        ),
    ] {
        let value = described(properties, key, value);
        properties.insert(key.to_owned(), value);
    }
}
