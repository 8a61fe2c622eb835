//! Where tokens go: no repository, branch or variable of a stranger chooses the host.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

use super::common::git;
use super::gitlab_server::*;
use super::life::*;
use super::project::*;
use super::slack_server::{SLACK_TOKEN, SlackServer, Workspace};

/// A server of a stranger. It keeps the head of each request and answers none of them well.
pub(super) struct Stranger {
    pub(super) url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Stranger {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = heads.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let reader = BufReader::new(stream.try_clone().expect("a stream"));
                let lines = reader.lines().map_while(Result::ok);
                let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                kept.lock().expect("the heads").push(head.join("\n"));
                let _ = stream.write_all(b"HTTP/1.1 403 X\r\nContent-Length: 2\r\n\r\n{}");
            }
        });
        Self { url, heads }
    }

    /// What it was sent.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("the heads").clone()
    }
}

/// The process of a team that uses Slack, at these addresses.
pub(super) fn process(gitlab: &str, slack: &str) -> String {
    format!(
        "extends: handbook\ngitlab: {{ url: \"{gitlab}\", project: support/incidents }}\nslack:\n  url: \"{slack}\"\n  channels: \
         {{ incident_notification: C0NOTIFY, general: C0GENERAL }}\n"
    )
}

/// A file for git's global configuration, in a folder of its own.
fn global_configuration(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("gitconfig"), text).expect("it is written");
    folder
}

/// The command on a person's machine: nothing in the environment names a server.
fn at_home(run: &Run, configuration: &tempfile::TempDir, arguments: &[&str]) -> Command {
    let mut command = run.command(arguments[0], TOKEN, &arguments[1..]);
    command
        .env_remove("CI_SERVER_URL")
        .env_remove("CI_API_V4_URL")
        .env("GIT_CONFIG_GLOBAL", configuration.path().join("gitconfig"))
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

#[test]
fn a_declaration_into_another_branch_than_the_default_one_takes_no_address_from_there() {
    for target in ["incident/evil", "main"] {
        let stranger = Stranger::start();
        let slack = SlackServer::start(Workspace::team());
        let (run, _origin) = project(State::team());
        let folder = run.folder.path();
        git(folder, &["checkout", "-q", "main"]);
        run.put("process.yaml", &process(&run.fake.url, &slack.url));
        commit(folder, "the team's process");
        git(folder, &["push", "-q", "origin", "main"]);
        git(folder, &["checkout", "-q", "-b", "incident/evil"]);
        run.put("process.yaml", &process(&run.fake.url, &format!("{}/", stranger.url)));
        commit(folder, "another process");
        git(folder, &["push", "-q", "origin", "incident/evil"]);
        git(folder, &["checkout", "-q", "incident/pushes/declare"]);
        let mut command = merge_request_job(&run, TOKEN, &["apply", "--stage", "open"]);
        command
            .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", target)
            .env("SLACK_BOT_TOKEN", SLACK_TOKEN);
        let ended = ended(command);
        assert_eq!(stranger.heads(), Vec::<String>::new(), "{}", ended.text);
        if target == "main" {
            assert_eq!(ended.code, 0, "{}", ended.text);
            assert!(slack.count() > 0, "{}", ended.text);
        } else {
            assert_eq!(ended.code, 2, "{}", ended.text);
            assert!(
                ended
                    .text
                    .contains("only for merge requests into the default branch, main")
            );
            assert!(run.fake.lock().writes().is_empty());
        }
    }
}

#[test]
fn a_variable_of_a_pipeline_moves_neither_gitlabs_nor_slacks_token() {
    let (gitlab, slack, proxy) = (Stranger::start(), Stranger::start(), Stranger::start());
    let (run, _origin) = project(State::team());
    git(run.folder.path(), &["checkout", "-q", "main"]);
    run.write(0);
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { project: support/incidents }\nslack: { channels: { incident_notification: C0NOTIFY } }\n",
    );
    commit(run.folder.path(), "all of it");
    git(run.folder.path(), &["push", "-q", "origin", "main"]);
    let mut command = default_branch_job(&run, &["apply"]);
    command
        .env("CI_API_V4_URL", format!("{}/api/v4", gitlab.url))
        .env("SLACK_API_URL", format!("{}/api/", slack.url))
        .env("SLACK_BOT_TOKEN", SLACK_TOKEN)
        .env("HTTPS_PROXY", &proxy.url);
    let ended = ended(command);
    assert_eq!(gitlab.heads(), Vec::<String>::new(), "{}", ended.text);
    assert_eq!(slack.heads(), Vec::<String>::new(), "{}", ended.text);
    // The twin: both tokens go where they belong.
    assert!(!run.fake.lock().writes().is_empty(), "{}", ended.text);
    let connected = proxy.heads();
    assert!(
        connected.iter().all(|head| head.starts_with("CONNECT slack.com:443")) && !connected.is_empty(),
        "{connected:?}"
    );
}

