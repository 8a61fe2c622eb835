//! People and customers, as the optional files `people.yaml` and `customers.yaml` list them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Entries;
use super::issue_link::TicketProjects;
use crate::span::Field;

/// The path of the file that lists people, from the ledger's root.
pub const PEOPLE_PATH: &str = "people.yaml";
/// The path of the file that lists customers, from the ledger's root.
pub const CUSTOMERS_PATH: &str = "customers.yaml";

/// The people and customers that the ledger lists. If a file is missing, the rules accept every key of its kind.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Directory {
    /// The people of `people.yaml`; `None` if the file is missing.
    pub people: Option<Entries<Person>>,
    /// The customers of `customers.yaml`; `None` if the file is missing.
    pub customers: Option<Entries<Customer>>,
}

/// A person or a team.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Person {
    /// The name to show.
    pub name: Field<String>,
    /// The user name on GitLab.
    pub gitlab: Field<String>,
    /// The user id on Slack.
    pub slack: Field<String>,
    /// Whether the person may be executive sponsor.
    pub leadership: Field<bool>,
    /// Whether this is a team rather than a person.
    pub team: Field<bool>,
    /// Whether the person is from outside the company, such as first responders and vendors.
    pub external: Field<bool>,
}

/// A customer.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Customer {
    /// The name that the customer and the team read.
    pub name: Field<String>,
    /// The project of this customer's tickets. Without it, people open the ticket, and the evidence of the step is its link.
    pub tickets: Field<String>,
    /// Whether the project is a Service Desk, in which notes are e-mailed to external participants.
    pub service_desk: Field<bool>,
    /// Whether incidents that affect this customer need an executive sponsor.
    pub strategic: Field<bool>,
}

impl Directory {
    /// The person with this key; `None` if `people.yaml` does not list it.
    #[must_use]
    pub fn person(&self, key: &str) -> Option<&Person> {
        self.people.as_ref()?.get(key)?.get()
    }

    /// The customer with this key; `None` if `customers.yaml` does not list it.
    #[must_use]
    pub fn customer(&self, key: &str) -> Option<&Customer> {
        self.customers.as_ref()?.get(key)?.get()
    }

    /// The project of each customer's tickets.
    #[must_use]
    pub fn ticket_projects(&self) -> TicketProjects {
        let customers = self.customers.iter().flat_map(Entries::iter);
        let projects =
            customers.filter_map(|(key, customer)| Some((key.into(), customer.get()?.tickets.get()?.clone())));
        TicketProjects::new(projects.collect())
    }

    /// Whether this program can open a ticket for a customer: customers.yaml names a project, or does not exist.
    #[must_use]
    pub fn has_ticket_project(&self, key: &str) -> bool {
        let known = self.customer(key);
        self.customers.is_none() || known.is_some_and(|known| known.tickets.get().is_some())
    }

    /// The person's name; the key if the name is unknown.
    #[must_use]
    pub fn person_name<'a>(&'a self, key: &'a str) -> &'a str {
        self.person(key)
            .and_then(|person| person.name.get())
            .map_or(key, String::as_str)
    }

    /// The customer's name; the key if the name is unknown.
    #[must_use]
    pub fn customer_name<'a>(&'a self, key: &'a str) -> &'a str {
        self.customer(key)
            .and_then(|customer| customer.name.get())
            .map_or(key, String::as_str)
    }
}
