//! Where things are: what the record, customers.yaml and process.yaml say, held against what the index says.
//!
//! Whoever may edit the incident issue may edit the index in it. An entry that disagrees is *disputed*: the place of
//! that thing is unknown, so it is left alone and named until a person decides. Its entry stays as it is.
//!
//! *Invariant*: no place and no address is taken from the index alone.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::section::{Index, Place};
use crate::chat::slack::channel_in;
use crate::effects::{Effect, Kind, Room, Seen, plan};
use crate::forge::{Skipped, Wanted};
use crate::model::Timestamp;
use crate::model::issue_link::is_project_path;

/// What a run knows of places without the index.
#[derive(Clone, Default, Debug)]
pub(super) struct Known {
    /// The address of GitLab.
    pub(super) web: String,
    /// The project of the ledger; the project of the incident issues if this run does not know it.
    pub(super) ledger: String,
    /// The paths of projects that are given by number, as GitLab answered in this run.
    pub(super) paths: RefCell<BTreeMap<String, String>>,
    /// The projects of customers' tickets, by customer.
    pub(super) tickets: BTreeMap<String, String>,
    /// The ids of the team's channels, by the names in process.yaml.
    pub(super) channels: BTreeMap<String, String>,
    /// The hosts of links to messages.
    pub(super) chat_hosts: Vec<String>,
}

/// Why entries of the index are left alone, by their short keys.
pub(super) type Disputed = BTreeMap<String, Skipped>;

impl Known {
    /// The disputed entries of an index.
    pub(super) fn disputed(&self, index: &Index, wanted: &Wanted, now: Timestamp) -> Disputed {
        let mut all = Disputed::new();
        self.tickets(index, wanted, &mut all);
        self.messages(index, wanted, &mut all);
        self.reminders(index, wanted, now, &mut all);
        all
    }

    /// A ticket is in the project that customers.yaml names, and is the ticket of one customer.
    fn tickets(&self, index: &Index, wanted: &Wanted, all: &mut Disputed) {
        let mut places: BTreeMap<(String, u64), Vec<&str>> = BTreeMap::new();
        for (short, place) in index.done.iter().filter(|(_, place)| !place.gone) {
            let Some(customer) = ticket_of(short) else { continue };
            let own = self.tickets.get(customer);
            let said = place.project.as_deref().unwrap_or_default();
            if let Some(iid) = place
                .iid
                .filter(|_| own.is_some_and(|own| own.eq_ignore_ascii_case(said)))
            {
                let key = (said.to_ascii_lowercase(), iid);
                places.entry(key).or_default().push(customer);
                continue;
            }
            let own = own.map_or_else(
                || "names no project for this customer".to_owned(),
                |own| format!("says {own}"),
            );
            let why = format!(
                "it is unknown which ticket is {customer}'s: the incident issue's index says {}, and customers.yaml {own}. \
                 Nothing is written there. To go on, say in an update which one it is: `tickets: {{ {customer}: URL }}`",
                shown(&format!("{said}#{}", place.iid.unwrap_or_default()))
            );
            let blocking = has_words(index, wanted, customer);
            all.insert(short.clone(), Skipped { why, blocking });
        }
        for ((project, iid), customers) in places.iter().filter(|(_, customers)| customers.len() > 1) {
            let names = customers.join(" and ");
            for customer in customers {
                let why = format!(
                    "it is unknown whose ticket {} is: the incident issue's index names it for {names}. Nothing is written \
                     there. To go on, say in an update which ticket is whose: `tickets: {{ {customer}: URL }}`",
                    shown(&format!("{project}#{iid}"))
                );
                let blocking = has_words(index, wanted, customer);
                all.insert(format!("customer/{customer}"), Skipped { why, blocking });
            }
        }
    }

