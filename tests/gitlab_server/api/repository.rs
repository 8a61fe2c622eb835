//! Branches and folders.

use super::*;

pub(super) fn route(state: &mut State, access: &Access, path: &[&str]) -> Outcome {
    match (access.request.method.as_str(), path) {
        ("GET", ["repository", "branches"]) => branches(state, access),
        ("DELETE", ["repository", "branches", name]) => delete_branch(state, access, name),
        ("GET", ["repository", "tree"]) => tree(state, access),
        ("GET", ["protected_branches"]) => protected_branches(state, access),
        _ => Err(unknown(state, access.request)),
    }
}

fn branches(state: &mut State, access: &Access) -> Outcome {
    takes(state, access.request, &["search", "page", "per_page"])?;
    let search = access.request.param("search").unwrap_or_default();
    let prefix = search.strip_prefix('^').unwrap_or(search);
    let branches = access.project.branches.iter();
    let found = branches.filter(|branch| branch.name.starts_with(prefix));
    let entity = |branch: &Branch| json!({"name": branch.name, "merged": branch.merged, "protected": branch.protected, "default": branch.default});
    let found = found.map(entity).collect();
    Ok(paged(state, access.request, found))
}

fn delete_branch(state: &mut State, access: &Access, name: &str) -> Outcome {
    access.needs(DEVELOPER)?;
    if !access.project.branches.iter().any(|branch| branch.name == name) {
        return Err(Answer::message(404, "404 Branch Not Found"));
    }
    let branches = &mut state.project_mut(access.project.id).branches;
    branches.retain(|branch| branch.name != name);
    Ok(Answer::empty())
}

fn tree(state: &mut State, access: &Access) -> Outcome {
    let Access { request, project, .. } = *access;
    takes(state, request, &["path", "ref", "per_page", "page", "recursive"])?;
    let at = (
        request.param("ref").unwrap_or("main").to_owned(),
        request.param("path").unwrap_or_default().to_owned(),
    );
    if project.tree.contains(&at) {
        let path = format!("{}/incident.yaml", at.1);
        let entity = json!([{"name": "incident.yaml", "type": "blob", "path": path}]);
        return Ok(Answer::json(200, entity));
    }
    Err(Answer::message(404, "404 invalid revision or path Not Found"))
}

fn protected_branches(state: &mut State, access: &Access) -> Outcome {
    takes(state, access.request, &["search", "page", "per_page"])?;
    access.needs(DEVELOPER)?;
    let found = access.project.branches.iter().filter(|branch| branch.protected);
    let found = found.map(|branch| json!({"name": branch.name})).collect();
    Ok(paged(state, access.request, found))
}
