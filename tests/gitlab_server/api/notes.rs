//! Notes on issues and on merge requests.

use super::*;

/// Where a note stands: `issues` or `merge_requests`, and a number.
type On<'a> = (&'a str, u64);

pub(super) fn route(state: &mut State, access: &Access, on: On, path: &[&str]) -> Outcome {
    match (access.request.method.as_str(), path) {
        ("GET", []) => list(state, access, on),
        ("POST", []) => create(state, access, on),
        (_, [id]) => one(state, access, on, id),
        _ => Err(unknown(state, access.request)),
    }
}

fn list(state: &mut State, access: &Access, (on, iid): On) -> Outcome {
    let Access { request, project, .. } = *access;
    takes(
        state,
        request,
        &["sort", "order_by", "activity_filter", "page", "per_page"],
    )?;
    if state.unreadable == Some((project.id, iid)) {
        return Err(Answer::message(500, "500 Internal Server Error"));
    }
    let notes = state.notes.iter();
    let mut found: Vec<&Note> = notes
        .filter(|note| note.project == project.id && note.on == on && note.iid == iid)
        .collect();
    found.sort_by_key(|note| (note.created, note.id));
    if request.param("sort") != Some("asc") {
        found.reverse();
    }
    let found: Vec<Value> = found.into_iter().map(|note| entity(state, note)).collect();
    Ok(paged(state, request, found))
}

fn create(state: &mut State, access: &Access, (on, iid): On) -> Outcome {
    let Access { request, project, .. } = *access;
    takes(state, request, &["body", "internal", "created_at"])?;
    let text = needed(request, "body")?;
    if text.chars().count() > 1_000_000 {
        return Err(Answer::message(
            400,
            "400 Bad request - Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}",
        ));
    }
    access.needs(GUEST)?;
    let body = commands::run(state, &text);
    if body.trim().is_empty() {
        let done = json!({"commands_changes": {}, "summary": ["Commands applied"]});
        return Ok(Answer::json(202, done));
    }
    let note = Note {
        id: state.id(),
        project: project.id,
        on: on.to_owned(),
        iid,
        body,
        author: access.caller.id,
        system: false,
        created: state.now(),
        ..Note::default()
    };
    let entity = entity(state, &note);
    if on == "issues" {
        let issue = state.issue_mut(project.id, iid).expect("it is visible");
        issue.updated = note.created;
    }
    state.mails.push(format!("note {} {on} {iid}", project.path));
    state.notes.push(note);
    Ok(Answer::json(201, entity))
}

fn one(state: &mut State, access: &Access, (_, iid): On, id: &str) -> Outcome {
    let request = access.request;
    let notes = state.notes.iter();
    let mut own = notes.filter(|note| note.project == access.project.id && note.iid == iid);
    let found = own.find(|note| note.id.to_string() == id).cloned();
    let mut found = found.ok_or_else(|| Answer::message(404, "404 Not found"))?;
    if request.method != "GET" && found.author != access.caller.id {
        access.needs(MAINTAINER)?;
    }
    match request.method.as_str() {
        "GET" => Ok(Answer::json(200, entity(state, &found))),
        "PUT" => {
            takes(state, request, &["body"])?;
            let before = found.clone();
            found.body = commands::run(state, &needed(request, "body")?);
            edits::record_note(&before, &mut found, access.caller.id, state.now());
            state.notes.retain(|note| note.id != found.id);
            if found.body.trim().is_empty() {
                return Ok(Answer::json(202, json!({"commands_changes": {}, "summary": []})));
            }
            let entity = entity(state, &found);
            state.notes.push(found);
            Ok(Answer::json(200, entity))
        }
        "DELETE" => {
            state.notes.retain(|note| note.id != found.id);
            Ok(Answer::empty())
        }
        _ => Err(unknown(state, request)),
    }
}

fn entity(state: &State, note: &Note) -> Value {
    json!({"id": note.id, "body": note.body, "author": state.user(note.author), "system": note.system, "created_at": note.created.to_rfc3339(),
        "updated_at": note.updated.max(note.created).to_rfc3339(),
        "noteable_iid": note.iid, "noteable_type": if note.on == "issues" { "Issue" } else { "MergeRequest" }, "internal": false, "type": null})
}
