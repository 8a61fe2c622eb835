use std::fs;

use super::address::without_credentials;
use super::*;

/// Runs git in a folder with nothing of the user's own.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GIT_")) {
        command.env_remove(name);
    }
    let who = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
    ];
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command
        .arg("-C")
        .arg(folder)
        .args(who)
        .args(arguments)
        .output()
        .expect("git runs");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A repository whose ledger is the folder `ledger`, with two commits.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q"]);
    write(folder.path(), "ledger/incidents/a/incident.yaml", "one\n");
    write(folder.path(), "ledger/incidents/b/incident.yaml", "same\n");
    write(folder.path(), "elsewhere.txt", "x\n");
    commit(folder.path());
    write(folder.path(), "ledger/incidents/a/incident.yaml", "two\n");
    write(
        folder.path(),
        "ledger/incidents/a/updates/odd \"name\" é\n-.yaml",
        "new\n",
    );
    write(folder.path(), "elsewhere.txt", "y\n");
    commit(folder.path());
    folder
}

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("it is made");
    fs::write(file, text).expect("it is written");
}

fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "x"]);
}

fn open(folder: &Path) -> Repo {
    Repo::open(folder, TrustedOwner::Trusted)
        .expect("git runs")
        .expect("a repository")
}

fn id(repo: &Repo, revision: &str) -> CommitId {
    repo.resolve(revision).expect("git runs").expect("a commit")
}

#[test]
fn a_comparison_speaks_of_the_ledger_only_and_of_odd_names_as_they_are() {
    let folder = repository();
    let repo = open(&folder.path().join("ledger"));
    let changes = repo
        .diff(&id(&repo, "HEAD~1"), &id(&repo, "HEAD"), &["incidents"])
        .expect("a comparison")
        .files;
    let paths: Vec<_> = changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "incidents/a/incident.yaml",
            "incidents/a/updates/odd \"name\" é\n-.yaml"
        ]
    );
    let ids: Vec<_> = [&changes[0].from, &changes[0].to]
        .into_iter()
        .flatten()
        .map(|blob| blob.id.as_str())
        .collect();
    let contents = repo.read_blobs(&ids, 100).expect("contents");
    assert_eq!(contents, [Some(b"one\n".to_vec()), Some(b"two\n".to_vec())]);
    assert_eq!(changes[1].from, None);
}

#[test]
fn a_folder_that_differs_is_listed_by_the_ids_of_its_trees() {
    let folder = repository();
    let repo = open(&folder.path().join("ledger"));
    let (base, head) = (id(&repo, "HEAD~1"), id(&repo, "HEAD"));
    let difference = repo.diff(&base, &head, &["incidents"]).expect("a comparison");
    let (before, after) = difference.folders["incidents/a"].clone();
    let list = |tree: Option<String>| {
        repo.list_files_in_trees(&[("incidents/a".to_owned(), tree.expect("a tree"))])
            .expect("a list")
    };
    let folders = ["incidents/a".to_owned()];
    let sorted = |at: &CommitId| {
        let mut all = repo.list_files(at, &folders).expect("a list");
        all.sort();
        all
    };
    assert_eq!(list(before), sorted(&base));
    assert_eq!(list(after), sorted(&head));
    assert!(!difference.folders.contains_key("incidents/b"));
}

#[test]
fn the_first_commit_is_compared_with_nothing() {
    let folder = repository();
    let repo = open(&folder.path().join("ledger"));
    let all = repo
        .diff(
            &repo.empty_tree().expect("a tree"),
            &id(&repo, "HEAD~1"),
            &["incidents"],
        )
        .expect("a comparison")
        .files;
    assert!(all.len() == 2 && all.iter().all(|change| change.from.is_none()));
}

#[test]
fn the_work_tree_is_compared_with_its_new_files_and_without_ignored_ones() {
    let folder = repository();
    let ledger = folder.path().join("ledger");
    write(folder.path(), "ledger/incidents/c/incident.yaml", "new\n");
    write(folder.path(), "ledger/incidents/b/incident.yaml", "changed\n");
    write(folder.path(), "ledger/incidents/c/x.swp", "ignored\n");
    write(folder.path(), ".gitignore", "*.swp\n");
    let repo = open(&ledger);
    let paths: Vec<_> = repo
        .diff_work_tree(&id(&repo, "HEAD"), &["incidents"])
        .expect("a comparison")
        .into_iter()
        .map(|change| change.path)
        .collect();
    assert_eq!(paths, ["incidents/b/incident.yaml", "incidents/c/incident.yaml"]);
}

#[test]
fn files_are_listed_from_the_ledgers_root_and_links_are_marked() {
    let folder = repository();
    let ledger = folder.path().join("ledger");
    std::os::unix::fs::symlink("/etc/passwd", ledger.join("incidents/a/link.yaml")).expect("a link");
    commit(folder.path());
    let repo = open(&ledger);
    let all = repo
        .list_files(&id(&repo, "HEAD"), &["incidents/a".to_owned()])
        .expect("a list");
    assert_eq!(all.len(), 3);
    assert_eq!(
        repo.folder_names(&id(&repo, "HEAD"), "incidents").expect("a list"),
        ["a", "b"]
    );
    assert_eq!(
        all.iter()
            .filter(|(_, blob)| blob.link)
            .map(|(path, _)| path.as_str())
            .collect::<Vec<_>>(),
        ["incidents/a/link.yaml"]
    );
    assert_eq!(
        repo.list_files(&id(&repo, "HEAD"), &["incidents/none".to_owned()])
            .expect("a list"),
        []
    );
}

