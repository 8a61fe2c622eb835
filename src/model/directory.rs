//! People and customers as the optional files `people.yaml` and `customers.yaml` list them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{CustomerKey, Entries};
use crate::span::Field;

/// Where people are listed, from the ledger's root.
pub const PEOPLE_PATH: &str = "people.yaml";
/// Where customers are listed, from the ledger's root.
pub const CUSTOMERS_PATH: &str = "customers.yaml";

/// What is known of people and customers. Without the file: unknown keys are no finding.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Directory {
    /// `people.yaml`, where there is one.
    pub people: Option<Entries<Person>>,
    /// `customers.yaml`, where there is one.
    pub customers: Option<Entries<Customer>>,
}

/// A person or a team.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Person {
    /// The name to show.
    pub name: Field<String>,
    /// User name on GitLab.
    pub gitlab: Field<String>,
    /// User id on Slack.
    pub slack: Field<String>,
    /// May be executive sponsor.
    pub leadership: Field<bool>,
    /// A team rather than a person.
    pub team: Field<bool>,
    /// From outside the company (first responders, vendors).
    pub external: Field<bool>,
}

/// A customer.
#[derive(Clone, PartialEq, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Customer {
    /// The name to show, to that customer and to the team.
    pub name: Field<String>,
    /// The project for this customer's tickets. Without it, a step's evidence must hold the ticket's link.
    pub tickets: Field<String>,
    /// The project is a Service Desk: notes e-mail external participants.
    pub service_desk: Field<bool>,
    /// An incident of this customer needs an executive sponsor.
    pub strategic: Field<bool>,
}

impl Directory {
    /// The person of this key.
    #[must_use]
    pub fn person(&self, key: &str) -> Option<&Person> {
        self.people.as_ref()?.get(key)?.get()
    }

    /// The customer of this key.
    #[must_use]
    pub fn customer(&self, key: &str) -> Option<&Customer> {
        self.customers.as_ref()?.get(key)?.get()
    }

    /// The projects of customers' tickets, by customer.
    #[must_use]
    pub fn ticket_projects(&self) -> BTreeMap<CustomerKey, String> {
        let customers = self.customers.iter().flat_map(Entries::iter);
        let projects =
            customers.filter_map(|(key, customer)| Some((key.into(), customer.get()?.tickets.get()?.clone())));
        projects.collect()
    }

    /// The person's name, else the key.
    #[must_use]
    pub fn person_name<'a>(&'a self, key: &'a str) -> &'a str {
        self.person(key)
            .and_then(|person| person.name.get())
            .map_or(key, String::as_str)
    }

    /// The customer's name, else the key.
    #[must_use]
    pub fn customer_name<'a>(&'a self, key: &'a str) -> &'a str {
        self.customer(key)
            .and_then(|customer| customer.name.get())
            .map_or(key, String::as_str)
    }
}
