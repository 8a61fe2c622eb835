//! INC508 adopted-ticket-misplaced: an adopted ticket that is not this customer's.

use std::collections::BTreeMap;

use super::context::{CUSTOMERS, Incident, Report};
use super::{Check, Rule};
use crate::diagnostics::Level;
use crate::model::IssueLink;
use crate::model::issue_link::{Misplaced, misplaced};
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
    check: Check::Incident(check),
};

const DOCS: &str = r"## What it checks
Each address in `tickets` that no later update replaces: it is the address of an issue, and the issue is neither in the project of the incident issues
(`gitlab.project` in process.yaml) nor in the ticket project of another customer (customers.yaml). A project of several
customers is each one's own; a project that no file names may be anybody's.

## Why
Every word to the customer goes to that issue. A wrong address tells one customer what is meant for another.

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

fn check(incident: &Incident, out: &mut Report) {
    let adopting: Vec<_> = incident
        .entries()
        .filter_map(|turn| Some((turn.index, turn.entry.tickets.get()?)))
        .collect();
    if adopting.is_empty() {
        return;
    }
    let projects = incident.directory.ticket_projects();
    for (index, tickets) in &adopting {
        for (customer, field) in tickets.iter() {
            // A later update that names another ticket is the way out: what stood before says nothing any more.
            let is_replaced = adopting
                .iter()
                .any(|(later, tickets)| later > index && tickets.get(customer).is_some());
            if let Some(url) = field.get().filter(|_| !is_replaced) {
                judge(incident, &projects, (*index, customer), (url, field.span()), out);
            }
        }
    }
}

/// Reports an adopted ticket that is in a wrong project, or none at all. `entry` is its index and the customer.
fn judge(
    incident: &Incident,
    projects: &BTreeMap<String, String>,
    (index, customer): (usize, &str),
    (url, span): (&str, Span),
    out: &mut Report,
) {
    let process = incident.process;
    let Some(link) = IssueLink::parse(url) else {
        out.at(index, span, format!("`{url}` is not the address of an issue"))
            .help("copy the address of the customer's issue: `https://GITLAB/GROUP/PROJECT/-/issues/NUMBER`");
        return;
    };
    // An issue of another GitLab gets no words: `apply` says so.
    let project = match &process.gitlab_url {
        Some(web) => link.project_on(web),
        None => Some(link.path()),
    };
    let Some(project) = project else { return };
    match misplaced(&[project], customer, process.gitlab_project.as_deref(), projects) {
        None => {}
        Some(Misplaced::Incidents) => {
            let words = format!("the ticket of `{customer}` is in `{project}`, the project of the incident issues");
            out.at(index, span, words)
                .help("name the customer's own issue: its readers read every word to the customer");
        }
        Some(Misplaced::Customer(other)) => {
            let words = format!("the ticket of `{customer}` is in `{project}`, where the tickets of `{other}` are");
            let found = out.at(index, span, words).help(format!(
                "name an issue of `{customer}`: `{other}` would read every word to it"
            ));
            let place = incident.directory.customers.as_ref().and_then(|all| all.get(other));
            if let Some(place) = place {
                found.related(CUSTOMERS, place.key_span(), "this customer");
            }
        }
    }
}
