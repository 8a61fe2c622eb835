//! Makes and pushes commits without changing the user's index or work tree.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use anyhow::{Context, bail};
use tempfile::TempDir;

use super::address::{public, without_credentials};
use super::output::{is_branch, is_id};
use super::{CommitId, Repo};
use crate::terminal::plain;

/// The name of the remote that the program uses.
const REMOTE: &str = "origin";

/// The current state of the remote: its address, default branch and requested branches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteState {
    /// The address of the remote, without user, password, query and fragment.
    pub url: String,
    /// The default branch of the remote.
    pub target: String,
    /// The heads of the requested branches that exist.
    pub branches: BTreeMap<String, CommitId>,
}

/// The result of a push that succeeded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PushOutcome {
    /// The messages of the remote.
    pub said: String,
    /// Whether the remote accepted the push options; without them it makes no merge request.
    pub options_taken: bool,
}

impl Repo {
    /// Asks the remote for the heads of these branches; a `*` at the end matches any rest.
    ///
    /// # Errors
    /// Fails if there is no remote, the remote does not answer, or it has no branch yet.
    pub fn query_remote(&self, branches: &[&str]) -> anyhow::Result<RemoteState> {
        let Some(url) = self.config_value("remote.origin.url") else {
            bail!("the repository has no remote `{REMOTE}`: `git remote add {REMOTE} URL`")
        };
        let names: Vec<String> = branches.iter().map(|branch| format!("refs/heads/{branch}")).collect();
        let mut arguments = vec!["ls-remote", "--symref", REMOTE, "HEAD"];
        arguments.extend(names.iter().map(String::as_str));
        let said = self.run(&arguments).context("the remote does not answer")?;
        let said = String::from_utf8_lossy(&said);
        let pairs = || said.lines().filter_map(|line| line.split_once('\t'));
        let target = pairs()
            .filter(|(_, name)| *name == "HEAD")
            .find_map(|(value, _)| value.strip_prefix("ref: refs/heads/"))
            .context(
                "the remote has no default branch yet: push the ledger to it once, with `git push -u origin HEAD`",
            )?;
        if !is_branch(target) {
            bail!(
                "the remote calls its default branch `{}`, which is no valid name of a branch: set another one there",
                plain(target)
            );
        }
        let branches = pairs().filter_map(|(id, name)| {
            let name = name
                .strip_prefix("refs/heads/")
                .filter(|name| is_id(id) && is_branch(name))?;
            Some((name.to_owned(), CommitId(id.to_owned())))
        });
        Ok(RemoteState {
            url: public(&url),
            target: target.to_owned(),
            branches: branches.collect(),
        })
    }

    /// A value of the git configuration, of the repository or the user; `None` if it is not set.
    #[must_use]
    pub fn config_value(&self, name: &str) -> Option<String> {
        let output = self.command(&["config", "--get", name]).output().ok()?;
        let value = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        (output.status.success() && !value.is_empty()).then_some(value)
    }

    /// The last fetched head of the remote's default branch; `None` if it does not exist. It does not ask the remote.
    ///
    /// # Errors
    /// Fails if git cannot be run.
    pub fn tracked_default_head(&self) -> anyhow::Result<Option<CommitId>> {
        self.resolve("refs/remotes/origin/HEAD")
    }

    /// The last fetched head of a branch of the remote; `None` if it does not exist. It does not ask the remote.
    ///
    /// # Errors
    /// Fails if git cannot be run.
    pub fn tracked_branch_head(&self, branch: &str) -> anyhow::Result<Option<CommitId>> {
        self.resolve(&format!("refs/remotes/{REMOTE}/{branch}"))
    }

