//! Typed calls of GitLab's API, built with the `gitlab` crate where it supports them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use gitlab::api::common::SortOrder;
use gitlab::api::projects::issues::notes::{CreateIssueNote, DeleteIssueNote, EditIssueNote};
use gitlab::api::projects::issues::{self as calls, IssueOrderBy, IssueScope, IssueStateEvent};
use gitlab::api::projects::labels::{CreateLabel, DeleteLabel, EditLabel};
use gitlab::api::users::{CurrentUser, Users};
use gitlab::api::{BodyError, Endpoint, QueryParams};
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::{Answer, Client, PlainRequest};
use super::fault::Fault;
use super::objects::{Issue, Label, Note, User};
use crate::model::Timestamp;

/// The fields of an issue to set; a field that is `None` stays as it is.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Change {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) open: Option<bool>,
    pub(super) add_labels: BTreeSet<String>,
    pub(super) remove_labels: BTreeSet<String>,
    pub(super) severity: Option<String>,
    /// The user's number; 0 removes the assignee.
    pub(super) assignee: Option<u64>,
    pub(super) confidential: Option<bool>,
}

/// The fields of a new issue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NewIssue<'a> {
    pub(super) title: &'a str,
    pub(super) description: &'a str,
    pub(super) confidential: bool,
    pub(super) incident: bool,
}

/// The result of posting a note.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Posted {
    Note(Note),
    /// GitLab read the whole note as commands and stored nothing.
    Commands,
}

/// Grey.
const LABEL_COLOR: &str = "#808080";

/// The number of items on a page.
const PER_PAGE: u64 = 100;
/// Smaller numbers of items on a page of notes, for notes so long that a page of them is larger than an answer may be.
const PER_SMALLER_PAGE: [u64; 2] = [10, 1];
/// The largest number of pages of one list.
const MAX_PAGES: u64 = 1000;

/// One page of a list.
struct Page<E> {
    endpoint: E,
    number: u64,
    items: u64,
}

impl<E: Endpoint> Endpoint for Page<E> {
    fn method(&self) -> Method {
        self.endpoint.method()
    }

    fn endpoint(&self) -> Cow<'static, str> {
        self.endpoint.endpoint()
    }

    fn parameters(&self) -> QueryParams<'_> {
        let mut parameters = self.endpoint.parameters();
        parameters.push("per_page", self.items);
        parameters.push("page", self.number);
        parameters
    }
}

/// An edit of an issue with a severity, which the builder does not support.
/// <https://docs.gitlab.com/api/issues/#update-an-issue>
struct WithSeverity<E>(E, Option<String>);

impl<E: Endpoint> Endpoint for WithSeverity<E> {
    fn method(&self) -> Method {
        self.0.method()
    }

    fn endpoint(&self) -> Cow<'static, str> {
        self.0.endpoint()
    }

    fn body(&self) -> Result<Option<(&'static str, Vec<u8>)>, BodyError> {
        let Some(severity) = &self.1 else {
            return self.0.body();
        };
        let (mime, mut form) = self
            .0
            .body()?
            .unwrap_or(("application/x-www-form-urlencoded", Vec::new()));
        if !form.is_empty() {
            form.push(b'&');
        }
        form.extend_from_slice(b"severity=");
        form.extend_from_slice(severity.as_bytes());
        Ok(Some((mime, form)))
    }
}

/// Reads a list of notes with fewer notes on a page if a page is larger than an answer may be.
pub(super) fn in_smaller_pages<T>(read: impl Fn(u64) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut result = read(PER_PAGE);
    for per_page in PER_SMALLER_PAGE {
        match result {
            Err(Fault::TooLarge) => result = read(per_page),
            other => return other,
        }
    }
    result
}

/// The fault for a request that cannot be built.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn odd(error: impl ToString) -> Fault {
    Fault::Odd(error.to_string())
}

/// A project's path or number, encoded for an address.
pub(super) fn encoded(project: &str) -> String {
    url::form_urlencoded::byte_serialize(project.as_bytes()).collect()
}

impl Client {
    /// The user of the token.
    pub(super) fn me(&self) -> Result<User, Fault> {
        let endpoint = CurrentUser::builder().build().map_err(odd)?;
        self.send(&endpoint).map(|answer| answer.value)
    }

    /// The user with this name; `None` if it does not exist.
    pub(super) fn user(&self, name: &str) -> Result<Option<User>, Fault> {
        let endpoint = Users::builder().username(name).build().map_err(odd)?;
        let found: Vec<User> = self.send(&endpoint)?.value;
        Ok(found.into_iter().find(|user| user.username == name))
    }

    /// Reads a user with all its fields; returns the given user if GitLab does not show it.
    /// <https://docs.gitlab.com/api/users/#retrieve-a-user>
    pub(super) fn asked_of(&self, user: &User) -> Result<User, Fault> {
        match self.read(format!("users/{}", user.id), Vec::new()) {
            Err(Fault::Refused { status: 403 | 404, .. }) => Ok(user.clone()),
            other => other,
        }
    }

