//! The note on a merge request, and the merge request's author and approvers.

use http::Method;
use serde_json::{Value, json};

use super::api::{Posted, encoded, posted};
use super::client::{Client, PlainRequest, TokenKind};
use super::fault::Fault;
use super::objects::{Approvals, MergeRequest, Note};
use crate::forge::NoteResult;
use crate::forge::journal::{mark, marked, normal};

impl Client {
    /// The merge request with this number.
    pub(super) fn merge_request(&self, project: &str, iid: u64) -> Result<MergeRequest, Fault> {
        self.read(
            format!("projects/{}/merge_requests/{iid}", encoded(project)),
            Vec::new(),
        )
    }

    /// The users behind a merge request: its author first, then its approvers. With a job's own token, which cannot read
    /// approvals, only the author.
    /// <https://docs.gitlab.com/api/merge_request_approvals/#single-merge-request-approval>
    ///
    /// # Errors
    /// See [`Fault`].
    pub(super) fn actors(&self, project: &str, iid: u64) -> Result<Vec<String>, Fault> {
        let mut all = vec![self.merge_request(project, iid)?.author.username];
        if self.token_kind() == Some(TokenKind::Access) {
            let path = format!("projects/{}/merge_requests/{iid}/approvals", encoded(project));
            let approvals: Approvals = self.read(path, Vec::new())?;
            all.extend(approvals.approved_by.into_iter().map(|approver| approver.user.username));
        }
        Ok(all)
    }

    /// Keeps one note of this program on a merge request: edits it if it differs, posts it if it is missing. Notes of
    /// other users are ignored, even if they carry the mark.
    ///
    /// # Errors
    /// See [`Fault`].
    pub(super) fn post_or_edit_note(&self, project: &str, iid: u64, body: &str) -> Result<NoteResult, Fault> {
        let identity = format!("mr/{iid}/plan");
        let body = normal(&format!("{}\n\n{}", mark(&identity, "1"), body.trim()));
        let path = format!("projects/{}/merge_requests/{iid}/notes", encoded(project));
        let me = self.me()?.id;
        let own = |notes: Vec<Note>| -> Vec<Note> {
            let is_ours = |note: &Note| {
                !note.system && note.author.id == me && marked(&note.body).is_some_and(|(found, _)| found == identity)
            };
            notes.into_iter().filter(is_ours).collect()
        };
        let mut ours = own(self.notes_at(&path)?).into_iter();
        let Some(first) = ours.next() else {
            return match self.post(&path, &body) {
                Ok(()) => Ok(NoteResult::Posted),
                // The request timed out: check whether the note exists.
                Err(fault) if fault.may_have_succeeded() => match own(self.notes_at(&path)?).len() {
                    0 => Err(fault),
                    _ => Ok(NoteResult::Posted),
                },
                Err(fault) => Err(fault),
            };
        };
        for other in ours {
            let delete = PlainRequest {
                method: Method::DELETE,
                ..PlainRequest::get(format!("{path}/{}", other.id), Vec::new())
            };
            self.send::<Value>(&delete)?;
        }
        if normal(&first.body) == body {
            return Ok(NoteResult::Unchanged);
        }
        let edit = PlainRequest::write(Method::PUT, format!("{path}/{}", first.id), json!({ "body": body }));
        self.send::<Value>(&edit).map(|_| NoteResult::Edited)
    }

    fn post(&self, path: &str, body: &str) -> Result<(), Fault> {
        let new = PlainRequest::write(Method::POST, path.to_owned(), json!({ "body": body }));
        match posted(self.send(&new)?)? {
            Posted::Note(_) => Ok(()),
            Posted::Commands => Err(Fault::Odd("GitLab took the note as commands".to_owned())),
        }
    }
}
