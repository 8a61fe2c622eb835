//! Proves what an index says, by the author, the mark and the place of objects.
//!
//! An index whose signature is verified is used as it is. Any other index is a hint: every object is looked for again. Before
//! a run creates something, it compares the index with the issue's notes, because a person can put an older, signed index
//! back, but only Maintainers can remove this program's notes.
//!
//! *Invariant*: an unproven index is never the reason to create, to leave out or to redirect anything.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::TimeDelta;

use super::fault::Fault;
use super::found::{Found, OwnIssue, ticket_place};
use super::objects::{Issue, Note};
use super::places::Known;
use super::{Case, Gitlab, failed};
use crate::effects::{Action, EarlierRuns, Effect, Key, Kind, Observed, Planned, ShortKey, correction};
use crate::forge::journal::{Home, Index, Place, Section, SectionState, bare, is_listed, marked};
use crate::forge::{DesiredIncident, Failure};
use crate::model::{IncidentId, Timestamp};
use crate::render::escape;

/// The time before a record's first time in which an issue of the incident may already have been created: clocks differ.
const TOLERANCE: TimeDelta = TimeDelta::hours(1);
/// The largest number of issues without a readable mark whose notes are read.
const MAX_DAMAGED: usize = 20;
/// The text that every managed section contains.
const REMNANT: &str = "incidentctl";

/// The incident whose notes are on an issue.
#[derive(PartialEq, Eq)]
enum NotesOf {
    ThisIncident,
    AnotherIncident,
    /// There are no notes of this program.
    Nobody,
}

/// The place that a signature is valid for.
const fn home(issue: &Issue) -> Home {
    Home {
        project: issue.project_id,
        issue: issue.iid,
    }
}

impl Known {
    /// Whether an index has the valid signature of this run's token for the issue that contains it.
    pub(super) fn is_proven(&self, issue: &Issue, index: &Index) -> bool {
        let key = self.index_key.as_ref();
        key.is_some_and(|key| index.is_signed(key, home(issue)))
    }

    /// The index as it is written into an issue: signed, if this run may write.
    pub(super) fn signed(&self, issue: &Issue, index: &Index) -> Index {
        match &self.index_key {
            Some(key) => index.signed(key, home(issue)),
            None => index.clone(),
        }
    }

    /// The incident of an issue whose index is proven; `None` if it is not.
    fn proven_incident(&self, issue: &Issue) -> Option<IncidentId> {
        match Section::parse(&issue.description).state {
            SectionState::Whole(index) if self.is_proven(issue, &index) => Some(index.incident),
            _ => None,
        }
    }
}

impl Case {
    /// The index as it is written: signed, or with the signature that was found if the run only reads.
    pub(super) fn written_index(&self) -> Index {
        match (&self.issue, &self.section.state) {
            (_, SectionState::Whole(found)) if self.known.index_key.is_none() => self.index.with_signature_of(found),
            (Some(issue), _) => self.known.signed(issue, &self.index),
            (None, _) => self.index.clone(),
        }
    }

    /// Takes over an unproven index: keeps only what can do no harm, and the reminders, which the chat
    /// proves before it cancels one.
    pub(super) fn distrust(&mut self, hint: &Index) {
        self.index = hint.unproven();
        let channels = hint
            .done
            .values()
            .filter_map(|place| Some((place.channel.clone()?, place.people.clone())));
        self.invited = channels.filter(|(_, people)| !people.is_empty()).collect();
        // See `limit_earlier_runs`.
        self.index.earlier.handled_until = hint.earlier.handled_until.clone();
        let reminders = hint
            .done
            .iter()
            .filter(|(short, place)| short.is_reminder() && !place.gone);
        self.index
            .done
            .extend(reminders.map(|(short, place)| (short.clone(), place.clone())));
    }

    /// Limits what an unproven index says about earlier runs to what the summaries on the issue show, so that it leaves nothing out
    /// that these runs did not handle.
    pub(super) fn limit_earlier_runs(&mut self, wanted: &DesiredIncident) {
        let last = wanted.handled_until(|key| self.place(key).is_some());
        let found = EarlierRuns::found(last, true).handled_until;
        for (generation, until) in &mut self.index.earlier.handled_until {
            let limit = found.get(generation).copied().unwrap_or(*until);
            *until = limit.min(*until);
        }
        // No participant was called: the incident was over before its first run, whatever an index says.
        let is_called = |effect: &&Effect| matches!(effect.kind, Kind::Ping | Kind::Channel | Kind::Ticket);
        let mut called = wanted.effects.iter().filter(is_called);
        let is_over = last.is_some() && !wanted.is_open() && !called.any(|effect| self.place(&effect.key).is_some());
        self.index.earlier = self.earlier_runs(wanted);
        self.index.earlier.was_over = is_over;
    }

