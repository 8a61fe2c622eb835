//! Observes an incident: its issue first, then the objects in the index, then objects that an earlier run was about to create.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Fault;
use super::find::unknown_bot;
use super::found::Found;
use super::objects::{Issue, Note};
use super::places::dedicated;
use super::proof::{unknown, why_unknown};
use super::talk::leave_messages_without_a_place;
use super::write::NEUTRAL;
use super::{Case, Gitlab, fields, issue_effect};
use crate::effects::{Effect, Key, Kind, ObservedObject, correction};
use crate::forge::journal::{Index, Merge, Place, Section, SectionState, is_listed, merge, normal};
use crate::forge::{DesiredIncident, Observation, Skipped};
use crate::model::CustomerKey;

impl Gitlab {
    /// Returns the observed objects of an incident.
    pub(super) fn observed(&mut self, wanted: &DesiredIncident) -> Result<Observation, Fault> {
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
        observation.earlier = case.earlier_runs(wanted);
        self.cases.insert(wanted.incident.clone(), case);
        Ok(observation)
    }

    /// Reads the managed section and the index of an incident's issue.
    fn read_issue(
        &mut self,
        case: &mut Case,
        issue: Issue,
        wanted: &DesiredIncident,
        effect: &Effect,
        observation: &mut Observation,
    ) -> Result<(), Fault> {
        case.section = Section::parse(&issue.description);
        case.moved = issue.moved_to_id.is_some();
        let retyped = |index: &Index| index.kind.is_some() && index.kind != issue.kind;
        let place = format!("{}#{}", self.setup.project, issue.iid);
        match &case.section.state {
            SectionState::Whole(index) if index.incident == *wanted.incident => {
                let index = Index::clone(index);
                case.is_proven = self.known.is_proven(&issue, &index) && !self.outdated.contains(wanted.incident);
                if case.is_proven {
                    case.index = index;
                } else {
                    case.distrust(&index);
                    self.report_unproven(&place);
                }
            }
            SectionState::Bare => case.index.kind = issue.kind.clone(),
            // Another incident's index says nothing about this incident.
            SectionState::Whole(_) | SectionState::NoIndex | SectionState::Missing | SectionState::Broken => {}
        }
        if !case.is_proven {
            // Only the run of a merge request knows that the issue was opened before the merge.
            case.index.mr = self.setup.merge_request;
        }
        case.adopted = adopted(wanted);
        case.named = self.known.named_channels(wanted);
        if case.is_proven {
            self.judge_places(case, wanted);
        }
        let own = self.known.project_of(&issue.web_url);
        let known = |url: &String| self.known.is_editor(url, own);
        case.index.editor = case.index.editor.take().filter(known);
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
        leave_published_issue(case, &issue, &place, wanted, observation);
        case.issue = Some(issue);
        self.resolve_pending(case, wanted, observation)?;
        self.collect_observed(case, wanted, effect, observation);
        Ok(())
    }

    /// Compares the index with the places that are known without it, and marks disputed entries.
    fn judge_places(&self, case: &mut Case, wanted: &DesiredIncident) {
        case.disputed = self.known.disputed(&case.index, wanted, self.setup.now);
        case.dedicated = dedicated(&case.index, wanted);
    }

    /// Says once that everything of an incident was looked for again, because its index is not proven.
    fn report_unproven(&mut self, place: &str) {
        if !self.setup.writes {
            return;
        }
        self.notices.push(format!(
            "the index in {place} was not written by this token, or a person changed it: everything was looked for again"
        ));
    }

    /// Looks for the objects that the index lists as pending or unknown. If the index is not proven, or the run is to read
    /// everything, looks for all objects.
    fn resolve_pending(
        &mut self,
        case: &mut Case,
        wanted: &DesiredIncident,
        observation: &mut Observation,
    ) -> Result<(), Fault> {
        case.allow_recreation(wanted);
        let running = issue_effect(wanted).is_some_and(|effect| effect.open);
        let all = !case.is_proven || (self.setup.thorough && running);
        let listed = wanted.effects.iter().filter(|effect| is_listed(effect.kind));
        let mut notes: BTreeMap<Key, Vec<Note>> = BTreeMap::new();
        let mut known_again: BTreeSet<Key> = BTreeSet::new();
        for effect in listed {
            let short = case.index.short(&effect.key);
            // A person may have put back what made it unknown. What was sent on such a ticket is unknown, too.
            let was_unknown = case.is_unknown(&effect.key);
            let looks_anew = !case.is_proven || known_again.contains(&effect.parent_key());
            let is_sought = all || was_unknown || looks_anew || case.index.pending.contains(&short);
            if !is_sought || case.dispute(&effect.key).is_some() {
                continue;
            }
            self.resolve_one(case, wanted, effect, &mut notes, observation)?;
            let corrected = (looks_anew && effect.customer().is_some()).then(|| correction(effect));
            let changed = |place: &Place| !place.gone && place.hash != effect.hash;
            if let Some(correction) = corrected.filter(|_| case.place(&effect.key).is_some_and(changed)) {
                self.resolve_one(case, wanted, &correction, &mut notes, observation)?;
            }
            if was_unknown && effect.kind == Kind::Ticket && !case.is_unknown(&effect.key) {
                known_again.insert(effect.key.clone());
            }
        }
        for ticket in known_again {
            case.mark_unknown(wanted, |effect| {
                effect.kind == Kind::TicketNote && effect.parent_key() == ticket
            });
        }
        if !case.is_proven {
            case.limit_earlier_runs(wanted);
            case.mark_unknown(wanted, |_| true);
            // Now the places of the objects are known, with which reminders of the old index are compared.
            self.judge_places(case, wanted);
        }
        Ok(())
    }

