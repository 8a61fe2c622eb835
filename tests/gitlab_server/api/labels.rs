//! Labels of a project.

use super::*;

pub(super) fn route(state: &mut State, access: &Access, path: &[&str]) -> Outcome {
    match (access.request.method.as_str(), path) {
        ("POST", []) => create(state, access),
        (_, [name]) => one(state, access, name),
        _ => Err(unknown(state, access.request)),
    }
}

fn create(state: &mut State, access: &Access) -> Outcome {
    let Access { request, project, .. } = *access;
    takes(state, request, &["name", "color", "description", "priority"])?;
    access.needs(PLANNER)?;
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
    let entity = entity(&label);
    state.project_mut(project.id).labels.push(label);
    Ok(Answer::json(201, entity))
}

/// A label by its name or its number.
fn one(state: &mut State, access: &Access, name: &str) -> Outcome {
    let Access { request, project, .. } = *access;
    let labels = project.labels.iter();
    let found = labels
        .clone()
        .find(|label| label.name == name || label.id.to_string() == name);
    let found = found.ok_or_else(|| Answer::message(404, "404 Label Not Found"))?;
    if request.method != "GET" {
        access.needs(PLANNER)?;
    }
    match request.method.as_str() {
        "GET" => {
            takes(state, request, &["include_ancestor_groups"])?;
            Ok(Answer::json(200, entity(found)))
        }
        "PUT" => {
            let known = ["new_name", "color", "description", "priority", "label_id", "name"];
            takes(state, request, &known)?;
            let labels = &mut state.project_mut(project.id).labels;
            let label = labels
                .iter_mut()
                .find(|label| label.id == found.id)
                .expect("it was found");
            label.description = request.param("description").unwrap_or_default().to_owned();
            Ok(Answer::json(200, entity(label)))
        }
        "DELETE" => {
            let labels = &mut state.project_mut(project.id).labels;
            labels.retain(|label| label.id != found.id);
            Ok(Answer::empty())
        }
        _ => Err(unknown(state, request)),
    }
}

fn entity(label: &Label) -> Value {
    json!({"id": label.id, "name": label.name, "description": label.description, "color": "#808080"})
}