    /// A message is in the channel that process.yaml or the record names, or in the incident's own.
    fn messages(&self, index: &Index, wanted: &Wanted, all: &mut Disputed) {
        let own = own_channels(index, wanted);
        for effect in wanted.effects.iter().filter(|effect| effect.kind != Kind::Nag) {
            let short = index.short(&effect.key);
            let Some(place) = index.done.get(&short).filter(|place| !place.gone) else {
                continue;
            };
            let Some(chat) = &effect.chat else { continue };
            let channel = place.channel.as_deref().unwrap_or_default();
            // What was said stays where it was said, even if the process or a drill names another channel now.
            let is_written = effect.kind == Kind::Channel || is_edited(effect, place);
            if !is_written && (own.contains(channel) || self.channels.values().any(|id| id == channel)) {
                continue;
            }
            let says = if effect.kind == Kind::Channel {
                if is_channel(channel) {
                    continue;
                }
                "which is no channel's id".to_owned()
            } else {
                match &chat.room {
                    Room::Named(name) => match self.channels.get(name) {
                        Some(id) if id == channel => continue,
                        Some(id) => format!("and process.yaml says that `{name}` is {id}"),
                        None => {
                            let why = format!("process.yaml names no channel `{name}` any more: what was said stays");
                            all.insert(short, Skipped { why, blocking: false });
                            continue;
                        }
                    },
                    Room::Dedicated | Room::Address(_) if own.contains(channel) => continue,
                    Room::Dedicated | Room::Address(_) => "which is not the incident's channel".to_owned(),
                }
            };
            let way_out = if is_written {
                format!(
                    " To go on, say in an update that it was said: `sent_by_hand: [{}]`",
                    effect.key
                )
            } else {
                String::new()
            };
            let why = format!(
                "it is unknown where {} is: the incident issue's index says channel {}, {says}. It is left alone.{way_out}",
                effect.key,
                shown(channel)
            );
            all.insert(
                short,
                Skipped {
                    why,
                    blocking: is_written,
                },
            );
        }
    }

    /// A reminder waits in the incident's own channel, or in one that process.yaml names.
    fn reminders(&self, index: &Index, wanted: &Wanted, now: Timestamp, all: &mut Disputed) {
        let own = own_channels(index, wanted);
        let nags = index.done.iter().filter(|(short, _)| short.starts_with("nag/"));
        for (short, place) in nags.filter(|(_, place)| !place.gone && place.at.is_none_or(|at| at > now)) {
            let channel = place.channel.as_deref().unwrap_or_default();
            if own.contains(channel) || self.channels.values().any(|id| id == channel) {
                continue;
            }
            let why = format!(
                "it is unknown where the reminder {} waits: the incident issue's index says channel {}, which is neither the \
                 incident's nor one of process.yaml. It is left alone: look at the channel when it comes",
                index.key(short),
                shown(channel)
            );
            all.insert(short.clone(), blocking(why));
        }
    }

    /// Whether another customer's tickets may be in the project of this one's.
    pub(super) fn is_shared(&self, customer: &str) -> bool {
        let Some(own) = self.tickets.get(customer) else {
            return true;
        };
        let mut others = self.tickets.iter().filter(|(other, _)| *other != customer);
        others.any(|(_, other)| may_be_same(own, other))
    }

    /// The address of the place of a short key; `None` if it has none, or if the index has another one than it can have.
    ///
    /// The address of a ticket follows from the project in customers.yaml and the number alone.
    pub(super) fn address(&self, short: &str, place: &Place) -> Option<String> {
        if place.channel.is_some() {
            return self.chat_address(place);
        }
        let project = self.tickets.get(ticket_of(short)?)?;
        let is_own = place.project.as_ref()?.eq_ignore_ascii_case(project);
        let path = if is_number(project) {
            self.paths.borrow().get(project).cloned()
        } else {
            Some(project.clone())
        };
        let path = path.filter(|path| is_own && is_project_path(path))?;
        Some(format!("{}/{path}/-/issues/{}", self.web, place.iid?))
    }

    /// The address of a message or a channel; `None` if it has none, or if the index has another one than it can have.
    pub(super) fn chat_address(&self, place: &Place) -> Option<String> {
        let (channel, url) = (place.channel.as_ref()?, place.url.as_ref()?);
        self.is_in_chat(url, channel, place.ts.as_deref()).then(|| url.clone())
    }

    /// Whether this is the address of a channel or of a message of it.
    fn is_in_chat(&self, url: &str, channel: &str, ts: Option<&str>) -> bool {
        let Some((host, rest)) = url
            .strip_prefix("https://")
            .and_then(|rest| rest.split_once("/archives/"))
        else {
            return false;
        };
        let is_host = |known: &String| {
            host.strip_suffix(known.as_str()).is_some_and(|before| {
                let plain = before.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
                plain && (before.is_empty() || before.ends_with('.'))
            })
        };
        let message = ts.map(|ts| format!("{channel}/p{}", ts.replace('.', "")));
        let is_ts = |ts: &str| ts.chars().all(|c| c.is_ascii_digit() || c == '.');
        self.chat_hosts.iter().any(is_host)
            && is_channel(channel)
            && ts.is_none_or(is_ts)
            && (rest == channel || message.as_deref() == Some(rest))
    }

