//! The methods of the fake Slack, a file for each family.

mod call;
mod chat;
mod conversations;
mod users;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::state::*;
use super::{Answer, Request};
use call::{Call, page};

/// What a method does: its answer without `ok`, or the word of its error.
type Outcome = Result<Value, String>;

/// A method of Slack.
struct Method {
    name: &'static str,
    /// Whether it takes JSON; others take forms, and can be read with GET.
    takes_json: bool,
    /// The scopes that it needs.
    scopes: &'static [&'static str],
    /// The parameters that it needs.
    needs: &'static [&'static str],
    /// The other parameters that it may have.
    may: &'static [&'static str],
    act: fn(&mut Workspace, &Call) -> Outcome,
}

const METHODS: [&[Method]; 3] = [chat::METHODS, conversations::METHODS, users::METHODS];

fn fail(word: &str) -> Value {
    json!({ "ok": false, "error": word })
}

/// Answers a request.
pub(super) fn handle(state: &mut Workspace, request: &Request) -> Answer {
    let body = answered(state, request).unwrap_or_else(|error| error);
    let scopes: Vec<&str> = state.scopes.iter().map(String::as_str).collect();
    Answer::json(200, body).with("X-OAuth-Scopes", &scopes.join(","))
}

fn answered(state: &mut Workspace, request: &Request) -> Result<Value, Value> {
    let name = request.path.last().cloned().unwrap_or_default();
    let Some(method) = METHODS.into_iter().flatten().find(|method| method.name == name) else {
        state.violations.push(format!("there is no method {}", request.raw));
        return Err(fail("unknown_method"));
    };
    if request.method != "POST" && (request.method != "GET" || method.takes_json) {
        state.violations.push(format!("{} {name}", request.method));
    }
    authenticate(state, request).map_err(fail)?;
    let arguments = arguments(state, request, method).map_err(fail)?;
    for own in arguments.keys() {
        if !method.needs.contains(&own.as_str()) && !method.may.contains(&own.as_str()) {
            state.violations.push(format!("{name} has no parameter {own}"));
        }
    }
    if let Some(scope) = method.scopes.iter().find(|scope| !state.scopes.contains(**scope)) {
        let provided: Vec<&str> = state.scopes.iter().map(String::as_str).collect();
        return Err(json!({ "ok": false, "error": "missing_scope", "needed": scope, "provided": provided.join(",") }));
    }
    if method.needs.iter().any(|need| !arguments.contains_key(*need)) {
        return Err(fail("invalid_arguments"));
    }
    let mut value = (method.act)(state, &Call { arguments }).map_err(|word| fail(&word))?;
    value["ok"] = json!(true);
    Ok(value)
}

fn authenticate(state: &Workspace, request: &Request) -> Result<(), &'static str> {
    let token = request
        .header("authorization")
        .and_then(|text| text.strip_prefix("Bearer "));
    match token {
        None => Err("not_authed"),
        Some(_) if state.revoked => Err("token_revoked"),
        Some(token) if token != SLACK_TOKEN => Err("invalid_auth"),
        Some(_) => Ok(()),
    }
}

/// The arguments of query and body.
fn arguments(
    state: &mut Workspace,
    request: &Request,
    method: &Method,
) -> Result<BTreeMap<String, Value>, &'static str> {
    let kind = request.header("content-type").unwrap_or_default();
    let query = request.raw.split_once('?').map_or("", |(_, query)| query);
    if !kind.starts_with("application/json") {
        return Ok(form(&request.body).chain(form(query.as_bytes())).collect());
    }
    if !kind.to_lowercase().contains("charset=utf-8") {
        state
            .violations
            .push(format!("{}: JSON without a charset", method.name));
    }
    if !method.takes_json && !request.body.is_empty() {
        state.violations.push(format!("{} takes no JSON", method.name));
    }
    let mut arguments: BTreeMap<String, Value> = match serde_json::from_slice(&request.body) {
        Ok(Value::Object(map)) => map.into_iter().collect(),
        _ if request.body.is_empty() => BTreeMap::new(),
        _ => return Err("invalid_json"),
    };
    arguments.extend(form(query.as_bytes()));
    Ok(arguments)
}

/// The fields of a form. What one says is JSON where Slack takes JSON inside of it.
fn form(bytes: &[u8]) -> impl Iterator<Item = (String, Value)> {
    url::form_urlencoded::parse(bytes).into_owned().map(|(name, text)| {
        let json = text.starts_with(['[', '{']).then(|| serde_json::from_str(&text).ok());
        (name, json.flatten().unwrap_or(Value::String(text)))
    })
}
