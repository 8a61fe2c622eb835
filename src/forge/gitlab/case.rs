//! The facts that a run knows about one incident: its issue, the managed section, and the places of its objects.
//!
//! *Invariant*: no disputed place is returned, and no address whose project only the index names.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::adopted;
use super::objects::Issue;
use super::places::{self, Disputed, Known};
use crate::effects::{EarlierRuns, Effect, Key, ObservedTime, ShortKey};
use crate::forge::journal::{Index, Place, Section, SectionState, identity};
use crate::forge::{DesiredIncident, Skipped};
use crate::model::{CustomerKey, IncidentId};
use crate::render::with_references;

/// The facts that a run knows about one incident.
#[derive(Debug)]
pub(super) struct Case {
    /// The incident's issue; `None` if it does not exist.
    pub(super) issue: Option<Issue>,
    /// The managed section: the part of the issue's description that this program writes.
    pub(super) section: Section,
    pub(super) index: Index,
    /// Whether the index has this run's signature and is not older than the issue, or the issue is new.
    pub(super) is_proven: bool,
    /// The people whom an unproven index calls invited, by the channel's id. An invitation is all that they may miss.
    pub(super) invited: BTreeMap<String, BTreeSet<String>>,
    /// The disputed entries of the index, which do not agree with the settings and are not used, by short key.
    pub(super) disputed: Disputed,
    /// The addresses of adopted tickets in the record, by customer.
    pub(super) adopted: BTreeMap<CustomerKey, String>,
    /// The channels that the record names.
    pub(super) named: BTreeSet<String>,
    /// The short key of the incident's own channel.
    pub(super) dedicated: Option<ShortKey>,
    pub(super) known: Rc<Known>,
    /// Whether the issue was moved, so that nothing is posted on it.
    pub(super) moved: bool,
    /// Whether the issue's own fields are left alone.
    pub(super) hands_off: bool,
    /// The chat messages that were not posted, in words.
    pub(super) unsent: String,
}

impl Case {
    /// The facts of an incident that has no issue yet.
    pub(super) fn new(incident: &IncidentId, known: &Rc<Known>) -> Self {
        Self {
            issue: None,
            section: Section::parse(""),
            index: Index::of(incident),
            is_proven: false,
            invited: BTreeMap::new(),
            disputed: Disputed::new(),
            adopted: BTreeMap::new(),
            named: BTreeSet::new(),
            dedicated: None,
            known: Rc::clone(known),
            moved: false,
            hands_off: false,
            unsent: String::new(),
        }
    }

    /// The place of a key as the index knows it; `None` if the index does not know it or if its entry is disputed.
    pub(super) fn place(&self, key: &Key) -> Option<&Place> {
        let short = self.index.short(key);
        let disputed = self.disputed.contains_key(&short);
        self.index.done.get(&short).filter(|_| !disputed)
    }

    /// Whether it is unknown whether the object of a key exists.
    pub(super) fn is_unknown(&self, key: &Key) -> bool {
        self.place(key).is_some_and(|place| place.is_unknown)
    }

