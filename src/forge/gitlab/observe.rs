//! What is there of an incident: its issue first, then what the index says, then what the index says was about to be made.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Fault;
use super::objects::{Issue, Note, User};
use super::places::dedicated;
use super::section::{self, Index, Place, Section, SectionState, bare, identity, is_listed, marked, marks};
use super::talk::leave_messages_without_a_place;
use super::{Case, Gitlab, Listing, fields, issue_effect};
use crate::effects::{Effect, Key, Kind, Seen};
use crate::forge::{Observation, Skipped, Wanted};
use crate::render::escape;

/// What was found of a key.
enum Found {
    /// Ours.
    Ours(Place),
    /// An unknown bot's, which nobody can tell from ours.
    Bot(String),
}

impl Gitlab {
    /// What is there of an incident.
    pub(super) fn observed(&mut self, wanted: &Wanted) -> Result<Observation, Fault> {
        self.me()?;
        let mut observation = Observation::default();
        let Some(effect) = issue_effect(wanted) else {
            return Ok(observation);
        };
        let known = self
            .case(wanted.incident)
            .and_then(|case| case.issue.as_ref())
            .map(|issue| issue.iid);
        let issue = match known {
            Some(iid) => self.client.issue(&self.setup.project, iid)?,
            None => self.find_issue(wanted, effect, &mut observation)?,
        };
        let mut case = Case::new(wanted.incident, &self.known);
        if let Some(issue) = issue {
            self.read_issue(&mut case, issue, wanted, effect, &mut observation)?;
        }
        self.cases.insert(wanted.incident.clone(), case);
        Ok(observation)
    }

    /// The incident's issue: among ours, then among those of other users that may be ours.
    fn find_issue(
        &mut self,
        wanted: &Wanted,
        effect: &Effect,
        observation: &mut Observation,
    ) -> Result<Option<Issue>, Fault> {
        let project = self.setup.project.clone();
        let me = self.me()?.id;
        let title = effect.title.clone().unwrap_or_default();
        let is_it = |issue: &Issue| {
            match Section::parse(&issue.description).state {
                SectionState::Whole(index) => index.incident == wanted.incident.as_str(),
                // A person took our part away.
                SectionState::Missing => issue.title == title,
                _ => marks(&issue.description).any(|mark| mark == identity(effect) || mark == bare(&effect.key)),
            }
        };
        if let Some(issue) = self.search(&project, Some(me), wanted, &is_it)? {
            return Ok(Some(issue));
        }
        // Only a run that is about to create it has to know.
        if self.lock.is_none() && self.setup.former_bots.is_empty() {
            return Ok(None);
        }
        let mut people = BTreeSet::from([me]);
        loop {
            let marked_it = |issue: &Issue| {
                is_it(issue) && marked(&issue.description).is_some() && !people.contains(&issue.author.id)
            };
            match self.search(&project, None, wanted, &marked_it)? {
                Some(issue) if self.is_ours(&issue.author) => return Ok(Some(issue)),
                Some(issue) if self.is_bot(&issue.author)? => {
                    for effect in wanted.effects {
                        observation.left.insert(effect.key.clone(), unknown_bot(&issue.author));
                    }
                    return Ok(None);
                }
                // A person's issue hides no other one.
                Some(issue) => people.insert(issue.author.id),
                None => return Ok(None),
            };
        }
    }

    /// The first of a project's issues that is the one, reading no further than to it.
    fn search(
        &mut self,
        project: &str,
        author: Option<u64>,
        wanted: &Wanted,
        is_it: &dyn Fn(&Issue) -> bool,
    ) -> Result<Option<Issue>, Fault> {
        // Well before the record's first time: clocks differ, and people date things back.
        let before = |time: crate::model::Timestamp| crate::model::Timestamp(time.0 - chrono::TimeDelta::days(1));
        let since = before(self.setup.since.min(wanted.since));
        let name = format!("{project} {}", author.unwrap_or(0));
        let listing: &mut Listing = self.listings.entry(name).or_default();
        let mut at = 0;
        loop {
            let found = listing.issues[at..]
                .iter()
                .find(|issue| is_it(issue) && (author.is_some() || relevant(issue)));
            if let Some(issue) = found {
                return Ok(Some(issue.clone()));
            }
            at = listing.issues.len();
            if listing.started && listing.next.is_none() {
                return Ok(None);
            }
            let page = listing.next.unwrap_or(1);
            let answer = self.client.issues(project, author, since, page)?;
            listing.started = true;
            listing.next = answer.next_page;
            listing.issues.extend(answer.value);
        }
    }

