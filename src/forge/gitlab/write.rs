//! Writes the incident issue and stores the places of objects in its index.

use super::api::{Change, NewIssue};
use super::{Gitlab, failed, fields};
use crate::effects::{Effect, Kind};
use crate::forge::Failure;
use crate::forge::journal::{FieldChange, Place, bare, mark, marked, normal};

/// Placeholder title until the issue is verified to be confidential.
pub(super) const NEUTRAL: &str = "Incident (being opened)";
/// The largest length of a description on GitLab.
/// <https://docs.gitlab.com/administration/instance_limits/#size-of-descriptions-of-issues-merge-requests-and-epics>
const MAX_DESCRIPTION: usize = 1_000_000;

impl Gitlab {
    /// Creates the incident issue with neutral text; the text is filled in after GitLab confirms the issue's fields.
    pub(super) fn create_issue(&mut self, effect: &Effect) -> Result<(), Failure> {
        let project = self.setup.project.clone();
        let confidential = effect.issue.as_ref().is_none_or(|fields| fields.confidential);
        let description = mark(&bare(&effect.key), &effect.hash);
        let new = NewIssue {
            title: NEUTRAL,
            description: &description,
            confidential,
            incident: true,
        };
        let issue = match self.write(|client| client.create_issue(&project, &new)) {
            Ok(issue) => issue,
            Err(fault) if fault.may_have_succeeded() => {
                self.listings.clear();
                let own = bare(&effect.key);
                let is_it = |issue: &super::Issue| marked(&issue.description).is_some_and(|(mark, _)| mark == own);
                let found = self.search(&project, true, effect.since, &is_it).map_err(failed)?;
                found.ok_or_else(|| {
                    Failure::Unknown(format!(
                        "{fault}; the issue was not found. Run again: the next run looks for it first"
                    ))
                })?
            }
            Err(fault) => return Err(failed(fault)),
        };
        if issue.kind.as_deref().is_some_and(|kind| kind != "incident") {
            self.notices.push(format!(
                "{project}#{} became a plain issue: to create incidents the token's user needs the role Reporter in the project",
                issue.iid
            ));
        }
        let mut case = super::Case::new(&effect.incident, &self.known);
        case.section = super::Section::parse(&issue.description);
        case.index.mr = self.setup.merge_request;
        case.index.kind = issue.kind.clone();
        self.record_editor_url(&mut case);
        // Nobody could edit an issue that this run has just created.
        case.is_proven = true;
        case.issue = Some(issue);
        self.cases.insert(effect.incident.clone(), case);
        Ok(())
    }

    /// Writes the desired fields and description to the issue, with the keys that are pending in the index.
    pub(super) fn write_issue(&mut self, effect: &Effect) -> Result<(), Failure> {
        let project = self.setup.project.clone();
        self.keep_confidential(&project, effect)?;
        let Some(case) = self.case(&effect.incident) else {
            return Ok(());
        };
        let Some(issue) = &case.issue else { return Ok(()) };
        let iid = issue.iid;
        let merge = self.merge(case, effect);
        let mut change = Change::from(&merge.change);
        let assigned = self.assign(&merge.change, &mut change)?;
        let Some(case) = self.cases.get_mut(&effect.incident) else {
            return Ok(());
        };
        if case.is_writable() {
            case.index.set = Some(merge.set.clone());
            let text = case.description(effect);
            check_length(&text)?;
            let before = case.issue.as_ref().map(|issue| normal(&issue.description));
            if before.as_deref() != Some(text.as_str()) {
                change.description = Some(text);
            }
        }
        if change == Change::default() {
            return Ok(());
        }
        let after = self
            .edit(|client| client.edit_issue(&project, iid, &change))
            .map_err(failed)?;
        let mut after = after;
        if let (Some(asked), Some(own)) = (&merge.change.severity, &effect.issue) {
            self.severity(&project, &mut after, asked, own.severity);
        }
        self.note_what_lacks(&project, effect, &merge.change, &after, assigned);
        Ok(())
    }

    /// Makes the issue confidential again if it is not, so that no internal text becomes public.
    fn keep_confidential(&mut self, project: &str, effect: &Effect) -> Result<(), Failure> {
        let Some(issue) = self.case(&effect.incident).and_then(|case| case.issue.as_ref()) else {
            return Ok(());
        };
        let wants = effect.issue.as_ref().is_none_or(|fields| fields.confidential);
        if !wants || issue.confidential {
            return Ok(());
        }
        let iid = issue.iid;
        let change = Change {
            confidential: Some(true),
            ..Change::default()
        };
        let after = self
            .edit(|client| client.edit_issue(project, iid, &change))
            .map_err(failed)?;
        if !after.confidential {
            return Err(Failure::Failed(format!(
                "{project}#{iid} cannot be made confidential, so nothing was written in it: give the token's user the role \
                 Reporter or Planner in the project, or say `confidential: false` in the record"
            )));
        }
        if let Some(case) = self.cases.get_mut(&effect.incident) {
            case.issue = Some(after);
        }
        Ok(())
    }

