//! GitLab: incident issues, customers' tickets and the notes on both, each made once.
//!
//! Each object is created once: the issue's description holds an index of all objects. A run writes the key of an object to
//! the index before it creates the object. If the run ends before it knows the result, the next run looks for the object
//! before it creates it again. After a creation times out, the same run never repeats it.
//!
//! *Invariant*: the only user of the `gitlab` crate.

mod adopted;
mod api;
mod case;
pub mod client;
mod closing;
mod doctor;
mod fault;
mod fields;
mod find;
mod found;
mod lock;
mod merge_request;
mod notes;
mod objects;
mod observe;
mod places;
mod proof;
mod settings;
mod talk;
mod upkeep;
mod write;

pub use client::{Client, LONGEST_TIMEOUT, Settings, TokenKind};
pub use fault::Fault;
pub use settings::GitlabSettings;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use self::adopted::{Projects, refusal};
use self::case::Case;
use self::doctor::{Examined, examine};
use self::lock::Lock;
use self::objects::{Issue, User};
use self::places::Known;
use super::journal::{Section, is_listed};
use super::{
    AuthenticationError, DesiredIncident, Failure, Forge, MaintenanceError, NoteResult, Observation, Readiness,
    TicketProject,
};
use crate::chat::Chat;
use crate::effects::{Action, Effect, Key, Kind, ObservedTime, Planned, ShortKey};
use crate::health::DoctorCheckResult;
use crate::model::{CustomerKey, IncidentId, Timestamp};
use crate::transport::Cost;

/// GitLab as a forge.
#[derive(Debug)]
pub struct Gitlab {
    client: Client,
    /// The chat that posts messages; `None` if messages are not posted.
    chat: Option<Box<dyn Chat>>,
    setup: GitlabSettings,
    /// The places of objects that the settings and the record say, without an index.
    known: Rc<Known>,
    /// Tickets in a project of several customers that were checked to belong to the right customer, by project, number and key.
    proven: BTreeSet<(String, u64, Key)>,
    /// GitLab's answer about each adopted ticket, by customer and address: the reason why words must not go there, or `None`.
    adopted: BTreeMap<(CustomerKey, String), Option<String>>,
    me: Option<User>,
    /// By project, and whether only issues are listed that the user of the token created.
    listings: BTreeMap<(String, bool), Listing>,
    /// GitLab's answer whether a user is a bot, by the user's number.
    bots: BTreeMap<u64, bool>,
    cases: BTreeMap<IncidentId, Case>,
    lock: Option<Lock>,
    /// Incidents whose index is older than their issue, so that it counts as unproven although it is signed.
    outdated: BTreeSet<IncidentId>,
    /// Incidents whose creations were compared with the issue's notes under the lock.
    compared: BTreeSet<IncidentId>,
    /// Whether a request timed out and may still be carried out; for a creation, only if its object was not found.
    unsettled: bool,
    notices: Vec<String>,
}

/// The issues of a project that this run has read so far, the oldest first.
#[derive(Default, Debug)]
struct Listing {
    issues: Vec<Issue>,
    next: Option<u64>,
    started: bool,
}

/// Whether a list of ids and names has a user. An id is never compared with a name, which may consist of digits.
fn is_former_bot(bots: &[String], user: &User) -> bool {
    bots.iter().any(|bot| {
        if bot.bytes().all(|byte| byte.is_ascii_digit()) {
            *bot == user.id.to_string()
        } else {
            *bot == user.username
        }
    })
}

impl Gitlab {
    /// Creates a forge from a client, a chat and settings.
    #[must_use]
    pub fn new(client: Client, chat: Option<Box<dyn Chat>>, setup: GitlabSettings) -> Self {
        let known = Known {
            web: client.web_address(),
            ledger: setup.ledger.clone(),
            tickets: setup.tickets.clone(),
            channels: setup.channels.clone(),
            chat_hosts: setup.chat_hosts.clone(),
            service: setup.service,
            index_key: client.index_key().filter(|_| setup.writes),
        };
        Self {
            client,
            chat,
            setup,
            known: Rc::new(known),
            proven: BTreeSet::new(),
            adopted: BTreeMap::new(),
            me: None,
            listings: BTreeMap::new(),
            bots: BTreeMap::new(),
            cases: BTreeMap::new(),
            lock: None,
            outdated: BTreeSet::new(),
            compared: BTreeSet::new(),
            unsettled: false,
            notices: Vec::new(),
        }
    }