    /// Looks for the object of one effect and stores the result in the index.
    fn resolve_one(
        &mut self,
        case: &mut Case,
        wanted: &DesiredIncident,
        effect: &Effect,
        notes: &mut BTreeMap<Key, Vec<Note>>,
        observation: &mut Observation,
    ) -> Result<(), Fault> {
        // What cannot be looked for in this run is looked for in the next one before it is created.
        let is_wanted = self.setup.chat || !effect.kind.is_chat();
        let later = |case: &mut Case| {
            if !case.is_proven && is_wanted {
                let short = case.index.short(&effect.key);
                case.index.pending.insert(short);
                case.index.asked.get_or_insert(wanted.since);
            }
        };
        let found = if effect.kind.is_chat() {
            if self.chat.is_none() {
                later(case);
            }
            let is_unknown = case.is_unknown(&effect.key);
            match self.look_in_chat(case, effect, !case.is_proven || is_unknown) {
                Ok(place) => place.map(Found::Ours),
                // Only the chat failed: the rest of the run goes on.
                Err(why) => {
                    later(case);
                    observation
                        .left
                        .insert(effect.key.clone(), Skipped { why, blocking: true });
                    return Ok(());
                }
            }
        } else {
            match self.look_for(case, wanted, effect, notes) {
                // One customer's ticket stops no other customer.
                Err(fault) if effect.customer().is_some() && fault.is_of_one_object() => {
                    later(case);
                    let why = format!("{} cannot be read: {fault}", effect.to);
                    observation
                        .left
                        .insert(effect.key.clone(), Skipped { why, blocking: true });
                    return Ok(());
                }
                found => found?,
            }
        };
        store_found(case, effect, found, observation);
        Ok(())
    }

