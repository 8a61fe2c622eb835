//! The ledger in one version: on the disk or at a commit.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::comparison::{all_at, config_at};
use super::{Incidents, LedgerConfig, in_parallel, open_repo, read_file_below};
use crate::folder::Folder;
use crate::git::{CiVariables, CommitId, Repo};
use crate::source::{self, File, MAX_FILE_BYTES, ParsedRecord};

/// The path of the pipeline's file, from the ledger's root.
const PIPELINE_PATH: &str = ".gitlab-ci.yml";

/// A version of the ledger: the work tree or a commit.
pub enum Ledger {
    /// The work tree.
    Disk(PathBuf),
    /// A commit.
    Commit {
        /// The repository.
        repo: Repo,
        /// The commit.
        at: CommitId,
        /// The branch whose head the commit is.
        branch: String,
    },
}

impl Ledger {
    /// The version that the program acts on: in a pipeline the current head of the default branch on the server,
    /// elsewhere the work tree. So a late or repeated run never goes back to an older state.
    ///
    /// # Errors
    /// Fails if the head cannot be fetched in a pipeline.
    pub fn authoritative(root: &Path, variables: &CiVariables) -> anyhow::Result<Self> {
        if !variables.ci {
            return Ok(Self::Disk(root.to_path_buf()));
        }
        let Some(branch) = &variables.default_branch else {
            bail!("CI_DEFAULT_BRANCH is not set: nothing says which branch is merged")
        };
        Self::at_branch_head(root, branch, variables)
    }

    /// The ledger at the current head of a branch on the server.
    ///
    /// # Errors
    /// Fails if there is no repository, or the head cannot be fetched.
    pub fn at_branch_head(root: &Path, branch: &str, variables: &CiVariables) -> anyhow::Result<Self> {
        let repo =
            open_repo(root, variables.ci)?.with_context(|| format!("{} is in no git repository", root.display()))?;
        let at = repo.fetch_head(branch)?;
        Ok(Self::Commit {
            repo,
            at,
            branch: branch.to_owned(),
        })
    }

    /// The settings that decide to which servers tokens may be sent: in a pipeline those at the head of the default branch,
    /// elsewhere those on the disk. A branch under review cannot change them.
    ///
    /// # Errors
    /// Fails if the settings cannot be fetched or read.
    pub fn trusted_config(
        root: &Path,
        process: Option<&File>,
        variables: &CiVariables,
    ) -> anyhow::Result<LedgerConfig> {
        Self::authoritative(root, variables)?.config(process)
    }

    /// The ids of the ledger's incidents, sorted.
    ///
    /// # Errors
    /// Fails if the ledger cannot be read.
    pub fn ids(&self) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Disk(root) => Ok(super::incident_ids(root)?.0),
            Self::Commit { repo, at, .. } => repo.folder_names(at, "incidents"),
        }
    }

    /// All parsed incidents, by id.
    ///
    /// # Errors
    /// Fails if the ledger cannot be read.
    pub fn incidents(&self) -> anyhow::Result<Vec<(String, ParsedRecord)>> {
        match self {
            Self::Disk(root) => {
                let incidents = Incidents::open(root)?;
                let ids = incidents.ids()?.0;
                let read = in_parallel(&ids, |id| incidents.incident(id));
                ids.into_iter().zip(read).map(|(id, read)| Ok((id, read?))).collect()
            }
            Self::Commit { repo, at, .. } => {
                let files = all_at(repo, at)?;
                let files: Vec<_> = files.into_iter().collect();
                let read = in_parallel(&files, |(id, files)| source::read_record(id, files));
                Ok(files.into_iter().map(|(id, _)| id).zip(read).collect())
            }
        }
    }

    /// The text of the pipeline's file in the ledger's folder; `None` if it does not exist, is a link or is no text.
    ///
    /// # Errors
    /// Fails if the ledger cannot be read.
    pub fn pipeline(&self) -> anyhow::Result<Option<String>> {
        let file = match self {
            Self::Disk(root) => read_file_below(&Folder::open(root, "")?, Path::new(PIPELINE_PATH), PIPELINE_PATH)?,
            Self::Commit { repo, at, .. } => file_at_commit(repo, at, PIPELINE_PATH)?,
        };
        let file = file.filter(|file| !file.link);
        Ok(file.and_then(|file| file.text().map(str::to_owned)))
    }

    /// Reads the ledger's settings.
    ///
    /// # Errors
    /// Fails if the ledger cannot be read.
    pub fn config(&self, process: Option<&File>) -> anyhow::Result<LedgerConfig> {
        match self {
            Self::Commit { repo, at, .. } if process.is_none() => config_at(repo, at),
            Self::Commit { .. } => bail!("--process is for trying out on the work tree, not for pipelines that act"),
            Self::Disk(root) => LedgerConfig::on_disk(root, process),
        }
    }

    /// Describes this version for people, such as the commit and its branch.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Disk(_) => "the files on the disk".to_owned(),
            Self::Commit { at, branch, .. } => {
                format!("the head of {branch}, {}", at.as_str().get(..12).unwrap_or(at.as_str()))
            }
        }
    }
}

/// Reads a file at a commit; `None` if it does not exist or is a link.
///
/// # Errors
/// Fails if git cannot be run.
pub fn file_at_commit(repo: &Repo, at: &CommitId, path: &str) -> anyhow::Result<Option<File>> {
    let listed = repo.list_existing(at, &[path])?;
    let Some((_, blob)) = listed.iter().find(|(found, blob)| found == path && !blob.link) else {
        return Ok(None);
    };
    let content = repo.read_blobs(&[&blob.id], MAX_FILE_BYTES)?.pop().flatten();
    Ok(content.map(|bytes| File::new(path, bytes)))
}

/// The merged files of an incident: at the last fetched head of the default branch, else at the last commit.
///
/// # Errors
/// Fails if git cannot be run.
pub fn merged_files(repo: &Repo, id: &str) -> anyhow::Result<Vec<File>> {
    let at = match repo.tracked_default_head()? {
        Some(at) => Some(at),
        None => repo.resolve("HEAD")?,
    };
    let Some(at) = at else { return Ok(Vec::new()) };
    let listed = repo.list_files(&at, &[format!("incidents/{id}")])?;
    let ids: Vec<&str> = listed.iter().map(|(_, blob)| blob.id.as_str()).collect();
    let contents = repo.read_blobs(&ids, MAX_FILE_BYTES)?;
    let files = listed.iter().zip(contents);
    Ok(files
        .filter_map(|((path, _), bytes)| Some(File::new(path, bytes?)))
        .collect())
}
