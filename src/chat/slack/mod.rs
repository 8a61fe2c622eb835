//! Slack: the incident's channel, messages, and reminders that Slack sends by itself.
//!
//! Each message is posted once: the forge stores what is about to be posted, and afterwards its place. A message without a
//! known place is looked for by the key in its metadata, around the time of the run that lost it; a channel among the bot's
//! channels by its name and its creator; a reminder by the short key at its end, because Slack never posts scheduled messages
//! that have metadata.

pub mod client;
mod doctor;
mod message;
mod reminder;
mod room;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

pub use client::{Client, Fault, Settings};

use self::client::{Arguments, RetryAfterTimeout};
use self::message::Links;
use self::reminder::Scheduled;
use self::room::channel_in;
use super::{Chat, ChatAddresses, ChatConnection, ChatContext, ChatResult, ChatService, MessageRef, Refusal};
use crate::effects::{Action, ChatFields, Effect, Key, Kind, Planned};
use crate::health::DoctorCheckResult;
use crate::transport::Cost;

/// The event type in the metadata of this program's messages.
const EVENT: &str = "incidentctl";
/// The largest difference between clocks when a message is looked for by its time.
const CLOCKS: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
/// The number of messages on a page: <https://docs.slack.dev/reference/methods/conversations.history>.
const PAGE: &str = "200";

/// Slack as a chat service.
#[derive(Debug)]
pub struct Slack {
    client: Client,
    /// Channel ids by the names that the process uses.
    channels: BTreeMap<String, String>,
    me: Option<Me>,
    /// The messages read from each channel since the last post.
    histories: BTreeMap<String, Vec<Message>>,
    scheduled: Option<Vec<Scheduled>>,
    /// Channels that are proven to be an incident's own, by id and key.
    proven: BTreeSet<(String, Key)>,
    notices: Vec<String>,
}

/// The user and the workspace of the token.
#[derive(Clone, Debug, Deserialize)]
struct Me {
    user_id: String,
    #[serde(default)]
    bot_id: String,
    #[serde(default)]
    url: String,
}

/// A message of a channel.
#[derive(Clone, Debug, Deserialize)]
struct Message {
    ts: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    bot_id: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Clone, Default, Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    event_type: String,
    #[serde(default)]
    event_payload: Payload,
}

#[derive(Clone, Default, Debug, Deserialize)]
struct Payload {
    #[serde(default)]
    key: String,
    #[serde(default)]
    hash: String,
}

impl Slack {
    /// Creates a chat from a client; `channels` are channel ids by the names in process.yaml.
    #[must_use]
    pub const fn new(client: Client, channels: BTreeMap<String, String>) -> Self {
        Self {
            client,
            channels,
            me: None,
            histories: BTreeMap::new(),
            scheduled: None,
            proven: BTreeSet::new(),
            notices: Vec::new(),
        }
    }

    /// Calls a method that creates a new object and is never repeated.
    fn make(&self, method: &str, body: &Value) -> Result<Value, Fault> {
        self.client
            .call(method, &Arguments::Json(body.clone()), RetryAfterTimeout::Forbidden)
    }

    /// Calls a method that sets a state and may be repeated.
    fn set(&self, method: &str, body: &Value) -> Result<Value, Fault> {
        self.client
            .call(method, &Arguments::Json(body.clone()), RetryAfterTimeout::Allowed)
    }

