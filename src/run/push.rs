//! Pushes the files of an incident that the target branch lacks: a commit, a branch of its own, and a merge request.
//!
//! *Invariant*: the user's branch, index and work tree are not touched, and an existing branch is never moved.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{body_with_placeholders, desired_effects};
use crate::author;
use crate::effects::Kind;
use crate::git::{CommitId, RemoteState, Repo, web_address};
use crate::ledger::{self, LedgerConfig, file_at_commit};
use crate::model::{Entry, Record};
use crate::render::escape;
use crate::rules::MaskedRecord;
use crate::source::File;
use crate::terminal::plain;

/// The largest length of a merge request's description, in characters: a push option holds 64 KiB.
const MAX_DESCRIPTION: usize = 8000;

/// A request to push an incident: all its files that the target branch lacks.
pub struct PushRequest<'a> {
    /// The incident's id.
    pub id: &'a str,
    /// The stamp of the pushed file, which names the branch.
    pub stamp: &'a str,
    /// A few words about the file's content.
    pub says: &'a str,
    /// The record with the pushed file; `None` if it cannot be read.
    pub record: Option<&'a Record>,
    /// A file of the target branch to replace, with its path and its content on the disk; `None` to push missing files.
    pub instead: Option<(String, Vec<u8>)>,
}

/// The result of a push.
pub enum PushResult {
    /// A new branch was pushed.
    Pushed {
        /// The new branch.
        branch: String,
        /// The branch that it will be merged into.
        target: String,
        /// The address of the merge request, or of the page that opens one.
        link: Option<String>,
        /// Whether the remote opened the merge request.
        opened: bool,
    },
    /// The remote already had everything.
    Already {
        /// The place that has it, in words.
        place: String,
        /// The address of the branch's merge requests.
        link: Option<String>,
    },
}

/// The name of the branch for a file with this stamp.
pub(super) fn branch(id: &str, stamp: &str) -> String {
    let name = if stamp == "declaration" { "declare" } else { stamp };
    format!("incident/{id}/{name}")
}

/// Pushes the requested files from the ledger in this folder.
///
/// # Errors
/// Fails if there is no remote, if it does not answer, or if it refuses.
pub fn push(repo: &Repo, root: &Path, config: &LedgerConfig, request: &PushRequest) -> anyhow::Result<PushResult> {
    let all = format!("incident/{}/*", request.id);
    let remote = repo.query_remote(&[&all])?;
    let target = repo.fetch_head(&remote.target)?;
    let files = match &request.instead {
        Some(one) => vec![one.clone()],
        None => missing(root, repo, &target, request.id)?,
    };
    if files.is_empty() {
        let place = format!("on {}", remote.target);
        return Ok(PushResult::Already { place, link: None });
    }
    let record = request.record.map(|record| config.masked(record.clone()));
    if record.as_ref().is_some_and(|record| !record.may_act()) {
        bail!(
            "a name of the incident has a credential, and branches are named like files: rename it (INC601, see `incidentctl check`)"
        );
    }
    let branch = branch(request.id, request.stamp);
    if let Some(there) = remote.branches.get(&branch) {
        return already(repo, &branch, there, &files, &remote);
    }
    let words = commit_title(request, record.as_ref());
    let commit = repo.commit_on_top(&target, &files, &format!("{words}\n"))?;
    let pushed = repo
        .push_new_branch(&commit, &branch, &options(config, record.as_ref(), &remote, &words))
        .context("the remote refused")?;
    let said = link_in(&pushed.said);
    let opened = pushed.options_taken && said.as_ref().is_some_and(|link| !link.contains("/merge_requests/new"));
    Ok(PushResult::Pushed {
        link: said.or_else(|| {
            Some(format!(
                "{}/-/merge_requests/new?merge_request%5Bsource_branch%5D={}",
                web_address(&remote.url)?,
                encoded(&branch)
            ))
        }),
        target: remote.target,
        branch,
        opened,
    })
}

