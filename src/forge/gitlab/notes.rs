//! Writes customers' tickets and notes.

use std::collections::BTreeSet;

use super::api::{NewIssue, Posted};
use super::fault::Fault;
use super::{Gitlab, failed};
use crate::effects::{Action, Effect, ShortKey};
use crate::forge::Failure;
use crate::forge::journal::{Place, bare, identity, mark, marked, normal};
use crate::model::CustomerKey;
use crate::render::with_references;

impl Gitlab {
    /// Creates a customer's ticket.
    pub(super) fn create_ticket(&mut self, effect: &Effect) -> Result<String, Failure> {
        let Some(project) = effect.to.ticket_project() else {
            self.clear_pending(effect);
            let customer = effect.customer().map_or("", CustomerKey::as_str);
            return Err(Failure::Failed(format!(
                "nothing says where tickets of `{customer}` go, so nobody is told: write `{customer}: {{ tickets: GROUP/PROJECT }}` \
                 in customers.yaml, or open the ticket by hand and say so in an update: `tickets: {{ {customer}: URL }}`"
            )));
        };
        // A customer's words contain no references to other effects.
        let description = written(effect, &with_references(&effect.body, |_| String::new()));
        let new = NewIssue {
            title: effect.title.as_deref().unwrap_or("Incident"),
            description: &description,
            confidential: false,
            incident: false,
        };
        let place = match self.write(|client| client.create_issue(project, &new)) {
            Ok(issue) => super::found::ticket_place(effect, &issue),
            Err(fault) if fault.may_have_succeeded() => {
                self.listings.clear();
                let found = self.find_ticket(self.setup.since, effect).map_err(failed)?;
                found.ok_or_else(|| {
                    Failure::Unknown(format!(
                        "{fault}; the ticket was not found. Run again: the next run looks for it first"
                    ))
                })?
            }
            Err(fault) => {
                self.clear_pending(effect);
                return Err(failed(fault));
            }
        };
        let url = place.url.clone().unwrap_or_default();
        if let (Some(project), Some(iid)) = (&place.project, place.iid) {
            self.proven.insert((project.clone(), iid, effect.key.clone()));
        }
        self.keep(effect, place);
        Ok(url)
    }

    /// Posts or corrects a note.
    pub(super) fn write_note(&mut self, planned: &crate::effects::Planned) -> Result<String, Failure> {
        let effect = &planned.effect;
        let Some(case) = self.cases.get(&effect.incident) else {
            return Err(Failure::Failed("its issue is not there".to_owned()));
        };
        let place = if effect.customer().is_some() {
            case.ticket(effect, &self.client.web_address())
        } else {
            let issue = case.issue.as_ref();
            issue
                .map(|issue| (self.setup.project.clone(), issue.iid))
                .ok_or_else(|| "its issue is not there".to_owned())
        };
        let (project, iid) = match place {
            Ok(place) => place,
            Err(why) => {
                self.clear_pending(effect);
                return Err(Failure::Failed(why));
            }
        };
        let body = written(effect, &case.linked(&effect.body));
        let needs_backfill = self.setup.chat && case.needs_backfill(effect);
        if let Err(failure) = self.prove_ticket(effect, &project, iid) {
            self.clear_pending(effect);
            return Err(failure);
        }
        if planned.action == Action::Edit {
            return self.correct(effect, &project, iid, &body);
        }
        let place = match self.write(|client| client.create_note(&project, iid, &body)) {
            Ok(Posted::Note(note)) => {
                if normal(&note.body) != normal(&body) {
                    self.notices.push(format!(
                        "{project}#{iid}: GitLab stored a note otherwise than it was sent; please report this with the text"
                    ));
                }
                Place {
                    hash: effect.hash.clone(),
                    note: Some(note.id),
                    created: Place::created(note.created_at),
                    needs_backfill,
                    ..Place::default()
                }
            }
            Ok(Posted::Commands) => {
                self.clear_pending(effect);
                return Err(Failure::Failed(
                    "GitLab took the whole note as commands and stored nothing".to_owned(),
                ));
            }
            Err(fault) if fault.may_have_succeeded() => {
                let found = self.note_of(&project, iid, effect).map_err(|_| unseen(&fault))?;
                Place {
                    needs_backfill,
                    ..found.ok_or_else(|| unseen(&fault))?
                }
            }
            Err(Fault::Refused { status: 404, message }) => {
                self.clear_pending(effect);
                return Err(self.no_place(effect, &project, iid, &message));
            }
            Err(fault) => {
                self.clear_pending(effect);
                return Err(failed(fault));
            }
        };
        let url = self.address(&project, iid, place.note);
        self.keep(effect, place);
        Ok(url)
    }

