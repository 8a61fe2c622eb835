//! The interface to a chat service, and Slack behind it. The forge stores the places of messages.
//!
//! *Invariant*: a chat applies effects and reports what exists; it decides nothing and stores nothing.

pub mod slack;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use url::Url;

use crate::effects::{Effect, Key, Planned};
use crate::health::DoctorCheckResult;
use crate::model::Timestamp;
use crate::transport::{Cost, TransportSettings};

/// The place of a posted or scheduled message, or of a channel.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct MessageRef {
    /// The hash of the record's texts from which the object was made.
    pub hash: String,
    /// The channel's id.
    pub channel: String,
    /// The message's timestamp in the channel, or the number of a scheduled message; `None` for a channel.
    pub ts: Option<String>,
    /// The time at which a scheduled message is posted; `None` if it is not scheduled.
    pub at: Option<Timestamp>,
    /// Users who were invited.
    pub people: BTreeSet<String>,
    /// Whether the channel is archived.
    pub archived: bool,
    /// The address of the message or channel; `None` if it is unknown.
    pub url: Option<String>,
}

/// The facts about an incident that a chat needs to apply its effects.
#[derive(Clone, Debug)]
pub struct ChatContext {
    /// The incident's own channel; `None` if it is unknown.
    pub channel: Option<MessageRef>,
    /// The key of the incident's own channel.
    pub channel_key: Option<Key>,
    /// The channels that the record names for the incident.
    pub named: BTreeSet<String>,
    /// The addresses of existing objects, by their keys.
    pub links: BTreeMap<Key, String>,
    /// The earliest time at which an effect of the incident may have been posted.
    pub since: Timestamp,
    /// The time of the run.
    pub now: Timestamp,
}

/// The result of an effect that a chat applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChatResult {
    /// The object exists as desired.
    Present(MessageRef),
    /// The object exists, but a part of it is not as desired, in words.
    Incomplete(MessageRef, String),
    /// The scheduled message is cancelled.
    Cancelled,
}

/// Why a chat did not apply an effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The effect was certainly not applied.
    Failed(String),
    /// The request timed out and its result was not found; it may still complete.
    Unknown(String),
    /// A person removed the place, such as the issue or the channel; the effect is not applied.
    Skipped(String),
    /// It is not proven that the channel belongs to the incident, so nothing was posted there.
    Unproven(String),
    /// The chat asks to wait this long; the effect was not applied.
    Limited(Duration),
}

/// A chat service, as far as it is known without a connection.
#[derive(Clone, Copy, Debug)]
pub struct ChatService {
    /// The service's name, as people say it.
    pub name: &'static str,
    /// The host of links to messages.
    pub host: &'static str,
    /// The id of a channel in its address; `None` if the address is no channel's.
    pub channel_in: fn(&str) -> Option<String>,
    /// The section of process.yaml with its address and channels.
    pub section: &'static str,
    /// The variable with its token.
    pub token_variable: &'static str,
    /// The addresses to which its token may be sent.
    pub addresses: ChatAddresses,
    /// Creates a client.
    pub connect: fn(ChatConnection) -> anyhow::Result<Box<dyn Chat>>,
}

/// The addresses of a chat service's API.
#[derive(Clone, Copy, Debug)]
pub struct ChatAddresses {
    /// The address that is used if nothing names another one.
    pub usual: &'static str,
    /// The hosts that belong to the service; its token may be sent to each.
    pub own_hosts: &'static [&'static str],
    /// The variable that names another address.
    pub variable: &'static str,
    /// The key of git's global configuration that names the servers which a person confirmed.
    pub confirmed_setting: &'static str,
}

/// Everything that a client of a chat service needs.
pub struct ChatConnection {
    /// The address of the API.
    pub api: Url,
    /// The token.
    pub token: String,
    /// Connection time-outs and the trusted certificate authority.
    pub terms: TransportSettings,
    /// Channel ids by the names that the process uses.
    pub channels: BTreeMap<String, String>,
}

/// A chat service in which effects are applied, such as Slack.
pub trait Chat: std::fmt::Debug {
    /// The results of examining the token and the channels that the process names. Reads only.
    fn examine(&mut self) -> Vec<DoctorCheckResult>;

    /// Looks for the object that an effect made; `known` is its last known place.
    ///
    /// # Errors
    /// Fails if it is unknown whether the object exists; then it must not be created.
    fn look_for(
        &mut self,
        effect: &Effect,
        known: Option<&MessageRef>,
        context: &ChatContext,
    ) -> Result<Option<MessageRef>, Refusal>;

    /// Applies one planned action. `known` is the place of an existing object.
    ///
    /// # Errors
    /// Fails if the action was not applied, or if it is unknown whether it was.
    fn carry_out(
        &mut self,
        planned: &Planned,
        known: Option<&MessageRef>,
        context: &ChatContext,
    ) -> Result<ChatResult, Refusal>;

    /// Discards everything that was read, because it may be outdated.
    fn refresh(&mut self);

    /// Returns the notices since the last call; a notice is not a failure.
    fn notices(&mut self) -> Vec<String>;

    /// The requests and the waiting time of this run so far.
    fn cost(&self) -> Cost;
}
