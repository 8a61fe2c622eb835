//! Users, and the caller's own token.

use super::*;

pub(super) fn route(state: &mut State, request: &Request, caller: &Caller, path: &[&str]) -> Outcome {
    match path {
        // A job's token has no user of its own to ask for.
        ["user"] if caller.job => Err(Answer::message(401, "401 Unauthorized")),
        ["user"] => {
            takes(state, request, &[])?;
            Ok(Answer::json(200, state.user(caller.id)))
        }
        ["users"] => {
            takes(state, request, &["username", "page", "per_page"])?;
            let name = request.param("username").unwrap_or_default();
            let found = state.users.iter().filter(|user| user.username == name);
            let found = found.map(|user| state.user(user.id)).collect();
            Ok(Answer::json(200, Value::Array(found)))
        }
        ["users", id] => user(state, request, id),
        ["personal_access_tokens", "self"] => token(state, request),
        _ => Err(unknown(state, request)),
    }
}

/// Only this route says whether a user is a bot: <https://docs.gitlab.com/api/users/#retrieve-a-user>
fn user(state: &mut State, request: &Request, id: &str) -> Outcome {
    takes(state, request, &["with_custom_attributes"])?;
    let found = state.users.iter().find(|user| user.id.to_string() == id);
    let found = found.ok_or_else(|| Answer::message(404, "404 User Not Found"))?;
    let mut entity = state.user(found.id);
    entity["bot"] = json!(found.bot);
    Ok(Answer::json(200, entity))
}

fn token(state: &mut State, request: &Request) -> Outcome {
    takes(state, request, &[])?;
    let token = state.tokens.get(request.header("private-token").unwrap_or_default());
    let token = token.ok_or_else(|| Answer::message(401, "401 Unauthorized"))?;
    Ok(Answer::json(
        200,
        json!({"id": 1, "name": "incidentctl", "user_id": token.user, "scopes": token.scopes, "active": true, "revoked": false,
            "expires_at": token.expires_at}),
    ))
}
