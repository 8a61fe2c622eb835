//! Reads revisions and files through the git command, and pushes commits.
//!
//! *Invariant*: the only user of the git command. If git fails, the result is an error and never "no change".

#![expect(clippy::disallowed_methods, reason = "the git command is run here")]

mod address;
mod base;
mod compare;
mod objects;
mod output;
mod person;
mod push;
mod tree;

pub use address::web_address;
pub use base::{Base, CiVariables, choose_base};
use output::{distrusted, is_id, parse_tree_line, split};
pub use person::{add_global_value, global_values, person_config_value};
pub use push::{PushOutcome, RemoteState};

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// The full hexadecimal id of a commit or a tree.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CommitId(String);

impl CommitId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file in a revision: the id of its content, and whether it is a link.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Blob {
    /// The object id of the content.
    pub id: String,
    /// Whether the file is a symbolic link or a submodule.
    pub link: bool,
}

/// A file that differs between two revisions: its path and both contents.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FileChange {
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// The file in the earlier revision; `None` for a new file.
    pub from: Option<Blob>,
    /// The file in the later revision; `None` for a deleted file.
    pub to: Option<Blob>,
}

/// The files and folders that differ between two revisions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RevisionDiff {
    /// The changed files, by path.
    pub files: Vec<FileChange>,
    /// The ids of the trees, before and after, of each folder above a changed file.
    pub folders: BTreeMap<String, TreeIds>,
}

/// The tree ids of a folder before and after a change; each is `None` if the folder does not exist there.
pub type TreeIds = (Option<String>, Option<String>);

/// The owners whose repositories git may work in. A repository's settings can name programs that git runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrustedOwner {
    /// Any owner. In CI the files often belong to another user than the job.
    Anybody,
    /// The user, and the owners of folders in the user's setting `safe.directory`.
    Trusted,
}

/// The repository that holds a ledger.
#[derive(Debug)]
pub struct Repo {
    owner: TrustedOwner,
    ledger: PathBuf,
    top: PathBuf,
    shallow: bool,
}

impl Repo {
    /// Opens the repository that contains the ledger; `None` if it does not exist.
    ///
    /// # Errors
    /// Fails if there is no git command, or the user does not trust the owner of the repository.
    pub fn open(ledger: &Path, owner: TrustedOwner) -> anyhow::Result<Option<Self>> {
        let mut repo = Self {
            owner,
            ledger: ledger.to_path_buf(),
            top: ledger.to_path_buf(),
            shallow: false,
        };
        let arguments = ["rev-parse", "--show-toplevel", "--is-shallow-repository"];
        let output = repo
            .command(&arguments)
            .output()
            .context("git cannot be run: is it installed?")?;
        if !output.status.success() {
            if let Some(folder) = distrusted(&output.stderr) {
                bail!(
                    "the git repository in {folder} belongs to another user, and git reads nothing of it: its settings could run \
                     programs. If you trust it: git config --global --add safe.directory {folder}"
                );
            }
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = text.lines();
        repo.top = PathBuf::from(lines.next().unwrap_or_default());
        repo.shallow = lines.next() == Some("true");
        Ok(Some(repo))
    }

    /// Whether this is the repository of a submodule.
    ///
    /// # Errors
    /// Fails if git cannot be run.
    pub fn is_submodule(&self) -> anyhow::Result<bool> {
        let outer = self.run(&["rev-parse", "--show-superproject-working-tree"])?;
        Ok(!outer.trim_ascii().is_empty())
    }

    /// Whether both repositories have the same work tree.
    #[must_use]
    pub fn is_same_work_tree(&self, other: &Self) -> bool {
        self.top == other.top
    }

    /// The path from the repository's top folder to the ledger: empty, or with a `/` at its end.
    #[must_use]
    pub fn ledger_prefix(&self) -> String {
        let ledger = self.ledger.canonicalize().unwrap_or_else(|_| self.ledger.clone());
        let parts = ledger.strip_prefix(&self.top).unwrap_or(Path::new("")).components();
        parts.fold(String::new(), |place, part| {
            place + &part.as_os_str().to_string_lossy() + "/"
        })
    }

    /// The commit of a revision; `None` if the clone does not have it.
    ///
    /// # Errors
    /// Fails if git cannot be run.
    pub fn resolve(&self, revision: &str) -> anyhow::Result<Option<CommitId>> {
        let name = format!("{revision}^{{commit}}");
        let output = self
            .command(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name])
            .output()?;
        let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        // Some versions of git repeat the separator.
        let id = id.lines().last().unwrap_or_default().to_owned();
        Ok((output.status.success() && is_id(&id)).then_some(CommitId(id)))
    }

    /// The commit of a revision; it is fetched if a shallow clone does not have it.
    ///
    /// # Errors
    /// Fails if the clone does not have the revision and cannot fetch it.
    pub fn resolve_or_fetch(&self, revision: &str) -> anyhow::Result<CommitId> {
        if let Some(id) = self.resolve(revision)? {
            return Ok(id);
        }
        let mut reason = "it names no commit".to_owned();
        if is_id(revision) {
            let depth: &[&str] = if self.shallow { &["--depth=1"] } else { &[] };
            let fetch = ["fetch", "--quiet", "--no-tags"]
                .iter()
                .chain(depth)
                .copied()
                .chain(["origin", revision]);
            match self.run(&fetch.collect::<Vec<_>>()) {
                Ok(_) => {
                    if let Some(id) = self.resolve(revision)? {
                        return Ok(id);
                    }
                }
                Err(error) => reason = format!("{error:#}"),
            }
        }
        bail!(
            "the base {revision} is not in this clone and could not be fetched ({reason}); without it nothing can be said \
             about what changed: fetch it, set GIT_DEPTH: \"0\" for the job, or name another with --base"
        )
    }

