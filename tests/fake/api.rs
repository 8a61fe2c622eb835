//! The fake's routes. Each names the parameters that GitLab takes there; any other is a violation.

use serde_json::{Value, json};

use super::state::*;
use super::{Answer, Request, proof};

/// Who asks.
struct Caller {
    id: u64,
    job: bool,
    writes: bool,
}

type Outcome = Result<Answer, Answer>;

/// Answers a request.
pub fn handle(state: &mut State, request: &Request) -> Answer {
    if request.path.iter().take(2).map(String::as_str).eq(["api", "graphql"]) {
        return graphql(state, request).unwrap_or_else(|answer| answer);
    }
    if !request.path.iter().take(2).map(String::as_str).eq(["api", "v4"]) {
        return unknown(state, request);
    }
    let path: Vec<&str> = request.path[2..].iter().map(String::as_str).collect();
    let caller = match caller(state, request) {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    if request.method != "GET" && !caller.writes {
        return if caller.job {
            Answer::message(401, "401 Unauthorized")
        } else {
            Answer::json(
                403,
                json!({"error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.", "scope": "api"}),
            )
        };
    }
    route(state, request, &caller, &path).unwrap_or_else(|answer| answer)
}

fn caller(state: &State, request: &Request) -> Result<Caller, Answer> {
    let bearer = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    let token = request
        .header("private-token")
        .or(bearer)
        .or(request.header("job-token"));
    let Some(token) = token else {
        return Err(Answer::message(401, "401 Unauthorized"));
    };
    let Some(known) = state.tokens.get(token) else {
        return Err(Answer::message(401, "401 Unauthorized"));
    };
    if known.expired {
        return Err(Answer::json(
            401,
            json!({"error": "invalid_token", "error_description": "Token is expired. You can either do re-authorization or token refresh."}),
        ));
    }
    if known.job != (request.header("job-token").is_some()) {
        return Err(Answer::message(401, "401 Unauthorized"));
    }
    Ok(Caller {
        id: known.user,
        job: known.job,
        writes: known.scopes.iter().any(|scope| scope == "api"),
    })
}

fn route(state: &mut State, request: &Request, caller: &Caller, path: &[&str]) -> Outcome {
    let method = request.method.as_str();
    match (method, path) {
        // A job's token has no user of its own to ask for.
        ("GET", ["user"]) if caller.job => Err(Answer::message(401, "401 Unauthorized")),
        ("GET", ["user"]) => {
            takes(state, request, &[])?;
            Ok(Answer::json(200, state.user(caller.id)))
        }
        ("GET", ["users"]) => {
            takes(state, request, &["username", "page", "per_page"])?;
            let name = request.param("username").unwrap_or_default();
            let found: Vec<Value> = state
                .users
                .iter()
                .filter(|user| user.username == name)
                .map(|user| state.user(user.id))
                .collect();
            Ok(Answer::json(200, Value::Array(found)))
        }
        // Only this one says whether a user is a bot: <https://docs.gitlab.com/api/users/#retrieve-a-user>
        ("GET", ["users", id]) => {
            takes(state, request, &["with_custom_attributes"])?;
            let found = state.users.iter().find(|user| user.id.to_string() == *id);
            let Some(found) = found else {
                return Err(Answer::message(404, "404 User Not Found"));
            };
            let mut entity = state.user(found.id);
            entity["bot"] = json!(found.bot);
            Ok(Answer::json(200, entity))
        }
        ("GET", ["version"]) => {
            takes(state, request, &[])?;
            Ok(Answer::json(200, json!({"version": state.version, "revision": "abc"})))
        }
        ("GET", ["personal_access_tokens", "self"]) => {
            takes(state, request, &[])?;
            let token = state.tokens.get(request.header("private-token").unwrap_or_default());
            let Some(token) = token else {
                return Err(Answer::message(401, "401 Unauthorized"));
            };
            Ok(Answer::json(
                200,
                json!({"id": 1, "name": "incidentctl", "user_id": token.user, "scopes": token.scopes, "active": true, "revoked": false, "expires_at": token.expires_at}),
            ))
        }
        (_, ["projects", project, rest @ ..]) => {
            let found = state.project(project).cloned();
            let Some(found) = found else {
                return Err(Answer::message(404, "404 Project Not Found"));
            };
            if let Some(to) = &found.moved {
                let location = format!("{}/api/v4/projects/{}", state.url, to.replace('/', "%2F"));
                let mut answer = Answer::message(301, "moved");
                answer.headers.push(("Location".into(), location));
                return Err(answer);
            }
            let role = found.members.get(&caller.id).copied().unwrap_or(0);
            if role == 0 && !found.public && !found.internal {
                return Err(Answer::message(404, "404 Project Not Found"));
            }
            in_project(state, request, caller, &found, role, rest)
        }
        _ => Err(unknown(state, request)),
    }
}

fn visibility(project: &Project) -> &'static str {
    match (project.public, project.internal) {
        (true, _) => "public",
        (false, true) => "internal",
        (false, false) => "private",
    }
}

