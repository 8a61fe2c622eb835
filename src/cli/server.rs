//! Connects to the forge and the chat service from the environment: address, token and project.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use url::Url;

use super::environment;
use super::{Outcome, hosts};
use crate::chat::{Chat, ChatConnection, ChatService, slack};
use crate::forge::gitlab::{Client, Gitlab, GitlabSettings, LONGEST_TIMEOUT, Settings, TokenKind};
use crate::forge::{AuthenticationError, Forge};
use crate::ledger::LedgerConfig;
use crate::model::Timestamp;
use crate::process::Process;
use crate::transport::TransportSettings;

/// How long to wait for GitLab.
#[derive(clap::Args, Clone, Copy)]
pub(super) struct Connection {
    /// How many seconds one answer of GitLab may take, at most 60: by then GitLab itself ends a request.
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0, value_parser = timeout)]
    request_timeout: f64,
    /// How many seconds a run may wait in all: for limits, retries, and other runs.
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, value_parser = seconds)]
    patience: f64,
}

fn seconds(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| (0.01..=86_400.0).contains(seconds))
        .ok_or_else(|| "expected seconds between 0.01 and 86400".to_owned())
}

/// Parses the time-out of one request. A longer one than GitLab's own would make a lock last longer than other runs wait.
fn timeout(text: &str) -> Result<f64, String> {
    let longest = LONGEST_TIMEOUT.as_secs_f64();
    text.parse::<f64>()
        .ok()
        .filter(|seconds| (0.01..=longest).contains(seconds))
        .ok_or_else(|| format!("expected seconds between 0.01 and {longest}"))
}

impl Connection {
    fn transport_settings(self, authority: Option<Vec<u8>>, api: &Url) -> TransportSettings {
        TransportSettings {
            authority,
            // Plain http is allowed only for this machine, because a proxy could read the token.
            proxied: api.scheme() == "https",
            timeout: Duration::from_secs_f64(self.request_timeout),
            max_wait: Duration::from_secs_f64(self.patience),
        }
    }

    /// A short time: a check does not wait for a server that is down.
    pub(super) const fn brief() -> Self {
        Self {
            request_timeout: 5.0,
            patience: 2.0,
        }
    }
}

/// Where effects are carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Target {
    Gitlab,
    Outbox(PathBuf),
}

/// Reads `gitlab` or `outbox:DIR`.
pub(super) fn target(text: &str) -> Result<Target, String> {
    if text == "gitlab" {
        return Ok(Target::Gitlab);
    }
    outbox(text)
        .map(Target::Outbox)
        .map_err(|_| "expected gitlab or outbox:DIR".to_owned())
}

/// Reads `outbox:DIR`.
pub(super) fn outbox(text: &str) -> Result<PathBuf, String> {
    match text.strip_prefix("outbox:") {
        Some("") => Err("expected a folder after outbox:".to_owned()),
        Some(folder) => Ok(PathBuf::from(folder)),
        None => Err("expected outbox:DIR".to_owned()),
    }
}

/// The place in which effects are applied: the requested one, otherwise GitLab if there is a token or a pipeline, otherwise the
/// outbox.
pub(super) fn chosen(asked: Option<&Target>) -> Target {
    match asked {
        Some(target) => target.clone(),
        None if environment::in_ci() || environment::variable("GITLAB_TOKEN").is_some() => Target::Gitlab,
        None => Target::Outbox(PathBuf::from("outbox")),
    }
}

/// The project that the process or the pipeline names; `None` if neither does. For a merge request from a fork it is not the
/// pipeline's own.
pub(super) fn project(process: &Process) -> Option<String> {
    process.gitlab_project.clone().or_else(pipeline_project)
}

/// The project of the pipeline, for a merge request from a fork the one that it goes to; `None` outside a pipeline.
pub(super) fn pipeline_project() -> Option<String> {
    environment::variable("CI_MERGE_REQUEST_PROJECT_PATH").or_else(|| environment::variable("CI_PROJECT_PATH"))
}