#[test]
fn a_variable_that_denies_the_pipeline_moves_no_token() {
    for denied in ["false", ""] {
        let (gitlab, slack, proxy) = (Stranger::start(), Stranger::start(), Stranger::start());
        let (run, _origin) = project(State::team());
        git(run.folder.path(), &["checkout", "-q", "main"]);
        run.write(0);
        run.put(
            "process.yaml",
            "extends: handbook\ngitlab: { project: support/incidents }\nslack: { channels: { incident_notification: C0NOTIFY } }\n",
        );
        commit(run.folder.path(), "all of it");
        git(run.folder.path(), &["push", "-q", "origin", "main"]);
        let mut command = default_branch_job(&run, &["apply"]);
        command
            .env("CI", denied)
            .env("GITLAB_CI", "true")
            .env("CI_JOB_ID", "7")
            .env("CI_API_V4_URL", format!("{}/api/v4", gitlab.url))
            .env("GITLAB_HOST", &gitlab.url)
            .env("SLACK_API_URL", format!("{}/api/", slack.url))
            .env("SLACK_BOT_TOKEN", SLACK_TOKEN)
            .env("HTTPS_PROXY", &proxy.url);
        let ended = ended(command);
        assert_eq!(gitlab.heads(), Vec::<String>::new(), "{}", ended.text);
        assert_eq!(slack.heads(), Vec::<String>::new(), "{}", ended.text);
        assert!(!run.fake.lock().writes().is_empty(), "{}", ended.text);
    }
}

#[test]
fn a_token_is_not_sent_over_plain_http_to_another_machine() {
    let proxy = Stranger::start();
    let run = Run::new();
    run.write(0);
    run.put(
        "process.yaml",
        &process("http://gitlab.example.com", "http://slack.example.com/api/"),
    );
    let configuration =
        global_configuration("[incidentctl]\nhost = gitlab.example.com\nslackHost = slack.example.com\n");
    for arguments in [["apply", "--all"], ["doctor", "-v"]] {
        let mut command = at_home(&run, &configuration, &arguments);
        command.env("HTTP_PROXY", &proxy.url).env("http_proxy", &proxy.url);
        command.env("SLACK_BOT_TOKEN", SLACK_TOKEN);
        let ended = ended(command);
        assert_eq!(ended.code, 2, "{}", ended.text);
        assert!(ended.text.contains("plain http"), "{}", ended.text);
        assert_eq!(proxy.heads(), Vec::<String>::new(), "{}", ended.text);
    }
}

#[test]
fn no_proxy_reads_a_token_that_stays_on_this_machine() {
    let proxy = Stranger::start();
    let run = Run::new();
    run.write(0);
    let mut command = run.command("apply", TOKEN, &[]);
    command
        .env_remove("NO_PROXY")
        .env("http_proxy", &proxy.url)
        .env("HTTP_PROXY", &proxy.url);
    let ended = ended(command);
    assert_eq!(ended.code, 0, "{}", ended.text);
    assert_eq!(proxy.heads(), Vec::<String>::new(), "{}", ended.text);
}