    /// Puts the user to assign into the change, and returns whether GitLab knows the user.
    fn assign(&mut self, asked: &FieldChange, change: &mut Change) -> Result<bool, Failure> {
        let Some(name) = &asked.assignee else { return Ok(false) };
        if name.is_empty() {
            change.assignee = Some(0);
            return Ok(true);
        }
        let user = self.client.user(name).map_err(failed)?;
        if user.is_none() {
            self.notices.push(format!(
                "there is no user `{name}` on GitLab (people.yaml): nobody was assigned"
            ));
        }
        change.assignee = user.map(|user| user.id);
        Ok(change.assignee.is_some())
    }

    /// Sets the severity by GraphQL if the server's REST API does not support it.
    fn severity(&mut self, project: &str, after: &mut super::Issue, asked: &str, own: &str) {
        let is = |issue: &super::Issue| issue.severity.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(own));
        if is(after) || after.kind.as_deref() != Some("incident") {
            return;
        }
        // GraphQL needs the project's path, but the settings may give its number.
        let path = after
            .web_url
            .strip_prefix(&self.client.web_address())
            .and_then(|rest| rest.split_once("/-/"));
        let path = path
            .map_or(project, |(path, _)| path.trim_start_matches('/'))
            .to_owned();
        match self.edit(|client| client.set_severity(&path, after.iid, asked)) {
            Ok(()) => after.severity = Some(asked.to_uppercase()),
            Err(fault) => self
                .notices
                .push(format!("{project}#{}: its severity was not set: {fault}", after.iid)),
        }
    }

    /// Stores the fields that GitLab set, and reports the fields that it silently left unchanged.
    fn note_what_lacks(
        &mut self,
        project: &str,
        effect: &Effect,
        asked: &FieldChange,
        after: &super::Issue,
        assigned: bool,
    ) {
        let Some(own) = &effect.issue else { return };
        let want = fields::wanted(effect, own);
        let seen = fields::seen(after, &want, &self.setup.scopes);
        let lacking = fields::lacking(&want, &seen, asked);
        for words in &lacking {
            self.notices.push(format!("{project}#{}: {words}", after.iid));
        }
        let Some(case) = self.cases.get_mut(&effect.incident) else {
            return;
        };
        let unknown = asked.assignee.is_some() && !assigned;
        if lacking.is_empty() && !unknown {
            if *asked != FieldChange::default() {
                case.index.denied = None;
            }
        } else {
            // The current fields count as set by this program; refused fields are not requested again until they change.
            let set = case.index.set.get_or_insert_with(|| seen.clone());
            if asked.severity.is_some() {
                set.severity = seen.severity.clone();
            }
            if asked.assignee.is_some() {
                set.assignee = seen.assignee.clone();
            }
            if !asked.add_labels.is_empty() || !asked.remove_labels.is_empty() {
                set.labels = seen.labels.clone();
            }
            if asked.open.is_some() {
                set.open = seen.open;
            }
            case.index.denied = Some(want);
        }
        case.section = super::Section::parse(&after.description);
        case.issue = Some(after.clone());
    }

    /// Writes the index of all made objects to the issue, after reading what people wrote in the meantime.
    pub(super) fn finish_issue(&mut self, effect: &Effect) -> Result<(), Failure> {
        let project = self.setup.project.clone();
        let Some(case) = self.cases.get(&effect.incident) else {
            return Ok(());
        };
        let Some(issue) = &case.issue else { return Ok(()) };
        let iid = issue.iid;
        if !case.is_writable() || normal(&case.description(effect)) == normal(&issue.description) {
            return Ok(());
        }
        let Some(fresh) = self.client.issue(&project, iid).map_err(failed)? else {
            return Err(Failure::Failed(format!("{project}#{iid} is not there any more")));
        };
        let Some(case) = self.cases.get_mut(&effect.incident) else {
            return Ok(());
        };
        case.section = super::Section::parse(&fresh.description);
        if !case.is_writable() {
            return Ok(());
        }
        let text = case.description(effect);
        check_length(&text)?;
        let change = Change {
            description: Some(text),
            ..Change::default()
        };
        let after = self
            .edit(|client| client.edit_issue(&project, iid, &change))
            .map_err(failed)?;
        if let Some(case) = self.cases.get_mut(&effect.incident) {
            case.section = super::Section::parse(&after.description);
            case.issue = Some(after);
        }
        Ok(())
    }

    /// Stores the place of an effect's object in the index.
    pub(super) fn keep(&mut self, effect: &Effect, place: Place) {
        if let Some(case) = self.cases.get_mut(&effect.incident) {
            let short = case.index.short(&effect.key);
            case.index.pending.remove(&short);
            if effect.kind == Kind::Channel {
                case.dedicated = Some(short.clone());
            }
            case.index.done.insert(short, place);
        }
    }

    /// Removes an effect from the pending ones, because its object was certainly not made.
    pub(super) fn clear_pending(&mut self, effect: &Effect) {
        if let Some(case) = self.cases.get_mut(&effect.incident) {
            let short = case.index.short(&effect.key);
            case.index.pending.remove(&short);
        }
    }
}

fn check_length(text: &str) -> Result<(), Failure> {
    if text.chars().count() <= MAX_DESCRIPTION {
        return Ok(());
    }
    Err(Failure::Failed(
        "the issue's description would be longer than GitLab takes: close this incident and open another".to_owned(),
    ))
}
