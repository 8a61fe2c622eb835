//! The settings of GitLab as a forge.

use std::collections::BTreeMap;

use crate::chat::ChatService;
use crate::model::Timestamp;
use crate::model::issue_link::TicketProjects;

/// The settings of GitLab as a forge: projects, bots, labels, channels and the time of the run.
#[derive(Clone, Debug)]
pub struct GitlabSettings {
    /// The project of the incident issues: a path or a number.
    pub project: String,
    /// Former bot users, by id or by name, whose objects count as this program's own. Digits are an id.
    pub former_bots: Vec<String>,
    /// The prefixes of labels that only this program sets.
    pub scopes: Vec<String>,
    /// The earliest time at which an object of the incidents may have been created.
    pub since: Timestamp,
    /// Whether every object is read instead of trusting the index, so that objects that people removed are noticed.
    pub thorough: bool,
    /// The merge request that declares the incident; `None` after the merge.
    pub merge_request: Option<u64>,
    /// The address at which GitLab's editor creates new files of the ledger; `None` if this run does not know it.
    pub editor: Option<String>,
    /// The project of the ledger; `None` if this run does not know it.
    pub ledger: Option<String>,
    /// The time of the run.
    pub now: Timestamp,
    /// Whether the run may write, so that it signs indexes with its token.
    pub writes: bool,
    /// Whether the team has a chat. If it has, the issue lists the messages that were not posted.
    pub chat: bool,
    /// The projects of customers' tickets, by customer.
    pub tickets: TicketProjects,
    /// The ids of the team's channels, by the names that the process uses.
    pub channels: BTreeMap<String, String>,
    /// The hosts that links to messages may have.
    pub chat_hosts: Vec<String>,
    /// The team's chat service.
    pub service: ChatService,
}
