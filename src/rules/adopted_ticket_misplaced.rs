//! INC508 adopted-ticket-misplaced: an adopted ticket that is not this customer's.

use super::context::{CUSTOMERS, Incident, Report};
use super::{Check, Rule};
use crate::diagnostics::Level;
use crate::model::IssueLink;
use crate::model::issue_link::{Misplaced, misplaced};

pub(super) static RULE: Rule = Rule {
    code: "INC508",
    name: "adopted-ticket-misplaced",
    level: Level::Error,
    since: "0.3.0",
    summary: "an adopted ticket that is not this customer's",
    overridable: false,
    flag_hint: Some("--ticket CUSTOMER=URL with the address of the customer's own issue"),
    docs: DOCS,
    check: Check::Incident(check),
};

const DOCS: &str = r"## What it checks
Each address in `tickets`: it is the address of an issue, and the issue is neither in the project of the incident issues
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
    let process = incident.process;
    let projects = incident.directory.ticket_projects();
    for turn in incident.entries() {
        let Some(tickets) = turn.entry.tickets.get() else {
            continue;
        };
        for (customer, field) in tickets.iter() {
            let Some(url) = field.get() else { continue };
            let Some(link) = IssueLink::parse(url) else {
                out.at(
                    turn.index,
                    field.span(),
                    format!("`{url}` is not the address of an issue"),
                )
                .help("copy the address of the customer's issue: `https://GITLAB/GROUP/PROJECT/-/issues/NUMBER`");
                continue;
            };
            // An issue of another GitLab gets no words: `apply` says so.
            let project = match &process.gitlab_url {
                Some(web) => link.project_on(web),
                None => Some(link.path()),
            };
            let Some(project) = project else { continue };
            let incidents = process.gitlab_project.as_deref();
            match misplaced(project, customer, incidents, &projects) {
                None => {}
                Some(Misplaced::Incidents) => {
                    let words =
                        format!("the ticket of `{customer}` is in `{project}`, the project of the incident issues");
                    out.at(turn.index, field.span(), words)
                        .help("name the customer's own issue: its readers read every word to the customer");
                }
                Some(Misplaced::Customer(other)) => {
                    let words =
                        format!("the ticket of `{customer}` is in `{project}`, where the tickets of `{other}` are");
                    let found = out.at(turn.index, field.span(), words);
                    let found = found.help(format!(
                        "name an issue of `{customer}`: `{other}` would read every word to it"
                    ));
                    let place = incident.directory.customers.as_ref().and_then(|all| all.get(other));
                    if let Some(place) = place {
                        found.related(CUSTOMERS, place.key_span(), "this customer");
                    }
                }
            }
        }
    }
}
