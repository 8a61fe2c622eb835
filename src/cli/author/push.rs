//! `push`, and what `--push` of the other commands prints.

use std::io::Write;

use anyhow::Context;
use serde_json::json;

use super::{Common, Session};
use crate::author::short_description;
use crate::cli::{Global, Outcome, complete, print_json, stderr};
use crate::rules;
use crate::run::{PushRequest, PushResult};
use crate::terminal::{plain_lines, shell_word};

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl push geo-push-rejected")]
pub(in crate::cli) struct Push {
    /// The incident's id, or a part of it that no other id has.
    #[arg(add = complete::ids())]
    id: Option<String>,
    /// Prints the result as JSON, and asks no questions.
    #[arg(long)]
    json: bool,
}

/// Pushes the files of an incident that the target branch does not have.
pub(in crate::cli) fn push(global: &Global, arguments: &Push, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let common = Common {
        json: arguments.json,
        ..Common::default()
    };
    let mut session = Session::open(global, &common)?;
    let case = session.case(arguments.id.as_deref())?;
    let last = case.record.entries.last().context("an incident has a declaration")?;
    let request = PushRequest {
        id: &case.id,
        stamp: last.stamp.as_str(),
        says: &short_description(&last.entry),
        record: Some(&case.record),
        instead: None,
    };
    finish(&session, &request, out)
}

/// Pushes, and prints only the result of the push.
pub(super) fn finish(session: &Session, request: &PushRequest, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let result = session.push(request);
    if session.common.json {
        let push = PushResult::to_json(&result);
        let value = json!({ "format": 1, "action": "pushed", "incident": request.id, "push": push });
        print_json(&value, out)?;
    } else {
        print_result(request.id, &result, out)?;
    }
    Ok(if result.is_err() {
        Outcome::Environment
    } else {
        Outcome::Clean
    })
}

/// Prints the result of a push.
pub(super) fn print_result(id: &str, result: &anyhow::Result<PushResult>, out: &mut dyn Write) -> anyhow::Result<()> {
    match result {
        Ok(result) => write!(out, "{}", result.describe(id))?,
        Err(error) => {
            out.flush()?;
            let words = format!("{error:#}");
            let words = rules::mask_credentials(&words).unwrap_or(words);
            writeln!(
                stderr(),
                "error: it was not pushed: {}\nThe files are written. Push them again with: incidentctl push {}",
                plain_lines(&words),
                shell_word(&rules::mask_path(id).unwrap_or_else(|| id.to_owned()))
            )?;
        }
    }
    Ok(())
}
