//! `push`, and `--push` of the other commands: a commit on top of the target, a branch of its own, a merge request.
//!
//! *Invariant*: the user's branch, index and work tree are not touched, and a branch that is there is never moved.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{Common, Session, shell};
use crate::author::short_description;
use crate::cli::{Global, Outcome, complete, print_json, stderr};
use crate::effects::Kind;
use crate::git::{CommitId, Remote, Repo, web_address};
use crate::ledger;
use crate::model::Record;
use crate::render::escape;
use crate::run::{effects, preview};
use crate::source::{File, MAX_FILE_BYTES};
use crate::terminal::{lines, plain};

/// The longest description that is sent along, in characters: an option of a push holds 64 KiB.
const MAX_DESCRIPTION: usize = 8000;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl push geo-push-rejected")]
pub(in crate::cli) struct Push {
    /// The incident's id, or a part that only it has.
    #[arg(add = complete::ids())]
    id: Option<String>,
    /// The result for machines; asks nothing.
    #[arg(long)]
    json: bool,
}

/// What is to be pushed of an incident: all of its files that the target lacks.
pub(super) struct PushRequest<'a> {
    pub(super) id: &'a str,
    /// Of the file that this is about: names the branch.
    pub(super) stamp: &'a str,
    /// What it says, in a few words.
    pub(super) says: &'a str,
    /// The record with it.
    pub(super) record: Option<&'a Record>,
    /// A file of the target to replace, instead: its path and its content on the disk.
    pub(super) instead: Option<(String, Vec<u8>)>,
}

/// What came of a push.
pub(super) enum PushResult {
    /// The branch is new.
    Pushed {
        branch: String,
        target: String,
        /// The merge request, or where to open one.
        link: Option<String>,
        /// The remote made the merge request.
        opened: bool,
    },
    /// It was there already.
    Already {
        /// Where, in words.
        place: String,
        link: Option<String>,
    },
}

/// Pushes what the target lacks of an incident.
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
        stamp: &last.stamp,
        says: &short_description(&last.entry),
        record: Some(&case.record),
        instead: None,
    };
    let sent = send(&session, &request);
    if arguments.json {
        let value = json!({ "format": 1, "action": "pushed", "incident": case.id, "push": as_json(&sent) });
        print_json(&value, out)?;
    } else {
        say(&case.id, &sent, out)?;
    }
    Ok(if sent.is_err() {
        Outcome::Environment
    } else {
        Outcome::Clean
    })
}

/// The branch of a file.
pub(super) fn branch(id: &str, stamp: &str) -> String {
    let name = if stamp == "declaration" { "declare" } else { stamp };
    format!("incident/{id}/{name}")
}

/// Pushes a parcel.
///
/// # Errors
/// There is no repository or remote, it does not answer, or refuses.
pub(super) fn send(session: &Session, request: &PushRequest) -> anyhow::Result<PushResult> {
    let repo = session.repo()?;
    let all = format!("incident/{}/*", request.id);
    let remote = repo.remote(&[&all])?;
    let target = repo.fetch_head(&remote.target)?;
    let files = match &request.instead {
        Some(one) => vec![one.clone()],
        None => missing(session, repo, &target, request.id)?,
    };
    if files.is_empty() {
        let place = format!("on {}", remote.target);
        return Ok(PushResult::Already { place, link: None });
    }
    let branch = branch(request.id, request.stamp);
    if let Some(there) = remote.branches.get(&branch) {
        return already(repo, &branch, there, &files, &remote);
    }
    let words = commit_title(request);
    let commit = repo.commit_on(&target, &files, &format!("{words}\n"))?;
    let pushed = repo
        .push_new(&commit, &branch, &options(session, request, &remote, &words))
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

/// The files of an incident that the target lacks: all of them, so that what is pushed stands by itself.
fn missing(session: &Session, repo: &Repo, target: &CommitId, id: &str) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let listed = repo.list(target, &[format!("incidents/{id}")])?;
    let there: BTreeSet<&str> = listed.iter().map(|(path, _)| path.as_str()).collect();
    let files = ledger::folder(&session.root, id)?;
    let lacking = files
        .into_iter()
        .filter(|file| file.path.ends_with(".yaml") && !file.link && !there.contains(file.path.as_str()));
    Ok(lacking.map(|file| (file.path, file.bytes)).collect())
}

