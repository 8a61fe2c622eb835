//! Where an effect goes.

use std::fmt;

use serde::{Serialize, Serializer};

/// The place where an effect is applied, such as a project or a channel. `Display` writes it for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Destination {
    /// The project of the incident issues.
    Project {
        /// The project's path or number; `None` if process.yaml names none.
        name: Option<String>,
    },
    /// The incident issue, for notes.
    IncidentIssue,
    /// A customer's ticket project.
    TicketProject {
        /// The project's path or number; `None` if customers.yaml names none.
        name: Option<String>,
        /// The address of the ticket that people opened; `None` if this program creates the ticket.
        adopted: Option<String>,
    },
    /// A customer's ticket, for notes.
    CustomerTicket {
        /// The address of the ticket that people opened; `None` if this program creates the ticket.
        adopted: Option<String>,
    },
    /// The name of the channel that this program opens.
    NewChannel(String),
    /// The incident's channel, opened by this program or by people.
    DedicatedChannel,
    /// A channel of the team: its name in process.yaml.
    TeamChannel(String),
}

impl Destination {
    /// The project in which a ticket is created; `None` if customers.yaml names none.
    #[must_use]
    pub fn ticket_project(&self) -> Option<&str> {
        match self {
            // A project path or number never contains a blank.
            Self::TicketProject { name, .. } => name.as_deref().filter(|name| !name.contains(' ')),
            _ => None,
        }
    }

    /// The address of the ticket that people opened; `None` for every other place.
    #[must_use]
    pub fn adopted(&self) -> Option<&str> {
        match self {
            Self::TicketProject { adopted, .. } | Self::CustomerTicket { adopted } => adopted.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Project { name } => name.as_deref().unwrap_or("this project"),
            Self::IncidentIssue => "the incident issue",
            Self::TicketProject { name, .. } => {
                name.as_deref().unwrap_or("a project that customers.yaml does not name")
            }
            Self::CustomerTicket { adopted: None } => "the customer's ticket",
            Self::CustomerTicket { adopted: Some(url) } => return write!(f, "the customer's ticket {url}"),
            Self::DedicatedChannel => "the dedicated channel",
            Self::NewChannel(name) | Self::TeamChannel(name) => name,
        })
    }
}

impl Serialize for Destination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