    /// What a person did with a removed object, in words. The program posts nothing on a moved ticket either.
    pub(super) fn removal(&self, key: &Key) -> &'static str {
        match places::ticket_of(&self.index.short(key)) {
            Some(_) => "removed or moved by a person",
            None => "removed by a person",
        }
    }

    /// Whether a person removed or moved the object of a key: the index listed it, and GitLab did not find it any more.
    pub(super) fn is_removed(&self, key: &Key) -> bool {
        self.place(key).is_some_and(|place| place.gone && !place.is_unknown)
    }

    /// The address of a key's object; `None` if it has none.
    pub(super) fn address(&self, key: &Key) -> Option<String> {
        let short = self.index.short(key);
        let place = self.place(key)?;
        match places::ticket_of(&short) {
            Some(customer) => match self.adopted.get(customer) {
                Some(url) => adopted::address(url, &self.known.web),
                None => self.known.ticket_address(customer, place),
            },
            None => self.known.chat_address(place),
        }
    }

    /// The place of an object without an address, in words: a ticket by the numbers of its project and itself.
    pub(super) fn in_words(&self, key: &Key, place: &Place) -> String {
        let short = self.index.short(key);
        let customer = places::ticket_of(&short);
        let words = customer.and_then(|customer| self.known.ticket_in_words(customer, place));
        words.unwrap_or_else(|| "there".to_owned())
    }

    /// What earlier runs did with the incident: as the index says it, otherwise as the summaries on the issue show it.
    pub(super) fn earlier_runs(&self, wanted: &DesiredIncident) -> EarlierRuns {
        let last = wanted.handled_until(|key| self.place(key).is_some());
        if self.index.earlier.is_empty() {
            EarlierRuns::found(last, wanted.is_open())
        } else {
            let noted = self.index.earlier.clone().with_this_generation(last);
            noted.as_active(wanted.is_open())
        }
    }

    /// Why the entry of a key is disputed; `None` if it is not.
    pub(super) fn dispute(&self, key: &Key) -> Option<&Skipped> {
        self.disputed.get(&self.index.short(key))
    }

    /// The project and the number of an effect's ticket, created by this program or by people.
    pub(super) fn ticket(&self, effect: &Effect, web: &str) -> Result<(String, u64), String> {
        if let Some(url) = effect.adopted() {
            return adopted::place(url, web);
        }
        let ticket = effect.parent_key();
        if let Some(left) = self.dispute(&ticket) {
            return Err(left.why.clone());
        }
        self.place(&ticket)
            .and_then(|place| Some((place.project.clone()?, place.iid?)))
            .ok_or_else(|| "its ticket is not there".to_owned())
    }

    /// A body whose references are replaced by addresses.
    pub(super) fn linked(&self, body: &str) -> String {
        with_references(body, |key| {
            let key = Key::from(key);
            match self.place(&key) {
                Some(place) if place.is_unknown => "unknown".to_owned(),
                Some(place) if place.gone => self.removal(&key).to_owned(),
                Some(place) => self.address(&key).unwrap_or_else(|| self.in_words(&key, place)),
                None if self.dispute(&key).is_some() => "unknown".to_owned(),
                None => MISSING.to_owned(),
            }
        })
    }

    /// The objects of which it is known when the server made them.
    pub(super) fn observed_times(&self) -> Vec<(Key, ObservedTime)> {
        let mut all = Vec::new();
        if let Some((issue, at)) = self.issue.as_ref().and_then(|issue| Some((issue, issue.created_at?))) {
            let url = Some(issue.web_url.clone());
            all.push((Key::Issue(self.index.incident.clone()), ObservedTime { at, url }));
        }
        for (short, place) in &self.index.done {
            let key = self.index.key(short);
            let known = self.place(&key).and_then(Place::made_at);
            if let Some(at) = known {
                let url = self.address(&key).or_else(|| self.note_address(&key, place));
                all.push((key, ObservedTime { at, url }));
            }
        }
        all
    }

    /// The address of a note on the issue or on a ticket; `None` if it is not known.
    fn note_address(&self, key: &Key, place: &Place) -> Option<String> {
        let note = place.note?;
        let parent = match key.customer() {
            Some(customer) => self.address(&self.index.key(&ShortKey::Ticket(customer.clone())))?,
            None => self.issue.as_ref()?.web_url.clone(),
        };
        Some(format!("{parent}#note_{note}"))
    }

    /// Removes from the index the deleted objects that a person asked to create again.
    pub(super) fn allow_recreation(&mut self, wanted: &DesiredIncident) {
        for key in wanted.recreate {
            let short = self.index.short(key);
            if self.index.done.get(&short).is_some_and(|place| place.gone) {
                self.index.done.remove(&short);
            }
        }
    }

    /// The desired description of the issue.
    pub(super) fn description(&self, effect: &Effect) -> String {
        let mut body = self.linked(&effect.body);
        if let Some(editor) = &self.index.editor {
            let id = &self.index.incident;
            body = format!(
                "{}\n\n[Write an update without a terminal]({editor}?file_name=incidents/{id}/updates/STAMP-YOU.yaml)\n",
                body.trim_end()
            );
        }
        if !self.unsent.is_empty() {
            body = format!(
                "{}\n\n**Not said in {}**: {}\n",
                body.trim_end(),
                self.known.service.name,
                self.unsent
            );
        }
        self.section
            .with(&identity(effect), &effect.hash, &body, &self.written_index())
    }

    /// Whether the managed section can be written.
    pub(super) const fn is_writable(&self) -> bool {
        !matches!(self.section.state, SectionState::Broken)
    }
}

/// The text of a reference to an object that does not exist yet.
const MISSING: &str = "not there yet";
