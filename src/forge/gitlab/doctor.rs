//! Checks token, rights, projects and settings, as far as the API shows them. Reads only.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::api::encoded;
use super::client::Client;
use super::fault::Fault;
use crate::forge::TicketProject;
use crate::health::{DoctorCheckResult, Verdict};

/// The projects that `doctor` checks, and the time of the run.
#[derive(Clone, Debug)]
pub(super) struct Examined<'a> {
    /// The project of the incident issues.
    pub(super) project: &'a str,
    /// The project of the ledger; `None` if this run does not know it.
    pub(super) ledger: Option<&'a str>,
    /// The projects of customers' tickets.
    pub(super) tickets: &'a [TicketProject],
    /// The time of the run.
    pub(super) now: DateTime<Utc>,
}

/// Reporter: <https://docs.gitlab.com/api/access_requests/#valid-access-levels>
const REPORTER: u64 = 20;
/// Planner.
const PLANNER: u64 = 15;
/// The days before a token's end from which `doctor` warns.
const SOON: i64 = 30;

/// Checks token, rights, projects and settings, and returns all results.
#[must_use]
pub(super) fn examine(client: &Client, examined: &Examined) -> Vec<DoctorCheckResult> {
    let mut lines = Vec::new();
    let version: Result<Value, Fault> = client.read("version".to_owned(), Vec::new());
    let reached = server(client, version, &mut lines);
    if !reached {
        return lines;
    }
    clock(client, examined.now, &mut lines);
    let Some(me) = token(client, examined.now, &mut lines) else {
        return lines;
    };
    let project = incidents(client, examined, me, &mut lines);
    for ticket in examined.tickets {
        ticket_project(
            client,
            ticket.customer.as_str(),
            &ticket.project,
            ticket.service_desk,
            me,
            &mut lines,
        );
    }
    if let Some(project) = &project {
        settings(client, examined, project, &mut lines);
    }
    merging(client, examined, project, &mut lines);
    lines
}

/// Adds the result about *Pipelines must succeed* in the project of the ledger, which is the incident project if this run knows
/// no other. <https://docs.gitlab.com/user/project/merge_requests/auto_merge/#require-a-successful-pipeline-for-merge>
fn merging(client: &Client, examined: &Examined, incidents: Option<Value>, lines: &mut Vec<DoctorCheckResult>) {
    let what = "merging";
    let path = examined.ledger.unwrap_or(examined.project);
    let project = match incidents {
        Some(project) if path == examined.project => project,
        None if path == examined.project => return,
        _ => match client.project(path) {
            Ok(project) => project,
            Err(fault) => {
                return unseen(
                    lines,
                    what,
                    &format!("whether pipelines must succeed in {path}"),
                    &fault,
                );
            }
        },
    };
    let setting = project.get("only_allow_merge_if_pipeline_succeeds");
    let (verdict, says) = match setting.and_then(Value::as_bool) {
        Some(true) => (Verdict::Ok, format!("{path}: pipelines must succeed")),
        Some(false) => (
            Verdict::Warn,
            format!(
                "{path}: a merge request can be merged although `check` failed; switch *Pipelines must succeed* on (Settings, \
                 Merge requests)"
            ),
        ),
        None => (
            Verdict::Unseen,
            format!(
                "whether pipelines must succeed in {path} cannot be seen with this token; look with a Maintainer's"
            ),
        ),
    };
    push(lines, verdict, what, says);
}

fn push(lines: &mut Vec<DoctorCheckResult>, verdict: Verdict, what: &'static str, says: impl Into<String>) {
    lines.push(DoctorCheckResult {
        verdict,
        what,
        says: says.into(),
    });
}

/// Adds the result about the server and its version; returns whether it answers.
fn server(client: &Client, version: Result<Value, Fault>, lines: &mut Vec<DoctorCheckResult>) -> bool {
    match version {
        Ok(found) => {
            let text = found.get("version").and_then(Value::as_str).unwrap_or("unknown");
            let major: u64 = text.split('.').next().and_then(|part| part.parse().ok()).unwrap_or(0);
            let says = format!("GitLab {text} at {}", client.web_address());
            if major >= 16 {
                push(lines, Verdict::Ok, "server", says);
            } else {
                push(
                    lines,
                    Verdict::Warn,
                    "server",
                    format!("{says}: older than 16, which this program is not tried with"),
                );
            }
            true
        }
        Err(fault) => {
            push(lines, Verdict::Fail, "server", fault.to_string());
            false
        }
    }
}

fn clock(client: &Client, now: DateTime<Utc>, lines: &mut Vec<DoctorCheckResult>) {
    let Some(server) = client.server_time() else { return };
    let apart = (server - now).num_seconds().abs();
    if apart <= 120 {
        push(
            lines,
            Verdict::Ok,
            "clock",
            format!("{apart} s apart from the server's"),
        );
    } else {
        let says = format!(
            "{} apart from the server's: set this machine's clock (NTP), or promises look kept or missed that were not",
            crate::model::humanize(server - now)
        );
        push(lines, Verdict::Warn, "clock", says);
    }
}

