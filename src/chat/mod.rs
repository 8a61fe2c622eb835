//! Where people talk: a seam, and behind it Slack. Where things are that were said is written down by the forge.
//!
//! *Invariant*: a chat does what it is told and says what is there; it decides nothing and remembers nothing.

pub mod slack;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::effects::{Effect, Key, Planned};
use crate::health::Line;
use crate::model::Timestamp;
use crate::transport::Cost;

/// Where something is that was said, or a channel.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct MessageRef {
    /// The hash of the words that it was made from.
    pub hash: String,
    /// The channel's id.
    pub channel: String,
    /// Which message of the channel; of what is scheduled, the number that it has until then.
    pub ts: Option<String>,
    /// When it is to be said, of what is scheduled.
    pub at: Option<Timestamp>,
    /// Users who were invited.
    pub people: BTreeSet<String>,
    /// A channel that is archived.
    pub archived: bool,
    /// Its address, where it is known.
    pub url: Option<String>,
}

/// What a chat has to know of an incident.
#[derive(Clone, Debug)]
pub struct ChatContext {
    /// The incident's own channel, if it is known where it is.
    pub channel: Option<MessageRef>,
    /// The key of the incident's own channel.
    pub channel_key: Option<Key>,
    /// The channels that the record names for the incident.
    pub named: BTreeSet<String>,
    /// Addresses by the keys of what was made.
    pub links: BTreeMap<Key, String>,
    /// Nothing that is looked for was said before.
    pub since: Timestamp,
    /// The time of the run.
    pub now: Timestamp,
}

/// What became of something that was carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Done {
    /// It is there.
    There(MessageRef),
    /// It is there, and something about it is not as it is to be.
    Partly(MessageRef, String),
    /// It is there no longer, as it was to be.
    Cancelled,
}

/// Why something was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It was certainly not carried out.
    Failed(String),
    /// The request timed out and its result was not found; it may still complete.
    Unknown(String),
    /// A person took its place away; it is left alone.
    Skipped(String),
    /// The channel that counts as the incident's own is not; nothing was said there.
    Unproven(String),
    /// The chat asks to wait for so long; it was not carried out.
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
}

/// Where people talk.
pub trait Chat: std::fmt::Debug {
    /// The results of examining the token and the channels that the process names. Reads only.
    fn examine(&mut self) -> Vec<Line>;

    /// Looks for what an effect made; `known` is where it was.
    ///
    /// # Errors
    /// It cannot be found out; then it may not be made.
    fn look(
        &mut self,
        effect: &Effect,
        known: Option<&MessageRef>,
        context: &ChatContext,
    ) -> Result<Option<MessageRef>, Refusal>;

    /// Carries one thing out. `known` is where it is, of what is changed.
    ///
    /// # Errors
    /// Fails if it was not carried out, or if it is unknown whether it was.
    fn carry_out(
        &mut self,
        planned: &Planned,
        known: Option<&MessageRef>,
        context: &ChatContext,
    ) -> Result<Done, Refusal>;

    /// Forgets what was read: time has passed.
    fn refresh(&mut self);

    /// What is worth telling that is no failure, since the last call.
    fn notices(&mut self) -> Vec<String>;

    /// What this run has cost so far.
    fn cost(&self) -> Cost;
}
