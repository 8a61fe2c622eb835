//! Projects, their members, variables and resource groups.

use super::*;

/// Finds the project, and what the caller may do there.
pub(super) fn route(state: &mut State, request: &Request, caller: &Caller, name: &str, path: &[&str]) -> Outcome {
    let not_found = || Answer::message(404, "404 Project Not Found");
    let project = state.project(name).cloned().ok_or_else(not_found)?;
    if let Some(to) = &project.moved {
        let location = format!("{}/api/v4/projects/{}", state.url, to.replace('/', "%2F"));
        return Err(Answer::message(301, "moved").with("Location", &location));
    }
    let role = project.members.get(&caller.id).copied().unwrap_or(0);
    if role == 0 && !project.public && !project.internal {
        return Err(not_found());
    }
    // What a job's token may read: <https://docs.gitlab.com/ci/jobs/ci_job_token/>
    let job_may = matches!(
        path,
        [] | ["issues", ..]
            | ["merge_requests", _]
            | ["merge_requests", _, "notes", ..]
            | ["repository", "branches", ..]
    );
    if caller.job && !job_may {
        return Err(Answer::message(401, "401 Unauthorized"));
    }
    let access = Access {
        request,
        caller,
        project: &project,
        role,
    };
    in_project(state, &access, path)
}

fn in_project(state: &mut State, access: &Access, path: &[&str]) -> Outcome {
    let Access { request, project, .. } = *access;
    match (request.method.as_str(), path) {
        ("GET", []) => show(state, access),
        (_, ["issues", rest @ ..]) => issues::route(state, access, rest),
        (_, ["merge_requests", rest @ ..]) => merge_requests::route(state, access, rest),
        (_, ["labels", rest @ ..]) => labels::route(state, access, rest),
        (_, ["repository" | "protected_branches", ..]) => repository::route(state, access, path),
        ("GET", ["variables"]) => variables(state, access),
        ("GET", ["resource_groups", key]) => {
            takes(state, request, &[])?;
            match project.resource_groups.get(*key) {
                Some(mode) => Ok(Answer::json(200, json!({"id": 1, "key": key, "process_mode": mode}))),
                None => Err(Answer::message(404, "404 Not found")),
            }
        }
        ("GET", ["members", "all", user]) => {
            takes(state, request, &[])?;
            let user = number(user)?;
            match project.members.get(&user) {
                Some(level) => Ok(Answer::json(200, json!({"id": user, "access_level": level}))),
                None => Err(Answer::message(404, "404 Not found")),
            }
        }
        _ => Err(unknown(state, request)),
    }
}

fn show(state: &mut State, access: &Access) -> Outcome {
    let Access { project, role, .. } = *access;
    takes(
        state,
        access.request,
        &["statistics", "license", "with_custom_attributes"],
    )?;
    let default = project.branches.iter().find(|branch| branch.default);
    let default = default.map(|branch| branch.name.clone());
    Ok(Answer::json(
        200,
        json!({"id": project.id, "path_with_namespace": project.path, "default_branch": default,
            "visibility": visibility(project), "issues_access_level": if project.issues_for_members { "private" } else { "enabled" }, "ci_config_path": project.ci_config_path,
            "only_allow_merge_if_pipeline_succeeds": project.pipelines_must_succeed,
            "web_url": format!("{}/{}", state.url, project.path), "service_desk_enabled": false,
            "permissions": {"project_access": {"access_level": role}, "group_access": null}}),
    ))
}

fn variables(state: &mut State, access: &Access) -> Outcome {
    takes(state, access.request, &["page", "per_page"])?;
    access.needs(MAINTAINER)?;
    let entity = |variable: &Variable| json!({"key": variable.key, "protected": variable.protected, "masked": variable.masked, "value": "hidden"});
    let found = access.project.variables.iter().map(entity).collect();
    Ok(paged(state, access.request, found))
}

const fn visibility(project: &Project) -> &'static str {
    match (project.public, project.internal) {
        (true, _) => "public",
        (false, true) => "internal",
        (false, false) => "private",
    }
}