    /// Makes a commit on top of `parent` that adds or replaces these files, by path from the ledger's root.
    ///
    /// # Errors
    /// Fails if git refuses, for example because it does not know the committer.
    pub fn commit_on_top(
        &self,
        parent: &CommitId,
        files: &[(String, Vec<u8>)],
        message: &str,
    ) -> anyhow::Result<CommitId> {
        let index = Index::new()?;
        self.with_index(&index, &["read-tree", parent.as_str()])?;
        let place = self.ledger_prefix();
        for (path, content) in files {
            let blob = self.fed(&["hash-object", "-w", "--stdin"], content)?;
            let entry = format!("100644,{},{place}{path}", id(&blob)?);
            self.with_index(&index, &["update-index", "--add", "--cacheinfo", &entry])?;
        }
        let tree = id(&self.with_index(&index, &["write-tree"])?)?;
        let mut arguments = vec!["commit-tree"];
        // `commit-tree` does not look at this setting by itself, and a server may want every commit signed.
        if self.config_value("commit.gpgsign").as_deref() == Some("true") {
            arguments.push("-S");
        }
        arguments.extend([tree.as_str(), "-p", parent.as_str(), "-F", "-"]);
        let commit = self.fed(&arguments, message.as_bytes())?;
        Ok(CommitId(id(&commit)?))
    }

    /// Pushes a commit as a new branch. It never moves an existing branch.
    ///
    /// # Errors
    /// Fails if the remote does not answer or refuses.
    pub fn push_new_branch(&self, commit: &CommitId, branch: &str, options: &[String]) -> anyhow::Result<PushOutcome> {
        let output = self.push(commit, branch, options)?;
        let said = self.said(&output);
        if output.status.success() {
            return Ok(PushOutcome {
                said,
                options_taken: true,
            });
        }
        if !said.contains("does not support push options") {
            bail!("{said}");
        }
        let output = self.push(commit, branch, &[])?;
        let said = self.said(&output);
        if !output.status.success() {
            bail!("{said}");
        }
        Ok(PushOutcome {
            said,
            options_taken: false,
        })
    }

    fn push(&self, commit: &CommitId, branch: &str, options: &[String]) -> anyhow::Result<Output> {
        // The empty expectation: only where there is no such branch.
        let lease = format!("--force-with-lease=refs/heads/{branch}:");
        let refspec = format!("{commit}:refs/heads/{branch}");
        let mut arguments = vec!["push", "--no-follow-tags", "--recurse-submodules=no", &lease];
        for option in options {
            arguments.extend(["-o", option]);
        }
        arguments.extend([REMOTE, &refspec]);
        self.command(&arguments)
            .output()
            .context("git cannot be run: is it installed?")
    }

    /// The output of a git command; an error if the command failed.
    fn finished(&self, output: &Output, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
        if output.status.success() {
            return Ok(output.stdout.clone());
        }
        bail!("git {} failed: {}", arguments.first().unwrap_or(&""), self.said(output))
    }

    /// The messages of git and the remote, line by line, without credentials.
    fn said(&self, output: &Output) -> String {
        let text = self.hidden(&String::from_utf8_lossy(&output.stderr));
        let lines = text.lines().map(|line| without_credentials(line.trim_end()));
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// Runs git with a temporary index.
    fn with_index(&self, index: &Index, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
        let mut command = self.command(arguments);
        command.env("GIT_INDEX_FILE", index.file());
        self.finished(&command.output()?, arguments)
    }

    /// Runs git with these bytes on its standard input, and returns its output.
    fn fed(&self, arguments: &[&str], input: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("git cannot be run")?;
        if let Some(mut pipe) = child.stdin.take() {
            // A process that closes its input early says why on its output.
            let _ = pipe.write_all(input);
        }
        self.finished(&child.wait_with_output()?, arguments)
    }
}

/// A temporary index in its own private folder, because git makes a lock beside it. Dropping it deletes the folder.
struct Index(TempDir);

impl Index {
    fn new() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("incidentctl-").tempdir();
        folder
            .map(Self)
            .context("cannot make a temporary folder for git's index")
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("index")
    }
}

fn id(output: &[u8]) -> anyhow::Result<String> {
    let id = String::from_utf8_lossy(output).trim().to_owned();
    if !is_id(&id) {
        bail!("git's answer cannot be understood: {id}");
    }
    Ok(id)
}
