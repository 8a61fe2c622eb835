//! The places of objects: compares the record, customers.yaml and process.yaml with the index.
//!
//! People who may edit the incident issue may edit the index in it. An entry that disagrees is *disputed*: the place of
//! its object is unknown, so the object is left alone and reported until a person decides. The entry stays unchanged.
//!
//! *Invariant*: no place and no address is taken from the index alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::chat::ChatService;
use crate::effects::{Effect, Kind, ShortKey, TargetChannel};
use crate::forge::journal::{Index, IndexKey, Place};
use crate::forge::{DesiredIncident, Skipped};
use crate::model::issue_link::{TicketProjects, is_project_path};
use crate::model::{CustomerKey, Timestamp};

/// The places that a run knows without the index.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The address of GitLab.
    pub(super) web: String,
    /// The project of the ledger; `None` if the run does not know it.
    pub(super) ledger: Option<String>,
    /// The projects of customers' tickets, by customer.
    pub(super) tickets: TicketProjects,
    /// The ids of the team's channels, by the names in process.yaml.
    pub(super) channels: BTreeMap<String, String>,
    /// The hosts of links to messages.
    pub(super) chat_hosts: Vec<String>,
    /// The team's chat service.
    pub(super) service: ChatService,
    /// The key that signs indexes; `None` in a run that only reads.
    pub(super) index_key: Option<IndexKey>,
}

/// The disputed entries of an index, with the reasons why they are left alone.
pub(super) type Disputed = BTreeMap<ShortKey, Skipped>;

impl Known {
    /// The disputed entries of an index.
    pub(super) fn disputed(&self, index: &Index, wanted: &DesiredIncident, now: Timestamp) -> Disputed {
        let mut all = Disputed::new();
        self.tickets(index, wanted, &mut all);
        self.messages(index, wanted, &mut all);
        self.reminders(index, wanted, now, &mut all);
        all
    }

    /// Marks entries of tickets as disputed that are outside the project that customers.yaml names, or that several
    /// customers share.
    fn tickets(&self, index: &Index, wanted: &DesiredIncident, all: &mut Disputed) {
        let mut places: BTreeMap<(String, u64), Vec<&CustomerKey>> = BTreeMap::new();
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
            let told = |effect: &Effect| effect.customer() == Some(customer) && effect.adopted().is_none();
            if !wanted.effects.iter().any(told) {
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
            all.insert(short.clone(), blocking(why));
        }
        for ((project, iid), customers) in places.iter().filter(|(_, customers)| customers.len() > 1) {
            let names = customers
                .iter()
                .map(|customer| customer.as_str())
                .collect::<Vec<_>>()
                .join(" and ");
            for customer in customers {
                let why = format!(
                    "it is unknown whose ticket {} is: the incident issue's index names it for {names}. Nothing is written \
                     there. To go on, say in an update which ticket is whose: `tickets: {{ {customer}: URL }}`",
                    shown(&format!("{project}#{iid}"))
                );
                all.insert(ShortKey::Ticket((*customer).clone()), blocking(why));
            }
        }
    }

    /// Marks entries of messages as disputed that are outside the channels that process.yaml or the record names and
    /// outside the incident's own channel.
    fn messages(&self, index: &Index, wanted: &DesiredIncident, all: &mut Disputed) {
        let own = self.own_channels(index, wanted);
        for effect in wanted.effects.iter().filter(|effect| effect.kind != Kind::Nag) {
            let short = index.short(&effect.key);
            let Some(place) = index.done.get(&short).filter(|place| !place.gone) else {
                continue;
            };
            let Some(chat) = &effect.chat else { continue };
            let channel = place.channel.as_deref().unwrap_or_default();
            if Self::is_settled(effect, place) && (own.contains(channel) || self.is_teams(channel)) {
                continue;
            }
            let says = if effect.kind == Kind::Channel {
                if is_channel(channel) {
                    continue;
                }
                "which is no channel's id".to_owned()
            } else {
                match &chat.room {
                    TargetChannel::Named(name) => match self.channels.get(name) {
                        Some(id) if id == channel => continue,
                        Some(id) => format!("and process.yaml says that `{name}` is {id}"),
                        None => {
                            let why = format!("process.yaml names no channel `{name}` any more: what was said stays");
                            all.insert(short, Skipped { why, blocking: false });
                            continue;
                        }
                    },
                    TargetChannel::Dedicated | TargetChannel::Address(_) if own.contains(channel) => continue,
                    TargetChannel::Dedicated | TargetChannel::Address(_) => {
                        "which is not the incident's channel".to_owned()
                    }
                }
            };
            let why = format!(
                "it is unknown where {} is: the incident issue's index says channel {}, {says}. It is left alone. To go on, say \
                 in an update that it was said: `sent_by_hand: [{}]`",
                effect.key,
                shown(channel),
                effect.key
            );
            all.insert(short, blocking(why));
        }
    }