/// Adds the results about the token: kind, scopes and end. Returns its user's number.
fn token(client: &Client, now: DateTime<Utc>, lines: &mut Vec<DoctorCheckResult>) -> Option<u64> {
    let user = match client.me() {
        Ok(user) => match user.bot {
            Some(_) => user,
            None => client.asked_of(&user).unwrap_or(user),
        },
        Err(fault) => {
            push(lines, Verdict::Fail, "token", fault.to_string());
            return None;
        }
    };
    let kind = if user.is_bot() {
        "a project's, group's or service account's"
    } else {
        "a person's"
    };
    let verdict = if user.is_bot() { Verdict::Ok } else { Verdict::Warn };
    let advice = if user.is_bot() {
        ""
    } else {
        ": notes appear in that person's name, and end when the person leaves; take a group access token or a service account"
    };
    push(
        lines,
        verdict,
        "token",
        format!("{kind}, user `{}`, id {}{advice}", user.username, user.id),
    );
    match client.read::<Value>("personal_access_tokens/self".to_owned(), Vec::new()) {
        Ok(found) => {
            let scopes: Vec<&str> = found
                .get("scopes")
                .and_then(Value::as_array)
                .map(|scopes| scopes.iter().filter_map(Value::as_str).collect())
                .unwrap_or_default();
            if scopes.contains(&"api") {
                push(lines, Verdict::Ok, "scopes", scopes.join(", "));
            } else {
                let says = format!("{}: it may not write; make one with the scope `api`", scopes.join(", "));
                push(lines, Verdict::Fail, "scopes", says);
            }
            expiry(found.get("expires_at").and_then(Value::as_str), now, lines);
        }
        Err(fault) => push(lines, Verdict::Unseen, "scopes", fault.to_string()),
    }
    Some(user.id)
}

fn expiry(text: Option<&str>, now: DateTime<Utc>, lines: &mut Vec<DoctorCheckResult>) {
    let Some(day) = text.and_then(|text| text.parse::<NaiveDate>().ok()) else {
        push(lines, Verdict::Ok, "expiry", "none");
        return;
    };
    let days = (day - now.date_naive()).num_days();
    if days >= SOON {
        push(lines, Verdict::Ok, "expiry", format!("{day}, in {days} days"));
    } else {
        let says = format!(
            "{day}, in {days} days: make a new one in time, and rotate rather than re-create it, so that its user stays"
        );
        push(lines, Verdict::Warn, "expiry", says);
    }
}

