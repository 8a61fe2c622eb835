//! The command line: one file per command. Environment, files, clock, output and exit codes live here.
//!
//! *Invariant*: only `main.rs` imports this module, and nothing here decides what is wrong with a record.

#![expect(
    clippy::disallowed_methods,
    reason = "the environment, files and the clock are read here"
)]

mod apply;
mod ask;
mod author;
mod check;
mod comment;
mod complete;
mod doctor;
mod environment;
mod hosts;
mod init;
mod observed;
mod places;
mod plan;
mod reference;
mod remind;
mod report;
mod server;
mod show;
mod who;

use std::cell::OnceCell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::git::Repo;
use crate::ledger::{self, Ledger, LedgerConfig};
use crate::model::Timestamp;
use crate::process::PROCESS_PATH;
use crate::rules;
use crate::source::File;
use crate::terminal::{self, PrintableWriter};
use anyhow::{Context as _, bail};

/// The outcome of a run, which decides the exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    /// No findings at error level and no failures.
    Clean,
    /// Findings at error level.
    Findings,
    /// Wrong usage, or a fault of the environment, such as a missing token.
    Environment,
    /// An effect failed, or it is unknown whether it was carried out.
    Effects,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Findings => 1,
            Outcome::Environment => 2,
            Outcome::Effects => 3,
        })
    }
}

/// Incidents as code on GitLab: checks the record, plans its effects, and applies each effect exactly once.
#[derive(Parser)]
#[command(version, about, max_term_width = 100, after_help = AFTER_HELP)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str =
    "Exit codes: 0 clean, 1 findings at error level, 2 usage or environment, 3 effects failed or unknown.";

/// The options of every command.
#[derive(clap::Args)]
struct Global {
    /// The ledger: the folder that holds `incidents/`.
    #[arg(short = 'C', global = true, value_name = "DIR", default_value = ".", add = complete::paths())]
    directory: PathBuf,
    /// A process file to use instead of the ledger's `process.yaml`.
    #[arg(long, global = true, value_name = "FILE", add = complete::paths())]
    process: Option<PathBuf>,
    /// The time of the run, such as 2026-01-02T03:04:05Z. Default: the clock's.
    #[arg(long, global = true, value_name = "TIME", value_parser = Timestamp::parse, default_value_t = clock(), hide_default_value = true)]
    now: Timestamp,
    /// Prints less: only errors, and one line for each effect.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Prints more: also the description.
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Colours.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// The settings that decide to which servers tokens may be sent; empty until they are read.
    #[arg(skip)]
    trusted: OnceCell<LedgerConfig>,
}

/// When output is coloured.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Global {
    /// The ledger's root.
    fn root(&self) -> PathBuf {
        ledger::absolute_root(Path::new(&self.directory))
    }

    /// In a pipeline, refuses a ledger behind a symbolic link, or that lies in another repository than the job's working
    /// directory. A branch under review decides the content of its files, but must not decide which repository is asked for the
    /// default branch and its process.
    ///
    /// # Errors
    /// Fails if the ledger is reached by a link or lies in another repository.
    fn ensure_own_ledger(&self) -> anyhow::Result<()> {
        if !environment::in_ci() {
            return Ok(());
        }
        places::ensure_no_link(&self.directory)?;
        let Some(ledger) = open_repo(&self.root())? else {
            return Ok(());
        };
        let here = open_repo(Path::new("."))?;
        let shown = terminal::plain(&self.directory.display().to_string());
        if here.is_some_and(|here| !here.is_same_work_tree(&ledger)) || ledger.is_submodule()? {
            bail!(
                "the ledger {shown} lies in another repository than this job: in a pipeline the ledger is a folder of the \
                 project's own repository, and no submodule"
            );
        }
        Ok(())
    }

    /// The file of `--process`, which replaces the ledger's `process.yaml`; `None` if it is not given.
    ///
    /// # Errors
    /// Fails if the file does not exist or cannot be read.
    fn process_file(&self) -> anyhow::Result<Option<File>> {
        let Some(path) = &self.process else { return Ok(None) };
        let file = places::read(path, PROCESS_PATH)?;
        let file = file.with_context(|| format!("no process at {}", path.display()))?;
        Ok(Some(file))
    }

    /// The settings that decide to which servers tokens may be sent, fetched once in a run: see [`Ledger::trusted_config`].
    ///
    /// # Errors
    /// Fails if they cannot be fetched or read.
    fn trusted_config(&self) -> anyhow::Result<&LedgerConfig> {
        if let Some(config) = self.trusted.get() {
            return Ok(config);
        }
        let config = Ledger::trusted_config(&self.root(), None, &environment::ci_variables())?;
        Ok(self.trusted.get_or_init(|| config))
    }

    /// The settings on the disk.
    ///
    /// # Errors
    /// Fails if a file exists and cannot be read.
    fn config(&self) -> anyhow::Result<LedgerConfig> {
        LedgerConfig::on_disk(&self.root(), self.process_file()?.as_ref())
    }
}

/// The repository of a ledger; `None` if the ledger is not in a repository.
///
/// # Errors
/// Fails if git cannot be run, or refuses a repository of another owner.
fn open_repo(root: &Path) -> anyhow::Result<Option<Repo>> {
    ledger::open_repo(root, environment::ci_variables().ci)
}

/// The clock's time, in whole seconds.
fn clock() -> Timestamp {
    let now = chrono::Utc::now();
    Timestamp(chrono::DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now))
}