    /// One page of a project's issues that were created since a time, the oldest first; `mine` are those that the user of the
    /// token created.
    pub(super) fn issues(
        &self,
        project: &str,
        mine: bool,
        since: Timestamp,
        page: u64,
    ) -> Result<Answer<Vec<Issue>>, Fault> {
        let mut builder = calls::Issues::builder();
        builder
            .project(project)
            .created_after(since.0)
            .order_by(IssueOrderBy::CreatedAt)
            .sort(SortOrder::Ascending);
        if mine {
            builder.scope(IssueScope::CreatedByMe);
        }
        self.page(builder.build().map_err(odd)?, page, PER_PAGE)
    }

    /// The issue with this number; `None` if it does not exist.
    pub(super) fn issue(&self, project: &str, iid: u64) -> Result<Option<Issue>, Fault> {
        let endpoint = calls::Issue::builder()
            .project(project)
            .issue(iid)
            .build()
            .map_err(odd)?;
        match self.send(&endpoint) {
            Ok(answer) => Ok(Some(answer.value)),
            // Is the issue missing, or the whole project?
            Err(Fault::Refused { status: 404, .. }) => self.project(project).map(|_| None),
            Err(fault) => Err(fault),
        }
    }

    /// The project as GitLab returns it.
    pub(super) fn project(&self, project: &str) -> Result<Value, Fault> {
        self.read(format!("projects/{}", encoded(project)), Vec::new())
    }

    /// Reads from a path for which the `gitlab` crate has no builder.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        path: String,
        query: Vec<(&'static str, String)>,
    ) -> Result<T, Fault> {
        self.send(&PlainRequest::get(path, query)).map(|answer| answer.value)
    }

    pub(super) fn create_issue(&self, project: &str, new: &NewIssue) -> Result<Issue, Fault> {
        let mut builder = calls::CreateIssue::builder();
        builder.project(project).title(new.title).description(new.description);
        if new.incident {
            builder.issue_type(calls_type()).confidential(new.confidential);
        }
        self.send(&builder.build().map_err(odd)?).map(|answer| answer.value)
    }

    pub(super) fn edit_issue(&self, project: &str, iid: u64, change: &Change) -> Result<Issue, Fault> {
        let mut builder = calls::EditIssue::builder();
        builder.project(project).issue(iid);
        if let Some(title) = &change.title {
            builder.title(title);
        }
        if let Some(description) = &change.description {
            builder.description(description);
        }
        if let Some(open) = change.open {
            builder.state_event(if open {
                IssueStateEvent::Reopen
            } else {
                IssueStateEvent::Close
            });
        }
        for label in &change.add_labels {
            builder.add_label(label);
        }
        for label in &change.remove_labels {
            builder.remove_label(label);
        }
        match change.assignee {
            Some(0) => {
                builder.unassign();
            }
            Some(user) => {
                builder.assignee_id(user);
            }
            None => {}
        }
        if let Some(confidential) = change.confidential {
            builder.confidential(confidential);
        }
        let endpoint = WithSeverity(builder.build().map_err(odd)?, change.severity.clone());
        self.send(&endpoint).map(|answer| answer.value)
    }

    /// Sets an issue's severity by GraphQL, for servers whose REST API does not set it.
    /// <https://docs.gitlab.com/api/graphql/reference/#mutationissuesetseverity>
    pub(super) fn set_severity(&self, project: &str, iid: u64, severity: &str) -> Result<(), Fault> {
        let query = "mutation($path: ID!, $iid: String!, $severity: IssuableSeverity!) \
                     { issueSetSeverity(input: {projectPath: $path, iid: $iid, severity: $severity}) { errors } }";
        let variables = json!({"path": project, "iid": iid.to_string(), "severity": severity.to_uppercase()});
        let mut request = PlainRequest::write(
            Method::POST,
            "api/graphql".to_owned(),
            json!({"query": query, "variables": variables}),
        );
        request.instance = true;
        let answer: Value = self.send(&request)?.value;
        let errors = answer
            .get("errors")
            .or_else(|| answer.pointer("/data/issueSetSeverity/errors"));
        match errors.and_then(Value::as_array).and_then(|errors| errors.first()) {
            None => Ok(()),
            Some(error) => Err(Fault::Refused {
                status: 200,
                message: error
                    .get("message")
                    .unwrap_or(error)
                    .to_string()
                    .chars()
                    .take(200)
                    .collect(),
            }),
        }
    }

    /// All notes on an issue, the oldest first.
    pub(super) fn notes(&self, project: &str, iid: u64) -> Result<Vec<Note>, Fault> {
        self.notes_at(&format!("projects/{}/issues/{iid}/notes", encoded(project)))
    }