fn in_project(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    project: &Project,
    role: u32,
    path: &[&str],
) -> Outcome {
    let method = request.method.as_str();
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
    let number = |text: &str| {
        text.parse::<u64>()
            .map_err(|_| Answer::json(400, json!({"error": "iid is invalid"})))
    };
    match (method, path) {
        ("GET", []) => {
            takes(state, request, &["statistics", "license", "with_custom_attributes"])?;
            let default = project
                .branches
                .iter()
                .find(|branch| branch.default)
                .map(|branch| branch.name.clone());
            Ok(Answer::json(
                200,
                json!({"id": project.id, "path_with_namespace": project.path, "default_branch": default,
                    "visibility": visibility(project), "ci_config_path": project.ci_config_path,
                    "issues_access_level": if project.issues_for_members { "private" } else { "enabled" },
                    "web_url": format!("{}/{}", state.url, project.path), "service_desk_enabled": false,
                    "permissions": {"project_access": {"access_level": role}, "group_access": null}}),
            ))
        }
        ("GET", ["issues"]) => list_issues(state, request, project, role),
        ("POST", ["issues"]) => create_issue(state, request, caller, project, role),
        ("GET", ["issues", iid]) => {
            takes(state, request, &[])?;
            let issue = visible(state, project, role, number(iid)?)?;
            Ok(Answer::json(200, issue_entity(state, &issue)))
        }
        ("PUT", ["issues", iid]) => edit_issue(state, request, caller, project, role, number(iid)?),
        ("DELETE", ["issues", iid]) => {
            let issue = visible(state, project, role, number(iid)?)?;
            if role < OWNER {
                return Err(Answer::message(403, "403 Forbidden"));
            }
            state.issues.retain(|other| other.id != issue.id);
            Ok(Answer {
                status: 204,
                headers: Vec::new(),
                body: String::new(),
            })
        }
        ("GET", ["issues", iid, "resource_state_events"]) => {
            let issue = visible(state, project, role, number(iid)?)?;
            let event = issue.state_by.map(|user| {
                json!({"id": 1, "user": state.user(user), "state": if issue.closed { "closed" } else { "reopened" }})
            });
            Ok(Answer::json(200, Value::Array(event.into_iter().collect())))
        }
        (_, ["issues", iid, "notes", rest @ ..]) => {
            let iid = number(iid)?;
            visible(state, project, role, iid)?;
            notes(state, request, caller, project, role, "issues", iid, rest)
        }
        ("GET", ["merge_requests"]) => {
            takes(state, request, &["source_branch", "state", "per_page", "page"])?;
            let found: Vec<Value> = state
                .merge_requests
                .iter()
                .filter(|mr| mr.project == project.id)
                .filter(|mr| {
                    request
                        .param("source_branch")
                        .is_none_or(|branch| mr.source_branch == branch)
                })
                .filter(|mr| request.param("state").is_none_or(|wanted| mr.state == wanted))
                .map(|mr| json!({"iid": mr.iid, "state": mr.state, "source_branch": mr.source_branch}))
                .collect();
            Ok(paged(state, request, found))
        }
        (_, ["merge_requests", iid, rest @ ..]) => {
            let iid = number(iid)?;
            let found = state
                .merge_requests
                .iter()
                .find(|mr| mr.project == project.id && mr.iid == iid)
                .cloned();
            let Some(found) = found else {
                return Err(Answer::message(404, "404 Not found"));
            };
            match (method, rest) {
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
                    let by: Vec<Value> = found
                        .approved_by
                        .iter()
                        .map(|user| json!({"user": state.user(*user)}))
                        .collect();
                    Ok(Answer::json(
                        200,
                        json!({"approved": !by.is_empty(), "approved_by": by}),
                    ))
                }
                (_, ["notes", rest @ ..]) => notes(state, request, caller, project, role, "merge_requests", iid, rest),
                _ => Err(unknown(state, request)),
            }
        }
        ("POST", ["labels"]) => {
            takes(state, request, &["name", "color", "description", "priority"])?;
            if role < PLANNER {
                return Err(Answer::message(403, "403 Forbidden"));
            }
            let name = needed(request, "name")?;
            needed(request, "color")?;
            if project.labels.iter().any(|label| label.name == name) {
                return Err(Answer::message(409, "Label already exists"));
            }
            let label = Label {
                id: state.id(),
                name,
                description: request.param("description").unwrap_or_default().to_owned(),
            };
            let entity = label_entity(&label);
            project_mut(state, project.id).labels.push(label);
            Ok(Answer::json(201, entity))
        }
        (_, ["labels", name]) => {
            let found = project
                .labels
                .iter()
                .find(|label| label.name == *name || label.id.to_string() == *name)
                .cloned();
            let Some(found) = found else {
                return Err(Answer::message(404, "404 Label Not Found"));
            };
            if method != "GET" && role < PLANNER {
                return Err(Answer::message(403, "403 Forbidden"));
            }
            match method {
                "GET" => {
                    takes(state, request, &["include_ancestor_groups"])?;
                    Ok(Answer::json(200, label_entity(&found)))
                }
                "PUT" => {
                    takes(
                        state,
                        request,
                        &["new_name", "color", "description", "priority", "label_id", "name"],
                    )?;
                    let text = request.param("description").unwrap_or_default().to_owned();
                    let label = project_mut(state, project.id)
                        .labels
                        .iter_mut()
                        .find(|label| label.id == found.id)
                        .expect("it was found");
                    label.description = text;
                    let entity = label_entity(label);
                    Ok(Answer::json(200, entity))
                }
                "DELETE" => {
                    project_mut(state, project.id)
                        .labels
                        .retain(|label| label.id != found.id);
                    Ok(Answer {
                        status: 204,
                        headers: Vec::new(),
                        body: String::new(),
                    })
                }
                _ => Err(unknown(state, request)),
            }
        }
        ("GET", ["repository", "branches"]) => {
            takes(state, request, &["search", "page", "per_page"])?;
            let search = request.param("search").unwrap_or_default();
            let prefix = search.strip_prefix('^').unwrap_or(search);
            let found: Vec<Value> = project
                .branches
                .iter()
                .filter(|branch| branch.name.starts_with(prefix))
                .map(|branch| json!({"name": branch.name, "merged": branch.merged, "protected": branch.protected, "default": branch.default}))
                .collect();
            Ok(paged(state, request, found))
        }
        ("DELETE", ["repository", "branches", name]) => {
            if role < DEVELOPER {
                return Err(Answer::message(403, "403 Forbidden"));
            }
            if !project.branches.iter().any(|branch| branch.name == *name) {
                return Err(Answer::message(404, "404 Branch Not Found"));
            }
            project_mut(state, project.id)
                .branches
                .retain(|branch| branch.name != *name);
            Ok(Answer {
                status: 204,
                headers: Vec::new(),
                body: String::new(),
            })
        }
        ("GET", ["repository", "tree"]) => {
            takes(state, request, &["path", "ref", "per_page", "page", "recursive"])?;
            let at = (
                request.param("ref").unwrap_or("main").to_owned(),
                request.param("path").unwrap_or_default().to_owned(),
            );
            if project.tree.contains(&at) {
                return Ok(Answer::json(
                    200,
                    json!([{"name": "incident.yaml", "type": "blob", "path": format!("{}/incident.yaml", at.1)}]),
                ));
            }
            Err(Answer::message(404, "404 invalid revision or path Not Found"))
        }
        ("GET", ["protected_branches"]) => {
            takes(state, request, &["search", "page", "per_page"])?;
            let found: Vec<Value> = project
                .branches
                .iter()
                .filter(|branch| branch.protected)
                .map(|branch| json!({"name": branch.name}))
                .collect();
            if role < DEVELOPER {
                return Err(Answer::message(403, "403 Forbidden"));
            }
            Ok(paged(state, request, found))
        }
        ("GET", ["variables"]) => {
            takes(state, request, &["page", "per_page"])?;
            if role < MAINTAINER {
                return Err(Answer::message(403, "403 Forbidden"));
            }
            let found: Vec<Value> = project
                .variables
                .iter()
                .map(|variable| json!({"key": variable.key, "protected": variable.protected, "masked": variable.masked, "value": "hidden"}))
                .collect();
            Ok(paged(state, request, found))
        }
        ("GET", ["resource_groups", key]) => {
            takes(state, request, &[])?;
            match project.resource_groups.get(*key) {
                Some(mode) => Ok(Answer::json(200, json!({"id": 1, "key": key, "process_mode": mode}))),
                None => Err(Answer::message(404, "404 Not found")),
            }
        }
        ("GET", ["members", "all", user]) => {
            takes(state, request, &[])?;
            match project.members.get(&number(user)?) {
                Some(level) => Ok(Answer::json(200, json!({"id": number(user)?, "access_level": level}))),
                None => Err(Answer::message(404, "404 Not found")),
            }
        }
        _ => Err(unknown(state, request)),
    }
}