#[derive(Subcommand)]
enum Command {
    /// Declares an incident: writes its declaration, and with --push opens the merge request.
    Declare(Box<author::Declare>),
    /// Writes an update: a new file, or with --correct a correction of one.
    Update(Box<author::Update>),
    /// Hands a role over to another person.
    HandOver(Box<author::HandOver>),
    /// Records that a step of the process was done.
    Step(Box<author::Step>),
    /// Resolves an incident: records that service is back.
    Resolve(Box<author::Resolve>),
    /// Closes an incident; a closed incident does not change again.
    Close(Box<author::Close>),
    /// Pushes the files of an incident that the default branch does not have, and opens the merge request.
    Push(author::Push),
    /// Checks the record against the format and the process, and reports every mistake.
    Check(check::Arguments),
    /// Shows the effects that a merge would have, with their exact words; changes nothing.
    Plan(plan::Arguments),
    /// Applies the effects that the record asks for and that are missing.
    Apply(apply::Arguments),
    /// Reminds of overdue promises, repairs differences and withdraws abandoned declarations; a schedule runs it.
    Remind(remind::Arguments),
    /// Checks token, rights, projects and settings before an incident needs them.
    Doctor(doctor::Arguments),
    /// Renders a text of an incident: the executive summary, the issue, the review.
    Summary(show::Summary),
    /// Shows the state of an incident.
    Show(show::Show),
    /// Lists incidents.
    List(show::List),
    /// Scores incidents: kept and missed promises, and the times that each phase took.
    Report(report::Arguments),
    /// Explains a rule.
    Explain(reference::Explain),
    /// Lists the rules with their levels.
    #[command(after_help = "Example: incidentctl rules")]
    Rules,
    /// Prints a JSON Schema for editors.
    Schema(reference::Schema),
    /// Writes the files of a new ledger; existing files stay unchanged.
    Init(init::Arguments),
    /// Prints completions for a shell.
    Completions(reference::Completions),
    /// Writes man pages into a folder.
    Man(reference::Man),
}

impl Command {
    /// Whether pipelines run this command on the ledger of a branch that is not merged.
    const fn is_of_pipelines(&self) -> bool {
        matches!(
            self,
            Self::Check(_) | Self::Plan(_) | Self::Apply(_) | Self::Remind(_) | Self::Doctor(_)
        )
    }
}

/// Runs the command that the arguments name. A closed pipe (`| head`) is the end of the output, not a failure.
#[must_use]
pub fn main() -> ExitCode {
    // A shell's request for completions is answered here, and the program ends.
    clap_complete::CompleteEnv::with_factory(<Arguments as clap::CommandFactory>::command).complete();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let global = &arguments.global;
    match global.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let mut out = std::io::BufWriter::new(PrintableWriter::new(anstream::stdout().lock()));
    let checked = if arguments.command.is_of_pipelines() {
        global.ensure_own_ledger()
    } else {
        Ok(())
    };
    let result = checked.and_then(|()| run(global, &arguments.command, &mut out));
    match result.and_then(|outcome| out.flush().map(|()| outcome).map_err(Into::into)) {
        Ok(outcome) => outcome.into(),
        Err(error) if is_closed_pipe(&error) => Outcome::Clean.into(),
        Err(error) => {
            // If not even standard error can be written, the exit code is the only result.
            let words = format!("{error:#}");
            let words = rules::mask_credentials(&words).unwrap_or(words);
            let _ = writeln!(stderr(), "error: {}", terminal::plain_lines(&words));
            Outcome::Environment.into()
        }
    }
}

/// Runs a command and returns its outcome.
fn run(global: &Global, command: &Command, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    match command {
        Command::Declare(own) => author::declare(global, own, out),
        Command::Update(own) => author::update(global, own, out),
        Command::HandOver(own) => author::hand_over(global, own, out),
        Command::Step(own) => author::step(global, own, out),
        Command::Resolve(own) => author::resolve(global, own, out),
        Command::Close(own) => author::close(global, own, out),
        Command::Push(own) => author::push(global, own, out),
        Command::Check(own) => check::run(global, own, out),
        Command::Plan(own) => plan::run(global, own, out),
        Command::Apply(own) => apply::run(global, own, out),
        Command::Doctor(own) => doctor::run(global, own, out),
        Command::Remind(own) => remind::run(global, own, out),
        Command::Summary(own) => show::summary(global, own, out),
        Command::Show(own) => show::show(global, own, out),
        Command::List(own) => show::list(global, own, out),
        Command::Report(own) => report::run(global, own, out),
        Command::Explain(own) => reference::explain(own, out),
        Command::Rules => reference::rules(global, out),
        Command::Schema(own) => reference::schema(global, own, out),
        Command::Init(own) => init::run(global, own, out),
        Command::Completions(own) => reference::completions(own, out),
        Command::Man(own) => reference::man(own, out),
    }
}

/// Standard error, restricted to printable text and the program's own styles.
fn stderr() -> PrintableWriter<impl Write> {
    PrintableWriter::new(anstream::stderr())
}

/// Prints the mistake in the arguments, or the requested help or version.
fn usage(error: &clap::Error) -> ExitCode {
    // The message quotes the arguments: it is made again from arguments without characters that act.
    let harmless = std::env::args_os().map(|word| terminal::plain(&word.to_string_lossy()));
    let words = match Arguments::try_parse_from(harmless) {
        Err(same) => same.render().ansi().to_string(),
        Ok(_) => terminal::plain_lines(&error.render().to_string()),
    };
    // If nothing can be written, the exit code is the only result.
    let _ = if error.use_stderr() {
        write!(stderr(), "{words}")
    } else {
        write!(PrintableWriter::new(anstream::stdout()), "{words}")
    };
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Prints a value as JSON without characters that control a terminal.
fn print_json(value: &impl Serialize, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}", terminal::escape_json(&serde_json::to_string_pretty(value)?))?;
    Ok(())
}

/// Whether an error means that the reader of the output closed the pipe.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