#[test]
fn a_cloned_repository_does_not_choose_where_a_persons_token_goes() {
    let stranger = Stranger::start();
    let run = Run::new();
    run.write(0);
    run.put(
        "process.yaml",
        &process(&stranger.url, &format!("{}/api/", stranger.url)),
    );
    let folder = run.folder.path();
    git(folder, &["init", "-q"]);
    git(
        folder,
        &[
            "remote",
            "add",
            "origin",
            &format!("{}/support/incidents.git", stranger.url),
        ],
    );
    // The repository's own configuration confirms nothing.
    let host = stranger.url.trim_start_matches("http://");
    git(folder, &["config", "incidentctl.host", host]);
    let nobody = global_configuration("");
    for arguments in [
        vec!["apply", "--all"],
        vec!["plan", "--to", "gitlab"],
        vec!["doctor"],
        vec!["remind"],
    ] {
        let mut command = at_home(&run, &nobody, &arguments);
        command.env("SLACK_BOT_TOKEN", SLACK_TOKEN);
        let ended = ended(command);
        assert_eq!(stranger.heads(), Vec::<String>::new(), "{arguments:?}: {}", ended.text);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.text);
        let way = format!("git config --global --add incidentctl.host {host}");
        assert!(ended.text.contains(&way), "{arguments:?}: {}", ended.text);
    }
}

#[test]
fn a_server_that_the_persons_configuration_or_environment_names_is_used() {
    let run = Run::new();
    run.write(0);
    run.put("process.yaml", &process(&run.fake.url, "https://slack.com/api/"));
    let host = run.fake.url.trim_start_matches("http://");
    let mine = global_configuration(&format!(
        "[incidentctl]\nhost = gitlab.example.com\nhost = \"{host}\"\n"
    ));
    let by_configuration = ended(at_home(&run, &mine, &["plan", "--to", "gitlab"]));
    assert_eq!(by_configuration.code, 0, "{}", by_configuration.text);
    let mut command = at_home(&run, &global_configuration(""), &["plan", "--to", "gitlab"]);
    command.env("GITLAB_HOST", &run.fake.url);
    let by_variable = ended(command);
    assert_eq!(by_variable.code, 0, "{}", by_variable.text);
}

#[test]
fn a_server_below_a_path_is_confirmed_for_that_path_alone() {
    let stranger = Stranger::start();
    let run = Run::new();
    run.write(0);
    let host = stranger.url.trim_start_matches("http://");
    let mine = global_configuration(&format!("[incidentctl]\nhost = \"{host}/gitlab\"\n"));
    for path in ["", "/evil", "/gitlab-too", "/gitlab/../evil"] {
        run.put(
            "process.yaml",
            &process(&format!("{}{path}", stranger.url), "https://slack.com/api/"),
        );
        let ended = ended(at_home(&run, &mine, &["plan", "--to", "gitlab"]));
        assert_eq!(stranger.heads(), Vec::<String>::new(), "{path}: {}", ended.text);
        assert_eq!(ended.code, 2, "{path}: {}", ended.text);
    }
    run.put(
        "process.yaml",
        &process(&format!("{}/gitlab/", stranger.url), "https://slack.com/api/"),
    );
    let ended = ended(at_home(&run, &mine, &["plan", "--to", "gitlab"]));
    assert_ne!(stranger.heads(), Vec::<String>::new(), "{}", ended.text);
}

