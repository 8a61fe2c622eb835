//! Finds the objects that this program made, by mark and author: the incident issue, tickets and notes.

use super::fault::Fault;
use super::found::{Found, OwnIssue, ticket_place};
use super::objects::{Issue, Note, User};
use super::{Case, Gitlab, Listing, is_former_bot};
use crate::effects::{Effect, Key, Kind};
use crate::forge::journal::{Place, Section, SectionState, bare, identity, marked, marks};
use crate::forge::{DesiredIncident, Observation, Skipped};
use crate::model::Timestamp;
use crate::render::escape;
use std::collections::{BTreeMap, BTreeSet};

impl Gitlab {
    /// The incident's issue, first among the bot's own issues, then among those of users who may be former bots.
    pub(super) fn find_issue(
        &mut self,
        wanted: &DesiredIncident,
        effect: &Effect,
        observation: &mut Observation,
    ) -> Result<Option<Issue>, Fault> {
        let project = self.setup.project.clone();
        let title = effect.title.clone().unwrap_or_default();
        let is_it = |issue: &Issue| claims(issue, wanted, effect, &title);
        match self.find_own_issue(wanted, &is_it)? {
            OwnIssue::Found(issue) => return Ok(Some(*issue)),
            OwnIssue::Undecided(why) => {
                for effect in wanted.effects {
                    let why = why.clone();
                    observation
                        .left
                        .insert(effect.key.clone(), Skipped { why, blocking: true });
                }
                return Ok(None);
            }
            OwnIssue::None => {}
        }
        let me = self.me()?.id;
        // Only a run that is about to create the issue needs this answer.
        if self.lock.is_none() && self.setup.former_bots.is_empty() {
            return Ok(None);
        }
        let mut people = BTreeSet::from([me]);
        loop {
            let marked_it = |issue: &Issue| {
                is_it(issue) && marked(&issue.description).is_some() && !people.contains(&issue.author.id)
            };
            match self.search(&project, false, wanted.since, &marked_it)? {
                Some(issue) if self.is_ours(&issue.author) => return Ok(Some(issue)),
                Some(issue) if self.is_bot(&issue.author)? => {
                    for effect in wanted.effects {
                        observation.left.insert(effect.key.clone(), unknown_bot(&issue.author));
                    }
                    return Ok(None);
                }
                // A person's issue does not hide another issue.
                Some(issue) => people.insert(issue.author.id),
                None => return Ok(None),
            };
        }
    }

    /// The first issue of a project that matches; later issues are not read. `mine` are the issues that the user of the token
    /// created.
    pub(super) fn search(
        &mut self,
        project: &str,
        mine: bool,
        since: Timestamp,
        is_it: &dyn Fn(&Issue) -> bool,
    ) -> Result<Option<Issue>, Fault> {
        let mut at = 0;
        let former = self.setup.former_bots.clone();
        let is_sought = |issue: &Issue| mine || relevant(issue) || is_former_bot(&former, &issue.author);
        loop {
            let listing = self.listing(project, mine);
            let found = listing.issues[at..]
                .iter()
                .find(|issue| is_it(issue) && is_sought(issue));
            if let Some(issue) = found {
                return Ok(Some(issue.clone()));
            }
            at = listing.issues.len();
            if listing.started && listing.next.is_none() {
                return Ok(None);
            }
            self.read_on(project, mine, since)?;
        }
    }

    /// The first matching issue that this program created, under this or a former bot.
    pub(super) fn search_own(
        &mut self,
        project: &str,
        since: Timestamp,
        is_it: &dyn Fn(&Issue) -> bool,
    ) -> Result<Option<Issue>, Fault> {
        let found = self.search(project, true, since, is_it)?;
        if found.is_some() || self.setup.former_bots.is_empty() {
            return Ok(found);
        }
        self.search(project, false, since, is_it)
    }

    fn listing(&mut self, project: &str, mine: bool) -> &mut Listing {
        self.listings.entry((project.to_owned(), mine)).or_default()
    }

    /// Reads the next page of a project's issues.
    fn read_on(&mut self, project: &str, mine: bool, since: Timestamp) -> Result<(), Fault> {
        // One day before the record's first time, because clocks differ and people backdate entries.
        let since = Timestamp(self.setup.since.min(since).0 - chrono::TimeDelta::days(1));
        let page = self.listing(project, mine).next.unwrap_or(1);
        let answer = self.client.issues(project, mine, since, page)?;
        let listing = self.listing(project, mine);
        listing.started = true;
        listing.next = answer.next_page;
        listing.issues.extend(answer.value);
        Ok(())
    }

    /// Reads the first page of the issues that this program created in the project of the incident issues.
    pub(super) fn read_own_issues(&mut self) -> Result<(), Fault> {
        let project = self.setup.project.clone();
        if self.listing(&project, true).started {
            return Ok(());
        }
        self.read_on(&project, true, self.setup.since)
    }

    /// All issues of a project since a time that this program created, under this or a former bot.
    pub(super) fn own_issues(&mut self, project: &str, since: Timestamp) -> Result<Vec<Issue>, Fault> {
        let mine = self.setup.former_bots.is_empty();
        if !mine {
            self.me()?;
        }
        self.search(project, mine, since, &|_| false)?;
        let all = self.listing(project, mine).issues.clone();
        Ok(all
            .into_iter()
            .filter(|issue| mine || self.is_ours(&issue.author))
            .collect())
    }