/// What it means that the branch is there: the same was pushed, or something else.
fn already(
    repo: &Repo,
    branch: &str,
    there: &CommitId,
    files: &[(String, Vec<u8>)],
    remote: &Remote,
) -> anyhow::Result<PushResult> {
    repo.fetch_head(branch)?;
    for (path, content) in files {
        if file_at(repo, there, path)?.is_none_or(|file| file.bytes != *content) {
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

/// A file at a commit.
pub(super) fn file_at(repo: &Repo, at: &CommitId, path: &str) -> anyhow::Result<Option<File>> {
    let listed = repo.files(at, &[path])?;
    let Some((_, blob)) = listed.iter().find(|(found, blob)| found == path && !blob.link) else {
        return Ok(None);
    };
    let content = repo.read(&[&blob.id], MAX_FILE_BYTES)?.pop().flatten();
    Ok(content.map(|bytes| File::new(path, bytes)))
}

/// The title of the commit and of the merge request.
fn commit_title(request: &PushRequest) -> String {
    let title = if request.stamp == "declaration" {
        let title = request.record.and_then(|record| record.declaration().entry.title.get());
        format!("Declare {}", title.map_or(request.id, String::as_str))
    } else {
        format!("{}: {}", request.id, request.says)
    };
    escape::title(&title)
}

/// What GitLab is asked to do with the push.
/// <https://docs.gitlab.com/topics/git/commit/#push-options-for-merge-requests>
fn options(session: &Session, request: &PushRequest, remote: &Remote, title: &str) -> Vec<String> {
    let mut all = vec![
        "merge_request.create".to_owned(),
        format!("merge_request.target={}", remote.target),
        format!("merge_request.title={title}"),
        "merge_request.remove_source_branch".to_owned(),
        // Both names: GitLab 17.11 renamed the option, and leaves alone what it does not know.
        "merge_request.auto_merge".to_owned(),
        "merge_request.merge_when_pipeline_succeeds".to_owned(),
    ];
    if let Some(record) = request.record {
        all.push(format!(
            "merge_request.description={}",
            one_line(&description(session, record))
        ));
        let history = session.world.history(record);
        let effects = effects(&session.world, record, &history);
        let labels = effects.iter().find(|effect| effect.kind == Kind::Issue);
        let labels = labels.into_iter().flat_map(|issue| &issue.labels);
        all.extend(labels.map(|label| format!("merge_request.label={label}")));
    }
    all.retain(|option| !option.contains(['\n', '\r', '\0']));
    all
}

/// The executive summary as it will be posted; nobody is mentioned before it is.
fn description(session: &Session, record: &Record) -> String {
    let history = session.world.history(record);
    let scene = session.world.scene(record, &history);
    let mut view = scene.summary(record.entries.len() - 1, None);
    view.mention = None;
    let body = preview(&session.world.renderer.executive_summary(&view));
    escape::cut(&body, MAX_DESCRIPTION)
}

/// A text as an option of a push holds it: git refuses line feeds, and GitLab reads `\n` as one. A `\n` that the text has
/// of its own would begin a line, on which a command could act, so its backslash becomes an entity.
fn one_line(text: &str) -> String {
    text.replace("\\n", "&#92;n")
        .replace("\r\n", "\n")
        .replace(['\r', '\0'], " ")
        .replace('\n', "\\n")
}

/// The first address of a merge request in what the remote said.
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

/// What came of it, for people.
pub(super) fn say(id: &str, sent: &anyhow::Result<PushResult>, out: &mut dyn Write) -> anyhow::Result<()> {
    match sent {
        Ok(PushResult::Pushed {
            branch,
            target,
            link,
            opened,
        }) => {
            writeln!(out, "pushed  {}, to be merged into {}", plain(branch), plain(target))?;
            let word = if *opened {
                "merge request"
            } else {
                "open the merge request"
            };
            if let Some(link) = link {
                writeln!(out, "{word}: {}", plain(link))?;
            }
        }
        Ok(PushResult::Already { place, link }) => {
            let (id, place) = (plain(id), plain(place));
            writeln!(out, "All of {id} is there already, {place}: nothing was pushed.")?;
            if let Some(link) = link {
                writeln!(out, "merge request: {}", plain(link))?;
            }
        }
        Err(error) => {
            out.flush()?;
            writeln!(
                stderr(),
                "error: it was not pushed: {}\nThe files are written. Push them again with: incidentctl push {}",
                lines(&format!("{error:#}")),
                shell::quoted(id)
            )?;
        }
    }
    Ok(())
}

/// What came of it, for machines.
pub(super) fn as_json(sent: &anyhow::Result<PushResult>) -> Value {
    match sent {
        Ok(PushResult::Pushed {
            branch,
            target,
            link,
            opened,
        }) => json!({ "result": "pushed", "branch": branch, "target": target, "link": link, "opened": opened }),
        Ok(PushResult::Already { place, link }) => json!({ "result": "already", "place": place, "link": link }),
        Err(error) => json!({ "result": "failed", "error": format!("{error:#}") }),
    }
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