/// The role of the token's user in a project; `None` if it cannot be seen.
fn role(client: &Client, project: &str, user: u64) -> Result<Option<u64>, Fault> {
    let path = format!("projects/{}/members/all/{user}", encoded(project));
    match client.read::<Value>(path, Vec::new()) {
        Ok(found) => Ok(found.get("access_level").and_then(Value::as_u64)),
        Err(Fault::Refused { status: 404, .. }) => Ok(Some(0)),
        Err(fault) if fault.status().is_some() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Adds the results about the project of the incident issues and the rights in it.
fn incidents(client: &Client, examined: &Examined, me: u64, lines: &mut Vec<DoctorCheckResult>) -> Option<Value> {
    let project = match client.project(examined.project) {
        Ok(project) => project,
        Err(fault) => {
            push(
                lines,
                Verdict::Fail,
                "incident project",
                format!("{}: {fault}", examined.project),
            );
            return None;
        }
    };
    let visibility = project.get("visibility").and_then(Value::as_str).unwrap_or("unknown");
    if visibility == "public" {
        let says = format!(
            "{} is public: an issue with `confidential: false` is read by everybody",
            examined.project
        );
        push(lines, Verdict::Warn, "incident project", says);
    } else {
        push(
            lines,
            Verdict::Ok,
            "incident project",
            format!("{}, {visibility}", examined.project),
        );
    }
    match role(client, examined.project, me) {
        Ok(Some(level)) if level >= REPORTER => push(
            lines,
            Verdict::Ok,
            "rights",
            "incidents, confidential issues, labels, notes (Reporter or more)",
        ),
        Ok(Some(level)) if level >= PLANNER => push(
            lines,
            Verdict::Warn,
            "rights",
            "Planner: confidential issues, labels and notes, but no incidents: issues become plain ones; give the role Reporter",
        ),
        Ok(Some(_)) => push(
            lines,
            Verdict::Fail,
            "rights",
            "less than Planner: no confidential issues, no labels; give the token's user the role Reporter in the project",
        ),
        Ok(None) => push(lines, Verdict::Unseen, "rights", "the role cannot be seen"),
        Err(fault) => push(lines, Verdict::Fail, "rights", fault.to_string()),
    }
    Some(project)
}

fn ticket_project(
    client: &Client,
    customer: &str,
    path: &str,
    service_desk: bool,
    me: u64,
    lines: &mut Vec<DoctorCheckResult>,
) {
    let what = "tickets";
    let project = match client.project(path) {
        Ok(project) => project,
        Err(fault) => {
            push(lines, Verdict::Fail, what, format!("{customer}: {path}: {fault}"));
            return;
        }
    };
    let is_desk = project
        .get("service_desk_enabled")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    match role(client, path, me) {
        Ok(Some(0)) => push(
            lines,
            Verdict::Fail,
            what,
            format!("{customer}: the token's user is no member of {path}: add it with the role Reporter"),
        ),
        Err(fault) => push(lines, Verdict::Fail, what, format!("{customer}: {path}: {fault}")),
        Ok(_) if is_desk && !service_desk => push(
            lines,
            Verdict::Warn,
            what,
            format!(
                "{customer}: {path} is a Service Desk, and customers.yaml does not say `service_desk: true`: the plan counts no e-mails"
            ),
        ),
        Ok(_) => push(lines, Verdict::Ok, what, format!("{customer}: {path}")),
    }
}

/// Adds the results about branch, variable, resource group and configuration of the incident project.
fn settings(client: &Client, examined: &Examined, project: &Value, lines: &mut Vec<DoctorCheckResult>) {
    let path = encoded(examined.project);
    let list = |name: &str| -> Result<Vec<Value>, Fault> {
        client.read(format!("projects/{path}/{name}"), vec![("per_page", "100".to_owned())])
    };
    let default = project.get("default_branch").and_then(Value::as_str).unwrap_or("main");
    match list("protected_branches") {
        Ok(found) => {
            let is_default = |branch: &Value| branch.get("name").and_then(Value::as_str) == Some(default);
            if found.iter().any(is_default) {
                push(lines, Verdict::Ok, "default branch", format!("{default} is protected"));
            } else {
                let says = format!(
                    "{default} is not protected: everybody who may push to it can read the token; protect it (Settings, Repository)"
                );
                push(lines, Verdict::Fail, "default branch", says);
            }
        }
        Err(fault) => unseen(lines, "default branch", "whether it is protected", &fault),
    }
    match list("variables") {
        Ok(found) => variable(&found, lines),
        Err(fault) => unseen(
            lines,
            "variable",
            "whether GITLAB_TOKEN is protected and masked",
            &fault,
        ),
    }
    match client.read::<Value>(format!("projects/{path}/resource_groups/incidents"), Vec::new()) {
        Ok(found) => {
            let mode = found.get("process_mode").and_then(Value::as_str).unwrap_or("unknown");
            if mode == "oldest_first" {
                push(lines, Verdict::Ok, "resource group", mode);
            } else {
                let says = format!(
                    "{mode}: runs may overtake one another, which costs time and breaks nothing; set `oldest_first` (docs/gitlab-setup.md)"
                );
                push(lines, Verdict::Warn, "resource group", says);
            }
        }
        Err(Fault::Refused { status: 404, .. }) => {
            let says = "`incidents` is not there yet: it comes with the first run of `apply`";
            push(lines, Verdict::Unseen, "resource group", says);
        }
        Err(fault) => unseen(lines, "resource group", "its mode", &fault),
    }
    let elsewhere = project
        .get("ci_config_path")
        .and_then(Value::as_str)
        .is_some_and(|path| path.contains('@'));
    if elsewhere {
        push(
            lines,
            Verdict::Ok,
            "declare",
            "the pipeline's configuration lives in another project: `declare` may be used",
        );
    } else {
        let says = "keep it off: the pipeline's configuration lives in this project, so that a merge request can change what \
                    reads the tokens (docs/gitlab-setup.md)";
        push(lines, Verdict::Unseen, "declare", says);
    }
}

fn variable(found: &[Value], lines: &mut Vec<DoctorCheckResult>) {
    let is = |variable: &Value, name: &str| variable.get(name).and_then(Value::as_bool) == Some(true);
    let token = found
        .iter()
        .find(|variable| variable.get("key").and_then(Value::as_str) == Some("GITLAB_TOKEN"));
    match token {
        None => push(
            lines,
            Verdict::Unseen,
            "variable",
            "GITLAB_TOKEN is not a variable of this project; a group's is not seen here",
        ),
        Some(token) if is(token, "protected") && is(token, "masked") => {
            push(lines, Verdict::Ok, "variable", "GITLAB_TOKEN is protected and masked");
        }
        Some(token) => {
            let missing: Vec<&str> = ["protected", "masked"]
                .into_iter()
                .filter(|name| !is(token, name))
                .collect();
            let says = format!(
                "GITLAB_TOKEN is not {}: set it so (Settings, CI/CD, Variables)",
                missing.join(" and not ")
            );
            push(lines, Verdict::Fail, "variable", says);
        }
    }
}

fn unseen(lines: &mut Vec<DoctorCheckResult>, what: &'static str, which: &str, fault: &Fault) {
    let says = match fault.status() {
        Some(_) => format!("{which} cannot be seen with this token; look with a Maintainer's"),
        None => fault.to_string(),
    };
    push(lines, Verdict::Unseen, what, says);
}
