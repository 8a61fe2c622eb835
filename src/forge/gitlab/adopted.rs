//! Checks adopted tickets, which people opened: whether a customer's words may go there.
//!
//! The record names such a ticket by its address, so a wrong address would send a customer's words to others.

use serde_json::Value;

use super::client::Client;
use super::fault::Fault;
use crate::model::issue_link::{TicketProjects, WrongProject};
use crate::model::{CustomerKey, IssueUrl};

/// The projects that an adopted ticket's project is compared with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Projects<'a> {
    /// The project of the incident issues.
    pub(super) incidents: &'a str,
    /// The projects of customers' tickets, by customer.
    pub(super) tickets: &'a TicketProjects,
}

/// The project and the number of an issue on this GitLab, from its address.
pub(super) fn place(url: &str, web: &str) -> Result<(String, u64), String> {
    let link = IssueUrl::parse(url);
    link.as_ref()
        .and_then(|link| Some((link.project_on_server(web)?.to_owned(), link.number())))
        .ok_or_else(|| {
            format!(
                "{url} is not an issue of {web}: tell the customer there by hand, and say so in an update (`sent_by_hand`)"
            )
        })
}

/// The address of an adopted ticket, rebuilt from its parts so that it contains nothing else; `None` if it is not valid.
pub(super) fn address(url: &str, web: &str) -> Option<String> {
    let (project, number) = place(url, web).ok()?;
    Some(format!("{web}/{project}/-/issues/{number}"))
}

/// Why a customer's words must not go to an adopted ticket; `None` if they may. GitLab is asked for the project, and for the
/// issue if people outside the project may read it.
///
/// # Errors
/// Fails if GitLab does not answer, or does not show the project to this token; see [`Fault`].
pub(super) fn refusal(
    client: &Client,
    projects: Projects,
    customer: &CustomerKey,
    url: &str,
) -> Result<Option<String>, Fault> {
    let (project, number) = match place(url, &client.web_address()) {
        Ok(place) => place,
        Err(why) => return Ok(Some(why)),
    };
    let refused = |names: &[&str]| wrong_project(projects, customer, names).map(|why| format!("{url} {why}"));
    let own = projects.tickets.get(customer);
    let is_number = own.is_some_and(|own| own.chars().all(|c| c.is_ascii_digit()));
    // If the customer's own project is given by its number, only GitLab's answer tells whether it is this one.
    if let Some(why) = refused(&[&project]).filter(|_| !is_number) {
        return Ok(Some(why));
    }
    let found = client.project(&project)?;
    // The record may name a project by its path, and process.yaml or customers.yaml the same one by its number.
    let number_of = found.get("id").and_then(Value::as_u64).map(|id| id.to_string());
    let path = found.get("path_with_namespace").and_then(Value::as_str);
    let names = [Some(project.as_str()), number_of.as_deref(), path];
    if let Some(why) = refused(&names.into_iter().flatten().collect::<Vec<_>>()) {
        return Ok(Some(why));
    }
    let Some((readers, visibility)) = readers(&found) else {
        return Ok(None);
    };
    let open = client.issue(&project, number)?.is_some_and(|issue| !issue.confidential);
    Ok(open.then(|| {
        format!(
            "{url} is an issue that {readers} may read: {project} is {visibility}. Make the issue confidential, or name \
             another ticket of {customer} in an update (`tickets`)"
        )
    }))
}

/// Who may read a project's issues besides its members, with the project's visibility; `None` if nobody may.
/// <https://docs.gitlab.com/api/projects/#project-feature-visibility-level>
fn readers(project: &Value) -> Option<(&'static str, &'static str)> {
    let says = |field: &str| project.get(field).and_then(Value::as_str);
    if says("issues_access_level") == Some("private") {
        return None;
    }
    match says("visibility") {
        Some("public") => Some(("everybody", "public")),
        Some("internal") => Some(("everybody with an account", "internal")),
        _ => None,
    }
}

fn wrong_project(projects: Projects, customer: &CustomerKey, names: &[&str]) -> Option<String> {
    let where_to = match projects
        .tickets
        .find_wrong(names, customer.as_str(), Some(projects.incidents))?
    {
        WrongProject::Incidents => "is in the project of the incident issues".to_owned(),
        WrongProject::Customer(other) => format!("is in the ticket project of {other}"),
    };
    Some(format!(
        "{where_to}, so {customer}'s words do not go there: name the ticket of {customer} in an update (`tickets`)"
    ))
}