    /// Whether a message already has its desired words. It then is not edited, even if its channel is another one since a
    /// drill.
    fn is_settled(effect: &Effect, place: &Place) -> bool {
        let same = matches!(effect.kind, Kind::Ping) || place.hash == effect.hash;
        same && !matches!(effect.kind, Kind::Channel) && !place.needs_backfill
    }

    /// Whether process.yaml names a channel.
    fn is_teams(&self, channel: &str) -> bool {
        self.channels.values().any(|id| id == channel)
    }

    /// Marks entries of reminders as disputed that are outside the incident's own channel and the channels that
    /// process.yaml names.
    fn reminders(&self, index: &Index, wanted: &DesiredIncident, now: Timestamp, all: &mut Disputed) {
        let own = self.own_channels(index, wanted);
        let nags = index.done.iter().filter(|(short, _)| short.is_reminder());
        for (short, place) in nags.filter(|(_, place)| !place.gone && place.at.is_none_or(|at| at > now)) {
            let channel = place.channel.as_deref().unwrap_or_default();
            if own.contains(channel) || self.is_teams(channel) {
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

    /// Whether another customer's tickets may be in this customer's project.
    pub(super) fn is_shared(&self, customer: &CustomerKey) -> bool {
        let Some(own) = self.tickets.get(customer) else {
            return true;
        };
        let mut others = self.tickets.iter().filter(|(other, _)| other != &customer);
        others.any(|(_, other)| may_be_same(own, other))
    }

    /// The address of a message in the chat; `None` if the index has no valid address of it.
    pub(super) fn chat_address(&self, place: &Place) -> Option<String> {
        let (channel, url) = (place.channel.as_ref()?, place.url.as_ref()?);
        self.is_in_chat(url, channel, place.ts.as_deref()).then(|| url.clone())
    }

    /// The address of a customer's ticket in the project that customers.yaml names; `None` if the index names another project
    /// or if the project is given by its number, because only GitLab knows its path.
    pub(super) fn ticket_address(&self, customer: &CustomerKey, place: &Place) -> Option<String> {
        let (project, iid) = self.own_ticket(customer, place)?;
        if !is_project_path(project) || is_number(project) {
            return None;
        }
        let stored = place.url.as_ref().filter(|url| self.is_issue(url, project, iid));
        let derived = || format!("{}/{project}/-/issues/{iid}", self.web);
        Some(stored.cloned().unwrap_or_else(derived))
    }

    /// A customer's ticket in words, if its project is given by a number, so that the ticket has no address; `None` otherwise.
    pub(super) fn ticket_in_words(&self, customer: &CustomerKey, place: &Place) -> Option<String> {
        let (project, iid) = self.own_ticket(customer, place)?;
        is_number(project).then(|| format!("project {project}, issue {iid}"))
    }

    /// The project and the number of a customer's ticket; `None` if customers.yaml names another project.
    fn own_ticket<'a>(&self, customer: &CustomerKey, place: &'a Place) -> Option<(&'a str, u64)> {
        let (project, iid) = (place.project.as_deref()?, place.iid?);
        let own = self.tickets.get(customer)?;
        own.eq_ignore_ascii_case(project).then_some((project, iid))
    }

    /// Whether this is the address of an issue in a project that is given by its path.
    fn is_issue(&self, url: &str, project: &str, iid: u64) -> bool {
        let Some((path, rest)) = self.below(url).and_then(|rest| rest.split_once("/-/")) else {
            return false;
        };
        let kinds = ["issues", "work_items"].map(|kind| format!("{kind}/{iid}"));
        kinds.iter().any(|kind| kind == rest) && path.eq_ignore_ascii_case(project)
    }

    /// The path of an address on this GitLab; `None` if the address is on another server.
    fn below<'a>(&self, url: &'a str) -> Option<&'a str> {
        url.strip_prefix(&self.web)?.strip_prefix('/')
    }