    /// Fetches the current head of a branch of `origin`.
    ///
    /// # Errors
    /// Fails if the branch cannot be fetched.
    pub fn fetch_head(&self, branch: &str) -> anyhow::Result<CommitId> {
        let depth: &[&str] = if self.shallow { &["--depth=1"] } else { &[] };
        let reference = format!("refs/heads/{branch}");
        let fetch: Vec<&str> = ["fetch", "--quiet", "--no-tags"]
            .iter()
            .chain(depth)
            .copied()
            .chain(["origin", &reference])
            .collect();
        self.run(&fetch)
            .with_context(|| format!("cannot fetch the head of the branch {branch}"))?;
        self.resolve("FETCH_HEAD")?
            .with_context(|| format!("the branch {branch} has no commit"))
    }

    /// The best common ancestor of two commits; `None` if it does not exist.
    ///
    /// # Errors
    /// Fails if git cannot be run.
    pub fn merge_base(&self, a: &CommitId, b: &CommitId) -> anyhow::Result<Option<CommitId>> {
        let output = self.command(&["merge-base", "--end-of-options", &a.0, &b.0]).output()?;
        let id = String::from_utf8_lossy(&output.stdout)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        Ok(is_id(&id).then_some(CommitId(id)))
    }

    /// The id of the empty tree, the base for the first commit.
    ///
    /// # Errors
    /// Fails if git cannot be run.
    pub fn empty_tree(&self) -> anyhow::Result<CommitId> {
        let text = self.run(&["hash-object", "-t", "tree", "/dev/null"])?;
        Ok(CommitId(String::from_utf8_lossy(&text).trim().to_owned()))
    }

    /// All files below folders of a revision, by path from the ledger's root. A missing folder has no files.
    ///
    /// # Errors
    /// Fails if git cannot read the revision.
    pub fn list_files(&self, at: &CommitId, under: &[String]) -> anyhow::Result<Vec<(String, Blob)>> {
        let folders: Vec<_> = under.iter().map(|folder| format!("{folder}/")).collect();
        let mut arguments = vec!["ls-tree", "-r", "-z", at.as_str(), "--"];
        arguments.extend(folders.iter().map(String::as_str));
        let text = self.run(&arguments)?;
        split(&text).map(|line| parse_tree_line(&line)).collect()
    }

    /// The names of the direct subfolders of a folder in a revision.
    ///
    /// # Errors
    /// Fails if git cannot read the revision.
    pub fn folder_names(&self, at: &CommitId, under: &str) -> anyhow::Result<Vec<String>> {
        let under = format!("{under}/");
        let text = self.run(&["ls-tree", "-d", "-z", "--name-only", at.as_str(), "--", &under])?;
        Ok(split(&text)
            .filter_map(|path| Some(path.strip_prefix(&under)?.to_owned()))
            .collect())
    }

    /// The files at these paths that exist in a revision; for a folder, all files in it.
    ///
    /// # Errors
    /// Fails if git cannot read the revision.
    pub fn list_existing(&self, at: &CommitId, paths: &[&str]) -> anyhow::Result<Vec<(String, Blob)>> {
        let mut arguments = vec!["ls-tree", "-r", "-z", at.as_str(), "--"];
        arguments.extend(paths);
        let text = self.run(&arguments)?;
        split(&text).map(|line| parse_tree_line(&line)).collect()
    }

    /// The contents of blobs, in the order of the ids; `None` for a missing blob. At most `max` bytes and one more are
    /// read of each, so that the caller notices a larger blob.
    ///
    /// # Errors
    /// Fails if git cannot be run or stops early.
    pub fn read_blobs(&self, ids: &[&str], max: usize) -> anyhow::Result<Vec<Option<Vec<u8>>>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.object_reader()?.read(ids, max, "blob")
    }

    /// Runs git and returns its output.
    fn run(&self, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
        let output = self
            .command(arguments)
            .output()
            .context("git cannot be run: is it installed?")?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let reason = self.clean(String::from_utf8_lossy(&output.stderr).trim());
        bail!("git {} failed: {reason}", arguments.first().unwrap_or(&""))
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(&self.ledger)
            .args(["-c", "core.quotePath=false", "-c", "core.fsmonitor=false"]);
        // A repository that lies inside the files of another one came with a clone, settings and all.
        command.args(["-c", "safe.bareRepository=explicit"]);
        if self.owner == TrustedOwner::Anybody {
            command.args(["-c", "safe.directory=*"]);
        }
        command.args(arguments).stdin(Stdio::null());
        command
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0");
        command
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1");
        // The ledger's place decides which repository it is, not what the caller's environment says.
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_NAMESPACE",
            "GIT_PREFIX",
            "GIT_COMMON_DIR",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_SHALLOW_FILE",
        ] {
            command.env_remove(name);
        }
        // In a pipeline a variable may not lead git to another remote (`url.*.insteadOf`).
        if self.owner == TrustedOwner::Anybody {
            for name in [
                "GIT_CONFIG_COUNT",
                "GIT_CONFIG_PARAMETERS",
                "GIT_CONFIG_GLOBAL",
                "GIT_CONFIG_SYSTEM",
            ] {
                command.env_remove(name);
            }
        }
        command
    }
}

#[cfg(test)]
mod tests;
