//! Decides to which servers a token may be sent.
//!
//! In a pipeline: the addresses in the process of the default branch; without them GitLab's own `CI_SERVER_URL` and the chat service's usual address. Outside a pipeline: servers that the environment or the person's global git configuration names. A cloned
//! repository only proposes a server, and a person confirms it once.
//!
//! *Invariant*: the decision is made before a token is given to a client.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use url::{Host, Url};

use super::ask;
use super::environment::{in_ci, variable};
use super::{open_repo, stderr};
use crate::chat::{ChatAddresses, ChatService};
use crate::git::{add_global_value, global_values, web_address};
use crate::process::Process;
use crate::terminal::plain;

/// The key of git's global configuration that names GitLab servers; it may occur several times.
const GITLAB_SETTING: &str = "incidentctl.host";

/// All sources that may name a server.
#[derive(Clone, Default, Debug)]
struct Sources {
    /// Whether the program runs in a pipeline.
    ci: bool,
    /// The address in process.yaml; in a pipeline, in the process.yaml of the default branch.
    process: Option<String>,
    /// `CI_SERVER_URL`.
    server: Option<String>,
    /// `CI_API_V4_URL`, or the variable of the chat service.
    api: Option<String>,
    /// `GITLAB_HOST`: a host or an address.
    host: Option<String>,
    /// The servers in the person's global git configuration.
    confirmed: Vec<String>,
    /// The address of the remote `origin`.
    origin: Option<String>,
}

/// The decision whether a token may be sent to a server.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Decision {
    /// A token may be sent to this server.
    Allowed(Url),
    /// Only the repository names this server, so a person has to confirm it first.
    Proposed(Url),
}

/// The address of GitLab's API to which a token may be sent.
///
/// # Errors
/// Fails if nothing names a server, if two sources disagree, if the address is plain http, or if only the repository names
/// the server and nobody confirms it.
pub(super) fn gitlab(process: &Process, root: &Path) -> anyhow::Result<Url> {
    let mut sources = Sources {
        ci: in_ci(),
        process: process.gitlab_url.clone(),
        server: variable("CI_SERVER_URL"),
        api: variable("CI_API_V4_URL"),
        host: variable("GITLAB_HOST"),
        ..Sources::default()
    };
    if !sources.ci {
        sources.confirmed = global_values(GITLAB_SETTING)?;
        sources.origin = origin(root);
    }
    confirm(gitlab_decision(&sources)?, "GitLab", "GITLAB_HOST", GITLAB_SETTING)
}

/// The address of the chat service's API to which a token may be sent.
///
/// # Errors
/// Fails as [`gitlab()`] does.
pub(super) fn chat(service: &ChatService, process: &Process) -> anyhow::Result<Url> {
    let ChatAddresses {
        variable: api,
        confirmed_setting,
        ..
    } = service.addresses;
    let mut sources = Sources {
        ci: in_ci(),
        process: process.chat_url.clone(),
        api: variable(api),
        ..Sources::default()
    };
    if sources.ci {
        if sources.process.is_none() && sources.api.is_some() {
            let ChatService { name, section, .. } = service;
            writeln!(
                stderr(),
                "note: a pipeline does not use {api}: another address of {name} is `{section}.url` in process.yaml"
            )?;
        }
    } else {
        sources.confirmed = global_values(confirmed_setting)?;
    }
    confirm(chat_decision(service, &sources)?, service.name, api, confirmed_setting)
}

/// Decides the address of GitLab's API from all sources.
fn gitlab_decision(sources: &Sources) -> anyhow::Result<Decision> {
    let own = sources.process.as_deref().map(api_below).transpose()?;
    let api = sources.api.as_deref().map(parsed).transpose()?;
    let server = sources.server.as_deref().map(api_below).transpose()?;
    if sources.ci {
        agree("GitLab", "CI_API_V4_URL", own.as_ref(), api.as_ref())?;
        let url = own.or(server).context(
            "the server is unknown: set `gitlab: { url: https://… }` in process.yaml of the default branch, or CI_SERVER_URL",
        )?;
        return Ok(Decision::Allowed(encrypted(url)?));
    }
    let host = sources
        .host
        .as_deref()
        .map(|host| api_below(&with_scheme(host)))
        .transpose()?;
    let named = api.or(server).or(host);
    agree("GitLab", "the environment", own.as_ref(), named.as_ref())?;
    if let Some(url) = named {
        return Ok(Decision::Allowed(encrypted(url)?));
    }
    let origin = sources.origin.as_deref().and_then(|url| parsed(url).ok());
    let below = origin
        .as_ref()
        .and_then(|url| confirmed_server(url, &sources.confirmed));
    let url = match (own, below, origin, sources.confirmed.as_slice()) {
        (Some(own), ..) => own,
        (None, Some(server), ..) => api_below(server.as_str())?,
        (None, None, _, [only]) => api_below(&with_scheme(only))?,
        (None, None, Some(origin), _) => api_below(on_host(&origin, "").as_str())?,
        (None, None, None, _) => bail!(
            "the server is unknown: the remote `origin` names none. Set `gitlab: {{ url: https://… }}` in process.yaml, or GITLAB_HOST \
             to its name"
        ),
    };
    decided(url, &sources.confirmed)
}