    /// The path of the project in an address from GitLab; `None` if the address is on another server.
    pub(super) fn project_of<'a>(&self, url: &'a str) -> Option<&'a str> {
        let (path, _) = self.below(url)?.split_once("/-/")?;
        is_project_path(path).then_some(path)
    }

    /// Whether this is the address of a channel or of a message in it.
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

    /// Whether this is the address of GitLab's editor for new files of a branch, in the ledger's project or in `own`, the
    /// path of the incident issue's project.
    pub(super) fn is_editor(&self, url: &str, own: Option<&str>) -> bool {
        let known = |project: &str| {
            let mut all = self.ledger.as_deref().into_iter().chain(own);
            all.any(|known| known.eq_ignore_ascii_case(project))
        };
        let parts = self.below(url).and_then(|rest| rest.split_once("/-/new/"));
        parts.is_some_and(|(project, branch)| known(project) && is_project_path(project) && is_project_path(branch))
    }
}

/// The short key of the incident's own channel in an index; `None` if the index has no such channel.
pub(super) fn dedicated(index: &Index, wanted: &DesiredIncident) -> Option<ShortKey> {
    let channels = wanted.effects.iter().filter(|effect| effect.kind == Kind::Channel);
    let own = channels.map(|effect| index.short(&effect.key));
    let mut own = own.filter(|short| index.done.contains_key(short));
    // A chat entry without a message is a channel.
    let is_channel = |place: &Place| place.channel.is_some() && place.ts.is_none() && place.at.is_none() && !place.gone;
    own.next().or_else(|| {
        let mut all = index.done.iter();
        all.find(|(_, place)| is_channel(place)).map(|(short, _)| short.clone())
    })
}

impl Known {
    /// The channels of the incident: its own, and those that the record names.
    fn own_channels(&self, index: &Index, wanted: &DesiredIncident) -> BTreeSet<String> {
        let place = dedicated(index, wanted).and_then(|short| index.done.get(&short));
        let own = place
            .and_then(|place| place.channel.clone())
            .filter(|id| is_channel(id));
        own.into_iter().chain(self.named_channels(wanted)).collect()
    }

    /// The channels that the record names.
    pub(super) fn named_channels(&self, wanted: &DesiredIncident) -> BTreeSet<String> {
        let rooms = wanted.effects.iter().filter_map(|effect| effect.chat.as_ref());
        let named = rooms.filter_map(|chat| match &chat.room {
            TargetChannel::Address(address) => (self.service.channel_in)(address),
            TargetChannel::Dedicated | TargetChannel::Named(_) => None,
        });
        named.filter(|id| is_channel(id)).collect()
    }
}

/// The customer of a ticket's short key; `None` if the key is not a ticket's.
pub(super) const fn ticket_of(short: &ShortKey) -> Option<&CustomerKey> {
    short.ticket()
}

/// Whether two projects may be the same: their paths are equal, or one is given by path and the other by number.
fn may_be_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || is_number(one) != is_number(other)
}

/// Whether a project is given by its number.
fn is_number(project: &str) -> bool {
    project.chars().all(|c| c.is_ascii_digit())
}

fn is_channel(id: &str) -> bool {
    id.len() > 1 && id.chars().all(|c| c.is_ascii_alphanumeric())
}

/// A text from the index, made safe to show.
fn shown(text: &str) -> String {
    let plain = text.chars().filter(|c| c.is_ascii_graphic() && *c != '`');
    format!("`{}`", plain.take(100).collect::<String>())
}

const fn blocking(why: String) -> Skipped {
    Skipped { why, blocking: true }
}