    /// Marks the objects that an earlier run must have made and that were not found, because a later one was found: whether
    /// they exist is unknown, and they are never created again by themselves. Only effects that `is_compared` selects count.
    pub(super) fn mark_unknown(&mut self, wanted: &DesiredIncident, is_compared: impl Fn(&Effect) -> bool) {
        let earlier = self.earlier_runs(wanted);
        for in_chat in [false, true] {
            let listed = wanted
                .effects
                .iter()
                .filter(|effect| is_listed(effect.kind) && effect.kind.is_chat() == in_chat && is_compared(effect))
                .filter(|effect| effect.kind == Kind::Ticket || !earlier.is_handled(effect))
                .filter(|effect| !earlier.leaves_out(effect, wanted.is_open(), &Observed::new()))
                .filter(|effect| {
                    effect.kind != Kind::Nag && (effect.kind != Kind::Ticket || effect.adopted().is_none())
                });
            let listed: Vec<(ShortKey, &Effect)> =
                listed.map(|effect| (self.index.short(&effect.key), effect)).collect();
            let last = listed
                .iter()
                .rposition(|(short, _)| self.index.done.contains_key(short));
            for (short, effect) in listed.into_iter().take(last.unwrap_or(0)) {
                if self.index.pending.contains(&short) {
                    continue;
                }
                self.index.done.entry(short).or_insert_with(|| unknown(effect));
            }
        }
    }
}

/// The place of an object that may exist or not: nothing proves either.
pub(super) fn unknown(effect: &Effect) -> Place {
    Place {
        hash: effect.hash.clone(),
        gone: true,
        is_unknown: true,
        ..Place::default()
    }
}

/// The reason why an object is neither created nor left out, and what to do.
pub(super) fn why_unknown(key: &Key) -> String {
    format!(
        "it is unknown whether {key} was sent: an earlier run must have sent it, and it was not found. Look for it. If it is there, \
         say so in an update (`sent_by_hand: [{key}]`); if it is not: --recreate {key}"
    )
}

impl Gitlab {
    /// Looks for the incident's issue among the issues that this program created: by a proven index, otherwise by the notes of
    /// this program on issues whose index is not proven.
    pub(super) fn find_own_issue(
        &mut self,
        wanted: &DesiredIncident,
        claims: &dyn Fn(&Issue) -> bool,
    ) -> Result<OwnIssue, Fault> {
        let project = self.setup.project.clone();
        let known = Rc::clone(&self.known);
        let id = wanted.incident.as_str();
        let is_it = |issue: &Issue| {
            issue.description.contains(id) && known.proven_incident(issue).is_some_and(|own| own == *wanted.incident)
        };
        if let Some(issue) = self.search_own(&project, wanted.since, &is_it)? {
            return Ok(OwnIssue::Found(Box::new(issue)));
        }
        let own = self.own_issues(&project, wanted.since)?;
        let unproven = own.into_iter().filter(|issue| known.proven_incident(issue).is_none());
        let since = Timestamp(wanted.since.0 - TOLERANCE);
        let (claiming, others): (Vec<Issue>, Vec<Issue>) = unproven.partition(claims);
        let mut fresh = None;
        for issue in claiming {
            match self.notes_of(&project, &issue, wanted.incident)? {
                NotesOf::ThisIncident => return Ok(OwnIssue::Found(Box::new(issue))),
                NotesOf::Nobody if fresh.is_none() && is_since(&issue, since) => fresh = Some(issue),
                NotesOf::Nobody | NotesOf::AnotherIncident => {}
            }
        }
        if let Some(issue) = fresh {
            return Ok(OwnIssue::Found(Box::new(issue)));
        }
        let damaged: Vec<Issue> = others.into_iter().filter(|issue| is_since(issue, since)).collect();
        self.find_damaged_issue(wanted, &damaged)
    }

