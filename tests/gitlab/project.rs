//! A ledger with a remote, and commands as a pipeline runs them.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by several tests")]

use std::path::Path;
use std::process::Command;

use super::common::git;
use super::gitlab_server::*;
use super::life::*;

pub fn commit(folder: &Path, words: &str) -> String {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", words]);
    git(folder, &["rev-parse", "HEAD"])
}

/// A clone with a remote, as a pipeline has it: on a branch that declares the incident, `main` without it.
pub fn project(state: State) -> (Run, tempfile::TempDir) {
    let run = Run::with(state);
    let origin = tempfile::tempdir().expect("a folder");
    git(origin.path(), &["init", "-q", "--bare"]);
    let folder = run.folder.path();
    git(folder, &["init", "-q"]);
    std::fs::write(folder.join("incidents/.gitkeep"), "").expect("a file");
    commit(folder, "a ledger");
    git(folder, &["remote", "add", "origin", &origin.path().to_string_lossy()]);
    git(folder, &["push", "-q", "origin", "main"]);
    git(folder, &["checkout", "-q", "-b", "incident/pushes/declare"]);
    run.write(0);
    let head = commit(folder, "declare");
    {
        let mut state = run.fake.lock();
        state.merge_requests.push(MergeRequest {
            iid: 5,
            project: 1,
            state: "opened".into(),
            author: 2,
            sha: head.clone(),
            source_branch: "incident/pushes/declare".into(),
            source_project: 1,
            ..MergeRequest::default()
        });
        state.projects[0].tree.insert((head, format!("incidents/{ID}")));
    }
    (run, origin)
}

pub fn on_merge_request(run: &Run, token: &str, arguments: &[&str]) -> Ended {
    ended(merge_request_job(run, token, arguments))
}

/// The command in a job of the merge request's pipeline, to be changed before it is run.
pub fn merge_request_job(run: &Run, token: &str, arguments: &[&str]) -> Command {
    let base = git(run.folder.path(), &["merge-base", "HEAD", "main"]);
    let mut command = run.command(arguments[0], token, &arguments[1..]);
    command
        .env("CI", "true")
        .env("CI_PIPELINE_SOURCE", "merge_request_event")
        .env("CI_MERGE_REQUEST_IID", "5")
        .env("CI_MERGE_REQUEST_PROJECT_PATH", "support/incidents")
        .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
        .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
        .env("CI_DEFAULT_BRANCH", "main")
        .env("CI_JOB_TOKEN", "glcbt-job");
    command
}

pub fn on_default_branch(run: &Run, arguments: &[&str]) -> Ended {
    ended(default_branch_job(run, arguments))
}

/// The command in a job of the default branch's pipeline, to be changed before it is run.
pub fn default_branch_job(run: &Run, arguments: &[&str]) -> Command {
    let mut command = run.command(arguments[0], TOKEN, &arguments[1..]);
    command
        .env("CI", "true")
        .env("CI_PIPELINE_SOURCE", "push")
        .env("CI_COMMIT_BRANCH", "main")
        .env("CI_DEFAULT_BRANCH", "main");
    command
}

pub fn ended(mut command: Command) -> Ended {
    Ended::of(&command.output().expect("it runs"))
}

pub fn green(ended: Ended) -> String {
    assert_eq!(ended.code, 0, "{}", ended.text);
    ended.text
}

/// Merges the branch, as GitLab would.
pub fn merge(run: &Run) {
    let folder = run.folder.path();
    git(folder, &["checkout", "-q", "main"]);
    git(
        folder,
        &["merge", "-q", "--no-ff", "-m", "merge", "incident/pushes/declare"],
    );
    git(folder, &["push", "-q", "origin", "main"]);
    run.fake.lock().merge_requests[0].state = "merged".into();
}