/// The settings of the connection to GitLab: address, token and time-outs. `process` decides the addresses: in a pipeline it is
/// the default branch's process.
///
/// # Errors
/// Fails if no token may be sent to the server that is named (see [`hosts`]), or if the file of certificates cannot be read.
pub(super) fn settings(process: &Process, root: &Path, connection: Connection) -> anyhow::Result<Settings> {
    let api = hosts::gitlab(process, root)?;
    let token = environment::variable("GITLAB_TOKEN")
        .map(|token| (TokenKind::Access, token))
        .or_else(|| environment::variable("CI_JOB_TOKEN").map(|token| (TokenKind::Job, token)));
    let authority = match environment::variable("CI_SERVER_TLS_CA_FILE") {
        Some(path) => Some(std::fs::read(&path).with_context(|| format!("cannot read CI_SERVER_TLS_CA_FILE, {path}"))?),
        None => None,
    };
    let run = match environment::variable("CI_JOB_ID") {
        Some(job) => format!("job {job}"),
        None => format!(
            "process {} on {}",
            std::process::id(),
            environment::variable("HOSTNAME").unwrap_or_default()
        ),
    };
    Ok(Settings {
        token,
        terms: connection.transport_settings(authority, &api),
        api,
        run,
    })
}

/// Whether the environment has a token of any kind for GitLab.
pub(super) fn has_token() -> bool {
    environment::variable("GITLAB_TOKEN").is_some() || environment::variable("CI_JOB_TOKEN").is_some()
}

/// Checks that there is a token that may write.
///
/// # Errors
/// Fails if there is no token.
pub(super) fn token() -> anyhow::Result<()> {
    if environment::variable("GITLAB_TOKEN").is_some() {
        return Ok(());
    }
    bail!(
        "there is no token: set the variable GITLAB_TOKEN (protected, masked) to an access token with the scope `api`. A job's own \
         token may only read. On an unprotected branch a protected variable is not there. docs/gitlab-setup.md leads through it"
    )
}

/// Checks once, rather than for each incident, that GitLab answers and accepts the token; returns the run's outcome if GitLab
/// does not answer.
///
/// # Errors
/// Fails if GitLab refuses the token.
pub(super) fn authenticate(forge: &mut dyn Forge, out: &mut dyn Write) -> anyhow::Result<Option<Outcome>> {
    match forge.authenticate() {
        Ok(()) => Ok(None),
        Err(AuthenticationError::Refused(why)) => bail!("{why}"),
        Err(AuthenticationError::Unavailable(why)) => {
            writeln!(
                out,
                "FAILED   nothing was carried out: {}",
                crate::terminal::plain(&why)
            )?;
            Ok(Some(Outcome::Effects))
        }
    }
}

/// The facts about a run: its times, and how it reads and applies.
#[derive(Clone, Copy)]
pub(super) struct About {
    /// The earliest time at which an object of the run's incidents may have been created.
    pub(super) since: Timestamp,
    /// The time of the run.
    pub(super) now: Timestamp,
    /// Whether every object is read instead of trusting the index.
    pub(super) thorough: bool,
    /// Whether only effects are applied that may be applied before the merge.
    pub(super) early: bool,
}

impl About {
    /// The facts of a run that ignores objects created before this time.
    pub(super) const fn now(now: Timestamp) -> Self {
        Self {
            since: now,
            now,
            thorough: false,
            early: false,
        }
    }
}

/// Whether the team has a chat service: its process names channels.
pub(super) fn has_chat(process: &Process) -> bool {
    !process.channels.is_empty()
}

/// The team's chat service.
pub(super) const fn chat_service() -> ChatService {
    slack::SERVICE
}

/// The team's chat; `None` if there is no token.
///
/// # Errors
/// Fails if the token may not be sent to the server that is named (see [`hosts`]).
pub(super) fn chat(process: &Process, connection: Connection) -> anyhow::Result<Option<Box<dyn Chat>>> {
    let service = chat_service();
    let Some(token) = environment::variable(service.token_variable) else {
        return Ok(None);
    };
    let api = hosts::chat(&service, process)?;
    let connection = ChatConnection {
        terms: connection.transport_settings(None, &api),
        api,
        token,
        channels: process.channels.clone(),
    };
    (service.connect)(connection).map(Some)
}