    /// Reads what an issue says of its incident.
    fn read_issue(
        &mut self,
        case: &mut Case,
        issue: Issue,
        wanted: &Wanted,
        effect: &Effect,
        observation: &mut Observation,
    ) -> Result<(), Fault> {
        case.section = Section::parse(&issue.description);
        case.moved = issue.moved_to_id.is_some();
        let retyped = |index: &Index| index.kind.is_some() && index.kind != issue.kind;
        let place = format!("{}#{}", self.setup.project, issue.iid);
        let mut rebuilt = false;
        match &case.section.state {
            SectionState::Whole(index) if index.incident == wanted.incident.as_str() => {
                case.index = Index::clone(index);
                self.judge_places(case, wanted);
            }
            SectionState::Bare => {
                case.index.kind = issue.kind.clone();
                case.index.mr = self.setup.merge_request;
            }
            // Another incident's index says nothing of this one.
            SectionState::Whole(_) | SectionState::NoIndex | SectionState::Missing | SectionState::Broken => {
                rebuilt = true;
            }
        }
        self.record_editor_url(case);
        case.hands_off = case.moved || retyped(&case.index);
        if case.moved {
            self.notices.push(format!(
                "{place} was moved to another project by a person: nothing more is written there"
            ));
        } else if case.hands_off {
            self.notices.push(format!(
                "{place} was made something other than an incident by a person: its fields are left alone"
            ));
        }
        if !case.is_writable() {
            self.notices.push(format!(
                "our part of the description of {place} is damaged: it is left alone. Take away what is left of it (from \
                 `<!-- incidentctl` to `<!-- /incidentctl -->`) and the next run writes it anew"
            ));
        }
        if wanted
            .effects
            .iter()
            .any(|effect| effect.issue.as_ref().is_some_and(|fields| fields.confidential))
            && !issue.confidential
            && case.index.set.as_ref().is_some_and(|set| set.confidential)
        {
            let why = format!(
                "{place} was made public, and the record says `confidential: true`: nothing more is written there. Make it \
                 confidential again, or say `confidential: false` in an update"
            );
            for effect in wanted.effects {
                let left = Skipped {
                    why: why.clone(),
                    blocking: true,
                };
                observation.left.insert(effect.key.clone(), left);
            }
        }
        case.issue = Some(issue);
        self.resolve_pending(case, wanted, rebuilt, observation)?;
        self.collect_observed(case, wanted, effect, observation);
        Ok(())
    }

    /// Holds the index against what is known without it.
    fn judge_places(&self, case: &mut Case, wanted: &Wanted) {
        case.disputed = self.known.disputed(&case.index, wanted, self.setup.now);
        case.dedicated = dedicated(&case.index, wanted);
        let known = |url: &String| self.known.is_editor(url);
        case.index.editor = case.index.editor.take().filter(known);
    }