fn list_issues(state: &mut State, request: &Request, project: &Project, role: u32) -> Outcome {
    takes(
        state,
        request,
        &[
            "state",
            "labels",
            "iids[]",
            "author_id",
            "author_username",
            "created_after",
            "created_before",
            "updated_after",
            "scope",
            "confidential",
            "issue_type",
            "order_by",
            "sort",
            "page",
            "per_page",
            "pagination",
        ],
    )?;
    if request.param("search").is_some() {
        state.violations.push("search is limited to 30 a minute".into());
    }
    let after = request
        .param("created_after")
        .and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    let author = request.param("author_id");
    let name = request.param("author_username");
    let labels: Vec<&str> = request
        .param("labels")
        .map(|list| list.split(',').collect())
        .unwrap_or_default();
    let mut found: Vec<Issue> = state
        .issues
        .iter()
        .filter(|issue| issue.project == project.id && (!issue.confidential || role >= PLANNER))
        .filter(|issue| after.is_none_or(|after| issue.created >= after))
        .filter(|issue| author.is_none_or(|author| issue.author.to_string() == author))
        .filter(|issue| name.is_none_or(|name| state.user(issue.author)["username"] == name))
        .filter(|issue| labels.iter().all(|label| issue.labels.contains(*label)))
        .filter(|issue| match request.param("state") {
            Some("opened") => !issue.closed,
            Some("closed") => issue.closed,
            _ => true,
        })
        .cloned()
        .collect();
    found.sort_by_key(|issue| (issue.created, issue.id));
    if request.param("sort") != Some("asc") {
        found.reverse();
    }
    let found = found.iter().map(|issue| issue_entity(state, issue)).collect();
    Ok(paged(state, request, found))
}

