//! Maintenance on GitLab: withdraws abandoned declarations and deletes merged branches.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use super::Gitlab;
use super::api::{Change, encoded};
use super::client::PlainRequest;
use super::fault::Fault;
use super::objects::{Branch, Issue, MergeRequest};
use crate::forge::journal::{Section, SectionState};
use crate::model::{IncidentId, Timestamp};

/// The prefix of branches that declare and update incidents.
const BRANCHES: &str = "incident/";

/// The largest number of open merge requests that are read to find the one that declares an incident.
const MAX_OPEN_REQUESTS: usize = 100;

impl Gitlab {
    /// Closes the issues of incidents whose merge request was closed or no longer contains them, and returns their addresses.
    /// `merged` are the ids on the default branch.
    ///
    /// # Errors
    /// See [`Fault`].
    pub(super) fn withdraw_abandoned(
        &mut self,
        merged: &BTreeSet<IncidentId>,
        since: Timestamp,
    ) -> Result<Vec<String>, Fault> {
        let project = self.setup.project.clone();
        let mut withdrawn = Vec::new();
        let mut page = Some(1);
        while let Some(number) = page {
            let answer = self.client.issues(&project, true, since, number)?;
            page = answer.next_page;
            for issue in answer.value.into_iter().filter(Issue::is_open) {
                withdrawn.extend(self.withdraw_one(&project, &issue, merged)?);
            }
        }
        Ok(withdrawn)
    }

    fn withdraw_one(
        &mut self,
        project: &str,
        issue: &Issue,
        merged: &BTreeSet<IncidentId>,
    ) -> Result<Option<String>, Fault> {
        let section = Section::parse(&issue.description);
        let SectionState::Whole(mut index) = section.state.clone() else {
            return Ok(None);
        };
        let Some(iid) = index.mr.filter(|_| !merged.contains(&index.incident)) else {
            return Ok(None);
        };
        let why = if self.known.is_proven(issue, &index) {
            self.why_abandoned(project, iid, &index.incident)?
        } else {
            self.why_undeclared(project, issue, &index.incident)?
        };
        let Some(why) = why else { return Ok(None) };
        // Another run may be writing to it.
        self.acquire()
            .map_err(|failure| Fault::Overtaken(failure.to_string()))?;
        if let Some(set) = &mut index.set {
            set.open = false;
        }
        let (identity, words) = crate::forge::journal::marked(&issue.description).unwrap_or_default();
        // The text is this program's own; the number is escaped so that it refers to nothing.
        let body = format!("**Withdrawn**: {}.", why.replace('!', "\\!"));
        let change = Change {
            description: Some(section.with(identity, words, &body, &self.known.signed(issue, &index))),
            open: Some(false),
            ..Change::default()
        };
        self.edit(|client| client.edit_issue(project, issue.iid, &change))?;
        Ok(Some(format!("{} ({why})", issue.web_url)))
    }

    /// Why an incident is abandoned that this merge request declared; `None` if it may still be merged.
    fn why_abandoned(&self, project: &str, iid: u64, incident: &IncidentId) -> Result<Option<String>, Fault> {
        let request = self.client.merge_request(project, iid)?;
        Ok(match request.state.as_str() {
            "closed" => Some(format!("merge request !{iid} was closed without having been merged")),
            "opened" if !self.holds(project, &request, incident)? => {
                Some(format!("merge request !{iid} does not declare it any more"))
            }
            _ => None,
        })
    }

    /// Why an incident is abandoned, without asking its index: no open merge request declares it. `None` if one does, if
    /// there are too many to tell, or if the issue has notes of another incident.
    fn why_undeclared(&mut self, project: &str, issue: &Issue, incident: &IncidentId) -> Result<Option<String>, Fault> {
        if self.has_notes_of_another(project, issue, incident)? {
            return Ok(None);
        }
        let query = vec![
            ("state", "opened".to_owned()),
            ("per_page", MAX_OPEN_REQUESTS.to_string()),
        ];
        let path = format!("projects/{}/merge_requests", encoded(project));
        let open: Vec<MergeRequest> = self.client.read(path, query)?;
        let too_many = open.len() >= MAX_OPEN_REQUESTS;
        for request in &open {
            if self.holds(project, request, incident)? {
                return Ok(None);
            }
        }
        Ok((!too_many).then(|| "no open merge request declares it".to_owned()))
    }

    /// Whether the head of a merge request contains an incident.
    fn holds(&self, project: &str, request: &MergeRequest, incident: &IncidentId) -> Result<bool, Fault> {
        let from = request
            .source_project_id
            .map_or_else(|| encoded(project), |id| id.to_string());
        let query = vec![
            ("path", format!("incidents/{incident}")),
            ("ref", request.sha.clone()),
            ("per_page", "1".to_owned()),
        ];
        match self
            .client
            .read::<Vec<Value>>(format!("projects/{from}/repository/tree"), query)
        {
            Ok(files) => Ok(!files.is_empty()),
            Err(Fault::Refused { status: 404, .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Deletes branches of incidents whose merge request is merged, and returns their names. A branch without a merge
    /// request may be new.
    ///
    /// # Errors
    /// See [`Fault`].
    pub(super) fn delete_branches(&self) -> Result<Vec<String>, Fault> {
        let project = encoded(&self.setup.project);
        let query = vec![("search", format!("^{BRANCHES}")), ("per_page", "100".to_owned())];
        let all: Vec<Branch> = self
            .client
            .read(format!("projects/{project}/repository/branches"), query)?;
        let mut deleted = Vec::new();
        for branch in all {
            if !branch.merged || branch.protected || !branch.name.starts_with(BRANCHES) {
                continue;
            }
            let query = vec![
                ("source_branch", branch.name.clone()),
                ("state", "merged".to_owned()),
                ("per_page", "1".to_owned()),
            ];
            let requests: Vec<MergeRequest> = self.client.read(format!("projects/{project}/merge_requests"), query)?;
            if requests.is_empty() {
                continue;
            }
            let delete = PlainRequest {
                method: Method::DELETE,
                ..PlainRequest::get(
                    format!("projects/{project}/repository/branches/{}", encoded(&branch.name)),
                    Vec::new(),
                )
            };
            match self.client.send::<Value>(&delete) {
                Ok(_) => deleted.push(branch.name),
                Err(Fault::Refused { status: 404, .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(deleted)
    }
}
