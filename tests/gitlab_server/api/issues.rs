//! Issues of a project.

use super::*;

/// What may be set in an issue.
const SETTABLE: &[&str] = &[
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

/// By what issues are listed.
const FILTERS: &[&str] = &[
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
];

pub(super) fn route(state: &mut State, access: &Access, path: &[&str]) -> Outcome {
    match (access.request.method.as_str(), path) {
        ("GET", []) => list(state, access),
        ("POST", []) => create(state, access),
        (_, [iid, rest @ ..]) => one(state, access, number(iid)?, rest),
        _ => Err(unknown(state, access.request)),
    }
}

fn one(state: &mut State, access: &Access, iid: u64, path: &[&str]) -> Outcome {
    match (access.request.method.as_str(), path) {
        ("GET", []) => {
            takes(state, access.request, &[])?;
            let issue = visible(state, access, iid)?;
            Ok(Answer::json(200, entity(state, &issue)))
        }
        ("PUT", []) => edit(state, access, iid),
        ("DELETE", []) => {
            let issue = visible(state, access, iid)?;
            access.needs(OWNER)?;
            state.issues.retain(|other| other.id != issue.id);
            Ok(Answer::empty())
        }
        ("GET", ["resource_state_events"]) => {
            let issue = visible(state, access, iid)?;
            takes(state, access.request, &["page", "per_page"])?;
            let events = issue.state_events.iter().enumerate();
            let events = events.map(|(number, (user, closed))| {
                json!({"id": number + 1, "user": state.user(*user), "state": if *closed { "closed" } else { "reopened" }})
            });
            let events = events.collect();
            Ok(paged(state, access.request, events))
        }
        (_, ["notes", rest @ ..]) => {
            visible(state, access, iid)?;
            notes::route(state, access, ("issues", iid), rest)
        }
        _ => Err(unknown(state, access.request)),
    }
}

fn visible(state: &State, access: &Access, iid: u64) -> Result<Issue, Answer> {
    let found = state
        .issue(access.project.id, iid)
        .filter(|issue| !issue.confidential || access.role >= PLANNER)
        .cloned();
    found.ok_or_else(|| Answer::message(404, "404 Issue Not Found"))
}

fn list(state: &mut State, access: &Access) -> Outcome {
    let Access {
        request, project, role, ..
    } = *access;
    takes(state, request, FILTERS)?;
    let after = request
        .param("created_after")
        .and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    let author = request.param("author_id");
    let mine = matches!(request.param("scope"), Some("created_by_me" | "created-by-me"));
    let caller = access.caller.id;
    let name = request.param("author_username");
    let labels: Vec<&str> = request
        .param("labels")
        .map(|list| list.split(',').collect())
        .unwrap_or_default();
    let mut found: Vec<&Issue> = state
        .issues
        .iter()
        .filter(|issue| issue.project == project.id && (!issue.confidential || role >= PLANNER))
        .filter(|issue| after.is_none_or(|after| issue.created >= after))
        .filter(|issue| author.is_none_or(|author| issue.author.to_string() == author))
        .filter(|issue| !mine || issue.author == caller)
        .filter(|issue| name.is_none_or(|name| state.user(issue.author)["username"] == name))
        .filter(|issue| labels.iter().all(|label| issue.labels.contains(*label)))
        .filter(|issue| match request.param("state") {
            Some("opened") => !issue.closed,
            Some("closed") => issue.closed,
            _ => true,
        })
        .collect();
    found.sort_by_key(|issue| (issue.created, issue.id));
    if request.param("sort") != Some("asc") {
        found.reverse();
    }
    let found = found.into_iter().map(|issue| entity(state, issue)).collect();
    Ok(paged(state, request, found))
}

fn create(state: &mut State, access: &Access) -> Outcome {
    let Access {
        request, project, role, ..
    } = *access;
    takes(state, request, SETTABLE)?;
    let title = needed(request, "title")?;
    title_fits(&title)?;
    access.needs(GUEST)?;
    let id = state.id();
    let own = state.issues.iter().filter(|issue| issue.project == project.id);
    let mut issue = Issue {
        id,
        iid: own.map(|issue| issue.iid).max().unwrap_or(0) + 1,
        project: project.id,
        title,
        kind: "issue".into(),
        severity: "UNKNOWN".into(),
        author: access.caller.id,
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
    let text = request.param("description").filter(|text| !text.trim().is_empty());
    let text = text.map(str::to_owned).or(project.template.clone()).unwrap_or_default();
    issue.description = commands::run(state, &text);
    set_metadata(state, access, &mut issue);
    let entity = entity(state, &issue);
    state.mails.push(format!("issue {} {}", project.path, issue.title));
    state.issues.push(issue);
    Ok(Answer::json(201, entity))
}

fn edit(state: &mut State, access: &Access, iid: u64) -> Outcome {
    let Access {
        request, caller, role, ..
    } = *access;
    takes(state, request, SETTABLE)?;
    let before = visible(state, access, iid)?;
    let mut issue = before.clone();
    if request.params.is_empty() {
        let words = "title, description are missing, at least one parameter must be provided";
        return Err(Answer::json(400, json!({"error": words})));
    }
    if issue.author != caller.id {
        access.needs(PLANNER)?;
    }
    if let Some(title) = request.param("title") {
        title_fits(title)?;
        issue.title = title.to_owned();
    }
    if let Some(text) = request.param("description") {
        issue.description = commands::run(state, text);
    }
    if let Some(confidential) = request.param("confidential").filter(|_| role >= PLANNER) {
        issue.confidential = confidential == "true";
    }
    match request.param("state_event") {
        Some("close") => issue.closed = true,
        Some("reopen") => issue.closed = false,
        _ => {}
    }
    set_metadata(state, access, &mut issue);
    edits::record_issue(&before, &mut issue, caller.id, state.now());
    let entity = entity(state, &issue);
    *state.issue_mut(access.project.id, iid).expect("it is there") = issue;
    Ok(Answer::json(200, entity))
}

fn title_fits(title: &str) -> Result<(), Answer> {
    if title.chars().count() > 255 {
        let error = json!({"message": {"title": ["is too long (maximum is 255 characters)"]}});
        return Err(Answer::json(400, error));
    }
    Ok(())
}

/// Sets labels, assignees and severity, as far as the user may.
fn set_metadata(state: &mut State, access: &Access, issue: &mut Issue) {
    let request = access.request;
    if access.role < PLANNER {
        return;
    }
    if let Some(labels) = listed(request, "labels") {
        issue.labels = labels.into_iter().collect();
    }
    issue.labels.extend(listed(request, "add_labels").unwrap_or_default());
    for label in listed(request, "remove_labels").unwrap_or_default() {
        issue.labels.remove(&label);
    }
    create_labels(state, issue);
    let ids = listed(request, "assignee_ids").unwrap_or_default();
    let ids: Vec<u64> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    if !ids.is_empty() {
        let members = &state.project_mut(issue.project).members;
        issue.assignees = ids.into_iter().filter(|id| members.contains_key(id)).collect();
    }
    let severity = request.param("severity");
    if let Some(severity) =
        severity.filter(|_| state.rest_severity && issue.kind == "incident" && access.role >= REPORTER)
    {
        issue.severity = severity.to_uppercase();
    }
}

/// A list that is given as one text or as several parameters; `None` if it is not given.
fn listed(request: &Request, name: &str) -> Option<Vec<String>> {
    let many = format!("{name}[]");
    let given = request.params.iter().filter(|(own, _)| own == name || *own == many);
    let given: Vec<&str> = given.flat_map(|(_, value)| value.split(',')).collect();
    let all = given.iter().filter(|item| !item.is_empty());
    (!given.is_empty()).then(|| all.map(|item| (*item).to_owned()).collect())
}

/// Creates the labels of an issue that its project does not have.
fn create_labels(state: &mut State, issue: &Issue) {
    for name in issue.labels.clone() {
        let labels = &state.project_mut(issue.project).labels;
        if labels.iter().all(|label| label.name != name) {
            let label = Label {
                id: state.id(),
                name,
                description: String::new(),
            };
            state.project_mut(issue.project).labels.push(label);
        }
    }
}

fn entity(state: &State, issue: &Issue) -> Value {
    let project = state.projects.iter().find(|project| project.id == issue.project);
    let path = project.map(|project| project.path.clone()).unwrap_or_default();
    let assignees: Vec<Value> = issue.assignees.iter().map(|user| state.user(*user)).collect();
    json!({"id": issue.id, "iid": issue.iid, "project_id": issue.project, "title": issue.title, "description": issue.description,
        "state": if issue.closed { "closed" } else { "opened" }, "labels": issue.labels, "confidential": issue.confidential,
        "issue_type": issue.kind, "severity": issue.severity, "author": state.user(issue.author), "assignees": assignees,
        "created_at": issue.created.to_rfc3339(), "updated_at": issue.updated.max(issue.created).to_rfc3339(), "web_url": format!("{}/{path}/-/issues/{}", state.url, issue.iid), "moved_to_id": issue.moved_to})
}
