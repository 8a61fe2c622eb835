//! The one mutation of GraphQL that is known: the severity of an incident.

use super::*;

pub(super) fn route(state: &mut State, request: &Request) -> Outcome {
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
    match state.issue(project.id, iid) {
        Some(_) if role >= REPORTER => {
            state.edit_issue_as(caller.id, (project.id, iid), |issue| issue.severity = severity);
            Ok(Answer::json(200, json!({"data": {"issueSetSeverity": {"errors": []}}})))
        }
        _ => Ok(Answer::json(200, refused)),
    }
}