const ISSUE: &[&str] = &[
    "title",
    "description",
    "confidential",
    "issue_type",
    "labels",
    "labels[]",
    "add_labels",
    "add_labels[]",
    "remove_labels",
    "remove_labels[]",
    "assignee_ids[]",
    "assignee_id",
    "severity",
    "due_date",
    "state_event",
    "created_at",
    "iid",
    "updated_at",
    "weight",
    "discussion_locked",
];

fn create_issue(state: &mut State, request: &Request, caller: &Caller, project: &Project, role: u32) -> Outcome {
    takes(state, request, ISSUE)?;
    let title = needed(request, "title")?;
    title_fits(&title)?;
    if role < GUEST {
        return Err(Answer::message(403, "403 Forbidden"));
    }
    let mut issue = Issue {
        id: state.id(),
        iid: state
            .issues
            .iter()
            .filter(|issue| issue.project == project.id)
            .map(|issue| issue.iid)
            .max()
            .unwrap_or(0)
            + 1,
        project: project.id,
        title,
        kind: "issue".into(),
        severity: "UNKNOWN".into(),
        author: caller.id,
        created: state.now(),
        ..Issue::default()
    };
    // What the user may not set is dropped without a word.
    if request.param("issue_type") == Some("incident") && role >= REPORTER {
        issue.kind = "incident".into();
    }
    if request.param("confidential") == Some("true") && role >= PLANNER {
        issue.confidential = true;
    }
    let text = request
        .param("description")
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned);
    let text = text.or(project.template.clone()).unwrap_or_default();
    issue.description = run_commands(state, &text);
    set_metadata(state, request, &mut issue, role);
    let entity = issue_entity(state, &issue);
    state.mails.push(format!("issue {} {}", project.path, issue.title));
    state.issues.push(issue);
    Ok(Answer::json(201, entity))
}