/// All files of an incident that the target branch lacks, so that the pushed commit is complete.
fn missing(root: &Path, repo: &Repo, target: &CommitId, id: &str) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let listed = repo.list_files(target, &[format!("incidents/{id}")])?;
    let there: BTreeSet<&str> = listed.iter().map(|(path, _)| path.as_str()).collect();
    let files = ledger::incident_files(root, id)?;
    let lacking = files
        .into_iter()
        .filter(|file| file.path.ends_with(".yaml") && !file.link && !there.contains(file.path.as_str()));
    Ok(lacking.map(|file| (file.path, file.bytes)).collect())
}

/// The result if the branch already exists.
///
/// # Errors
/// Fails if the branch has other content.
fn already(
    repo: &Repo,
    branch: &str,
    there: &CommitId,
    files: &[(String, Vec<u8>)],
    remote: &RemoteState,
) -> anyhow::Result<PushResult> {
    repo.fetch_head(branch)?;
    for (path, content) in files {
        if file_at_commit(repo, there, path)?.is_none_or(|file| file.bytes != *content) {
            bail!(
                "the branch {branch} is there already and has another {path}: somebody pushes at the same time, or it was \
                 pushed before it was changed. Push to it with git, or try again when its merge request is merged"
            );
        }
    }
    Ok(PushResult::Already {
        place: format!("as branch {branch}"),
        link: web_address(&remote.url).map(|web| requests(&web, branch)),
    })
}

/// The title of the commit and of the merge request.
fn commit_title(request: &PushRequest, record: Option<&MaskedRecord>) -> String {
    let title = if request.stamp == "declaration" {
        let title = record.and_then(|record| record.declaration().entry.title.get());
        format!("Declare {}", title.map_or(request.id, String::as_str))
    } else {
        format!("{}: {}", request.id, request.says)
    };
    escape::title(&title)
}

/// The push options, which tell GitLab how to open the merge request.
/// <https://docs.gitlab.com/topics/git/commit/#push-options-for-merge-requests>
fn options(config: &LedgerConfig, record: Option<&MaskedRecord>, remote: &RemoteState, title: &str) -> Vec<String> {
    let mut all = vec![
        "merge_request.create".to_owned(),
        format!("merge_request.target={}", remote.target),
        format!("merge_request.title={title}"),
        "merge_request.remove_source_branch".to_owned(),
        // Both names: GitLab 17.11 renamed the option, and leaves alone what it does not know.
        "merge_request.auto_merge".to_owned(),
        "merge_request.merge_when_pipeline_succeeds".to_owned(),
    ];
    if let Some(record) = record {
        all.push(format!(
            "merge_request.description={}",
            one_line(&description(config, record))
        ));
        let history = config.history(record);
        let effects = desired_effects(config, record, &history, history.last().at);
        let labels = effects.iter().find(|effect| effect.kind == Kind::Issue);
        let labels = labels.into_iter().flat_map(|issue| &issue.labels);
        all.extend(labels.map(|label| format!("merge_request.label={label}")));
    }
    all.retain(|option| !option.contains(['\n', '\r', '\0']));
    all
}

/// The merge request's description: the executive summary as it will be posted, without mentions.
fn description(config: &LedgerConfig, record: &MaskedRecord) -> String {
    let history = config.history(record);
    let context = config.render_context(record, &history, history.last().at);
    let mut view = context.summary(record.entries.len() - 1, None);
    view.mention = None;
    let body = body_with_placeholders(&config.renderer.executive_summary(&view));
    escape::cut(&body, MAX_DESCRIPTION)
}

/// A text as one line for a push option: git refuses line feeds, and GitLab reads `\n` as one. A `\n` in the text itself
/// would begin a line, on which a command could act, so its backslash becomes an entity.
fn one_line(text: &str) -> String {
    text.replace("\\n", "&#92;n")
        .replace("\r\n", "\n")
        .replace(['\r', '\0'], " ")
        .replace('\n', "\\n")
}