    /// Checks that a ticket in a project of several customers belongs to the right customer: swapped numbers in the
    /// index would send one customer's words to another. The ticket is read once in a run.
    pub(super) fn prove_ticket(&mut self, effect: &Effect, project: &str, iid: u64) -> Result<(), Failure> {
        let Some(customer) = effect.customer() else {
            return Ok(());
        };
        if let Some(url) = effect.adopted() {
            self.prove_adopted(customer, url)?;
        }
        let key = (project.to_owned(), iid, effect.parent_key());
        if !self.known.is_shared(customer) || self.proven.contains(&key) {
            return Ok(());
        }
        let Some(ticket) = self.client.issue(project, iid).map_err(failed)? else {
            return Err(self.no_place(effect, project, iid, "404 Not found"));
        };
        let is_ours = self.is_ours(&ticket.author);
        let is_marked = marked(&ticket.description).map(|(mark, _)| mark == bare(&effect.parent_key()));
        let is_it = if effect.adopted().is_some() {
            // A ticket that this program made for another customer is nobody else's.
            !is_ours || is_marked != Some(false)
        } else {
            // A person may have rewritten the description; the bot's notes also identify the customer.
            is_ours && is_marked.map_or_else(|| self.has_told(effect, project, iid).map_err(failed), Ok)?
        };
        if is_it {
            self.proven.insert(key);
            return Ok(());
        }
        Err(Failure::Failed(if effect.adopted().is_some() {
            format!(
                "{project}#{iid} is a ticket that was made for somebody else than {customer}, so {customer}'s words do not go \
                 there: name the ticket of {customer} in an update (`tickets`)"
            )
        } else {
            format!(
                "it is unknown whether {project}#{iid} is {customer}'s ticket: the incident issue's index says so, and the \
                 ticket does not. Nothing is written there. To go on, say in an update which one it is: `tickets: {{ \
                 {customer}: URL }}`"
            )
        }))
    }

    /// Whether a ticket has a note that this program wrote for this customer.
    fn has_told(&self, effect: &Effect, project: &str, iid: u64) -> Result<bool, Fault> {
        let Some(case) = self.case(&effect.incident) else {
            return Ok(false);
        };
        let ticket = effect.parent_key();
        let keys = case.index.done.keys().map(|short| case.index.key(short));
        let marks: BTreeSet<String> = keys.filter(|key| key.is_below(&ticket)).map(|key| bare(&key)).collect();
        let notes = self.client.notes(project, iid)?;
        Ok(self.own_marks(&notes).any(|own| marks.contains(own)))
    }

    /// Checks that a customer's words may go to an adopted ticket. GitLab is asked once in a run.
    pub(super) fn prove_adopted(&mut self, customer: &CustomerKey, url: &str) -> Result<(), Failure> {
        let key = (customer.clone(), url.to_owned());
        if !self.adopted.contains_key(&key) {
            let projects = super::Projects {
                incidents: &self.setup.project,
                tickets: &self.known.tickets,
            };
            let refusal = super::refusal(&self.client, projects, customer, url).map_err(failed)?;
            self.adopted.insert(key.clone(), refusal);
        }
        match self.adopted.get(&key) {
            Some(Some(why)) => Err(Failure::Failed(why.clone())),
            _ => Ok(()),
        }
    }

    pub(super) fn correct(&mut self, effect: &Effect, project: &str, iid: u64, body: &str) -> Result<String, Failure> {
        let Some(case) = self.cases.get(&effect.incident) else {
            return Err(Failure::Failed("its issue is not there".to_owned()));
        };
        let place = case.place(&effect.key).cloned().unwrap_or_default();
        let Some(note) = place.note else {
            return Err(Failure::Failed("the number of the note is unknown".to_owned()));
        };
        match self.edit(|client| client.edit_note(project, iid, note, body)) {
            Ok(()) => {
                let url = self.address(project, iid, Some(note));
                let hash = effect.hash.clone();
                let needs_backfill = false;
                self.keep(
                    effect,
                    Place {
                        hash,
                        needs_backfill,
                        ..place
                    },
                );
                Ok(url)
            }
            Err(Fault::Refused { status: 404, .. }) => {
                self.keep(effect, Place { gone: true, ..place });
                Err(Failure::Skipped(
                    "a person removed the note: it is not posted again".to_owned(),
                ))
            }
            Err(fault) => Err(failed(fault)),
        }
    }

    /// The failure of a note without a ticket: a person removed the ticket, or the token may not see it.
    pub(super) fn no_place(&mut self, effect: &Effect, project: &str, iid: u64, message: &str) -> Failure {
        let gone = matches!(self.client.issue(project, iid), Ok(None));
        if !gone {
            return failed(Fault::Refused {
                status: 404,
                message: message.to_owned(),
            });
        }
        let has_note =
            |(short, place): (&ShortKey, &Place)| short.customer() == effect.customer() && place.note.is_some();
        let case = self.case(&effect.incident);
        let was_there = case.is_some_and(|case| case.index.done.iter().any(has_note));
        if let Some(address) = effect.adopted().filter(|_| !was_there) {
            let customer = effect.customer().map_or("", CustomerKey::as_str);
            return Failure::Failed(format!(
                "{address} is not there, so `{customer}` is not told: correct the address in an update (`tickets: {{ {customer}: URL }}`)"
            ));
        }
        if let Some(case) = self.cases.get_mut(&effect.incident) {
            let short = case.index.short(&effect.parent_key());
            if let Some(place) = case.index.done.get_mut(&short) {
                place.gone = true;
            }
        }
        Failure::Skipped(format!(
            "a person removed {project}#{iid}: the ticket is not created again, and nobody is told there. To create it again: --recreate {}",
            effect.parent_key()
        ))
    }

    pub(super) fn address(&self, project: &str, iid: u64, note: Option<u64>) -> String {
        let anchor = note.map(|note| format!("#note_{note}")).unwrap_or_default();
        format!("{}/{project}/-/issues/{iid}{anchor}", self.client.web_address())
    }
}

/// The failure of a note whose request timed out and whose result was not found.
pub(super) fn unseen(fault: &Fault) -> Failure {
    Failure::Unknown(format!(
        "{fault}; the note was not found. Run again: the next run looks for it first"
    ))
}

/// A body with the effect's mark in front.
pub(super) fn written(effect: &Effect, body: &str) -> String {
    normal(&format!("{}\n\n{}", mark(&identity(effect), &effect.hash), body.trim()))
}