    /// Looks for what the index says was about to be made; for everything where there is no index, or where all is to be
    /// read.
    fn resolve_pending(
        &mut self,
        case: &mut Case,
        wanted: &Wanted,
        rebuilt: bool,
        observation: &mut Observation,
    ) -> Result<(), Fault> {
        for key in wanted.recreate {
            let short = case.index.short(&Key(key.clone()));
            if case.index.done.get(&short).is_some_and(|place| place.gone) {
                case.index.done.remove(&short);
            }
        }
        let running = issue_effect(wanted).is_some_and(|effect| effect.open);
        let all = rebuilt || (self.setup.thorough && running);
        let sought: Vec<&Effect> = wanted
            .effects
            .iter()
            .filter(|effect| is_listed(effect.kind) && case.dispute(&effect.key).is_none())
            .filter(|effect| all || case.index.pending.contains(&case.index.short(&effect.key)))
            .collect();
        let mut notes: BTreeMap<Key, Vec<Note>> = BTreeMap::new();
        for effect in &sought {
            let short = case.index.short(&effect.key);
            let found = if effect.kind.is_chat() {
                match self.look_in_chat(case, effect, rebuilt) {
                    Ok(place) => place.map(Found::Ours),
                    // The chat alone is in trouble: the rest goes on.
                    Err(why) => {
                        observation
                            .left
                            .insert(effect.key.clone(), Skipped { why, blocking: true });
                        continue;
                    }
                }
            } else {
                self.look(case, wanted, effect, &mut notes)?
            };
            let known = case.index.done.get(&short).cloned();
            match (found, known) {
                (Some(Found::Ours(place)), known) => {
                    let gone = known.is_some_and(|known| known.gone);
                    if !gone {
                        if effect.kind == Kind::Channel {
                            case.dedicated = Some(short.clone());
                        }
                        case.index.done.insert(short.clone(), place);
                    }
                    case.index.pending.remove(&short);
                }
                (Some(Found::Bot(name)), _) => {
                    let user = User {
                        username: name,
                        ..User::default()
                    };
                    observation.left.insert(effect.key.clone(), unknown_bot(&user));
                }
                // What was to be said later is made again.
                (None, Some(_)) if effect.kind == Kind::Nag => {
                    case.index.done.remove(&short);
                }
                (None, Some(known)) if !known.gone => {
                    let place = Place { gone: true, ..known };
                    case.index.done.insert(short, place);
                }
                (None, _) => {}
            }
        }
        if rebuilt {
            never_a_reason_to_create(case, wanted);
        }
        Ok(())
    }

    /// Looks for one object.
    fn look(
        &mut self,
        case: &Case,
        wanted: &Wanted,
        effect: &Effect,
        notes: &mut BTreeMap<Key, Vec<Note>>,
    ) -> Result<Option<Found>, Fault> {
        if effect.kind == Kind::Ticket {
            if !super::places::has_project(effect) {
                return Ok(None);
            }
            return self.look_for_ticket(case, wanted, effect);
        }
        let place = if effect.customer().is_some() {
            case.ticket(effect, &self.client.web()).ok()
        } else {
            case.issue.as_ref().map(|issue| (self.setup.project.clone(), issue.iid))
        };
        let Some((project, iid)) = place else { return Ok(None) };
        if let std::collections::btree_map::Entry::Vacant(e) = notes.entry(effect.on()) {
            let read = match self.client.notes(&project, iid) {
                Ok(read) => read,
                // The ticket is gone, and its notes with it.
                Err(Fault::Refused { status: 404, .. }) => Vec::new(),
                Err(fault) => return Err(fault),
            };
            e.insert(read);
        }
        self.ours_among(&notes[&effect.on()], &project, iid, effect)
    }

    /// This program's oldest note with this key; younger ones are deleted.
    pub(super) fn note_of(&mut self, project: &str, iid: u64, effect: &Effect) -> Result<Option<Place>, Fault> {
        let notes = self.client.notes(project, iid)?;
        Ok(match self.ours_among(&notes, project, iid, effect)? {
            Some(Found::Ours(place)) => Some(place),
            _ => None,
        })
    }

    fn ours_among(&mut self, notes: &[Note], project: &str, iid: u64, effect: &Effect) -> Result<Option<Found>, Fault> {
        let identity = identity(effect);
        let mut found: Option<Place> = None;
        let mut bot = None;
        for note in notes.iter().filter(|note| !note.system) {
            let Some((_, hash)) = marked(&note.body).filter(|(own, _)| *own == identity) else {
                continue;
            };
            if !self.is_ours(&note.author) {
                if bot.is_none() && self.is_bot(&note.author)? {
                    bot = Some(note.author.username.clone());
                }
            } else if found.is_none() {
                found = Some(Place {
                    hash: hash.to_owned(),
                    note: Some(note.id),
                    ..Place::default()
                });
            } else if self.lock.is_some() && self.me.as_ref().is_some_and(|me| me.id == note.author.id) {
                self.write(|client| client.delete_note(project, iid, note.id))?;
                self.notices.push(format!(
                    "{project}#{iid} had {} twice: the younger one is taken away",
                    effect.kind.word()
                ));
            }
        }
        Ok(found.map(Found::Ours).or(bot.map(Found::Bot)))
    }

