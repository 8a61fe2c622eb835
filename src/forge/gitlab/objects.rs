//! GitLab's objects as far as they are read. What may be missing is optional: servers and editions differ.

use serde::{Deserialize, Deserializer};

/// A user.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct User {
    /// Its number.
    #[serde(default)]
    pub id: u64,
    /// Its name in mentions.
    #[serde(default)]
    pub username: String,
    /// Whether it is a bot, where GitLab says so.
    #[serde(default)]
    pub bot: Option<bool>,
}

impl User {
    /// Whether this is the user of a project's or group's access token.
    /// <https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects>
    #[must_use]
    pub fn is_bot(&self) -> bool {
        let of_token = |prefix: &str| {
            let rest = self.username.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains("_bot"))
        };
        self.bot == Some(true)
            || of_token("project_")
            || of_token("group_")
            || self.username.starts_with("service_account_")
    }
}

/// An issue.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Issue {
    /// Its number in the instance.
    #[serde(default)]
    pub id: u64,
    /// Its number in the project.
    pub iid: u64,
    /// The project's number.
    #[serde(default)]
    pub project_id: u64,
    /// The title.
    #[serde(default)]
    pub title: String,
    /// The description.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// `opened` or `closed`.
    #[serde(default)]
    pub state: String,
    /// Labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Only the team may read it.
    #[serde(default)]
    pub confidential: bool,
    /// `issue`, `incident` and others.
    #[serde(default)]
    pub issue_type: Option<String>,
    /// `UNKNOWN`, `LOW`, `MEDIUM`, `HIGH`, `CRITICAL`.
    #[serde(default)]
    pub severity: Option<String>,
    /// Who created it.
    #[serde(default)]
    pub author: User,
    /// Who is responsible.
    #[serde(default)]
    pub assignees: Vec<User>,
    /// Its address.
    #[serde(default)]
    pub web_url: String,
    /// The issue that it was moved to.
    #[serde(default)]
    pub moved_to_id: Option<u64>,
}

impl Issue {
    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state != "closed"
    }
}

/// A note on an issue or a merge request.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Note {
    /// Its number.
    pub id: u64,
    /// The text.
    #[serde(default, deserialize_with = "or_default")]
    pub body: String,
    /// Who wrote it.
    #[serde(default)]
    pub author: User,
    /// GitLab wrote it itself.
    #[serde(default)]
    pub system: bool,
}

/// A label.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Label {
    /// Its number.
    pub id: u64,
    /// What it is for.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
}

/// A merge request.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct MergeRequest {
    /// Its number in the project.
    pub iid: u64,
    /// `opened`, `closed`, `merged` or `locked`.
    #[serde(default)]
    pub state: String,
    /// Who opened it.
    #[serde(default)]
    pub author: User,
    /// The head of its branch.
    #[serde(default, deserialize_with = "or_default")]
    pub sha: String,
    /// The project of its branch.
    #[serde(default)]
    pub source_project_id: Option<u64>,
    /// Its branch.
    #[serde(default, deserialize_with = "or_default")]
    pub source_branch: String,
}

/// What was approved of a merge request, and by whom.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Approvals {
    /// Who approved it.
    #[serde(default)]
    pub approved_by: Vec<Approver>,
}

/// Somebody who approved.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Approver {
    /// Who.
    #[serde(default)]
    pub user: User,
}

/// A branch.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// All of it is on the default branch.
    #[serde(default)]
    pub merged: bool,
    /// It is protected.
    #[serde(default)]
    pub protected: bool,
}

/// Something, or its default where GitLab answers `null`.
fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