/// The first address of a merge request in the remote's answer; `None` if it does not exist.
fn link_in(said: &str) -> Option<String> {
    let words = said
        .lines()
        .filter_map(|line| line.strip_prefix("remote:"))
        .flat_map(str::split_whitespace);
    let mut links = words.filter(|word| word.starts_with("https://") || word.starts_with("http://"));
    links.find(|link| link.contains("/merge_requests/")).map(plain)
}

fn requests(web: &str, branch: &str) -> String {
    format!("{web}/-/merge_requests?state=all&source_branch={}", encoded(branch))
}

fn encoded(branch: &str) -> String {
    branch.replace('/', "%2F")
}

impl PushResult {
    /// Describes the result for people.
    #[must_use]
    pub fn describe(&self, id: &str) -> String {
        match self {
            Self::Pushed {
                branch,
                target,
                link,
                opened,
            } => {
                let head = format!("pushed  {}, to be merged into {}\n", plain(branch), plain(target));
                let word = if *opened {
                    "merge request"
                } else {
                    "open the merge request"
                };
                head + &link_line(word, link.as_deref())
            }
            Self::Already { place, link } => {
                let (id, place) = (plain(id), plain(place));
                let head = format!("All of {id} is there already, {place}: nothing was pushed.\n");
                head + &link_line("merge request", link.as_deref())
            }
        }
    }

    /// Returns the result, or the error, as JSON.
    #[must_use]
    pub fn to_json(result: &anyhow::Result<Self>) -> Value {
        match result {
            Ok(Self::Pushed {
                branch,
                target,
                link,
                opened,
            }) => json!({ "result": "pushed", "branch": branch, "target": target, "link": link, "opened": opened }),
            Ok(Self::Already { place, link }) => json!({ "result": "already", "place": place, "link": link }),
            Err(error) => json!({ "result": "failed", "error": format!("{error:#}") }),
        }
    }
}

fn link_line(word: &str, link: Option<&str>) -> String {
    link.map_or_else(String::new, |link| format!("{word}: {}\n", plain(link)))
}

/// Applies a correction to the target branch's version of a file, which may contain earlier corrections, and returns the new
/// content.
///
/// # Errors
/// Fails if the target does not have the file, or it cannot be corrected there.
pub fn corrected_target_file(repo: &Repo, file: &File, changes: &Entry) -> anyhow::Result<Vec<u8>> {
    let remote = repo.query_remote(&[])?;
    let target = repo.fetch_head(&remote.target)?;
    let there = file_at_commit(repo, &target, &file.path)?.with_context(|| {
        format!(
            "{} is corrected here; it is not merged yet, so push it to its own branch with git",
            file.path
        )
    })?;
    let text = author::corrected_text(&there, changes).map_err(|why| anyhow::anyhow!("{why}"))?;
    Ok(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_one_line_begins_no_line_of_its_own_choice() {
        assert_eq!(one_line("a\nb\r\nc"), "a\\nb\\nc");
        let hostile = one_line("x\\n/close\n\\\\n/close");
        assert_eq!(hostile, "x&#92;n/close\\n\\&#92;n/close");
        let by_gitlab = hostile.replace("\\n", "\n");
        assert!(by_gitlab.lines().all(|line| !line.starts_with('/')), "{by_gitlab}");
    }

    #[test]
    fn the_merge_request_is_found_in_what_gitlab_says() {
        let said = "remote: \nremote: View merge request for incident/x/declare:\n\
            remote:   https://gitlab.example.com/a/b/-/merge_requests/7        \nremote: \nTo gitlab.example.com:a/b.git";
        assert_eq!(
            link_in(said).as_deref(),
            Some("https://gitlab.example.com/a/b/-/merge_requests/7")
        );
        assert_eq!(link_in("To https://h/a/-/merge_requests/8"), None);
    }
}