    /// Whether this is the address of GitLab's editor for new files of a branch of the ledger.
    pub(super) fn is_editor(&self, url: &str) -> bool {
        let rest = url.strip_prefix(&self.web).and_then(|rest| rest.strip_prefix('/'));
        rest.and_then(|rest| rest.split_once("/-/new/"))
            .is_some_and(|(project, branch)| {
                project.eq_ignore_ascii_case(&self.ledger) && is_project_path(project) && is_project_path(branch)
            })
    }
}

/// Whether words are missing on the ticket of a customer: a run would write there.
fn has_words(index: &Index, wanted: &Wanted, customer: &str) -> bool {
    let own = |effect: &&Effect| effect.customer() == Some(customer) && effect.adopted.is_none();
    let effects: Vec<Effect> = wanted.effects.iter().filter(own).cloned().collect();
    let seen = index
        .done
        .iter()
        .filter(|(short, _)| ticket_key(short) == Some(customer));
    let seen = seen.map(|(short, place)| {
        let seen = Seen {
            hash: place.hash.clone(),
            content: String::new(),
            open: true,
        };
        (index.key(short), seen)
    });
    !plan(&effects, &seen.collect()).is_empty()
}

/// Whether a message is edited: its words were corrected since it was posted. A ping never is.
fn is_edited(effect: &Effect, place: &Place) -> bool {
    effect.kind != Kind::Ping && effect.hash != place.hash
}

/// The short key of the incident's own channel in an index.
pub(super) fn dedicated(index: &Index, wanted: &Wanted) -> Option<String> {
    let channels = wanted.effects.iter().filter(|effect| effect.kind == Kind::Channel);
    let own = channels.map(|effect| index.short(&effect.key));
    let mut own = own.filter(|short| index.done.contains_key(short));
    // A channel is the one thing in the chat that is no message of it.
    let is_channel = |place: &Place| place.channel.is_some() && place.ts.is_none() && place.at.is_none() && !place.gone;
    own.next().or_else(|| {
        let mut all = index.done.iter();
        all.find(|(_, place)| is_channel(place)).map(|(short, _)| short.clone())
    })
}

/// The channels of the incident: its own, and those that the record names.
fn own_channels(index: &Index, wanted: &Wanted) -> BTreeSet<String> {
    let place = dedicated(index, wanted).and_then(|short| index.done.get(&short));
    let own = place.and_then(|place| place.channel.clone());
    let rooms = wanted.effects.iter().filter_map(|effect| effect.chat.as_ref());
    let named = rooms.filter_map(|chat| match &chat.room {
        Room::Address(address) => channel_in(address),
        Room::Dedicated | Room::Named(_) => None,
    });
    own.into_iter().chain(named).filter(|id| is_channel(id)).collect()
}

/// The customer of a ticket's short key.
fn ticket_of(short: &str) -> Option<&str> {
    short
        .strip_prefix("customer/")
        .filter(|customer| !customer.contains('/'))
}

/// The customer in the short key of a ticket or of a note on it.
fn ticket_key(short: &str) -> Option<&str> {
    short.strip_prefix("customer/")?.split('/').next()
}

/// Whether a project is given by its number.
pub(super) fn is_number(project: &str) -> bool {
    project.chars().all(|c| c.is_ascii_digit())
}

/// Whether two projects may be the same one: by path, or one by path and the other by number.
fn may_be_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || is_number(one) != is_number(other)
}

fn is_channel(id: &str) -> bool {
    id.len() > 1 && id.chars().all(|c| c.is_ascii_alphanumeric())
}

/// A text from the index as it can be shown.
fn shown(text: &str) -> String {
    let plain = text.chars().filter(|c| c.is_ascii_graphic() && *c != '`');
    format!("`{}`", plain.take(100).collect::<String>())
}

const fn blocking(why: String) -> Skipped {
    Skipped { why, blocking: true }
}

/// Whether customers.yaml names a project for a ticket; else there are words in its place.
pub(super) fn has_project(effect: &Effect) -> bool {
    !effect.to.contains(' ')
}