    /// One page of the notes on an issue, the newest first; `per_page` is the number of notes on it.
    pub(super) fn newest_notes(
        &self,
        project: &str,
        iid: u64,
        page: u64,
        per_page: u64,
    ) -> Result<Answer<Vec<Note>>, Fault> {
        let path = format!("projects/{}/issues/{iid}/notes", encoded(project));
        let query = vec![("sort", "desc".to_owned()), ("order_by", "created_at".to_owned())];
        self.page(PlainRequest::get(path, query), page, per_page)
    }

    /// All notes at a path, the oldest first, so that every run finds the same oldest note.
    pub(super) fn notes_at(&self, path: &str) -> Result<Vec<Note>, Fault> {
        in_smaller_pages(|per_page| {
            let mut all = Vec::new();
            let mut page = Some(1);
            while let Some(number) = page {
                let query = vec![("sort", "asc".to_owned()), ("order_by", "created_at".to_owned())];
                let answer: Answer<Vec<Note>> =
                    self.page(PlainRequest::get(path.to_owned(), query), number, per_page)?;
                all.extend(answer.value);
                page = answer.next_page;
            }
            Ok(all)
        })
    }

    /// One page of a list.
    ///
    /// # Errors
    /// Fails if the list does not go on, or is longer than any real one.
    fn page<T: DeserializeOwned>(
        &self,
        endpoint: impl Endpoint,
        number: u64,
        per_page: u64,
    ) -> Result<Answer<T>, Fault> {
        let page = Page {
            endpoint,
            number,
            items: per_page,
        };
        let answer: Answer<T> = self.send(&page)?;
        match answer.next_page {
            Some(next) if next <= number => Err(Fault::Odd("GitLab's list does not go on".to_owned())),
            Some(next) if next > MAX_PAGES => Err(Fault::Odd(format!("GitLab's list has more than {MAX_PAGES} pages"))),
            _ => Ok(answer),
        }
    }

    pub(super) fn create_note(&self, project: &str, iid: u64, body: &str) -> Result<Posted, Fault> {
        let endpoint = CreateIssueNote::builder()
            .project(project)
            .issue(iid)
            .body(body)
            .build()
            .map_err(odd)?;
        let answer: Answer<Value> = self.send(&endpoint)?;
        posted(answer)
    }

    pub(super) fn edit_note(&self, project: &str, iid: u64, note: u64, body: &str) -> Result<(), Fault> {
        let endpoint = EditIssueNote::builder()
            .project(project)
            .issue(iid)
            .note(note)
            .body(body)
            .build()
            .map_err(odd)?;
        self.send::<Value>(&endpoint).map(drop)
    }

    pub(super) fn delete_note(&self, project: &str, iid: u64, note: u64) -> Result<(), Fault> {
        let endpoint = DeleteIssueNote::builder()
            .project(project)
            .issue(iid)
            .note(note)
            .build()
            .map_err(odd)?;
        self.send::<Value>(&endpoint).map(drop)
    }

    pub(super) fn create_label(&self, project: &str, name: &str, description: &str) -> Result<Label, Fault> {
        let endpoint = CreateLabel::builder()
            .project(project)
            .name(name)
            .color(LABEL_COLOR)
            .description(description)
            .build()
            .map_err(odd)?;
        self.send(&endpoint).map(|answer| answer.value)
    }

    pub(super) fn label(&self, project: &str, name: &str) -> Result<Option<Label>, Fault> {
        let endpoint = gitlab::api::projects::labels::Label::builder()
            .project(project)
            .label(name)
            .build()
            .map_err(odd)?;
        match self.send(&endpoint) {
            Ok(answer) => Ok(Some(answer.value)),
            Err(Fault::Refused { status: 404, .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    pub(super) fn describe_label(&self, project: &str, label: u64, description: &str) -> Result<(), Fault> {
        let endpoint = EditLabel::builder()
            .project(project)
            .label(label)
            .color(LABEL_COLOR)
            .description(description)
            .build()
            .map_err(odd)?;
        self.send::<Value>(&endpoint).map(drop)
    }

    pub(super) fn delete_label(&self, project: &str, label: u64) -> Result<(), Fault> {
        let endpoint = DeleteLabel::builder()
            .project(project)
            .label(label)
            .build()
            .map_err(odd)?;
        match self.send::<Value>(&endpoint) {
            Ok(_) | Err(Fault::Refused { status: 404, .. }) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

const fn calls_type() -> gitlab::api::issues::IssueType {
    gitlab::api::issues::IssueType::Incident
}

/// Reads GitLab's answer to a new note: the note, or that GitLab read it as commands.
/// <https://docs.gitlab.com/api/notes/#create-an-issue-note>
pub(super) fn posted(answer: Answer<Value>) -> Result<Posted, Fault> {
    if answer.status == 202 {
        return Ok(Posted::Commands);
    }
    serde_json::from_value(answer.value).map(Posted::Note).map_err(odd)
}
