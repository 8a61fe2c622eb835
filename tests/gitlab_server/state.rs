//! What the fake GitLab holds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Traffic, edits};

pub const GUEST: u32 = 10;
pub const PLANNER: u32 = 15;
pub const REPORTER: u32 = 20;
pub const DEVELOPER: u32 = 30;
pub const MAINTAINER: u32 = 40;
pub const OWNER: u32 = 50;

#[derive(Clone, Debug, Default)]
pub struct User {
    pub id: u64,
    pub username: String,
    pub bot: bool,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub user: u64,
    pub scopes: Vec<String>,
    pub expired: bool,
    /// The token of a job: it may only read, and only what jobs may.
    pub job: bool,
    pub expires_at: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Project {
    pub id: u64,
    pub path: String,
    pub public: bool,
    /// Everybody who can sign in may read it.
    pub internal: bool,
    /// Issues are for members alone.
    pub issues_for_members: bool,
    pub members: BTreeMap<u64, u32>,
    /// Where it has moved to.
    pub moved: Option<String>,
    /// The description of an issue that has none.
    pub template: Option<String>,
    pub labels: Vec<Label>,
    pub branches: Vec<Branch>,
    /// Folders that a branch or commit has: `ref` and path.
    pub tree: BTreeSet<(String, String)>,
    pub variables: Vec<Variable>,
    pub resource_groups: BTreeMap<String, String>,
    pub ci_config_path: Option<String>,
    /// Whether a merge request needs a pipeline that succeeded.
    pub pipelines_must_succeed: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Variable {
    pub key: String,
    pub protected: bool,
    pub masked: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Branch {
    pub name: String,
    pub merged: bool,
    pub protected: bool,
    pub default: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub id: u64,
    pub name: String,
    pub description: String,
}

/// An edit of an issue or a note that changed a field. GitLab keeps who made it, and REST does not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    pub user: u64,
    pub field: &'static str,
}

#[derive(Clone, Debug, Default)]
pub struct Issue {
    pub id: u64,
    pub iid: u64,
    pub project: u64,
    pub title: String,
    pub description: String,
    pub closed: bool,
    pub labels: BTreeSet<String>,
    pub confidential: bool,
    pub kind: String,
    pub severity: String,
    pub author: u64,
    pub assignees: Vec<u64>,
    pub created: DateTime<Utc>,
    pub moved_to: Option<u64>,
    /// The changes of its state: by whom, and whether it was closed.
    pub state_events: Vec<(u64, bool)>,
    /// When a field changed or a note was added; REST shows this as `updated_at`.
    pub updated: DateTime<Utc>,
    /// Who changed the title or the description last.
    pub last_editor: Option<u64>,
    /// All changes of fields since the creation, the oldest first.
    pub edits: Vec<Edit>,
}

#[derive(Clone, Debug, Default)]
pub struct Note {
    pub id: u64,
    pub project: u64,
    /// `issues` or `merge_requests`.
    pub on: String,
    pub iid: u64,
    pub body: String,
    pub author: u64,
    pub system: bool,
    pub created: DateTime<Utc>,
    /// When its text changed; REST shows this as `updated_at`.
    pub updated: DateTime<Utc>,
    /// Who changed its text last.
    pub last_editor: Option<u64>,
    /// All changes of its text since the creation, the oldest first.
    pub edits: Vec<Edit>,
}

#[derive(Clone, Debug, Default)]
pub struct MergeRequest {
    pub iid: u64,
    pub project: u64,
    pub state: String,
    pub author: u64,
    pub approved_by: Vec<u64>,
    pub sha: String,
    pub source_branch: String,
    pub source_project: u64,
}

#[derive(Clone, Debug, Default)]
pub struct State {
    pub url: String,
    pub users: Vec<User>,
    pub tokens: BTreeMap<String, Token>,
    pub projects: Vec<Project>,
    pub issues: Vec<Issue>,
    pub notes: Vec<Note>,
    pub merge_requests: Vec<MergeRequest>,
    pub next: u64,
    /// The server knows `severity` in REST.
    pub rest_severity: bool,
    pub version: String,
    /// The server's clock is off by this.
    pub skew: TimeDelta,
    /// At most so many rows on a page, whatever was asked.
    pub page_limit: Option<usize>,
    /// Every page says that another one follows: the same one, or the next.
    pub endless: Option<bool>,
    /// The project and the issue whose notes the server fails to list.
    pub unreadable: Option<(u64, u64)>,
    pub traffic: Traffic,
    /// Every write is refused by a limit that asks to wait for so many seconds.
    pub limited: Option<String>,
    /// The next such request is refused by a limit: method, part of the path, seconds.
    pub limited_once: Option<(&'static str, &'static str, &'static str)>,
    /// What GitLab does not have and was asked for.
    pub violations: Vec<String>,
    /// Commands that were run out of texts.
    pub executed: Vec<String>,
    /// Whoever was notified, and of what.
    pub mails: Vec<String>,
}

pub const BOT: u64 = 7;
pub const TOKEN: &str = "glpat-write";

impl State {
    /// A GitLab with the incident project, two customers' projects, people and a bot with a token.
    pub fn team() -> Self {
        let users = [
            (1, "alice"),
            (2, "bob"),
            (3, "carol"),
            (4, "dave"),
            (5, "erin"),
            (6, "mallory"),
            (BOT, "project_1_bot_0a1b"),
            (8, "project_1_bot_9z8y"),
        ];
        let token = |user, scopes: &[&str], job| Token {
            user,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            expired: false,
            job,
            expires_at: Some("2027-10-01".to_owned()),
        };
        let mut expired = token(BOT, &["api"], false);
        expired.expired = true;
        let project = |id, path: &str| Project {
            id,
            path: path.to_owned(),
            members: users
                .iter()
                .map(|(user, _)| (*user, if *user == 6 { GUEST } else { REPORTER }))
                .collect(),
            pipelines_must_succeed: true,
            template: Some("## Summary\n\n/label ~triage\n".to_owned()),
            branches: vec![Branch {
                name: "main".into(),
                protected: true,
                default: true,
                ..Branch::default()
            }],
            variables: vec![Variable {
                key: "GITLAB_TOKEN".into(),
                protected: true,
                masked: true,
            }],
            resource_groups: BTreeMap::from([("incidents".to_owned(), "oldest_first".to_owned())]),
            ..Project::default()
        };
        Self {
            users: users
                .iter()
                .map(|(id, name)| User {
                    id: *id,
                    username: (*name).to_owned(),
                    bot: [BOT, 8].contains(id),
                })
                .collect(),
            tokens: BTreeMap::from([
                (TOKEN.to_owned(), token(BOT, &["api"], false)),
                ("glpat-new-bot".to_owned(), token(8, &["api"], false)),
                ("glpat-read".to_owned(), token(BOT, &["read_api"], false)),
                ("glpat-expired".to_owned(), expired),
                ("glcbt-job".to_owned(), token(2, &[], true)),
            ]),
            projects: vec![
                project(1, "support/incidents"),
                project(2, "customers/acme"),
                project(3, "customers/globex"),
                project(4, "customers/initech"),
            ],
            next: 100,
            rest_severity: true,
            version: "19.2.0-ee".to_owned(),
            ..Self::default()
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.skew
    }

    pub fn id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn user(&self, id: u64) -> serde_json::Value {
        let user = self
            .users
            .iter()
            .find(|user| user.id == id)
            .cloned()
            .unwrap_or_default();
        serde_json::json!({"id": user.id, "username": user.username, "name": user.username, "state": "active"})
    }

    pub fn project(&self, name: &str) -> Option<&Project> {
        self.projects
            .iter()
            .find(|project| project.path == name || project.id.to_string() == name)
    }

    pub fn project_mut(&mut self, id: u64) -> &mut Project {
        let found = self.projects.iter_mut().find(|project| project.id == id);
        found.expect("the project is there")
    }

    pub fn issue(&self, project: u64, iid: u64) -> Option<&Issue> {
        self.issues
            .iter()
            .find(|issue| issue.project == project && issue.iid == iid)
    }

    pub fn issue_mut(&mut self, project: u64, iid: u64) -> Option<&mut Issue> {
        self.issues
            .iter_mut()
            .find(|issue| issue.project == project && issue.iid == iid)
    }

    /// Edits an issue in a person's or a bot's name.
    pub fn edit_issue_as(&mut self, user: u64, (project, iid): (u64, u64), edit: impl FnOnce(&mut Issue)) {
        let now = self.now();
        let issue = self.issue_mut(project, iid).expect("the issue is there");
        let before = issue.clone();
        edit(issue);
        edits::record_issue(&before, issue, user, now);
    }

    /// The fields of an issue that a user changed since its creation, the oldest first.
    pub fn edits_by(&self, user: u64, (project, iid): (u64, u64)) -> Vec<&'static str> {
        let issue = self.issue(project, iid).expect("the issue is there");
        let own = issue.edits.iter().filter(|edit| edit.user == user);
        own.map(|edit| edit.field).collect()
    }

    /// The fields of an issue that this program's bot changed after the last edit of a person.
    pub fn bot_edits_after(&self, person: u64, (project, iid): (u64, u64)) -> Vec<&'static str> {
        let issue = self.issue(project, iid).expect("the issue is there");
        let last = issue.edits.iter().rposition(|edit| edit.user == person);
        let later = &issue.edits[last.expect("an edit of the person")..];
        let own = later.iter().filter(|edit| edit.user == BOT);
        own.map(|edit| edit.field).collect()
    }

    pub fn notes_on(&self, project: u64, iid: u64) -> Vec<&Note> {
        self.notes
            .iter()
            .filter(|note| note.project == project && note.iid == iid && note.on == "issues" && !note.system)
            .collect()
    }

    /// Writes made so far.
    pub fn writes(&self) -> Vec<&String> {
        self.traffic
            .log
            .iter()
            .filter(|line| !line.starts_with("GET "))
            .collect()
    }

    /// All that people see, with numbers taken out: two runs that end alike have the same.
    pub fn world(&self) -> Vec<String> {
        let mut out = Vec::new();
        for issue in &self.issues {
            let project = self.projects.iter().find(|project| project.id == issue.project);
            out.push(format!(
                "{} {:?} closed={} labels={:?} confidential={} {} {} assignees={:?}\n{}",
                project.map(|project| project.path.as_str()).unwrap_or_default(),
                issue.title,
                issue.closed,
                issue.labels,
                issue.confidential,
                issue.kind,
                issue.severity,
                issue.assignees,
                without_numbers(&issue.description, &self.url)
            ));
            let mut notes: Vec<String> = self
                .notes_on(issue.project, issue.iid)
                .iter()
                .map(|note| format!("  note: {}", without_numbers(&note.body, &self.url)))
                .collect();
            notes.sort();
            out.extend(notes);
        }
        for project in &self.projects {
            // The label of a run that ended before it could take it away means nothing, and is swept later.
            let labels = project.labels.iter().map(|label| label.name.as_str());
            let mut labels: Vec<&str> = labels.filter(|name| *name != "incidentctl-at-work").collect();
            labels.sort_unstable();
            out.push(format!("{} {labels:?}", project.path));
        }
        out.sort();
        out.push(format!("executed {:?}", self.executed));
        out
    }
}

/// A text without the numbers of notes and issues and their times, which depend on what else was created, and without the
/// signature over them.
fn without_numbers(text: &str, url: &str) -> String {
    let mut out = String::new();
    let mut text = text.replace(url, "URL");
    if let Some(at) = text.find(r#""m":""#) {
        text.replace_range(at + 5..at + 69, "SIGNATURE");
    }
    // The time at which the server made an object.
    while let Some(at) = text.find(r#""d":"2"#) {
        text.replace_range(at + 5..at + 25, "TIME");
    }
    let mut rest = text.as_str();
    let starts = ["\"n\":", "\"i\":", "/-/issues/", "#note_"];
    while let Some((at, start)) = starts
        .iter()
        .filter_map(|start| Some((rest.find(start)?, *start)))
        .min()
    {
        out += &rest[..at + start.len()];
        rest = rest[at + start.len()..].trim_start_matches(|c: char| c.is_ascii_digit());
        out.push('N');
    }
    out + rest
}