/// What a run may do in the forge and in the chat.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// It reads in the forge, with whatever token there is.
    Read,
    /// It reads in the forge and in the chat, to plan.
    ReadWithChat,
    /// It writes in the forge, but no effects.
    Write,
    /// It writes in the forge and in the chat.
    WriteWithChat,
}

/// Connects to GitLab, the only forge.
///
/// # Errors
/// Fails if there is no token that may write and more than [`Access::Read`] is wanted, if the token may not be sent to the server
/// that is named, or if nothing says where the forge or the project is.
pub(super) fn forge(
    config: &LedgerConfig,
    root: &Path,
    connection: Connection,
    about: About,
    access: Access,
) -> anyhow::Result<Box<dyn Forge>> {
    if access != Access::Read {
        token()?;
    }
    let client = Client::new(settings(&config.process, root, connection)?)?;
    let setup = GitlabSettings {
        writes: matches!(access, Access::Write | Access::WriteWithChat),
        ..setup(config, root, &client, about)?
    };
    let chat = if matches!(access, Access::ReadWithChat | Access::WriteWithChat) {
        chat(&config.process, connection)?
    } else {
        None
    };
    Ok(Box::new(Gitlab::new(client, chat, setup)))
}

/// The forge settings for GitLab, from the team's settings.
fn setup(config: &LedgerConfig, root: &Path, client: &Client, about: About) -> anyhow::Result<GitlabSettings> {
    let process = &config.process;
    let project = project(process)
        .context("nothing says which project the incident issues are in: set `gitlab: { project: GROUP/PROJECT }` in process.yaml")?;
    let scopes = process.labels.iter().filter(|(name, _)| *name != "drill");
    Ok(GitlabSettings {
        project,
        former_bots: process.former_bots.clone(),
        scopes: scopes.map(|(_, label)| label.clone()).collect(),
        ledger: ledger(root, &client.web_address()),
        editor: editor(&client.web_address()),
        since: about.since,
        thorough: about.thorough,
        now: about.now,
        writes: false,
        chat: has_chat(process) && !about.early,
        merge_request: environment::variable("CI_MERGE_REQUEST_IID").and_then(|iid| iid.parse().ok()),
        tickets: config.ticket_projects(),
        channels: process.channels.clone(),
        chat_hosts: chat_hosts(process),
        service: chat_service(),
    })
}

/// The hosts of links to messages: the service's own, and the one that process.yaml names.
fn chat_hosts(process: &Process) -> Vec<String> {
    let named = process.chat_url.as_ref().and_then(|url| Url::parse(url).ok());
    let named = named.and_then(|url| url.host_str().map(str::to_owned));
    std::iter::once(chat_service().host.to_owned()).chain(named).collect()
}

/// The address at which GitLab's editor creates new files on the default branch of the pipeline's project; `None` outside a
/// pipeline.
fn editor(web: &str) -> Option<String> {
    let project = environment::variable("CI_PROJECT_PATH")?;
    let branch = environment::variable("CI_DEFAULT_BRANCH")?;
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    (plain(&project) && plain(&branch)).then(|| format!("{web}/{project}/-/new/{branch}"))
}

/// The project of the ledger: the pipeline's project, otherwise the project of the clone's `origin` on this GitLab.
fn ledger(root: &Path, web: &str) -> Option<String> {
    environment::variable("CI_PROJECT_PATH").or_else(|| {
        let origin = hosts::origin(root)?;
        let path = origin.strip_prefix(web)?.strip_prefix('/')?;
        Some(path.to_owned())
    })
}

/// The report of job annotations with links to the results, for the job's page.
/// <https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations>
pub(super) fn annotations(links: &[(String, String)]) -> String {
    let links: Vec<_> = links
        .iter()
        .filter(|(_, url)| url.starts_with("http"))
        .map(|(label, url)| serde_json::json!({"external_link": {"label": label, "url": url}}))
        .collect();
    format!("{:#}\n", serde_json::json!({"incidentctl": links}))
}