    /// The user of the token, from an issue that this user created, otherwise from GitLab.
    fn me(&mut self) -> Result<User, Fault> {
        if self.me.is_none() {
            let listings = self.listings.iter().filter(|((_, mine), _)| *mine);
            let author = listings
                .flat_map(|(_, listing)| &listing.issues)
                .map(|issue| &issue.author)
                .next();
            self.me = Some(match author {
                Some(author) => author.clone(),
                None => self.client.me()?,
            });
        }
        Ok(self.me.clone().unwrap_or_default())
    }

    /// Whether a user's objects count as this program's own.
    fn is_ours(&self, user: &User) -> bool {
        let me = self.me.as_ref().is_some_and(|me| me.id == user.id);
        me || is_former_bot(&self.setup.former_bots, user)
    }

    /// Whether a user other than the token's is a bot; asked about users whose objects have this program's mark. GitLab's
    /// issues do not say so, so GitLab is asked once for each user.
    fn is_bot(&mut self, user: &User) -> Result<bool, Fault> {
        if let Some(known) = self.bots.get(&user.id) {
            return Ok(*known);
        }
        let is = match user.bot {
            Some(is) => is,
            None => self.client.asked_of(user)?.is_bot(),
        };
        self.bots.insert(user.id, is);
        Ok(is)
    }

    /// Sends a write while the lock holds, and keeps the lock while GitLab asks to wait.
    fn write<T>(&mut self, send: impl Fn(&Client) -> Result<T, Fault>) -> Result<T, Fault> {
        loop {
            self.renew()?;
            match send(&self.client) {
                Err(Fault::Limited(pause)) => self.hold_on(pause)?,
                other => return other,
            }
        }
    }

    /// Sends an edit of an object while the lock holds. After a time-out, even of a repeated try, no run writes until the
    /// request can no longer be carried out, because it could replace a newer text with an older one.
    fn edit<T>(&mut self, send: impl Fn(&Client) -> Result<T, Fault>) -> Result<T, Fault> {
        let lost = self.client.lost();
        let edited = self.write(send);
        self.unsettled |= self.client.lost() > lost;
        edited
    }

    fn hold_on(&mut self, pause: Duration) -> Result<(), Fault> {
        let mut left = pause;
        while !left.is_zero() {
            let part = left.min(self.client.timeout());
            if !self.client.wait(part) {
                return Err(Fault::Limited(pause));
            }
            left -= part;
            self.renew()?;
        }
        Ok(())
    }

    fn renew(&mut self) -> Result<(), Fault> {
        match &mut self.lock {
            Some(lock) => lock.renew(&self.client, &self.setup.project),
            None => Ok(()),
        }
    }

    /// Takes the lock, and returns whether this run did not hold it before.
    fn acquire(&mut self) -> Result<bool, Failure> {
        if self.lock.is_some() {
            return Ok(false);
        }
        let project = &self.setup.project;
        self.lock = Some(lock::acquire(&self.client, project, &mut self.notices)?);
        // Listed issues may have changed while this run waited.
        self.listings.clear();
        if let Some(chat) = &mut self.chat {
            chat.refresh();
        }
        Ok(true)
    }

    /// Writes the address of GitLab's editor for the ledger to an incident's index.
    fn record_editor_url(&self, case: &mut Case) {
        if self.setup.editor.is_some() {
            case.index.editor.clone_from(&self.setup.editor);
        }
    }

    fn case(&self, incident: &IncidentId) -> Option<&Case> {
        self.cases.get(incident)
    }
}

