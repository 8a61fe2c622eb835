//! `update`: writes an update of an incident, or corrects a file that is there.

use std::io::Write;

use anyhow::{Context, bail};

use super::fields::{Fields, Input, Shape, made, outcome};
use super::push::file_at;
use super::{Common, Session, Target, report};
use crate::author::{self, New};
use crate::cli::ask::{self, Choice};
use crate::cli::{Global, Outcome, complete};
use crate::model::Outcome as Ending;
use crate::model::{Calendar as _, CustomersChange, Entry, PromiseTime, StatusKey};
use crate::source::{File, MAX_FILE_BYTES};
use crate::span::Field;
use crate::terminal::plain;

#[derive(clap::Args)]
#[command(
    after_help = "Examples: incidentctl update geo --status identified --current-status 'The proxy sends a wrong header' \
    --next-update 60m\n          incidentctl update geo --correct 20261123T0940Z-bob --current-status 'The proxy sends a stale header'\n\n\
    On a terminal and without a field it asks."
)]
pub(in crate::cli) struct Update {
    /// The incident's id, or a part that only it has.
    #[arg(add = complete::ids())]
    id: Option<String>,
    /// The title from here on.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The status from here on.
    #[arg(long, value_name = "STATUS", add = complete::statuses())]
    status: Option<String>,
    /// With a closed status: `false_alarm` or duplicate.
    #[arg(long, value_name = "OUTCOME", value_parser = outcome)]
    outcome: Option<Ending>,
    /// Corrects fields of a file that is there instead, keeping its comments: an update's stamp, or `declaration`.
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
    let mut entry = entry(arguments, Shape::Edit)?;
    if entry == Entry::default() {
        if !session.asks {
            bail!("an update says at least one thing: give a field, such as --status or --current-status");
        }
        entry = ask_all(&mut session, &case, arguments)?;
    }
    session.add_update(&case, &entry, out)
}

fn entry(arguments: &Update, shape: Shape) -> anyhow::Result<Entry> {
    let mut entry = arguments.fields.entry(shape, &Input::default())?;
    entry.title = made(arguments.title.as_deref().map(author::tidy_line));
    entry.status = made(arguments.status.as_deref().map(StatusKey::from));
    entry.outcome = made(arguments.outcome);
    Ok(entry)
}

/// Asks for the status and the words.
fn ask_all(session: &mut Session, case: &Target, arguments: &Update) -> anyhow::Result<Entry> {
    let mut fields = arguments.fields.clone();
    let now = case.state.status.to_string();
    let mut choices = vec![Choice::new(&now, "as it is")];
    let process = &session.world.process;
    let others = process.statuses.iter().filter(|status| status.key != case.state.status);
    let may = others.filter(|status| process.may_follow(&case.state.status, &status.key));
    choices.extend(may.map(|status| Choice::new(status.key.as_str(), &status.title)));
    let status = ask::pick("Status?", choices, 0)?;
    let changed = (status != now).then_some(status);
    if let Some(status) = &changed {
        session.record_answer("--status", status);
    }
    let executives = "executives read this";
    session.ask_text(
        &mut fields.current_status,
        "--current-status",
        "What is the current status?",
        executives,
    )?;
    session.ask_text(
        &mut fields.current_actions,
        "--current-actions",
        "What is being done?",
        executives,
    )?;
    session.ask_text(&mut fields.next_steps, "--next-steps", "What comes next?", executives)?;
    if !case.state.customers.listed().is_empty() {
        let question = "What do you tell the customers?";
        session.ask_text(
            &mut fields.customer_message,
            "--customer-message",
            question,
            "they read this",
        )?;
    }
    ask_next_update(session, case, &mut fields)?;
    let mut entry = fields.entry(Shape::Edit, &Input::default())?;
    entry.status = made(changed.as_deref().map(StatusKey::from));
    if entry == Entry::default() {
        bail!("nothing was said, so nothing was written");
    }
    Ok(entry)
}

/// Asks for the promise, with the cadence as what is usual.
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

