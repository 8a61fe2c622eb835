//! Finds an existing declaration, on the disk or at the remote, and says how to join the incident.

use std::path::Path;

use super::push::branch;
use crate::folder::Folder;
use crate::git::Repo;
use crate::ledger::{self, file_at_commit};
use crate::model::{Entry, PersonKey};
use crate::source::{self, File};
use crate::span::Field;
use crate::terminal::{plain, shell_word};

/// An existing declaration of an incident.
pub struct ExistingDeclaration {
    entry: Entry,
    /// Whether it is on the disk.
    here: bool,
    /// The other place that has it, in words; `None` if it is only on the disk.
    elsewhere: Option<String>,
}

/// Finds the declaration with this id on the disk, on the target branch, or on its own branch at the remote; `None` if it does
/// not exist. The remote is asked only if `ask_remote` is true; if it does not answer, the clone's copies of its branches
/// count.
///
/// # Errors
/// Fails if the disk or the repository cannot be read.
pub fn find_declaration(
    folder: &Folder,
    repo: Option<&Repo>,
    ask_remote: bool,
    id: &str,
) -> anyhow::Result<Option<ExistingDeclaration>> {
    let path = format!("incidents/{id}/incident.yaml");
    let here = ledger::read_file_below(folder, Path::new(&path), &path)?;
    let elsewhere = match repo {
        Some(repo) => {
            let asked = ask_remote.then(|| asked(repo, id, &path).ok()).flatten();
            match asked {
                Some(found) => found,
                None => remembered(repo, id, &path)?,
            }
        }
        None => None,
    };
    let read = |file: &File| source::read_entry(file).0.map(|entry| *entry).unwrap_or_default();
    Ok(match (here, elsewhere) {
        (Some(file), elsewhere) => Some(ExistingDeclaration {
            entry: read(&file),
            here: true,
            elsewhere: elsewhere.map(|(place, _)| place),
        }),
        (None, Some((place, file))) => Some(ExistingDeclaration {
            entry: read(&file),
            here: false,
            elsewhere: Some(place),
        }),
        (None, None) => None,
    })
}

type Found = Option<(String, File)>;

/// The declaration as the remote has it now.
fn asked(repo: &Repo, id: &str, path: &str) -> anyhow::Result<Found> {
    let branch = branch(id, "declaration");
    let remote = repo.query_remote(&[&branch])?;
    let target = repo.fetch_head(&remote.target)?;
    if let Some(file) = file_at_commit(repo, &target, path)? {
        return Ok(Some((format!("on {}", remote.target), file)));
    }
    if remote.branches.contains_key(&branch) {
        let head = repo.fetch_head(&branch)?;
        return Ok(file_at_commit(repo, &head, path)?.map(|file| (format!("as branch {branch}"), file)));
    }
    Ok(None)
}

/// The declaration in the clone's copies of the remote's branches.
fn remembered(repo: &Repo, id: &str, path: &str) -> anyhow::Result<Found> {
    if let Some(target) = repo.tracked_default_head()?
        && let Some(file) = file_at_commit(repo, &target, path)?
    {
        return Ok(Some(("on the default branch".to_owned(), file)));
    }
    let branch = branch(id, "declaration");
    if let Some(head) = repo.tracked_branch_head(&branch)?
        && let Some(file) = file_at_commit(repo, &head, path)?
    {
        return Ok(Some((format!("as branch {branch}"), file)));
    }
    Ok(None)
}

impl ExistingDeclaration {
    /// Whether it has the same author and content as another declaration, apart from the time.
    #[must_use]
    pub fn equals(&self, entry: &Entry, by: &PersonKey) -> bool {
        let mut there = self.entry.clone();
        let same_person = there.declared_by.get() == Some(by);
        there.declared_at = Field::default();
        there.declared_by = Field::default();
        same_person && there == *entry
    }

    /// Whether it is on the disk and nowhere else.
    #[must_use]
    pub fn is_only_local(&self) -> bool {
        self.here && self.elsewhere.is_none()
    }

    /// Describes who declared the incident and when, and how to join it.
    #[must_use]
    pub fn describe(&self, id: &str) -> String {
        let who = self.entry.declared_by.get().map_or("somebody", PersonKey::as_str);
        let when = self.entry.declared_at.get();
        let when = when.map_or_else(String::new, |at| format!(" at {at}"));
        let place = match (self.here, &self.elsewhere) {
            (true, Some(place)) => format!("here and {place}"),
            (true, None) => "here".to_owned(),
            (false, place) => place.clone().unwrap_or_default(),
        };
        let join = if self.here || !place.starts_with("as branch") {
            let pull = if self.here { "" } else { "`git pull`, then " };
            format!("{pull}`incidentctl update {}`", shell_word(id))
        } else {
            format!(
                "`git pull` once its merge request is merged, then `incidentctl update {}`",
                shell_word(id)
            )
        };
        format!(
            "{} is declared already, by {}{when} ({place}).\nJoin it: {join}. Another incident needs another title, or --slug.",
            plain(id),
            plain(who)
        )
    }
}