/// The effect of the incident issue; `None` if the effects do not include it.
fn issue_effect<'a>(wanted: &DesiredIncident<'a>) -> Option<&'a Effect> {
    wanted.effects.iter().find(|effect| effect.kind == Kind::Issue)
}

/// Converts the fault of a read or of a repeatable write to a failure.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn failed(fault: Fault) -> Failure {
    Failure::Failed(fault.to_string())
}

/// Converts the fault of a run's first read.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn unauthenticated(fault: Fault) -> AuthenticationError {
    match fault.status() {
        Some(_) => AuthenticationError::Refused(fault.to_string()),
        None => AuthenticationError::Unavailable(fault.to_string()),
    }
}

/// Converts a fault during maintenance to its error.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn unmaintained(fault: Fault) -> MaintenanceError {
    match fault.status() {
        Some(403) => MaintenanceError::Forbidden(fault.to_string()),
        _ => MaintenanceError::Failed(fault.to_string()),
    }
}

impl Forge for Gitlab {
    fn authenticate(&mut self) -> Result<(), AuthenticationError> {
        // The first page of this program's issues is needed anyway, and names the user of the token.
        match self.read_own_issues() {
            Ok(()) => Ok(()),
            Err(fault) if fault.status() == Some(401) => Err(AuthenticationError::Refused(fault.to_string())),
            // It may be the project; every token may read its user.
            Err(fault) if fault.status().is_some() => self.me().map(drop).map_err(unauthenticated),
            Err(fault) => Err(unauthenticated(fault)),
        }
    }

    fn address(&self) -> String {
        self.client.web_address()
    }

    fn costs(&self) -> Vec<(&'static str, Cost)> {
        let chat = self.chat.as_ref().map(|chat| (self.setup.service.name, chat.cost()));
        std::iter::once(("GitLab", self.client.cost())).chain(chat).collect()
    }

    fn adopted_ticket_refusal(&mut self, customer: &CustomerKey, ticket: &str) -> anyhow::Result<Option<String>> {
        let projects = Projects {
            incidents: &self.setup.project,
            tickets: &self.setup.tickets,
        };
        Ok(refusal(&self.client, projects, customer, ticket)?)
    }

    fn examine(&mut self, tickets: &[TicketProject]) -> Vec<DoctorCheckResult> {
        let examined = Examined {
            project: &self.setup.project,
            ledger: self.setup.ledger.as_deref(),
            tickets,
            now: self.setup.now.0,
        };
        examine(&self.client, &examined)
    }

    fn actors(&mut self, merge_request: u64) -> anyhow::Result<Vec<String>> {
        Ok(self.client.actors(&self.setup.project, merge_request)?)
    }

    fn post_or_edit_note(&mut self, merge_request: u64, note: &str) -> anyhow::Result<NoteResult> {
        Ok(self
            .client
            .post_or_edit_note(&self.setup.project, merge_request, note)?)
    }

    fn withdraw(&mut self, merged: &BTreeSet<IncidentId>, since: Timestamp) -> Result<Vec<String>, MaintenanceError> {
        self.withdraw_abandoned(merged, since).map_err(unmaintained)
    }

    fn delete_merged_branches(&mut self) -> Result<Vec<String>, MaintenanceError> {
        self.delete_branches().map_err(unmaintained)
    }

    fn sweep_lock(&mut self) -> Result<bool, MaintenanceError> {
        lock::sweep(&self.client, &self.setup.project).map_err(unmaintained)
    }

    fn carries(&self, kind: Kind) -> bool {
        self.chat.is_some() || !kind.is_chat()
    }

    fn observe(&mut self, wanted: &DesiredIncident) -> anyhow::Result<Observation> {
        Ok(self.observed(wanted)?)
    }