    fn look_for_ticket(&mut self, case: &Case, wanted: &Wanted, effect: &Effect) -> Result<Option<Found>, Fault> {
        if effect.adopted.is_some() {
            return Ok(case.place(&effect.key).cloned().map(Found::Ours));
        }
        if let Some(place) = case.place(&effect.key) {
            let (Some(project), Some(iid)) = (&place.project, place.iid) else {
                return Ok(None);
            };
            let there = self.client.issue(project, iid)?;
            // A moved ticket is read elsewhere, if anywhere: words posted here do not reach the customer.
            let there = there.filter(|issue| issue.moved_to_id.is_none());
            return Ok(there.map(|_| Found::Ours(place.clone())));
        }
        self.find_ticket(wanted.since, effect)
            .map(|found| found.map(Found::Ours))
    }

    /// The ticket that this program made, by its mark.
    pub(super) fn find_ticket(
        &mut self,
        since: crate::model::Timestamp,
        effect: &Effect,
    ) -> Result<Option<Place>, Fault> {
        let me = self.me()?.id;
        let identity = identity(effect);
        let former = self.setup.former_bots.clone();
        let is_it = |issue: &Issue| {
            let ours = issue.author.id == me || former.contains(&issue.author.username);
            ours && marked(&issue.description).is_some_and(|(own, _)| own == identity)
        };
        let wanted = Wanted {
            incident: &effect.incident,
            effects: &[],
            since,
            recreate: &BTreeSet::new(),
        };
        let authors = if self.setup.former_bots.is_empty() {
            vec![Some(me)]
        } else {
            vec![Some(me), None]
        };
        for author in authors {
            let found = self.search(&effect.to, author, &wanted, &is_it)?;
            if let Some(issue) = found {
                return Ok(Some(ticket_place(effect, &issue)));
            }
        }
        Ok(None)
    }

    /// What is there, as the plan reads it.
    fn collect_observed(&mut self, case: &mut Case, wanted: &Wanted, effect: &Effect, observation: &mut Observation) {
        let by_key: BTreeMap<&Key, &Effect> = wanted.effects.iter().map(|effect| (&effect.key, effect)).collect();
        for (short, place) in &case.index.done {
            let key = case.index.key(short);
            let effect = by_key.get(&key);
            if let Some(left) = case.disputed.get(short) {
                observation.left.insert(key, left.clone());
            } else if place.at.is_some_and(|at| at <= self.setup.now) && effect.is_none() {
                // A reminder that was said: there is nothing to cancel.
            } else if let Some(effect) = effect.filter(|effect| effect.kind.follows_state() && !place.gone) {
                let seen = Seen::of(effect);
                let done = place.archived && !effect.open;
                let same = place.hash == effect.hash || done;
                let content = if same { seen.content } else { String::new() };
                let open = !place.archived;
                observation.seen.insert(key, Seen { content, open, ..seen });
            } else if place.gone {
                let why = format!("{key} was removed by a person and stays so; to have it again: --recreate {key}");
                observation.left.insert(key, Skipped { why, blocking: false });
            } else {
                let seen = Seen {
                    hash: place.hash.clone(),
                    content: String::new(),
                    open: true,
                };
                observation.seen.insert(key, seen);
            }
        }
        leave_notes_without_a_place(case, wanted, observation);
        leave_notes_on_disputed_tickets(case, wanted, observation);
        leave_messages_without_a_place(case, wanted, observation);
        if self.setup.chat {
            case.count_unsent(wanted);
        }
        let Some(issue) = &case.issue else { return };
        let mut seen = Seen::of(effect);
        let merge = self.merge(case, effect);
        if merge.change.open.is_some() {
            seen.open = issue.is_open();
        }
        let text = case.description(effect);
        let same = section::normal(&text) == section::normal(&issue.description);
        if merge.changes() || (!same && case.is_writable()) {
            seen.content = String::new();
        }
        for word in &merge.theirs {
            self.notices.push(format!(
                "{}#{}: a person changed {word}; it is left as it is",
                self.setup.project, issue.iid
            ));
        }
        observation.seen.insert(effect.key.clone(), seen);
    }

