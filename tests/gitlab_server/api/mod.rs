//! The fake's routes, a file for each resource. A route names the parameters that GitLab takes there; any other is a violation.

mod commands;
mod graphql;
mod issues;
mod labels;
mod merge_requests;
mod notes;
mod projects;
mod repository;
mod users;

use serde_json::{Value, json};

use super::state::*;
use super::{Answer, Request, edits};

/// Who asks.
struct Caller {
    id: u64,
    job: bool,
    writes: bool,
}

/// A request within a project, by a caller who has a role there.
struct Access<'a> {
    request: &'a Request,
    caller: &'a Caller,
    project: &'a Project,
    role: u32,
}

impl Access<'_> {
    /// Fails if the caller's role is below this one.
    fn needs(&self, role: u32) -> Result<(), Answer> {
        if self.role < role {
            return Err(Answer::message(403, "403 Forbidden"));
        }
        Ok(())
    }
}

/// The answer of a route; an error is an answer that ends it early.
type Outcome = Result<Answer, Answer>;

/// Answers a request.
pub(super) fn handle(state: &mut State, request: &Request) -> Answer {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    let answer = match path.as_slice() {
        ["api", "graphql", ..] => graphql::route(state, request),
        ["api", "v4", rest @ ..] => route(state, request, rest),
        _ => Err(unknown(state, request)),
    };
    answer.unwrap_or_else(|answer| answer)
}

fn route(state: &mut State, request: &Request, path: &[&str]) -> Outcome {
    let caller = &caller(state, request)?;
    if request.method != "GET" && !caller.writes {
        return Err(if caller.job {
            Answer::message(401, "401 Unauthorized")
        } else {
            let words = "The request requires higher privileges than provided by the access token.";
            let error = json!({"error": "insufficient_scope", "error_description": words, "scope": "api"});
            Answer::json(403, error)
        });
    }
    match (request.method.as_str(), path) {
        ("GET", ["user" | "users" | "personal_access_tokens", ..]) => users::route(state, request, caller, path),
        ("GET", ["version"]) => {
            takes(state, request, &[])?;
            Ok(Answer::json(200, json!({"version": state.version, "revision": "abc"})))
        }
        (_, ["projects", project, rest @ ..]) => projects::route(state, request, caller, project, rest),
        _ => Err(unknown(state, request)),
    }
}

fn caller(state: &State, request: &Request) -> Result<Caller, Answer> {
    let unauthorized = || Answer::message(401, "401 Unauthorized");
    let bearer = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    let token = request
        .header("private-token")
        .or(bearer)
        .or(request.header("job-token"));
    let known = token
        .and_then(|token| state.tokens.get(token))
        .ok_or_else(unauthorized)?;
    if known.expired {
        let words = "Token is expired. You can either do re-authorization or token refresh.";
        let error = json!({"error": "invalid_token", "error_description": words});
        return Err(Answer::json(401, error));
    }
    if known.job != (request.header("job-token").is_some()) {
        return Err(unauthorized());
    }
    Ok(Caller {
        id: known.user,
        job: known.job,
        writes: known.scopes.iter().any(|scope| scope == "api"),
    })
}

fn number(text: &str) -> Result<u64, Answer> {
    text.parse()
        .map_err(|_| Answer::json(400, json!({"error": "iid is invalid"})))
}

/// A parameter that has to be there.
fn needed(request: &Request, name: &str) -> Result<String, Answer> {
    request
        .param(name)
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| Answer::json(400, json!({"error": format!("{name} is missing")})))
}

/// Only these parameters are known here.
fn takes(state: &mut State, request: &Request, known: &[&str]) -> Result<(), Answer> {
    for (name, _) in &request.params {
        if !known.contains(&name.as_str()) && !["page", "per_page"].contains(&name.as_str()) {
            state
                .violations
                .push(format!("{} {}: unknown parameter {name}", request.method, request.raw));
            return Err(Answer::json(400, json!({"error": format!("{name} is unknown here")})));
        }
    }
    Ok(())
}

/// The answer of a route that GitLab does not have.
fn unknown(state: &mut State, request: &Request) -> Answer {
    state
        .violations
        .push(format!("{} {}: no such route", request.method, request.raw));
    Answer::json(404, json!({"error": "404 Not Found"}))
}

/// One page. Invisible rows leave it after it was cut, so that a page may be short although more follow.
fn paged(state: &State, request: &Request, rows: Vec<Value>) -> Answer {
    let number = |name: &str| request.param(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(20).clamp(1, 100);
    let size = state.page_limit.map_or(size, |limit| limit.min(size));
    let page = number("page").unwrap_or(1).max(1);
    let total = rows.len();
    let shown: Vec<Value> = rows
        .into_iter()
        .skip((page - 1) * size)
        .take(size)
        .filter(|row| row["body"] != "(invisible)")
        .collect();
    let mut answer = Answer::json(200, Value::Array(shown));
    let next = match state.endless {
        Some(true) => page.to_string(),
        Some(false) => (page + 1).to_string(),
        None if page * size < total => (page + 1).to_string(),
        None => String::new(),
    };
    if !next.is_empty() {
        let path = request.raw.split('?').next().unwrap_or_default();
        let kept = request.params.iter().filter(|(name, _)| name != "page");
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("page", &next)
            .finish();
        let link = format!("<{}{path}?{query}>; rel=\"next\"", state.url);
        answer = answer.with("Link", &link);
    }
    for (name, value) in [
        ("X-Page", page.to_string()),
        ("X-Per-Page", size.to_string()),
        ("X-Next-Page", next),
        ("X-Total", total.to_string()),
        ("X-Total-Pages", total.div_ceil(size).to_string()),
    ] {
        answer = answer.with(name, &value);
    }
    answer
}