/// Decides the address of a chat service's API from all sources.
fn chat_decision(service: &ChatService, sources: &Sources) -> anyhow::Result<Decision> {
    let addresses = service.addresses;
    let own = sources.process.as_deref().map(parsed).transpose()?;
    let api = sources.api.as_deref().map(parsed).transpose()?;
    if own.is_some() || !sources.ci {
        agree(service.name, addresses.variable, own.as_ref(), api.as_ref())?;
    }
    let usual = || parsed(addresses.usual);
    let is_its_own = |url: &Url| addresses.own_hosts.contains(&host_of(url).as_str());
    if sources.ci {
        return Ok(Decision::Allowed(encrypted(own.map_or_else(usual, Ok)?)?));
    }
    match (own, api) {
        (_, Some(api)) => Ok(Decision::Allowed(encrypted(api)?)),
        (Some(own), None) if is_its_own(&own) => Ok(Decision::Allowed(encrypted(own)?)),
        (Some(own), None) => decided(own, &sources.confirmed),
        (None, None) => Ok(Decision::Allowed(usual()?)),
    }
}

/// Decides about a server that only the repository names: it is allowed if the person confirmed it before.
fn decided(url: Url, confirmed: &[String]) -> anyhow::Result<Decision> {
    let url = encrypted(url)?;
    Ok(if confirmed_server(&url, confirmed).is_some() {
        Decision::Allowed(url)
    } else {
        Decision::Proposed(url)
    })
}

/// Fails if process.yaml and another source name different servers.
fn agree(service: &str, source: &str, own: Option<&Url>, other: Option<&Url>) -> anyhow::Result<()> {
    let (Some(own), Some(other)) = (own, other) else {
        return Ok(());
    };
    let same = own.as_str().trim_end_matches('/') == other.as_str().trim_end_matches('/');
    ensure!(
        same,
        "process.yaml says that {service} is at {own}, and {source} says {other}: no token is sent to either until they agree"
    );
    Ok(())
}

/// Asks a person on a terminal whether a token may be sent to a proposed server, and remembers a yes.
fn confirm(decision: Decision, service: &str, variable: &str, setting: &str) -> anyhow::Result<Url> {
    let url = match decision {
        Decision::Allowed(url) => return Ok(url),
        Decision::Proposed(url) => url,
    };
    let host = server_of(&url);
    let refused = format!(
        "only this repository says that {service} is at {host}, so your token is not sent there. If that is right: \
         `git config --global --add {setting} {host}`, or set {variable}"
    );
    if !ask::somebody_is_there() {
        bail!("{refused}");
    }
    let told = writeln!(stderr(), "Only this repository says that {service} is at {host}.");
    told.context("the terminal cannot be written to")?;
    if !ask::confirm("Send your token there, now and in future?", false)? {
        bail!("{refused}");
    }
    add_global_value(setting, &host)?;
    Ok(url)
}

/// The address of the project's pages, from the remote `origin` in the repository's configuration. For a remote by plain http,
/// the address uses https.
pub(super) fn origin(root: &Path) -> Option<String> {
    let repo = open_repo(root).ok().flatten()?;
    let address = web_address(&repo.config_value("remote.origin.url")?)?;
    let is_open = Url::parse(&address).is_ok_and(|url| url.scheme() == "http" && encrypted(url).is_err());
    Some(if is_open {
        address.replacen("http://", "https://", 1)
    } else {
        address
    })
}

/// The address of GitLab's API on a server.
fn api_below(server: &str) -> anyhow::Result<Url> {
    parsed(&format!("{}/api/v4", server.trim_end_matches('/')))
}

/// The address of a path on the host of another address.
fn on_host(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// The https address of a bare host; an address with a scheme stays unchanged.
fn with_scheme(host: &str) -> String {
    if host.contains("://") {
        host.to_owned()
    } else {
        format!("https://{host}")
    }
}

/// Parses the address of a web server, without user and password.
fn parsed(text: &str) -> anyhow::Result<Url> {
    // The text is shown only in part, because it may contain a password.
    let shown: String = plain(text).chars().take(200).collect();
    let Ok(url) = Url::parse(text.trim()) else {
        if text.contains('@') {
            bail!("the address of a server is not a valid URL");
        }
        bail!("{shown} is not a valid URL");
    };
    ensure!(
        url.username().is_empty() && url.password().is_none(),
        "the address of a server holds a user or a password: take them out"
    );
    ensure!(
        matches!(url.scheme(), "http" | "https") && url.has_host(),
        "{shown} is not the address of a web server"
    );
    Ok(url)
}

/// Returns the address if its connection is encrypted or local; fails otherwise.
fn encrypted(url: Url) -> anyhow::Result<Url> {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    ensure!(
        url.scheme() == "https" || loopback,
        "{url} is plain http, on which anyone on the way reads the token: write https"
    );
    Ok(url)
}

/// The host of an address, with its port if it is not the usual one.
fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A server as a person confirms it: the host, with the path if GitLab or a proxy shares its host with others.
fn server_of(url: &Url) -> String {
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/api/v4").unwrap_or(path);
    format!("{}{path}", host_of(url))
}

/// The server of an address, if the person's configuration names it; `None` otherwise. A bare host covers all its paths; a host
/// with a path covers the addresses below it.
fn confirmed_server(url: &Url, confirmed: &[String]) -> Option<Url> {
    let named = confirmed
        .iter()
        .filter_map(|named| Url::parse(&with_scheme(named)).ok());
    let mut paths = named
        .filter(|named| host_of(named) == host_of(url))
        .filter_map(|named| {
            let path = named.path().trim_end_matches('/').to_owned();
            let rest = url.path().strip_prefix(&path)?;
            (rest.is_empty() || rest.starts_with('/')).then_some(path)
        });
    paths.next().map(|path| on_host(url, &path))
}

#[cfg(test)]
mod tests;