    fn read(&self, method: &str, form: Vec<(&'static str, String)>) -> Result<Value, Fault> {
        self.client
            .call(method, &Arguments::Form(form), RetryAfterTimeout::Allowed)
    }

    /// Reads all pages of a list.
    fn pages<T: for<'de> Deserialize<'de>>(
        &self,
        method: &str,
        form: &[(&'static str, String)],
        list: &str,
    ) -> Result<Vec<T>, Fault> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut page = form.to_vec();
            if !cursor.is_empty() {
                page.push(("cursor", cursor));
            }
            let answer = self.read(method, page)?;
            for item in answer[list].as_array().into_iter().flatten() {
                // What other apps wrote may have any shape.
                if let Ok(item) = T::deserialize(item) {
                    all.push(item);
                }
            }
            cursor = answer["response_metadata"]["next_cursor"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            if cursor.is_empty() {
                return Ok(all);
            }
        }
    }

    fn me(&mut self) -> Result<Me, Fault> {
        if let Some(me) = &self.me {
            return Ok(me.clone());
        }
        let answer = self.read("auth.test", Vec::new())?;
        let me = Me::deserialize(&answer).map_err(|error| Fault::Lost(format!("it is not one of Slack's: {error}")))?;
        self.me = Some(me.clone());
        Ok(me)
    }

    /// Posts a message.
    fn post(&mut self, effect: &Effect, context: &ChatContext) -> Result<ChatResult, Refusal> {
        let channel = self.room_of(effect, context)?;
        self.prove_room(effect, &channel, context)?;
        let mut body = Self::message_body(effect, &channel, context);
        body["unfurl_links"] = json!(false);
        body["unfurl_media"] = json!(false);
        let answer = self.in_channel(&channel, |slack| slack.make("chat.postMessage", &body));
        let mut post = MessageRef {
            hash: effect.hash.clone(),
            channel: channel.clone(),
            ..MessageRef::default()
        };
        match answer {
            Ok(answer) => post.ts = answer["ts"].as_str().map(str::to_owned),
            Err(Fault::Lost(why)) => {
                let found = self.said(effect, &channel, context).map_err(|_| unseen(&why))?;
                post = found.ok_or_else(|| unseen(&why))?;
            }
            Err(fault) => return Err(refused(effect, fault)),
        }
        self.link(effect, &mut post);
        Ok(ChatResult::Present(post))
    }

    /// Adds the link of a message that is the evidence of a step; adds none if Slack does not return it.
    fn link(&self, effect: &Effect, post: &mut MessageRef) {
        let Some(ts) = post.ts.clone().filter(|_| is_step(effect.kind)) else {
            return;
        };
        let form = vec![("channel", post.channel.clone()), ("message_ts", ts)];
        let answer = self.read("chat.getPermalink", form).ok();
        post.url = answer.and_then(|answer| answer["permalink"].as_str().map(str::to_owned));
    }

    /// Edits a posted message.
    fn edit_message(
        &mut self,
        effect: &Effect,
        known: &MessageRef,
        context: &ChatContext,
    ) -> Result<ChatResult, Refusal> {
        let mut body = Self::message_body(effect, &known.channel, context);
        body["ts"] = json!(known.ts);
        match self.in_channel(&known.channel, |slack| slack.set("chat.update", &body)) {
            Ok(_) => Ok(ChatResult::Present(MessageRef {
                hash: effect.hash.clone(),
                ..known.clone()
            })),
            Err(fault) if matches!(fault.error(), Some("message_not_found" | "cant_update_message")) => Err(
                Refusal::Skipped("a person removed the message: it is not posted again".to_owned()),
            ),
            Err(fault) => Err(refused(effect, fault)),
        }
    }

    fn message_body(effect: &Effect, channel: &str, context: &ChatContext) -> Value {
        let links = Links::of(context);
        json!({
            "channel": channel,
            "text": message::text(&effect.body, links),
            "blocks": message::blocks(&effect.body, links),
            "metadata": {
                "event_type": EVENT,
                "event_payload": { "key": effect.key, "hash": effect.hash },
            },
        })
    }

    /// Runs an action in a channel, and once more after joining if the bot is not a member.
    fn in_channel<T>(&mut self, channel: &str, act: impl Fn(&Self) -> Result<T, Fault>) -> Result<T, Fault> {
        match act(self) {
            Err(fault) if fault.error() == Some("not_in_channel") => {
                // If the bot cannot join, the first answer is clearer.
                if self.set("conversations.join", &json!({ "channel": channel })).is_err() {
                    return Err(fault);
                }
                act(self)
            }
            other => other,
        }
    }

    /// The oldest message of an effect in a channel; `None` if it does not exist.
    fn said(&mut self, effect: &Effect, channel: &str, context: &ChatContext) -> Result<Option<MessageRef>, Fault> {
        let me = self.me()?;
        if !self.histories.contains_key(channel) {
            let oldest = (context.since.0 - CLOCKS).timestamp();
            let form = [
                ("channel", channel.to_owned()),
                ("oldest", format!("{oldest}.000000")),
                ("include_all_metadata", "true".to_owned()),
                ("limit", PAGE.to_owned()),
            ];
            let read = self.in_channel(channel, |slack| slack.pages("conversations.history", &form, "messages"))?;
            self.histories.insert(channel.to_owned(), read);
        }
        let key = effect.key.to_string();
        let is_it = |message: &&Message| {
            let ours = message.user == me.user_id || (!me.bot_id.is_empty() && message.bot_id == me.bot_id);
            ours && message.metadata.event_type == EVENT && message.metadata.event_payload.key == key
        };
        // The newest comes first.
        let mut all = self.histories[channel].iter().filter(is_it).rev();
        let first = all.next().map(|message| MessageRef {
            hash: message.metadata.event_payload.hash.clone(),
            channel: channel.to_owned(),
            ts: Some(message.ts.clone()),
            ..MessageRef::default()
        });
        if all.next().is_some() {
            self.notices
                .push(format!("{} is in Slack twice: the first one counts", effect.key));
        }
        Ok(first)
    }
}

/// Slack without a connection.
pub const SERVICE: ChatService = ChatService {
    name: "Slack",
    host: "slack.com",
    channel_in,
    section: "slack",
    token_variable: "SLACK_BOT_TOKEN",
    addresses: ChatAddresses {
        usual: "https://slack.com/api/",
        // <https://docs.slack.dev/govslack>
        own_hosts: &["slack.com", "slack-gov.com"],
        variable: "SLACK_API_URL",
        confirmed_setting: "incidentctl.slackHost",
    },
    connect,
};

fn connect(connection: ChatConnection) -> anyhow::Result<Box<dyn Chat>> {
    let ChatConnection {
        api,
        token,
        terms,
        channels,
    } = connection;
    let client = Client::new(Settings { api, token, terms })?;
    Ok(Box::new(Slack::new(client, channels)))
}

impl Chat for Slack {
    fn examine(&mut self) -> Vec<DoctorCheckResult> {
        doctor::examine(&self.client, &self.channels)
    }

    fn look_for(
        &mut self,
        effect: &Effect,
        known: Option<&MessageRef>,
        context: &ChatContext,
    ) -> Result<Option<MessageRef>, Refusal> {
        let read = match effect.kind {
            Kind::Channel => self.find_channel(effect, known),
            Kind::Nag => self.planned(effect),
            _ => match self.room_to_read(effect, context) {
                Ok(channel) => {
                    // The bot may have to join a channel to read it.
                    self.prove_room(effect, &channel, context)?;
                    self.said(effect, &channel, context)
                }
                // Without a room, nothing was posted.
                Err(_) => Ok(None),
            },
        };
        let found = read.map_err(|fault| match fault {
            Fault::Limited(pause) => Refusal::Limited(pause),
            fault => Refusal::Failed(fault.to_string()),
        })?;
        Ok(found.map(|mut post| {
            if known.is_none() {
                self.link(effect, &mut post);
            }
            post
        }))
    }

    fn carry_out(
        &mut self,
        planned: &Planned,
        known: Option<&MessageRef>,
        context: &ChatContext,
    ) -> Result<ChatResult, Refusal> {
        self.histories.clear();
        let effect = &planned.effect;
        match (effect.kind, planned.action, known) {
            (Kind::Channel, Action::Create, _) => self.create_channel(effect, context),
            (Kind::Channel, Action::Close, Some(known)) => self.archive(effect, known, context),
            (Kind::Channel, Action::Reopen, _) => Err(Refusal::Skipped(
                "the channel is archived, and only a person can bring it back".to_owned(),
            )),
            (Kind::Channel, _, Some(known)) => self.follow(effect, known, context),
            (Kind::Nag, Action::Cancel, Some(known)) => {
                self.unschedule(effect, known, context).map(|()| ChatResult::Cancelled)
            }
            (Kind::Nag, Action::Cancel, None) => Ok(ChatResult::Cancelled),
            (Kind::Nag, _, known) => {
                let late = effect.at.is_some_and(|at| at.0 <= context.now.0);
                if !late {
                    let channel = self.room_of(effect, context)?;
                    self.prove_room(effect, &channel, context)?;
                }
                if let Some(known) = known {
                    self.unschedule(effect, known, context)?;
                }
                if late {
                    return Ok(ChatResult::Cancelled);
                }
                self.schedule(effect, context)
            }
            (_, Action::Edit, Some(known)) => {
                self.prove_room(effect, &known.channel, context)?;
                self.edit_message(effect, known, context)
            }
            _ => self.post(effect, context),
        }
    }

    fn refresh(&mut self) {
        self.histories.clear();
        self.scheduled = None;
        self.proven.clear();
    }

    fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    fn cost(&self) -> Cost {
        self.client.cost()
    }
}

/// Whether effects of this kind carry out a step of the process, whose evidence is the message's address.
const fn is_step(kind: Kind) -> bool {
    matches!(kind, Kind::Ping | Kind::Broadcast)
}

/// The refusal for a request that timed out and whose result was not found.
fn unseen(why: &str) -> Refusal {
    Refusal::Unknown(format!(
        "Slack did not answer ({why}), and the message was not found there. Run again: the next run looks for it first"
    ))
}

/// Converts a fault to a refusal that says what to do.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn refused(effect: &Effect, fault: Fault) -> Refusal {
    let room = effect.chat.as_ref().map(|ChatFields { room, .. }| room);
    let named = matches!(room, Some(crate::effects::TargetChannel::Named(_)));
    match (fault.error().unwrap_or_default(), &fault) {
        (_, Fault::Limited(pause)) => Refusal::Limited(*pause),
        ("is_archived", _) if !named => {
            Refusal::Skipped("a person archived the incident's channel: nothing more is said there".to_owned())
        }
        ("is_archived", _) => Refusal::Failed(format!(
            "the channel `{}` is archived: name another one in process.yaml (`slack: {{ channels: … }}`)",
            effect.to
        )),
        ("channel_not_found", _) if !named => {
            Refusal::Skipped("the incident's channel is gone, or the app may not see it".to_owned())
        }
        ("channel_not_found", _) => Refusal::Failed(format!(
            "Slack has no channel of the id that process.yaml gives `{}`, or the app may not see it: invite the app there",
            effect.to
        )),
        ("not_in_channel", _) => Refusal::Failed(format!(
            "the app is not in the channel `{}` and may not join: invite it there (`/invite @…`)",
            effect.to
        )),
        (_, fault) => Refusal::Failed(fault.to_string()),
    }
}