    /// Looks for the incident's issue among issues whose mark a person may have damaged.
    fn find_damaged_issue(&mut self, wanted: &DesiredIncident, damaged: &[Issue]) -> Result<OwnIssue, Fault> {
        let project = self.setup.project.clone();
        let mut doubtful: Vec<u64> = damaged.iter().skip(MAX_DAMAGED).map(|issue| issue.iid).collect();
        for issue in damaged.iter().take(MAX_DAMAGED) {
            match self.notes_of(&project, issue, wanted.incident)? {
                NotesOf::ThisIncident => return Ok(OwnIssue::Found(Box::new(issue.clone()))),
                NotesOf::Nobody if is_like_ours(issue) => doubtful.push(issue.iid),
                NotesOf::Nobody | NotesOf::AnotherIncident => {}
            }
        }
        if doubtful.is_empty() {
            return Ok(OwnIssue::None);
        }
        let places: Vec<String> = doubtful.iter().take(5).map(|iid| format!("{project}#{iid}")).collect();
        Ok(OwnIssue::Undecided(format!(
            "it is unknown whether {} is the incident's issue: this program created it, and a person took away what says for \
             which incident. Nothing is created. Take back the last change of its description, or delete the issue if it is \
             not needed",
            places.join(" or ")
        )))
    }

    /// The identities in the marks of the notes that this program wrote, in the order of the notes.
    pub(super) fn own_marks<'a>(&'a self, notes: &'a [Note]) -> impl Iterator<Item = &'a str> {
        let ours = notes.iter().filter(|note| !note.system && self.is_ours(&note.author));
        ours.filter_map(|note| marked(&note.body)).map(|(identity, _)| identity)
    }

    /// The incident whose notes this program wrote on an issue.
    fn notes_of(&mut self, project: &str, issue: &Issue, incident: &IncidentId) -> Result<NotesOf, Fault> {
        self.me()?;
        let prefix = escape::comment(&format!("{}/", Key::Issue(incident.clone())));
        let notes = self.client.notes(project, issue.iid)?;
        let mut marks = self.own_marks(&notes).peekable();
        if marks.peek().is_none() {
            return Ok(NotesOf::Nobody);
        }
        Ok(if marks.any(|identity| identity.starts_with(&prefix)) {
            NotesOf::ThisIncident
        } else {
            NotesOf::AnotherIncident
        })
    }

    /// Whether an issue has notes of this program, and none of them is of this incident.
    pub(super) fn has_notes_of_another(
        &mut self,
        project: &str,
        issue: &Issue,
        incident: &IncidentId,
    ) -> Result<bool, Fault> {
        Ok(self.notes_of(project, issue, incident)? == NotesOf::AnotherIncident)
    }

    /// Looks for a customer's ticket among the issues of this program whose description a person rewrote, by this
    /// program's notes on them.
    pub(super) fn find_damaged_ticket(
        &mut self,
        wanted: &DesiredIncident,
        effect: &Effect,
    ) -> Result<Option<Found>, Fault> {
        let Some(project) = effect.to.ticket_project() else {
            return Ok(None);
        };
        let since = Timestamp(wanted.since.0 - TOLERANCE);
        let is_damaged = |issue: &Issue| marked(&issue.description).is_none() && is_since(issue, since);
        let own = self.own_issues(project, wanted.since)?;
        let damaged: Vec<&Issue> = own.iter().filter(|issue| is_damaged(issue)).collect();
        let below = marks_below(wanted, effect);
        let mut doubtful = damaged.len() > MAX_DAMAGED;
        for issue in damaged.into_iter().take(MAX_DAMAGED) {
            let notes = self.client.notes(project, issue.iid)?;
            let marks: Vec<&str> = self.own_marks(&notes).collect();
            if marks.iter().any(|mark| below.contains(*mark)) {
                return Ok(Some(Found::Ours(ticket_place(effect, issue))));
            }
            doubtful |= marks.is_empty();
        }
        Ok(doubtful.then_some(Found::Doubtful))
    }

    /// Whether all notes of this program on a ticket are for another customer or incident, so that a person put this ticket's
    /// description there.
    pub(super) fn is_of_another(
        &mut self,
        wanted: &DesiredIncident,
        effect: &Effect,
        place: &Place,
    ) -> Result<bool, Fault> {
        let (Some(project), Some(iid)) = (&place.project, place.iid) else {
            return Ok(false);
        };
        self.me()?;
        let notes = self.client.notes(project, iid)?;
        let below = marks_below(wanted, effect);
        let mut marks = self.own_marks(&notes).peekable();
        Ok(marks.peek().is_some() && !marks.any(|mark| below.contains(mark)))
    }

    /// Compares what is about to be created with what exists, once in a run and under the lock; returns whether the index
    /// turned out to be older than the issue, so that the run has to observe and plan again.
    ///
    /// # Errors
    /// Fails if the notes cannot be read, or if a look into the chat fails.
    pub(super) fn found_by_comparing(&mut self, wanted: &DesiredIncident, steps: &[Planned]) -> Result<bool, Failure> {
        let creates =
            |step: &&Planned| matches!(step.action, Action::Create | Action::Schedule) && is_listed(step.effect.kind);
        let makes: Vec<&Planned> = steps.iter().filter(creates).collect();
        let trusted = self.case(wanted.incident).is_some_and(|case| case.is_proven);
        if makes.is_empty() || !trusted || !self.compared.insert(wanted.incident.clone()) {
            return Ok(false);
        }
        let outdated = self.is_outdated(wanted.incident).map_err(failed)? || self.exists_already(wanted, &makes)?;
        if outdated {
            self.outdated.insert(wanted.incident.clone());
        }
        Ok(outdated)
    }