    fn begin(&mut self, wanted: &DesiredIncident, steps: &[Planned]) -> Result<Readiness, Failure> {
        if self.acquire()? {
            return Ok(Readiness::Replan);
        }
        let Some(effect) = issue_effect(wanted) else {
            return Err(Failure::Failed("the incident has no issue to be had".to_owned()));
        };
        if self.case(wanted.incident).is_none_or(|case| case.issue.is_none()) {
            if !steps.iter().any(|step| step.effect.kind == Kind::Issue) {
                return Err(Failure::Failed(
                    "the incident issue does not exist, and this run does not create it".to_owned(),
                ));
            }
            let created = self.create_issue(effect);
            self.unsettled |= matches!(created, Err(Failure::Unknown(_)));
            created?;
        } else if self.found_by_comparing(wanted, steps)? {
            return Ok(Readiness::Replan);
        }
        let listed = steps.iter().filter(|step| is_listed(step.effect.kind));
        if let Some(case) = self.cases.get_mut(wanted.incident) {
            let makes = |step: &&Planned| {
                let again = step.effect.kind == Kind::Nag && step.action == Action::Edit;
                again || matches!(step.action, Action::Create | Action::Schedule)
            };
            let made: Vec<&Planned> = listed.filter(makes).collect();
            if made.iter().any(|step| step.effect.kind.is_chat()) {
                case.index.asked.get_or_insert(self.setup.now);
            }
            case.index.earlier = case.earlier_runs(wanted);
            let keys: Vec<ShortKey> = made.iter().map(|step| case.index.short(&step.effect.key)).collect();
            case.index.pending.extend(keys);
            let now = self.setup.now;
            let wanted_keys: BTreeSet<ShortKey> = wanted
                .effects
                .iter()
                .map(|effect| case.index.short(&effect.key))
                .collect();
            case.index.done.retain(|short, place| {
                let waits = place.at.is_none_or(|at| at > now);
                waits || wanted_keys.contains(short) || case.disputed.contains_key(short)
            });
            if self.setup.chat {
                case.count_unsent(wanted, self.chat.is_some());
            }
        }
        self.write_issue(effect)?;
        Ok(Readiness::Proceed)
    }

    fn carry_out(&mut self, planned: &Planned) -> Result<String, Failure> {
        let effect = &planned.effect;
        let carried = match effect.kind {
            // `begin` has already written the issue.
            Kind::Issue => {
                let issue = self.case(&effect.incident).and_then(|case| case.issue.as_ref());
                Ok(issue.map(|issue| issue.web_url.clone()).unwrap_or_default())
            }
            Kind::Ticket if planned.action == Action::Close => self.close_ticket(effect),
            Kind::Ticket => self.create_ticket(effect),
            Kind::Summary | Kind::TicketNote | Kind::Overdue => self.write_note(planned),
            Kind::Channel | Kind::Ping | Kind::Broadcast | Kind::ChannelUpdate | Kind::Nag => self.talk(planned),
        };
        self.unsettled |= matches!(carried, Err(Failure::Unknown(_)));
        carried
    }

    fn finish(&mut self, wanted: &DesiredIncident) -> Result<(), Failure> {
        let Some(effect) = issue_effect(wanted) else {
            return Ok(());
        };
        let completed = self.complete(wanted);
        if let Some(case) = self.cases.get_mut(wanted.incident) {
            let chat = |short: &ShortKey| short.is_in_chat() || short.is_reminder();
            if !case.index.pending.iter().any(chat) {
                case.index.asked = None;
            }
            if self.setup.chat {
                case.count_unsent(wanted, self.chat.is_some());
            }
        }
        self.finish_issue(effect)?;
        completed
    }

    fn observed_times(&self, incident: &IncidentId) -> Vec<(Key, ObservedTime)> {
        self.case(incident).map(Case::observed_times).unwrap_or_default()
    }

    fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    fn close(&mut self) {
        let Some(mut lock) = self.lock.take() else { return };
        let project = &self.setup.project;
        if self.unsettled {
            // If this fails, the lock ends a little earlier.
            drop(lock.prolong(&self.client, project));
            self.notices.push(format!(
                "a request timed out and may still complete: no run writes before {}",
                lock.until().format("%H:%M:%S UTC")
            ));
        } else if let Err(fault) = lock.release(&self.client, project) {
            self.notices
                .push(format!("other runs have to wait until ours is forgotten: {fault}"));
        }
    }
}