    /// Looks for the object of one effect.
    pub(super) fn look_for(
        &mut self,
        case: &Case,
        wanted: &DesiredIncident,
        effect: &Effect,
        notes: &mut BTreeMap<Key, Vec<Note>>,
    ) -> Result<Option<Found>, Fault> {
        if effect.kind == Kind::Ticket {
            if effect.to.ticket_project().is_none() {
                return Ok(None);
            }
            return self.look_for_ticket(case, wanted, effect);
        }
        let place = if effect.customer().is_some() {
            case.ticket(effect, &self.client.web_address()).ok()
        } else {
            case.issue.as_ref().map(|issue| (self.setup.project.clone(), issue.iid))
        };
        let Some((project, iid)) = place else { return Ok(None) };
        if let std::collections::btree_map::Entry::Vacant(e) = notes.entry(effect.parent_key()) {
            let read = match self.client.notes(&project, iid) {
                Ok(read) => read,
                // The ticket is gone, and its notes with it.
                Err(Fault::Refused { status: 404, .. }) => Vec::new(),
                Err(fault) => return Err(fault),
            };
            e.insert(read);
        }
        self.ours_among(&notes[&effect.parent_key()], &project, iid, effect)
    }

    /// The oldest note of this program with an effect's key; newer duplicates are deleted.
    pub(super) fn note_of(&mut self, project: &str, iid: u64, effect: &Effect) -> Result<Option<Place>, Fault> {
        let notes = self.client.notes(project, iid)?;
        Ok(match self.ours_among(&notes, project, iid, effect)? {
            Some(Found::Ours(place)) => Some(place),
            _ => None,
        })
    }

    pub(super) fn ours_among(
        &mut self,
        notes: &[Note],
        project: &str,
        iid: u64,
        effect: &Effect,
    ) -> Result<Option<Found>, Fault> {
        let identity = identity(effect);
        let mut found: Option<Place> = None;
        let mut bot = None;
        for note in notes.iter().filter(|note| !note.system) {
            let Some((_, hash)) = marked(&note.body).filter(|(own, _)| *own == identity) else {
                continue;
            };
            if !self.is_ours(&note.author) {
                if bot.is_none() && self.is_bot(&note.author)? {
                    bot = Some(note.author.clone());
                }
            } else if found.is_none() {
                found = Some(Place {
                    hash: hash.to_owned(),
                    note: Some(note.id),
                    created: Place::created(note.created_at),
                    ..Place::default()
                });
            } else if self.lock.is_some() && self.me.as_ref().is_some_and(|me| me.id == note.author.id) {
                self.write(|client| client.delete_note(project, iid, note.id))?;
                self.notices.push(format!(
                    "{project}#{iid} had {} twice: the younger one is taken away",
                    effect.kind.display_name()
                ));
            }
        }
        Ok(found.map(Found::Ours).or(bot.map(Found::Bot)))
    }

    pub(super) fn look_for_ticket(
        &mut self,
        case: &Case,
        wanted: &DesiredIncident,
        effect: &Effect,
    ) -> Result<Option<Found>, Fault> {
        if effect.adopted().is_some() {
            return Ok(case.place(&effect.key).cloned().map(Found::Ours));
        }
        if let Some(place) = case.place(&effect.key).filter(|place| !place.is_unknown) {
            let (Some(project), Some(iid)) = (&place.project, place.iid) else {
                return Ok(None);
            };
            let there = self.client.issue(project, iid)?;
            // Words posted on a moved ticket do not reach the customer.
            let there = there.filter(|issue| issue.moved_to_id.is_none());
            return Ok(there.map(|_| Found::Ours(place.clone())));
        }
        match self.find_ticket(wanted.since, effect)? {
            Some(place) if self.is_of_another(wanted, effect, &place)? => Ok(Some(Found::Doubtful)),
            Some(place) => Ok(Some(Found::Ours(place))),
            None => self.find_damaged_ticket(wanted, effect),
        }
    }

    /// The ticket that this program made, found by its mark; `None` if it does not exist.
    pub(super) fn find_ticket(&mut self, since: Timestamp, effect: &Effect) -> Result<Option<Place>, Fault> {
        let Some(project) = effect.to.ticket_project() else {
            return Ok(None);
        };
        let me = self.me()?.id;
        let identity = identity(effect);
        let former = self.setup.former_bots.clone();
        let is_it = |issue: &Issue| {
            let ours = issue.author.id == me || is_former_bot(&former, &issue.author);
            ours && marked(&issue.description).is_some_and(|(own, _)| own == identity)
        };
        let found = self.search_own(project, since, &is_it)?;
        Ok(found.map(|issue| ticket_place(effect, &issue)))
    }
}

/// Whether an issue says that it is an incident's: by its index, by its mark, or, without a managed section, by its title.
fn claims(issue: &Issue, wanted: &DesiredIncident, effect: &Effect, title: &str) -> bool {
    match Section::parse(&issue.description).state {
        SectionState::Whole(index) => index.incident == *wanted.incident,
        SectionState::Missing => issue.title == title,
        _ => marks(&issue.description).any(|mark| mark == identity(effect) || mark == bare(&effect.key)),
    }
}

/// Whether this program may have made an issue: the issue has a mark.
pub(super) fn relevant(issue: &Issue) -> bool {
    marked(&issue.description).is_some()
}

/// The reason why an object of an unknown bot is left alone.
pub(super) fn unknown_bot(user: &User) -> Skipped {
    Skipped {
        why: format!(
            "there is one already, by the bot `{0}`. If that was this program under an earlier token, add it to \
             process.yaml: `gitlab: {{ former_bots: [{1}] }}`",
            escape::title(&user.username),
            user.id
        ),
        blocking: true,
    }
}
