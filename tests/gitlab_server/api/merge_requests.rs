//! Merge requests and their approvals.

use super::*;

pub(super) fn route(state: &mut State, access: &Access, path: &[&str]) -> Outcome {
    match (access.request.method.as_str(), path) {
        ("GET", []) => list(state, access),
        (_, [iid, rest @ ..]) => {
            let iid = number(iid)?;
            let mut own = state.merge_requests.iter().filter(|mr| mr.project == access.project.id);
            let found = own.find(|mr| mr.iid == iid).cloned();
            let found = found.ok_or_else(|| Answer::message(404, "404 Not found"))?;
            one(state, access, &found, rest)
        }
        _ => Err(unknown(state, access.request)),
    }
}

fn list(state: &mut State, access: &Access) -> Outcome {
    let Access { request, project, .. } = *access;
    takes(state, request, &["source_branch", "state", "per_page", "page"])?;
    let is_wanted = |name: &str, value: &str| request.param(name).is_none_or(|wanted| wanted == value);
    let found: Vec<Value> = state
        .merge_requests
        .iter()
        .filter(|mr| mr.project == project.id)
        .filter(|mr| is_wanted("source_branch", &mr.source_branch) && is_wanted("state", &mr.state))
        .map(|mr| json!({"iid": mr.iid, "state": mr.state, "source_branch": mr.source_branch, "sha": mr.sha, "source_project_id": mr.source_project}))
        .collect();
    Ok(paged(state, request, found))
}

fn one(state: &mut State, access: &Access, found: &MergeRequest, path: &[&str]) -> Outcome {
    let request = access.request;
    match (request.method.as_str(), path) {
        ("GET", []) => {
            takes(state, request, &[])?;
            Ok(Answer::json(
                200,
                json!({"iid": found.iid, "state": found.state, "author": state.user(found.author), "sha": found.sha,
                    "source_branch": found.source_branch, "source_project_id": found.source_project}),
            ))
        }
        ("GET", ["approvals"]) => {
            takes(state, request, &[])?;
            let by = found.approved_by.iter();
            let by: Vec<Value> = by.map(|user| json!({"user": state.user(*user)})).collect();
            let entity = json!({"approved": !by.is_empty(), "approved_by": by});
            Ok(Answer::json(200, entity))
        }
        (_, ["notes", rest @ ..]) => notes::route(state, access, ("merge_requests", found.iid), rest),
        _ => Err(unknown(state, request)),
    }
}