/// Corrects a file that is there.
fn correct(
    session: &Session,
    case: &Target,
    stamp: &str,
    arguments: &Update,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let file = find(case, stamp)?;
    let old = case.record.entries.iter().find(|entry| entry.path == file.path);
    let old = old.with_context(|| format!("{} cannot be read (see `incidentctl check`)", file.path))?;
    let shape = match old.entry.customers.get() {
        Some(CustomersChange::Edit(_)) => Shape::Edit,
        _ => Shape::List,
    };
    let changes = entry(arguments, shape)?;
    if changes == Entry::default() {
        bail!("what is to be corrected? Give the field with its right value, such as --current-status TEXT");
    }
    let text =
        author::correct(file, &changes).map_err(|why| anyhow::anyhow!("{} was not corrected: {why}", file.path))?;
    let corrected = File::new(&file.path, text.as_bytes());
    let mut after = case.files.clone();
    after.retain(|other| other.path != file.path);
    after.push(corrected.clone());
    after.sort_by(|a, b| a.path.cmp(&b.path));
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
    let new = New {
        id: case.record.id.clone(),
        // The branch is named by who corrects and when.
        stamp: format!("{}-{by}-correction", session.global.now.0.format("%Y%m%dT%H%M%SZ")),
        at: session.global.now,
        by,
        path: file.path.clone(),
        text,
    };
    let mut written = report::Written::new("corrected", &new, &verdict);
    written.says = format!("correct {}", old.stamp);
    if session.common.push {
        written.instead = Some(correction_of_target(session, file, &changes)?);
    }
    report::written(session, &written, &corrected, &after, out)
}

/// The file of a stamp, or of a part that only it has.
fn find<'a>(case: &'a Target, stamp: &str) -> anyhow::Result<&'a File> {
    let stem = |file: &File| {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if name == "incident.yaml" {
            return "declaration".to_owned();
        }
        name.strip_suffix(".yaml").unwrap_or(name).to_owned()
    };
    let exact = case.files.iter().find(|file| stem(file) == stamp);
    let matching: Vec<&File> = case.files.iter().filter(|file| stem(file).contains(stamp)).collect();
    match (exact, matching.as_slice()) {
        (Some(file), _) => Ok(file),
        (None, [file]) => Ok(*file),
        (None, found) => {
            let names: Vec<_> = if found.is_empty() {
                case.files.iter().collect()
            } else {
                found.to_vec()
            };
            let names: Vec<_> = names.into_iter().map(|file| plain(&stem(file))).collect();
            bail!("which file is `{}`? There are {}", plain(stamp), names.join(", "))
        }
    }
}

/// The files of the incident that are merged: at the remote's default branch as it is remembered, else at the last commit.
/// None where nothing can be said: then none counts as merged.
fn merged(session: &Session, case: &Target) -> Vec<File> {
    let read = || -> anyhow::Result<Vec<File>> {
        let Some(repo) = &session.repo else {
            return Ok(Vec::new());
        };
        let at = match repo.remembered_target()? {
            Some(at) => Some(at),
            None => repo.resolve("HEAD")?,
        };
        let Some(at) = at else { return Ok(Vec::new()) };
        let listed = repo.list(&at, &[format!("incidents/{}", case.id)])?;
        let ids: Vec<&str> = listed.iter().map(|(_, blob)| blob.id.as_str()).collect();
        let contents = repo.read(&ids, MAX_FILE_BYTES)?;
        let files = listed.iter().zip(contents);
        Ok(files
            .filter_map(|((path, _), bytes)| Some(File::new(path, bytes?)))
            .collect())
    };
    read().unwrap_or_default()
}

/// The same correction of the file as the target has it, which may have been corrected elsewhere before.
fn correction_of_target(session: &Session, file: &File, changes: &Entry) -> anyhow::Result<Vec<u8>> {
    let repo = session.repo()?;
    let remote = repo.remote(&[])?;
    let target = repo.fetch_head(&remote.target)?;
    let there = file_at(repo, &target, &file.path)?.with_context(|| {
        format!(
            "{} is corrected here; it is not merged yet, so push it to its own branch with git",
            file.path
        )
    })?;
    let text = author::correct(&there, changes).map_err(|why| anyhow::anyhow!("{why}"))?;
    Ok(text.into_bytes())
}

/// What a status needs to be set: nothing but itself.
pub(super) fn with_status(entry: &mut Entry, status: &str) {
    entry.status = Field::made(StatusKey::from(status));
}
