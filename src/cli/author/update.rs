//! `update`: writes an update of an incident, or corrects a file that is there.

use std::io::Write;

use anyhow::{Context, anyhow, bail};

use super::fields::Fields;
use super::{Common, Session, Target, report};
use crate::author::questions::{CURRENT_ACTIONS, CURRENT_STATUS, CUSTOMER_MESSAGE, NEXT_STEPS};
use crate::author::{
    self, CustomersForm, NewFile, choices, customers_form, optional_field, parse_outcome, replace_or_add_file,
};
use crate::cli::ask::{self, Choice};
use crate::cli::{Global, Outcome, complete};
use crate::ledger;
use crate::model::{ClosureReason as Ending, Entry, PromiseTime, StatusKey};
use crate::run::corrected_target_file;
use crate::source::File;
use crate::terminal::plain;

#[derive(clap::Args)]
#[command(
    after_help = "Examples: incidentctl update geo --status identified --current-status 'The proxy sends a wrong header' \
    --next-update 60m\n          incidentctl update geo --correct 20261123T0940Z-bob --current-status 'The proxy sends a stale header'\n\n\
    On a terminal and without a field it asks."
)]
pub(in crate::cli) struct Update {
    /// The incident's id, or a part of it that no other id has.
    #[arg(add = complete::ids())]
    id: Option<String>,
    /// The new title.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The new status.
    #[arg(long, value_name = "STATUS", add = complete::statuses())]
    status: Option<String>,
    /// The reason to close without a resolution: `false_alarm` or duplicate.
    #[arg(long, value_name = "OUTCOME", value_parser = parse_outcome)]
    outcome: Option<Ending>,
    /// Corrects fields of an existing file instead, and keeps its comments: an update's stamp, or `declaration`.
    #[arg(long, value_name = "STAMP")]
    correct: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    common: Common,
}

/// Updates an incident.
pub(in crate::cli) fn update(global: &Global, arguments: &Update, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut session = Session::open(global, &arguments.common)?;
    let case = session.case(arguments.id.as_deref())?;
    if let Some(stamp) = &arguments.correct {
        return correct(&session, &case, stamp, arguments, out);
    }
    let mut entry = entry(&session, arguments, CustomersForm::Edit)?;
    if entry == Entry::default() {
        if !session.asks {
            bail!("an update says at least one thing: give a field, such as --status or --current-status");
        }
        entry = ask_all(&mut session, &case, arguments)?;
    }
    session.add_update(&case, &entry, out)
}

fn entry(session: &Session, arguments: &Update, shape: CustomersForm) -> anyhow::Result<Entry> {
    let mut entry = arguments.fields.entry(shape, &session.root)?;
    entry.title = optional_field(arguments.title.as_deref().map(author::normalize_line));
    entry.status = optional_field(arguments.status.as_deref().map(StatusKey::from));
    entry.outcome = optional_field(arguments.outcome);
    Ok(entry)
}

/// Asks for the status and the texts of the update.
fn ask_all(session: &mut Session, case: &Target, arguments: &Update) -> anyhow::Result<Entry> {
    let mut fields = arguments.fields.clone();
    let now = case.state.status.to_string();
    let choices = choices::next_statuses(&session.world.process, &case.state);
    let status = ask::pick("Status?", choices, 0)?;
    let changed = (status != now).then_some(status);
    if let Some(status) = &changed {
        session.record_answer("--status", status);
    }
    session.ask_text(&mut fields.current_status, &CURRENT_STATUS)?;
    session.ask_text(&mut fields.current_actions, &CURRENT_ACTIONS)?;
    session.ask_text(&mut fields.next_steps, &NEXT_STEPS)?;
    if !case.state.customers.listed().is_empty() {
        session.ask_text(&mut fields.customer_message, &CUSTOMER_MESSAGE)?;
    }
    ask_next_update(session, case, &mut fields)?;
    let mut entry = fields.entry(CustomersForm::Edit, &session.root)?;
    entry.status = optional_field(changed.as_deref().map(StatusKey::from));
    if entry == Entry::default() {
        bail!("nothing was said, so nothing was written");
    }
    Ok(entry)
}

/// Asks for the promise and suggests the cadence.
fn ask_next_update(session: &mut Session, case: &Target, fields: &mut Fields) -> anyhow::Result<()> {
    let says_something = fields.current_status.is_some() || fields.customer_message.is_some();
    let cadence = session.world.process.cadence(&case.state.severity, &case.state.status);
    let Some(cadence) = case.state.cadence.or(cadence).filter(|_| says_something) else {
        return Ok(());
    };
    let choices = vec![
        Choice::new(&cadence.to_string(), "as usual"),
        Choice::new("other", "another time"),
    ];
    let mut promise = ask::pick("When does the next update come?", choices, 0)?;
    while promise == "other" || PromiseTime::parse(&promise).is_err() {
        promise = ask::line("When?", "a length such as 30m, or a time such as 2026-01-02T03:04:05Z")?;
    }
    session.record_answer("--next-update", &promise);
    fields.next_update = PromiseTime::parse(&promise).ok();
    Ok(())
}

/// Corrects an existing file.
fn correct(
    session: &Session,
    case: &Target,
    stamp: &str,
    arguments: &Update,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let file = author::find_file_by_stamp(&case.files, stamp).map_err(|why| anyhow!(plain(&why)))?;
    let old = case.record.entries.iter().find(|entry| entry.path == file.path);
    let old = old.with_context(|| format!("{} cannot be read (see `incidentctl check`)", file.path))?;
    let changes = entry(session, arguments, customers_form(&old.entry))?;
    if changes == Entry::default() {
        bail!("what is to be corrected? Give the field with its right value, such as --current-status TEXT");
    }
    let text =
        author::corrected_text(file, &changes).map_err(|why| anyhow!("{} was not corrected: {why}", file.path))?;
    let corrected = File::new(&file.path, text.as_bytes());
    let after = replace_or_add_file(&case.files, &corrected);
    let verdict = session.judge(&case.id, &merged(session, case), &case.files, &after);
    if !verdict.passes() {
        return report::refused(session, &corrected, &after, &verdict, out);
    }
    if corrected.bytes != file.bytes {
        session.folder.replace(&corrected.path, &corrected.bytes)?;
    } else if !session.common.push {
        report::nothing(
            session,
            "unchanged",
            &case.id,
            &format!("{} says that already.", plain(&file.path)),
            out,
        )?;
        return Ok(Outcome::Clean);
    }
    let by = super::identity::known(session).unwrap_or_else(|| old.by.clone());
    let new = NewFile::correction(&case.record.id, &file.path, text, session.global.now, by);
    let mut written = report::Written::new("corrected", &new, &verdict);
    written.says = format!("correct {}", old.stamp);
    if session.common.push {
        written.instead = Some(corrected_target_file(session.repo()?, file, &changes)?);
    }
    report::written(session, &written, &corrected, &after, out)
}

/// The merged files of the incident; empty if they cannot be read.
fn merged(session: &Session, case: &Target) -> Vec<File> {
    let read = session.repo.as_ref().map(|repo| ledger::merged_files(repo, &case.id));
    read.and_then(Result::ok).unwrap_or_default()
}
