//! Keeps the plan as a note on the pipeline's merge request.

use std::io::Write;
use std::path::Path;

use super::environment;
use super::server::{self, About, Access, Connection};
use super::{Global, Outcome};
use crate::forge::NoteResult;
use crate::run::{Plan, prepend_refusals, refusals};
use crate::terminal::plain;

/// Creates or updates the note on the merge request. Without a token that may write notes, as in merge requests from forks,
/// the plan is only in the job's output.
pub(super) fn keep(
    global: &Global,
    connection: Connection,
    annotations: Option<&Path>,
    plan: &Plan,
    note: &str,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let links = |links: &[(String, String)]| -> anyhow::Result<()> {
        let Some(file) = annotations else {
            return Ok(());
        };
        super::places::write(file, server::annotations(links))
    };
    links(&[])?;
    let Some(iid) = environment::variable("CI_MERGE_REQUEST_IID").and_then(|iid| iid.parse::<u64>().ok()) else {
        writeln!(
            out,
            "NOTE     this pipeline is about no merge request, so there is no note to keep"
        )?;
        return Ok(Outcome::Clean);
    };
    if environment::variable("GITLAB_TOKEN").is_none() {
        writeln!(
            out,
            "NOTE     there is no token here that may write notes (a merge request from a fork has none): the plan stands above, \
             and in the job's artifacts"
        )?;
        return Ok(Outcome::Clean);
    }
    let settings = global.trusted_config()?;
    let mut forge = server::forge(
        settings,
        &global.root(),
        connection,
        About::now(global.now),
        Access::Write,
    )?;
    let refusals = refusals(forge.as_mut(), plan);
    for why in &refusals {
        writeln!(out, "NOTE     not sent: {}", plain(why))?;
    }
    let note = prepend_refusals(&refusals, note);
    match forge.post_or_edit_note(iid, &note) {
        Ok(kept) => {
            let word = match kept {
                NoteResult::Posted => "posted",
                NoteResult::Edited => "edited",
                NoteResult::Unchanged => "kept as it is",
            };
            let project = server::project(&settings.process).unwrap_or_default();
            let url = format!("{}/{project}/-/merge_requests/{iid}", forge.address());
            writeln!(out, "The note on {url} is {word}.")?;
            links(&[("the plan on the merge request".to_owned(), url)])?;
            Ok(Outcome::Clean)
        }
        Err(error) => {
            writeln!(
                out,
                "FAILED   the note on the merge request: {}",
                plain(&format!("{error:#}"))
            )?;
            Ok(Outcome::Effects)
        }
    }
}