fn edit_issue(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    project: &Project,
    role: u32,
    iid: u64,
) -> Outcome {
    takes(state, request, ISSUE)?;
    let mut issue = visible(state, project, role, iid)?;
    if request.params.is_empty() {
        return Err(Answer::json(
            400,
            json!({"error": "title, description are missing, at least one parameter must be provided"}),
        ));
    }
    if issue.author != caller.id && role < PLANNER {
        return Err(Answer::message(403, "403 Forbidden"));
    }
    if let Some(title) = request.param("title") {
        title_fits(title)?;
        issue.title = title.to_owned();
    }
    if let Some(text) = request.param("description") {
        issue.description = run_commands(state, text);
    }
    if let Some(confidential) = request.param("confidential").filter(|_| role >= PLANNER) {
        issue.confidential = confidential == "true";
    }
    match request.param("state_event") {
        Some("close") if !issue.closed => {
            issue.closed = true;
            issue.state_by = Some(caller.id);
        }
        Some("reopen") if issue.closed => {
            issue.closed = false;
            issue.state_by = Some(caller.id);
        }
        _ => {}
    }
    set_metadata(state, request, &mut issue, role);
    let entity = issue_entity(state, &issue);
    *state.issue_mut(project.id, iid).expect("it is there") = issue;
    Ok(Answer::json(200, entity))
}

fn title_fits(title: &str) -> Result<(), Answer> {
    if title.chars().count() > 255 {
        return Err(Answer::json(
            400,
            json!({"message": {"title": ["is too long (maximum is 255 characters)"]}}),
        ));
    }
    Ok(())
}

fn set_metadata(state: &mut State, request: &Request, issue: &mut Issue, role: u32) {
    if role < PLANNER {
        return;
    }
    let list = |name: &str| -> Vec<String> {
        let many = format!("{name}[]");
        let given = request.params.iter().filter(|(own, _)| own == name || *own == many);
        given
            .flat_map(|(_, value)| value.split(','))
            .filter(|label| !label.is_empty())
            .map(str::to_owned)
            .collect()
    };
    if request
        .params
        .iter()
        .any(|(name, _)| name == "labels" || name == "labels[]")
    {
        issue.labels = list("labels").into_iter().collect();
    }
    issue.labels.extend(list("add_labels"));
    for label in list("remove_labels") {
        issue.labels.remove(&label);
    }
    for name in issue.labels.clone() {
        let known = state
            .projects
            .iter()
            .any(|project| project.id == issue.project && project.labels.iter().any(|label| label.name == name));
        if !known {
            let id = state.id();
            let label = Label {
                id,
                name,
                description: String::new(),
            };
            project_mut(state, issue.project).labels.push(label);
        }
    }
    let ids: Vec<u64> = list("assignee_ids").iter().filter_map(|id| id.parse().ok()).collect();
    if !ids.is_empty() {
        let members = &state
            .projects
            .iter()
            .find(|project| project.id == issue.project)
            .expect("its project")
            .members;
        issue.assignees = ids.into_iter().filter(|id| members.contains_key(id)).collect();
    }
    if let Some(severity) = request
        .param("severity")
        .filter(|_| state.rest_severity && issue.kind == "incident" && role >= REPORTER)
    {
        issue.severity = severity.to_uppercase();
    }
}