#[test]
fn a_remote_with_a_password_or_by_plain_http_proposes_its_server_and_shows_nothing_secret() {
    for (remote, says) in [
        (
            "https://user:pass-word-1@gl.example.com/a/b.git",
            "GitLab is at gl.example.com,",
        ),
        (
            "https://gl.example.com/a/b.git?private_token=pass-word-1",
            "GitLab is at gl.example.com,",
        ),
        ("http://gl.example.com/a/b.git", "GitLab is at gl.example.com,"),
        ("git@gl.example.com:a/b.git", "GitLab is at gl.example.com,"),
        ("/srv/pass-word-1/b.git", "the remote `origin` names none"),
    ] {
        let run = Run::new();
        run.write(0);
        run.put("process.yaml", "extends: handbook\n");
        git(run.folder.path(), &["init", "-q"]);
        git(run.folder.path(), &["remote", "add", "origin", remote]);
        let ended = ended(at_home(&run, &global_configuration(""), &["plan", "--to", "gitlab"]));
        assert_eq!(ended.code, 2, "{remote}: {}", ended.text);
        assert!(ended.text.contains(says), "{remote}: {}", ended.text);
        assert!(!ended.text.contains("pass-word-1"), "{remote}: {}", ended.text);
    }
}

#[test]
fn a_server_that_is_confirmed_for_one_token_is_not_for_the_other() {
    let stranger = Stranger::start();
    let run = Run::new();
    run.write(0);
    let host = stranger.url.trim_start_matches("http://");
    let only = |key: &str| global_configuration(&format!("[incidentctl]\n{key} = \"{host}\"\n"));
    run.put(
        "process.yaml",
        &process(&run.fake.url, &format!("{}/api/", stranger.url)),
    );
    let mut command = at_home(&run, &only("host"), &["doctor"]);
    command
        .env("GITLAB_HOST", &run.fake.url)
        .env("SLACK_BOT_TOKEN", SLACK_TOKEN);
    let for_gitlab = ended(command);
    assert_eq!(stranger.heads(), Vec::<String>::new(), "{}", for_gitlab.text);
    assert!(for_gitlab.text.contains("incidentctl.slackHost"), "{}", for_gitlab.text);
    run.put("process.yaml", &process(&stranger.url, "https://slack.com/api/"));
    let for_slack = ended(at_home(&run, &only("slackHost"), &["doctor"]));
    assert_eq!(stranger.heads(), Vec::<String>::new(), "{}", for_slack.text);
}

#[test]
fn a_person_confirms_a_server_once_on_a_terminal() {
    let run = Run::new();
    run.write(0);
    run.put(
        "process.yaml",
        "extends: handbook\ngitlab: { project: support/incidents }\n",
    );
    let folder = run.folder.path();
    git(folder, &["init", "-q"]);
    git(
        folder,
        &[
            "remote",
            "add",
            "origin",
            &format!("{}/support/incidents.git", run.fake.url),
        ],
    );
    let mine = global_configuration("");
    let asked = |answer: &str| {
        let mut command = at_home(&run, &mine, &["plan", "--to", "gitlab"]);
        command.env("TERM", "xterm");
        command.stdin(std::process::Stdio::inherit());
        command.stdout(std::process::Stdio::inherit());
        command.stderr(std::process::Stdio::inherit());
        let mut terminal = rexpect::session::spawn_command(command, Some(20_000)).expect("it starts");
        if !answer.is_empty() {
            terminal.exp_string("Send your token there").expect("a question");
            // The question is drawn before keys are read.
            std::thread::sleep(std::time::Duration::from_millis(200));
            terminal
                .send(&format!("{answer}\r"))
                .and_then(|_| terminal.flush())
                .expect("an answer");
        }
        terminal.exp_eof().expect("it ends")
    };
    let no = asked("n");
    assert!(no.contains("git config --global --add"), "{no}");
    assert_eq!(run.fake.count(), 0);
    let yes = asked("y");
    assert!(yes.contains("Compared with GitLab"), "{yes}");
    let again = asked("");
    assert!(
        again.contains("Compared with GitLab") && !again.contains("Send your token"),
        "{again}"
    );
    let kept = std::fs::read_to_string(mine.path().join("gitconfig")).expect("it is there");
    assert_eq!(
        kept.matches(run.fake.url.trim_start_matches("http://")).count(),
        1,
        "{kept}"
    );
}