    /// Adds the observed state of one effect's object to the observation.
    fn collect_observed(
        &mut self,
        case: &mut Case,
        wanted: &DesiredIncident,
        effect: &Effect,
        observation: &mut Observation,
    ) {
        let by_key: BTreeMap<&Key, &Effect> = wanted.effects.iter().map(|effect| (&effect.key, effect)).collect();
        for (short, place) in &case.index.done {
            let key = case.index.key(short);
            let effect = by_key.get(&key);
            if let Some(left) = case.disputed.get(short) {
                if !left.blocking || is_closed(wanted) {
                    let why = left.why.clone();
                    observation.left.insert(key, Skipped { why, blocking: false });
                    continue;
                }
                observation.unknown.insert(key.clone(), left.why.clone());
            }
            if place.at.is_some_and(|at| at <= self.setup.now) && effect.is_none() {
                // A reminder that was posted cannot be cancelled.
            } else if let Some(effect) = effect.filter(|effect| effect.kind.is_kept_up_to_date() && !place.gone) {
                let seen = ObservedObject::after_applying(effect);
                let done = place.archived && !effect.open;
                let same = place.hash == effect.hash || done;
                let content = if same { seen.content } else { String::new() };
                let open = !place.archived;
                observation.seen.insert(key, ObservedObject { content, open, ..seen });
            } else if place.is_unknown {
                report_unknown(key, wanted, observation);
            } else if place.gone {
                let removed = case.removal(&key);
                let why = format!("{key} was {removed} and stays so; to have it again: --recreate {key}");
                observation.left.insert(key, Skipped { why, blocking: false });
            } else {
                let is_ticket = effect.is_some_and(|effect| effect.kind == Kind::Ticket);
                let seen = ObservedObject {
                    hash: place.hash.clone(),
                    content: String::new(),
                    open: !(is_ticket && place.archived),
                };
                observation.seen.insert(key, seen);
            }
        }
        leave_notes_without_a_place(case, wanted, observation);
        leave_notes_on_disputed_tickets(case, wanted, observation);
        leave_messages_without_a_place(case, wanted, observation);
        if self.setup.chat {
            case.count_unsent(wanted, self.chat.is_some());
        }
        let Some(issue) = &case.issue else { return };
        let mut seen = ObservedObject::after_applying(effect);
        let merge = self.merge(case, effect);
        if merge.change.open.is_some() {
            seen.open = issue.is_open();
        }
        let text = case.description(effect);
        let same = normal(&text) == normal(&issue.description);
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

    /// Merges the desired, the observed and the last set fields of the issue.
    pub(super) fn merge(&self, case: &Case, effect: &Effect) -> Merge {
        let (Some(issue), Some(own)) = (&case.issue, &effect.issue) else {
            return Merge::default();
        };
        let want = fields::wanted(effect, own);
        let seen = fields::seen(issue, &want, &self.setup.scopes);
        let set = case.index.set.as_ref();
        if case.hands_off {
            return Merge {
                set: set.cloned().unwrap_or(seen),
                ..Merge::default()
            };
        }
        // Without the managed section it is unknown who set which field, so only a new issue is filled.
        let is_new = case.section.state == SectionState::Bare && issue.title == NEUTRAL;
        let nobody = set.is_none() && !is_new;
        let set = if nobody { Some(&want) } else { set };
        merge(&want, &seen, set, case.index.denied.as_ref())
    }
}

/// Stores in the index what was found of an effect's object.
fn store_found(case: &mut Case, effect: &Effect, found: Option<Found>, observation: &mut Observation) {
    let short = case.index.short(&effect.key);
    let known = case.index.done.get(&short).cloned();
    match (found, known) {
        (Some(Found::Ours(place)), known) => {
            let gone = known.is_some_and(|known| known.gone && !known.is_unknown);
            if !gone {
                let mut place = place;
                if effect.kind == Kind::Channel {
                    case.dedicated = Some(short.clone());
                    let invited = place.channel.as_ref().and_then(|channel| case.invited.remove(channel));
                    place.people.extend(invited.unwrap_or_default());
                }
                case.index.done.insert(short.clone(), place);
            }
            case.index.pending.remove(&short);
        }
        (Some(Found::Bot(user)), _) => {
            // The next run looks for it again before it is created.
            case.index.pending.insert(short);
            observation.left.insert(effect.key.clone(), unknown_bot(&user));
        }
        (Some(Found::Doubtful), _) => {
            case.index.done.insert(short, unknown(effect));
        }
        // A lost scheduled message is created again.
        (None, Some(_)) if effect.kind == Kind::Nag => {
            case.index.done.remove(&short);
        }
        (None, Some(known)) if !known.gone => {
            case.index.done.insert(short, Place { gone: true, ..known });
        }
        (None, _) => {}
    }
}

/// Reports an object that may exist or not; after the end of the incident, it does not fail the run.
fn report_unknown(key: Key, wanted: &DesiredIncident, observation: &mut Observation) {
    if is_closed(wanted) {
        let why = format!("it is unknown whether {key} was sent");
        observation.left.insert(key, Skipped { why, blocking: false });
    } else {
        let why = why_unknown(&key);
        observation.unknown.insert(key, why);
    }
}

/// Skips all effects of an incident if the incident is to be confidential and a person made its issue public.
fn leave_published_issue(
    case: &Case,
    issue: &Issue,
    place: &str,
    wanted: &DesiredIncident,
    observation: &mut Observation,
) {
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
}

/// Skips the notes of a ticket whose place is unknown.
fn leave_notes_on_disputed_tickets(case: &Case, wanted: &DesiredIncident, observation: &mut Observation) {
    for effect in wanted.effects {
        if effect.kind != Kind::TicketNote || effect.adopted().is_some() {
            continue;
        }
        let ticket = effect.parent_key();
        let left = observation.left.get(&ticket).cloned();
        if let Some(left) = left.filter(|_| case.dispute(&ticket).is_some()) {
            observation.seen.remove(&effect.key);
            observation.left.insert(effect.key.clone(), left);
        }
    }
}

/// The addresses of tickets that people opened, by customer.
fn adopted(wanted: &DesiredIncident) -> BTreeMap<CustomerKey, String> {
    let all = wanted.effects.iter();
    all.filter_map(|effect| Some((effect.customer()?.clone(), effect.adopted()?.to_owned())))
        .collect()
}

/// Whether the incident is closed for good, so that missing objects do not fail the run.
fn is_closed(wanted: &DesiredIncident) -> bool {
    let fields = issue_effect(wanted).and_then(|effect| effect.issue.as_ref());
    fields.is_some_and(|fields| fields.closed)
}

/// Skips notes whose ticket is left alone, for the ticket's reason, and notes whose issue was moved.
fn leave_notes_without_a_place(case: &Case, wanted: &DesiredIncident, observation: &mut Observation) {
    for effect in wanted.effects {
        let of_ticket = effect.kind == Kind::TicketNote && effect.adopted().is_none();
        let ticket = observation.left.get(&effect.parent_key()).filter(|_| of_ticket);
        let left = if let Some(ticket) = ticket {
            if case.is_removed(&effect.parent_key()) {
                let customer = effect.customer().map_or("", CustomerKey::as_str);
                let why = format!("a person removed or moved the ticket of {customer}: {customer} is not told");
                Skipped { why, blocking: false }
            } else {
                ticket.clone()
            }
        } else if case.moved && matches!(effect.kind, Kind::Summary | Kind::Overdue) {
            let why = "the issue was moved by a person".to_owned();
            Skipped { why, blocking: false }
        } else {
            continue;
        };
        if !observation.seen.contains_key(&effect.key) {
            observation.left.insert(effect.key.clone(), left);
        }
    }
}