#[expect(clippy::too_many_arguments, reason = "it is a route")]
fn notes(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    project: &Project,
    role: u32,
    on: &str,
    iid: u64,
    path: &[&str],
) -> Outcome {
    let method = request.method.as_str();
    match (method, path) {
        ("GET", []) => {
            takes(
                state,
                request,
                &["sort", "order_by", "activity_filter", "page", "per_page"],
            )?;
            let mut found: Vec<Note> = state
                .notes
                .iter()
                .filter(|note| note.project == project.id && note.on == on && note.iid == iid)
                .cloned()
                .collect();
            found.sort_by_key(|note| (note.created, note.id));
            if request.param("sort") != Some("asc") {
                found.reverse();
            }
            let found: Vec<Value> = found.iter().map(|note| note_entity(state, note)).collect();
            Ok(paged(state, request, found))
        }
        ("POST", []) => {
            takes(state, request, &["body", "internal", "created_at"])?;
            let text = needed(request, "body")?;
            if text.chars().count() > 1_000_000 {
                return Err(Answer::message(
                    400,
                    "400 Bad request - Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}",
                ));
            }
            if role < GUEST {
                return Err(Answer::message(403, "403 Forbidden"));
            }
            let body = run_commands(state, &text);
            if body.trim().is_empty() {
                return Ok(Answer::json(
                    202,
                    json!({"commands_changes": {}, "summary": ["Commands applied"]}),
                ));
            }
            let note = Note {
                id: state.id(),
                project: project.id,
                on: on.to_owned(),
                iid,
                body,
                author: caller.id,
                system: false,
                created: state.now(),
            };
            let entity = note_entity(state, &note);
            state.mails.push(format!("note {} {on} {iid}", project.path));
            state.notes.push(note);
            Ok(Answer::json(201, entity))
        }
        (_, [id]) => {
            let found = state
                .notes
                .iter()
                .find(|note| note.id.to_string() == *id && note.project == project.id && note.iid == iid)
                .cloned();
            let Some(mut found) = found else {
                return Err(Answer::message(404, "404 Not found"));
            };
            if method != "GET" && found.author != caller.id && role < MAINTAINER {
                return Err(Answer::message(403, "403 Forbidden"));
            }
            match method {
                "GET" => Ok(Answer::json(200, note_entity(state, &found))),
                "PUT" => {
                    takes(state, request, &["body"])?;
                    found.body = run_commands(state, &needed(request, "body")?);
                    state.notes.retain(|note| note.id != found.id);
                    if found.body.trim().is_empty() {
                        return Ok(Answer::json(202, json!({"commands_changes": {}, "summary": []})));
                    }
                    let entity = note_entity(state, &found);
                    state.notes.push(found);
                    Ok(Answer::json(200, entity))
                }
                "DELETE" => {
                    state.notes.retain(|note| note.id != found.id);
                    Ok(Answer {
                        status: 204,
                        headers: Vec::new(),
                        body: String::new(),
                    })
                }
                _ => Err(unknown(state, request)),
            }
        }
        _ => Err(unknown(state, request)),
    }
}