    /// What is to be done with the issue's own fields.
    pub(super) fn merge(&self, case: &Case, effect: &Effect) -> fields::Merge {
        let (Some(issue), Some(own)) = (&case.issue, &effect.issue) else {
            return fields::Merge::default();
        };
        let want = fields::wanted(effect, own);
        let seen = fields::seen(issue, &want, &self.setup.scopes);
        let set = case.index.set.as_ref();
        if case.hands_off {
            return fields::Merge {
                set: set.cloned().unwrap_or(seen),
                ..fields::Merge::default()
            };
        }
        // Without our section it is unknown who set which field: only a fresh issue is filled.
        let nobody = set.is_none() && case.section.state != SectionState::Bare;
        let set = if nobody { Some(&want) } else { set };
        fields::merge(&want, &seen, set, case.index.denied.as_ref())
    }
}

/// Skips the notes of a ticket whose place is unknown.
fn leave_notes_on_disputed_tickets(case: &Case, wanted: &Wanted, observation: &mut Observation) {
    for effect in wanted.effects {
        if effect.kind != Kind::TicketNote || effect.adopted.is_some() {
            continue;
        }
        if let Some(left) = case.dispute(&effect.on()) {
            observation.seen.remove(&effect.key);
            observation.left.insert(effect.key.clone(), left.clone());
        }
    }
}

/// Notes for a ticket that a person removed, and for an issue that was moved, have no place.
fn leave_notes_without_a_place(case: &Case, wanted: &Wanted, observation: &mut Observation) {
    for effect in wanted.effects {
        let ticket = effect.on();
        let why =
            if effect.kind == Kind::TicketNote && effect.adopted.is_none() && observation.left.contains_key(&ticket) {
                format!(
                    "a person removed the ticket of {}: it is not told",
                    effect.customer().unwrap_or_default()
                )
            } else if case.moved && matches!(effect.kind, Kind::Summary | Kind::Overdue) {
                "the issue was moved by a person".to_owned()
            } else {
                continue;
            };
        if !observation.seen.contains_key(&effect.key) {
            observation
                .left
                .insert(effect.key.clone(), Skipped { why, blocking: false });
        }
    }
}

/// Whether an issue can be ours at all: it has a mark.
fn relevant(issue: &Issue) -> bool {
    marked(&issue.description).is_some()
}

/// Where a ticket is.
pub(super) fn ticket_place(effect: &Effect, issue: &Issue) -> Place {
    Place {
        hash: marked(&issue.description).map_or_else(|| effect.hash.clone(), |(_, hash)| hash.to_owned()),
        project: Some(effect.to.clone()),
        iid: Some(issue.iid),
        url: Some(issue.web_url.clone()),
        ..Place::default()
    }
}

/// What is left alone because an unknown bot may have made it.
fn unknown_bot(user: &User) -> Skipped {
    Skipped {
        why: format!(
            "there is one already, by the bot `{0}`. If that was this program under an earlier token, add it to \
             process.yaml: `gitlab: {{ former_bots: [{0}] }}`",
            escape::title(&user.username)
        ),
        blocking: true,
    }
}

/// A missing index is never a reason to create: what is not newer than the newest thing found was there once.
fn never_a_reason_to_create(case: &mut Case, wanted: &Wanted) {
    let index: &mut Index = &mut case.index;
    let found = wanted
        .effects
        .iter()
        .filter(|effect| index.done.contains_key(&index.short(&effect.key)));
    let Some(newest) = found.map(|effect| effect.since).max() else {
        return;
    };
    for effect in wanted
        .effects
        .iter()
        .filter(|effect| is_listed(effect.kind) && effect.since <= newest)
        .filter(|effect| effect.kind != Kind::Ticket || effect.adopted.is_none())
    {
        let short = index.short(&effect.key);
        index.done.entry(short).or_insert_with(|| Place {
            hash: effect.hash.clone(),
            gone: true,
            ..Place::default()
        });
    }
}