#[test]
fn a_revision_that_looks_like_an_option_is_none() {
    let folder = repository();
    let repo = open(folder.path());
    assert_eq!(repo.resolve("--help").expect("git runs"), None);
    assert!(repo.resolve_or_fetch("--upload-pack=x").is_err());
}

#[test]
fn thousands_of_contents_are_read_and_long_ones_are_cut() {
    let folder = repository();
    let repo = open(folder.path());
    let all = repo
        .list_files(&id(&repo, "HEAD"), &["ledger".to_owned()])
        .expect("a list");
    let mut ids: Vec<&str> = all
        .iter()
        .map(|(_, blob)| blob.id.as_str())
        .cycle()
        .take(5000)
        .collect();
    let missing = "0123456789012345678901234567890123456789";
    ids.push(missing);
    let contents = repo.read_blobs(&ids, 1).expect("contents");
    assert_eq!(contents.len(), 5001);
    assert!(
        contents[..5000]
            .iter()
            .all(|content| content.as_ref().is_some_and(|content| content.len() == 2))
    );
    assert_eq!(contents[5000], None);
}

#[test]
fn a_base_that_a_shallow_clone_lacks_is_fetched_or_reported() {
    let folder = repository();
    git(folder.path(), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let base = git(folder.path(), &["rev-parse", "HEAD~1"]);
    let clone = tempfile::tempdir().expect("a folder");
    let origin = format!("file://{}", folder.path().display());
    git(clone.path(), &["clone", "-q", "--depth=1", &origin, "."]);
    let repo = open(clone.path());
    assert_eq!(repo.resolve(&base).expect("git runs"), None);
    assert_eq!(repo.resolve_or_fetch(&base).expect("it is fetched").as_str(), base);
    let error = repo
        .resolve_or_fetch("0123456789012345678901234567890123456789")
        .expect_err("it is nowhere");
    assert!(error.to_string().contains("GIT_DEPTH"), "{error}");
}

#[test]
fn a_folder_without_a_repository_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(
        Repo::open(folder.path(), TrustedOwner::Trusted)
            .expect("git runs")
            .is_none()
    );
}

#[test]
fn the_base_is_the_flags_or_what_the_pipeline_is_about() {
    let zeros = "0".repeat(40);
    let variables = |pairs: &[(&str, &str)]| {
        let all: BTreeMap<String, String> = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        CiVariables::read(&|name| all.get(name).cloned())
    };
    let chosen = |flag, pairs: &[(&str, &str)]| match choose_base(flag, &variables(pairs)) {
        Base::Revision { revision, .. } => revision,
        Base::MergeBase { with, .. } => format!("merge base {with}"),
        Base::Parent => "parent".to_owned(),
        Base::None => "none".to_owned(),
    };
    let default = ("CI_DEFAULT_BRANCH", "main");
    let ci = ("CI", "true");
    assert_eq!(chosen(None, &[]), "none");
    assert_eq!(chosen(Some("x"), &[ci, ("CI_COMMIT_BEFORE_SHA", "a")]), "x");
    let detached = [
        ci,
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "b"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
        ("CI_COMMIT_BEFORE_SHA", &zeros),
    ];
    assert_eq!(chosen(None, &detached), "b");
    let merged = [
        ci,
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "b"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "t"),
    ];
    assert_eq!(chosen(None, &merged), "t");
    assert_eq!(
        chosen(
            None,
            &[ci, ("CI_COMMIT_BEFORE_SHA", "a"), ("CI_COMMIT_BRANCH", "main"), default]
        ),
        "a"
    );
    let first = [
        ci,
        ("CI_COMMIT_BEFORE_SHA", &zeros),
        ("CI_COMMIT_BRANCH", "main"),
        default,
    ];
    assert_eq!(
        chosen(None, &[&first[..], &[("CI_PIPELINE_SOURCE", "push")]].concat()),
        "parent"
    );
    assert_eq!(
        chosen(None, &[&first[..], &[("CI_PIPELINE_SOURCE", "schedule")]].concat()),
        "none"
    );
    assert_eq!(
        chosen(
            None,
            &[ci, ("CI_COMMIT_BEFORE_SHA", &zeros), ("CI_COMMIT_BRANCH", "x"), default]
        ),
        "merge base origin/main"
    );
}

#[test]
fn what_git_says_is_shown_without_credentials() {
    let text = "fatal: unable to access 'https://gitlab-ci-token:secret@gitlab.example.com/a/b.git/': 403\u{1b}[0m";
    assert_eq!(
        without_credentials(text),
        "fatal: unable to access 'https://gitlab.example.com/a/b.git/': 403 [0m"
    );
    assert_eq!(without_credentials("https://a:b@c"), "https://c");
    assert_eq!(without_credentials("no address"), "no address");
}

#[test]
fn the_callers_environment_does_not_choose_another_repository() {
    let folder = repository();
    let repo = open(folder.path());
    let set: Vec<_> = repo
        .command(&["x"])
        .get_envs()
        .filter(|(name, _)| *name == "GIT_DIR")
        .map(|(_, value)| value.is_none())
        .collect();
    assert_eq!(set, [true]);
}