fn graphql(state: &mut State, request: &Request) -> Outcome {
    let caller = caller(state, request)?;
    if caller.job {
        return Err(Answer::json(401, json!({"errors": [{"message": "Invalid token"}]})));
    }
    let query = request.param("query").unwrap_or_default();
    if !query.contains("issueSetSeverity") {
        return Err(unknown(state, request));
    }
    let variables: Value = serde_json::from_str(request.param("variables").unwrap_or_default()).unwrap_or_default();
    let path = variables["path"].as_str().unwrap_or_default();
    let project = state.projects.iter().find(|project| project.path == path).cloned();
    let refused = json!({"data": {"issueSetSeverity": null}, "errors": [{"message": "The resource that you are attempting to access does not exist or you don't have permission to perform this action"}]});
    let Some(project) = project else {
        return Ok(Answer::json(200, refused));
    };
    let role = project.members.get(&caller.id).copied().unwrap_or(0);
    let iid = variables["iid"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let severity = variables["severity"].as_str().unwrap_or_default().to_owned();
    match state.issue_mut(project.id, iid) {
        Some(issue) if role >= REPORTER => {
            issue.severity = severity;
            Ok(Answer::json(200, json!({"data": {"issueSetSeverity": {"errors": []}}})))
        }
        _ => Ok(Answer::json(200, refused)),
    }
}

/// Runs the commands in a text, and returns what is left of it, as GitLab stores it.
fn run_commands(state: &mut State, text: &str) -> String {
    let text = text.replace('\r', "");
    let commands: Vec<String> = proof::acts(&text)
        .into_iter()
        .filter_map(|found| found.strip_prefix("quick action: ").map(str::to_owned))
        .collect();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !commands.iter().any(|command| command == line))
        .collect();
    state.executed.extend(commands);
    kept.join("\n").trim_end().to_owned()
}

fn visible(state: &State, project: &Project, role: u32, iid: u64) -> Result<Issue, Answer> {
    let found = state
        .issue(project.id, iid)
        .filter(|issue| !issue.confidential || role >= PLANNER)
        .cloned();
    found.ok_or_else(|| Answer::message(404, "404 Issue Not Found"))
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
    let next = if page * size < total {
        (page + 1).to_string()
    } else {
        String::new()
    };
    if !next.is_empty() {
        let path = request.raw.split('?').next().unwrap_or_default();
        let kept = request.params.iter().filter(|(name, _)| name != "page");
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("page", &next)
            .finish();
        let link = format!("<{}{path}?{query}>; rel=\"next\"", state.url);
        answer.headers.push(("Link".into(), link));
    }
    for (name, value) in [
        ("X-Page", page.to_string()),
        ("X-Per-Page", size.to_string()),
        ("X-Next-Page", next),
        ("X-Total", total.to_string()),
        ("X-Total-Pages", total.div_ceil(size).to_string()),
    ] {
        answer.headers.push((name.into(), value));
    }
    answer
}

fn project_mut(state: &mut State, id: u64) -> &mut Project {
    state
        .projects
        .iter_mut()
        .find(|project| project.id == id)
        .expect("it is there")
}

fn label_entity(label: &Label) -> Value {
    json!({"id": label.id, "name": label.name, "description": label.description, "color": "#808080"})
}

fn note_entity(state: &State, note: &Note) -> Value {
    json!({"id": note.id, "body": note.body, "author": state.user(note.author), "system": note.system, "created_at": note.created.to_rfc3339(),
        "noteable_iid": note.iid, "noteable_type": if note.on == "issues" { "Issue" } else { "MergeRequest" }, "internal": false, "type": null})
}

fn issue_entity(state: &State, issue: &Issue) -> Value {
    let path = state
        .projects
        .iter()
        .find(|project| project.id == issue.project)
        .map(|project| project.path.clone())
        .unwrap_or_default();
    let assignees: Vec<Value> = issue.assignees.iter().map(|user| state.user(*user)).collect();
    json!({"id": issue.id, "iid": issue.iid, "project_id": issue.project, "title": issue.title, "description": issue.description,
        "state": if issue.closed { "closed" } else { "opened" }, "labels": issue.labels, "confidential": issue.confidential,
        "issue_type": issue.kind, "severity": issue.severity, "author": state.user(issue.author), "assignees": assignees,
        "created_at": issue.created.to_rfc3339(), "web_url": format!("{}/{path}/-/issues/{}", state.url, issue.iid), "moved_to_id": issue.moved_to})
}

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

fn unknown(state: &mut State, request: &Request) -> Answer {
    state
        .violations
        .push(format!("{} {}: no such route", request.method, request.raw));
    Answer::json(404, json!({"error": "404 Not Found"}))
}
