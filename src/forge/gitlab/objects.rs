//! GitLab's objects with the fields that this program reads. Fields are optional if some servers or editions lack them.

use serde::{Deserialize, Deserializer};

use crate::model::Timestamp;

/// A user.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub(super) struct User {
    /// Its number.
    #[serde(default)]
    pub(super) id: u64,
    /// The name in mentions.
    #[serde(default)]
    pub(super) username: String,
    /// Whether the user is a bot; `None` if GitLab does not say.
    #[serde(default)]
    pub(super) bot: Option<bool>,
}

impl User {
    /// Whether this user is a bot, as GitLab says. Anybody may have a name like a bot's, so the name decides only if
    /// GitLab does not say.
    /// <https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects>
    #[must_use]
    pub(super) fn is_bot(&self) -> bool {
        let of_token = |prefix: &str| {
            let rest = self.username.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains("_bot"))
        };
        let named = || of_token("project_") || of_token("group_") || self.username.starts_with("service_account_");
        self.bot.unwrap_or_else(named)
    }
}

/// An issue.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(super) struct Issue {
    /// The number of the issue on the server.
    #[serde(default)]
    pub(super) id: u64,
    /// The number in its project.
    pub(super) iid: u64,
    /// The project's number.
    #[serde(default)]
    pub(super) project_id: u64,
    /// The title.
    #[serde(default)]
    pub(super) title: String,
    /// The description.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) description: String,
    /// The state: `opened` or `closed`.
    #[serde(default)]
    pub(super) state: String,
    /// Labels.
    #[serde(default)]
    pub(super) labels: Vec<String>,
    /// Whether the issue is confidential.
    #[serde(default)]
    pub(super) confidential: bool,
    /// `issue`, `incident` and others.
    #[serde(rename = "issue_type", default)]
    pub(super) kind: Option<String>,
    /// The severity: `UNKNOWN`, `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`.
    #[serde(default)]
    pub(super) severity: Option<String>,
    /// Who created it.
    #[serde(default)]
    pub(super) author: User,
    /// When it was created.
    #[serde(default)]
    pub(super) created_at: Option<Timestamp>,
    /// Who is responsible.
    #[serde(default)]
    pub(super) assignees: Vec<User>,
    /// Its address.
    #[serde(default)]
    pub(super) web_url: String,
    /// The issue that this issue was moved to; `None` if it was not moved.
    #[serde(default)]
    pub(super) moved_to_id: Option<u64>,
}

impl Issue {
    /// Whether it is open.
    #[must_use]
    pub(super) fn is_open(&self) -> bool {
        self.state != "closed"
    }
}

/// A note on an issue or a merge request.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(super) struct Note {
    /// Its number.
    pub(super) id: u64,
    /// The text.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) body: String,
    /// Who wrote it.
    #[serde(default)]
    pub(super) author: User,
    /// GitLab wrote it itself.
    #[serde(default)]
    pub(super) system: bool,
    /// When it was created.
    #[serde(default)]
    pub(super) created_at: Option<Timestamp>,
}

/// A label.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(super) struct Label {
    /// Its number.
    pub(super) id: u64,
    /// What it is for.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) description: String,
}

/// A merge request.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(super) struct MergeRequest {
    /// The number in its project.
    pub(super) iid: u64,
    /// The state: `opened`, `closed`, `merged` or `locked`.
    #[serde(default)]
    pub(super) state: String,
    /// Who opened it.
    #[serde(default)]
    pub(super) author: User,
    /// The last commit of the merge request's branch.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) sha: String,
    /// The project that contains the merge request's branch.
    #[serde(default)]
    pub(super) source_project_id: Option<u64>,
    /// Its branch.
    #[serde(default, deserialize_with = "or_default")]
    pub(super) source_branch: String,
}

/// The approvals of a merge request.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub(super) struct Approvals {
    /// Who approved it.
    #[serde(default)]
    pub(super) approved_by: Vec<Approver>,
}

/// Somebody who approved.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(super) struct Approver {
    /// Who.
    #[serde(default)]
    pub(super) user: User,
}

/// A branch.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(super) struct Branch {
    /// Its name.
    pub(super) name: String,
    /// Whether all commits of the branch are on the default branch.
    #[serde(default)]
    pub(super) merged: bool,
    /// It is protected.
    #[serde(default)]
    pub(super) protected: bool,
}

/// Reads a value, or its default if GitLab answers `null`.
fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
