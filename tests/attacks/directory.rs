//! In a pipeline the ledger is a folder of the job's own repository, whatever a branch or a variable puts in its place.

use std::path::Path;

use super::addresses::{Stranger, process};
use super::common::git;
use super::gitlab_server::*;
use super::life::*;
use super::project::*;

/// A stranger's repository with an origin of its own, whose process sends tokens to the stranger.
fn repository_of(stranger: &Stranger) -> (tempfile::TempDir, tempfile::TempDir) {
    let (origin, clone) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    git(origin.path(), &["init", "-q", "--bare", "-b", "main"]);
    let folder = clone.path();
    git(folder, &["init", "-q", "-b", "main"]);
    std::fs::create_dir(folder.join("incidents")).expect("a folder");
    std::fs::write(folder.join("incidents/.gitkeep"), "").expect("a file");
    let process = process(&stranger.url, &format!("{}/", stranger.url));
    std::fs::write(folder.join("process.yaml"), process).expect("a file");
    commit(folder, "a stranger's ledger");
    git(folder, &["remote", "add", "origin", &origin.path().to_string_lossy()]);
    git(folder, &["push", "-q", "origin", "main"]);
    (clone, origin)
}

/// Runs each command that has a token in a pipeline, with the ledger in the folder `ledger`; none reaches the stranger.
fn reaches_nobody(run: &Run, stranger: &Stranger, why: &str) {
    let declare = merge_request_job(run, TOKEN, &["apply", "--stage", "open", "-C", "ledger"]);
    let plan = merge_request_job(run, TOKEN, &["plan", "--comment", "-C", "ledger"]);
    let apply = default_branch_job(run, &["apply", "-C", "ledger"]);
    for mut command in [declare, plan, apply] {
        // These would disagree with the stranger's process, and stop the run for another reason.
        command.env_remove("CI_API_V4_URL").env_remove("CI_SERVER_URL");
        let ended = ended(command);
        assert_eq!(stranger.heads(), Vec::<String>::new(), "{}", ended.text);
        assert_eq!(ended.code, 2, "{}", ended.text);
        assert!(ended.text.contains(why), "{}", ended.text);
        assert!(run.fake.lock().writes().is_empty());
    }
}

#[test]
fn a_link_in_the_place_of_the_ledger_leads_no_pipeline_to_another_repository() {
    let stranger = Stranger::start();
    let (run, _origin) = project(State::team());
    let (other, _theirs) = repository_of(&stranger);
    std::os::unix::fs::symlink(other.path(), run.folder.path().join("ledger")).expect("a link");
    reaches_nobody(&run, &stranger, "is a link");
}

#[test]
fn a_repository_in_the_place_of_the_ledger_is_not_the_ledger_of_a_pipeline() {
    let stranger = Stranger::start();
    let (run, _origin) = project(State::team());
    let (other, theirs) = repository_of(&stranger);
    drop(other);
    let place = run.folder.path().join("ledger");
    let from = theirs.path().to_string_lossy().into_owned();
    git(run.folder.path(), &["clone", "-q", &from, &place.to_string_lossy()]);
    reaches_nobody(&run, &stranger, "another repository");
}

#[test]
fn a_link_to_another_folder_of_the_repository_hides_no_change() {
    let (run, _origin) = project(State::team());
    let folder = run.folder.path();
    std::fs::create_dir_all(folder.join("other/incidents")).expect("a folder");
    std::os::unix::fs::symlink("other", folder.join("ledger")).expect("a link");
    let ended = ended(merge_request_job(&run, "", &["check", "-C", "ledger"]));
    assert_eq!(ended.code, 2, "{}", ended.text);
}

#[test]
fn a_ledger_in_a_folder_of_the_repository_is_applied() {
    let run = Run::new();
    let origin = tempfile::tempdir().expect("a folder");
    git(origin.path(), &["init", "-q", "--bare", "-b", "main"]);
    let folder = run.folder.path();
    let own = process(&run.fake.url, "https://slack.example.com/");
    let declaration = step(0);
    run.put("ledger/process.yaml", &own);
    run.put(&format!("ledger/{}", declaration.path), &declaration.text);
    git(folder, &["init", "-q", "-b", "main"]);
    commit(folder, "a ledger in a folder");
    git(folder, &["remote", "add", "origin", &origin.path().to_string_lossy()]);
    git(folder, &["push", "-q", "origin", "main"]);
    let ended = ended(default_branch_job(&run, &["apply", "-C", "ledger"]));
    assert!(ended.text.contains("create"), "{}", ended.text);
    assert!(!run.fake.lock().writes().is_empty());
}

#[test]
fn no_variable_of_git_leads_a_pipeline_to_another_remote() {
    let stranger = Stranger::start();
    let (run, origin) = project(State::team());
    git(run.folder.path(), &["checkout", "-q", "main"]);
    run.put("process.yaml", &process(&run.fake.url, "https://slack.com/api/"));
    commit(run.folder.path(), "the team's process");
    git(run.folder.path(), &["push", "-q", "origin", "main"]);
    let (_other, theirs) = repository_of(&stranger);
    let instead = |place: &Path| format!("url.{}.insteadOf", place.display());
    let mut command = default_branch_job(&run, &["apply"]);
    command
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", instead(theirs.path()))
        .env("GIT_CONFIG_VALUE_0", origin.path())
        .env_remove("CI_API_V4_URL")
        .env_remove("CI_SERVER_URL");
    let said = ended(command);
    assert_eq!(stranger.heads(), Vec::<String>::new(), "{}", said.text);
    let configuration = tempfile::tempdir().expect("a folder");
    let file = configuration.path().join("gitconfig");
    let text = format!(
        "[url \"{}\"]\ninsteadOf = {}\n",
        theirs.path().display(),
        origin.path().display()
    );
    std::fs::write(&file, text).expect("it is written");
    let mut command = default_branch_job(&run, &["apply"]);
    command
        .env("GIT_CONFIG_GLOBAL", &file)
        .env_remove("CI_API_V4_URL")
        .env_remove("CI_SERVER_URL");
    let said = ended(command);
    assert_eq!(stranger.heads(), Vec::<String>::new(), "{}", said.text);
}