    /// Whether the newest note of this program on the incident's issue is missing in the index.
    fn is_outdated(&mut self, incident: &IncidentId) -> Result<bool, Fault> {
        let Some((index, iid)) = self.case(incident).and_then(|case| {
            let issue = case.issue.as_ref()?;
            Some((case.index.clone(), issue.iid))
        }) else {
            return Ok(false);
        };
        self.me()?;
        let listed = index.done.keys().chain(&index.pending);
        let listed: BTreeSet<String> = listed
            .map(|short| escape::comment(&index.key(short).to_string()))
            .collect();
        let project = self.setup.project.clone();
        super::api::in_smaller_pages(|per_page| {
            let mut page = Some(1);
            while let Some(number) = page {
                let answer = self.client.newest_notes(&project, iid, number, per_page)?;
                if let Some(identity) = self.own_marks(&answer.value).next() {
                    return Ok(!listed.contains(identity));
                }
                page = answer.next_page;
            }
            Ok(false)
        })
    }

    /// Whether an object exists that is about to be created and that the issue's notes do not vouch for.
    fn exists_already(&mut self, wanted: &DesiredIncident, makes: &[&Planned]) -> Result<bool, Failure> {
        let doubtful: Vec<&Effect> = makes
            .iter()
            .map(|step| &step.effect)
            .filter(|effect| !is_vouched_for(effect, makes) && !wanted.recreate.contains(&effect.key))
            .collect();
        let Some(case) = self.cases.remove(wanted.incident) else {
            return Ok(false);
        };
        let mut notes = BTreeMap::new();
        let mut found = Ok(false);
        for effect in doubtful {
            let place = if effect.kind.is_chat() {
                self.look_in_chat(&case, effect, true)
                    .map(|place| place.is_some())
                    .map_err(Failure::Failed)
            } else {
                match self.look_for(&case, wanted, effect, &mut notes) {
                    Ok(found) => Ok(matches!(found, Some(Found::Ours(_) | Found::Doubtful))),
                    // The next look says of each customer what cannot be read, and stops nobody else.
                    Err(fault) if effect.customer().is_some() && fault.is_of_one_object() => Ok(true),
                    Err(fault) => Err(failed(fault)),
                }
            };
            match place {
                Ok(false) => {}
                other => {
                    found = other;
                    break;
                }
            }
        }
        self.cases.insert(wanted.incident.clone(), case);
        found
    }
}

/// The marks of the notes that belong on a ticket, with those of their corrections.
fn marks_below(wanted: &DesiredIncident, ticket: &Effect) -> BTreeSet<String> {
    let below = wanted.effects.iter().filter(|other| other.key.is_below(&ticket.key));
    let corrections = below
        .clone()
        .chain([ticket])
        .map(|effect| bare(&correction(effect).key));
    below.map(|other| bare(&other.key)).chain(corrections).collect()
}

/// Whether the comparison with the issue's notes proves that an effect's object does not exist: a run posts the summary of an
/// entry before everything else of the entry except the channel, so the rest does not exist if the summary does not.
fn is_vouched_for(effect: &Effect, makes: &[&Planned]) -> bool {
    let has_new_summary = || {
        let mut summaries = makes.iter().filter(|step| step.effect.kind == Kind::Summary);
        summaries.any(|step| step.effect.since == effect.since)
    };
    match (effect.kind, effect.key.short_key()) {
        (Kind::Summary | Kind::Overdue, _) => true,
        (_, Some(ShortKey::OverdueMessage(item))) => {
            let note = ShortKey::Overdue(item.clone());
            makes.iter().any(|step| step.effect.key.short_key() == Some(&note))
        }
        (Kind::Channel, _) | (_, Some(ShortKey::Correction { .. })) => false,
        _ => has_new_summary(),
    }
}

/// Whether an issue may have been created since a time.
fn is_since(issue: &Issue, since: Timestamp) -> bool {
    issue.created_at.is_none_or(|at| at >= since)
}

/// Whether an issue looks like one that this program made for an incident, even without a readable mark.
fn is_like_ours(issue: &Issue) -> bool {
    issue.kind.as_deref() == Some("incident") || issue.description.contains(REMNANT)
}
