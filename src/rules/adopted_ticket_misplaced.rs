//! INC508 adopted-ticket-misplaced: an adopted ticket that is not this customer's.

use std::collections::BTreeMap;

use super::context::{CUSTOMERS, FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::issue_link::{TicketProjects, WrongProject};
use crate::model::{CustomerKey, Entries, IssueUrl};
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC508",
    name: "adopted-ticket-misplaced",
    level: Level::Error,
    since: "0.2.0",
    summary: "an adopted ticket that is not this customer's",
    overridable: false,
    flag_hint: Some("--ticket CUSTOMER=URL with the address of the customer's own issue"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
Each address in `tickets`: it is the address of an issue, and the issue is neither in the project of the incident issues
(`gitlab.project` in process.yaml, otherwise the pipeline's project) nor in the ticket project of another customer (customers.yaml). A project of several
customers is each one's own; a project that no file names may be anybody's. An address that a later update replaces is not
looked at. Only an entry that the change adds fails; one that is merged warns.

## Why
Every word to the customer goes to that issue. A wrong address tells one customer what is meant for another. Where a wrong one is merged, `apply` sends nothing there; an update that names the right one settles it.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
tickets:
  acme: https://gitlab.example.com/customers/globex/-/issues/7
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ INC508
  globex: https://gitlab.example.com/customers/globex
#         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ INC508
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
tickets:
  acme: https://gitlab.example.com/customers/acme/-/issues/7
  globex: https://gitlab.example.com/elsewhere/globex/-/work_items/9#note_3
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let named = &incident.history.last().tickets;
    if named.is_empty() {
        return;
    }
    let projects = incident.directory.ticket_projects();
    let owners = owners(named);
    for turn in incident.entries() {
        for (customer, field) in turn.entry.tickets.get().into_iter().flat_map(Entries::iter) {
            let Some(url) = field.get() else { continue };
            // A later entry names another one.
            if named.get(customer).is_some_and(|last| last != url) {
                continue;
            }
            let same = IssueUrl::parse(url).and_then(|issue| owners.get(&issue.comparable()));
            let other = same.and_then(|owners| owners.iter().find(|other| other.as_str() != customer));
            if let Some(other) = other {
                let words = format!("the ticket of `{customer}` is the ticket of `{other}` as well");
                out.at(turn.index, field.span(), words).help(format!(
                    "name an issue of `{customer}` alone: `{other}` would read every word to it"
                ));
            }
            judge(incident, (turn.index, field.span()), (customer, url), &projects, out);
        }
    }
}

/// For each issue, the first two customers whose ticket it is.
fn owners(tickets: &BTreeMap<CustomerKey, String>) -> BTreeMap<String, Vec<&CustomerKey>> {
    let mut all: BTreeMap<String, Vec<&CustomerKey>> = BTreeMap::new();
    for (customer, url) in tickets {
        if let Some(issue) = IssueUrl::parse(url) {
            let owners = all.entry(issue.comparable()).or_default();
            if owners.len() < 2 {
                owners.push(customer);
            }
        }
    }
    all
}

/// Checks one address of a customer's ticket, at its place.
fn judge(
    incident: &IncidentContext,
    (entry, span): (usize, Span),
    (customer, url): (&str, &str),
    projects: &TicketProjects,
    out: &mut FindingSink,
) {
    let process = incident.process;
    let Some(link) = IssueUrl::parse(url) else {
        out.at(entry, span, format!("`{url}` is not the address of an issue"))
            .help("copy the address of the customer's issue: `https://GITLAB/GROUP/PROJECT/-/issues/NUMBER`");
        return;
    };
    // An issue of another GitLab gets no words: `apply` says so.
    let project = match &process.gitlab_url {
        Some(web) => link.project_on_server(web),
        None => Some(link.project_path()),
    };
    let Some(project) = project else { return };
    match projects.find_wrong(&[project], customer, incident.incident_project) {
        None => {}
        Some(WrongProject::Incidents) => {
            let words = format!("the ticket of `{customer}` is in `{project}`, the project of the incident issues");
            out.at(entry, span, words)
                .help("name the customer's own issue: its readers read every word to the customer");
        }
        Some(WrongProject::Customer(other)) => {
            let words = format!("the ticket of `{customer}` is in `{project}`, where the tickets of `{other}` are");
            let help = format!("name an issue of `{customer}`: `{other}` would read every word to it");
            let found = out.at(entry, span, words).help(help);
            let place = incident
                .directory
                .customers
                .as_ref()
                .and_then(|all| all.get(other.as_str()));
            if let Some(place) = place {
                found.related(CUSTOMERS, place.key_span(), "this customer");
            }
        }
    }
}
