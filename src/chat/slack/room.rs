//! Slack channels: the channel that a message goes to, and the channel that this program opens for an incident.

use serde::Deserialize;
use serde_json::json;

use super::client::Fault;
use super::message::{self, Links};
use super::{Slack, refused, unseen};
use crate::chat::{ChatContext, ChatResult, MessageRef, Refusal};
use crate::effects::{Effect, Key, TargetChannel};

/// The largest length of a channel's name: <https://docs.slack.dev/reference/methods/conversations.create#naming>.
const MAX_NAME: usize = 80;
/// The number of channel names that are tried.
const MAX_NAMES: u32 = 20;
/// The text before the mark in a channel's purpose.
const PURPOSE: &str = "Incident channel, kept by incidentctl";

/// A channel as Slack lists it.
#[derive(Clone, Default, Debug, Deserialize)]
struct Channel {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    creator: String,
    #[serde(default)]
    is_archived: bool,
    #[serde(default)]
    purpose: Said,
    #[serde(default)]
    topic: Said,
}

/// A topic or a purpose.
#[derive(Clone, Default, Debug, Deserialize)]
struct Said {
    #[serde(default)]
    value: String,
    /// The user who last set the text.
    #[serde(default)]
    creator: String,
}

impl Slack {
    /// The id of the channel that an effect's message goes to.
    pub(super) fn room_of(&self, effect: &Effect, context: &ChatContext) -> Result<String, Refusal> {
        let Some(chat) = &effect.chat else {
            return Err(Refusal::Failed("nothing says where in Slack it belongs".to_owned()));
        };
        match &chat.room {
            TargetChannel::Named(name) => self.channels.get(name).cloned().ok_or_else(|| {
                Refusal::Failed(format!(
                    "process.yaml names no channel `{name}`: write its id, `slack: {{ channels: {{ {name}: C0… }} }}`, or take \
                     `effect` from the step"
                ))
            }),
            TargetChannel::Dedicated => match &context.channel {
                Some(post) if post.archived => Err(Refusal::Skipped(
                    "a person archived the incident's channel: nothing more is said there".to_owned(),
                )),
                Some(post) => Ok(post.channel.clone()),
                None => Err(Refusal::Failed("the incident's channel is not there yet".to_owned())),
            },
            TargetChannel::Address(address) => channel_in(address).ok_or_else(|| {
                Refusal::Skipped(
                    "`slack_channel` is not a link to a channel (…/archives/C…): what is said there is said by people"
                        .to_owned(),
                )
            }),
        }
    }

    /// The id of the channel in which an effect's message is looked for. An archived channel can still be read.
    pub(super) fn room_to_read(&self, effect: &Effect, context: &ChatContext) -> Result<String, Refusal> {
        let is_dedicated = effect
            .chat
            .as_ref()
            .is_some_and(|chat| chat.room == TargetChannel::Dedicated);
        match &context.channel {
            Some(post) if is_dedicated => Ok(post.channel.clone()),
            _ => self.room_of(effect, context),
        }
    }

    /// Proves that an effect may post in a channel: the record or process.yaml names the channel, or it is the incident's own.
    ///
    /// # Errors
    /// Fails if none of these holds; then nothing is posted in the channel.
    pub(super) fn prove_room(&mut self, effect: &Effect, channel: &str, context: &ChatContext) -> Result<(), Refusal> {
        let room = effect.chat.as_ref().map(|chat| &chat.room);
        let named = match room {
            Some(TargetChannel::Named(name)) => self.channels.get(name).cloned(),
            Some(TargetChannel::Address(address)) => channel_in(address),
            // The record may also name the incident's own channel, which a former app made.
            Some(TargetChannel::Dedicated) => context.named.get(channel).cloned(),
            None => None,
        };
        if named.as_deref() == Some(channel) {
            return Ok(());
        }
        match (&context.channel, &context.channel_key) {
            (Some(own), Some(key)) if own.channel == channel => self.prove(effect, key, channel),
            (None, _) => Err(gone()),
            _ => Err(unproven(channel, context.channel_key.as_ref().unwrap_or(&effect.key))),
        }
    }

    /// Proves from Slack's answer, never from the index alone, that a channel is the incident's own.
    pub(super) fn prove(&mut self, effect: &Effect, key: &Key, id: &str) -> Result<(), Refusal> {
        if self.proven.contains(&(id.to_owned(), key.clone())) {
            return Ok(());
        }
        let me = self.me().map_err(|fault| refused(effect, fault))?;
        let channel = self
            .info(id)
            .map_err(|fault| refused(effect, fault))?
            .ok_or_else(gone)?;
        self.judge(&channel, key, &format!("inc-{}", effect.incident), &me.user_id)
    }

    /// Checks that a channel is the incident's own: the bot made it, and its purpose ends with the incident's mark. If a person
    /// changed the purpose, the channel must have one of the names that the incident's channel can get.
    fn judge(&mut self, channel: &Channel, key: &Key, wanted: &str, me: &str) -> Result<(), Refusal> {
        let purpose = &channel.purpose;
        let set_by_us = purpose.creator.is_empty() || purpose.creator == me;
        let is_marked = set_by_us && purpose.value.ends_with(&mark(key));
        let is_anothers = purpose.value.starts_with(PURPOSE) && !purpose.value.ends_with(&mark(key));
        let is_named = !is_anothers && names(wanted).contains(&channel.name);
        if channel.creator == me && (is_marked || is_named) {
            self.proven.insert((channel.id.clone(), key.clone()));
            return Ok(());
        }
        Err(unproven(&channel.id, key))
    }

    /// Opens the incident's channel. If another channel has the name, a number is appended.
    pub(super) fn create_channel(&mut self, effect: &Effect, context: &ChatContext) -> Result<ChatResult, Refusal> {
        // The channel's address needs the workspace's address, and a taken name may be the bot's own channel.
        self.me().map_err(|fault| refused(effect, fault))?;
        let wanted = effect.to.to_string();
        for number in 1..=MAX_NAMES {
            let name = name(&wanted, number);
            match self.make("conversations.create", &json!({ "name": name })) {
                Ok(answer) => {
                    let id = answer["channel"]["id"].as_str().unwrap_or_default().to_owned();
                    let post = self.there(id, effect);
                    return Ok(self.configure_channel(effect, post, context));
                }
                Err(fault) if fault.error() == Some("name_taken") => {}
                Err(Fault::Lost(why)) => {
                    let found = self.find_channel(effect, None).map_err(|_| unseen(&why))?;
                    let post = found.ok_or_else(|| unseen(&why))?;
                    return Ok(self.configure_channel(effect, post, context));
                }
                Err(fault) => return Err(refused(effect, fault)),
            }
        }
        Err(Refusal::Failed(format!(
            "all channels from {} to {} are taken",
            name(&wanted, 1),
            name(&wanted, MAX_NAMES)
        )))
    }

    /// The place of the incident's channel, just created or found.
    fn there(&mut self, id: String, effect: &Effect) -> MessageRef {
        self.proven.insert((id.clone(), effect.key.clone()));
        let url = self.me.as_ref().filter(|me| !me.url.is_empty());
        MessageRef {
            hash: effect.hash.clone(),
            url: url.map(|me| format!("{}/archives/{id}", me.url.trim_end_matches('/'))),
            channel: id,
            ..MessageRef::default()
        }
    }

    /// Sets the purpose and the topic of the incident's channel, and invites the participants.
    fn configure_channel(&mut self, effect: &Effect, mut post: MessageRef, context: &ChatContext) -> ChatResult {
        post.hash = effect.hash.clone();
        let said = self.claim(effect, &post);
        let lacks = said.and_then(|()| self.set_topic(effect, &post, context)).err();
        self.with_people(effect, post, lacks)
    }

    /// Writes the incident's mark into the channel's purpose.
    fn claim(&self, effect: &Effect, post: &MessageRef) -> Result<(), Fault> {
        let purpose = format!("{PURPOSE} {}", mark(&effect.key));
        let body = json!({ "channel": post.channel, "purpose": purpose });
        self.set("conversations.setPurpose", &body).map(drop)
    }

    fn set_topic(&self, effect: &Effect, post: &MessageRef, context: &ChatContext) -> Result<(), Fault> {
        let topic = message::topic(&effect.body, Links::of(context));
        let body = json!({ "channel": post.channel, "topic": topic });
        self.set("conversations.setTopic", &body).map(drop)
    }

    /// Invites the people of an effect to the channel; people who left are not invited again.
    fn with_people(&mut self, effect: &Effect, mut post: MessageRef, lacks: Option<Fault>) -> ChatResult {
        let wanted = effect.chat.iter().flat_map(|chat| &chat.people);
        let new: Vec<String> = wanted.filter(|user| !post.people.contains(*user)).cloned().collect();
        let mut lacks = lacks;
        if !new.is_empty() {
            let body = json!({ "channel": post.channel, "users": new.join(","), "force": true });
            match self.set("conversations.invite", &body) {
                Ok(_) => post.people.extend(new),
                Err(fault) if fault.error().is_some_and(is_of_people) => {
                    if fault.error() != Some("already_in_channel") && fault.error() != Some("cant_invite_self") {
                        self.notices.push(format!(
                            "not all of {} could be invited to {} ({}): look at `slack` in people.yaml",
                            new.join(", "),
                            effect.to,
                            fault.error().unwrap_or_default()
                        ));
                    }
                    post.people.extend(new);
                }
                Err(fault) => lacks = lacks.or(Some(fault)),
            }
        }
        match lacks {
            None => ChatResult::Present(post),
            Some(fault) => {
                // The next run brings it up to date.
                post.hash = String::new();
                ChatResult::Incomplete(post, fault.to_string())
            }
        }
    }

    /// Updates the channel's topic, unless a person wrote one, and invites people.
    pub(super) fn follow(
        &mut self,
        effect: &Effect,
        known: &MessageRef,
        context: &ChatContext,
    ) -> Result<ChatResult, Refusal> {
        let me = self.me().map_err(|fault| refused(effect, fault))?;
        let channel = self
            .info(&known.channel)
            .map_err(|fault| refused(effect, fault))?
            .ok_or_else(gone)?;
        self.judge(&channel, &effect.key, &effect.to.to_string(), &me.user_id)?;
        let mut post = MessageRef {
            hash: effect.hash.clone(),
            ..known.clone()
        };
        if channel.is_archived {
            post.archived = true;
            return Ok(ChatResult::Present(post));
        }
        // The run that made it may have ended there.
        let mut lacks = None;
        if channel.purpose.value.is_empty() {
            lacks = self.claim(effect, &post).err();
        }
        let theirs = !channel.topic.value.is_empty() && channel.topic.creator != me.user_id;
        if theirs {
            self.notices.push(format!(
                "a person wrote the topic of {}: it is left as it is",
                channel.name
            ));
        } else if lacks.is_none() {
            lacks = self.set_topic(effect, &post, context).err();
        }
        if let Some(Fault::Limited(pause)) = lacks {
            return Err(Refusal::Limited(pause));
        }
        Ok(self.with_people(effect, post, lacks))
    }

    /// Sets the last state as the channel's topic, then archives the channel.
    pub(super) fn archive(
        &mut self,
        effect: &Effect,
        known: &MessageRef,
        context: &ChatContext,
    ) -> Result<ChatResult, Refusal> {
        self.prove(effect, &effect.key, &known.channel)?;
        if let Err(fault) = self.set_topic(effect, known, context)
            && fault.error().is_none()
        {
            return Err(refused(effect, fault));
        }
        let done = ChatResult::Present(MessageRef {
            archived: true,
            ..known.clone()
        });
        match self.set("conversations.archive", &json!({ "channel": known.channel })) {
            Ok(_) => Ok(done),
            Err(fault) if matches!(fault.error(), Some("already_archived" | "channel_not_found")) => Ok(done),
            Err(Fault::Limited(pause)) => Err(Refusal::Limited(pause)),
            Err(fault) => Err(Refusal::Failed(fault.to_string())),
        }
    }

    /// The incident's channel: the known one, otherwise the bot's channel with that name; `None` if it does not exist.
    pub(super) fn find_channel(
        &mut self,
        effect: &Effect,
        known: Option<&MessageRef>,
    ) -> Result<Option<MessageRef>, Fault> {
        if let Some(known) = known {
            let there = self.info(&known.channel)?;
            return Ok(there.map(|channel| MessageRef {
                archived: channel.is_archived,
                ..known.clone()
            }));
        }
        let me = self.me()?;
        let form = [
            ("types", "public_channel".to_owned()),
            ("exclude_archived", "false".to_owned()),
            ("limit", "200".to_owned()),
        ];
        let all: Vec<Channel> = self.pages("users.conversations", &form, "channels")?;
        let names = names(&effect.to.to_string());
        // A channel without a purpose was made by a run that was interrupted.
        let is_it = |channel: &&Channel| {
            let ours = channel.creator == me.user_id && names.contains(&channel.name);
            ours && (channel.purpose.value.is_empty() || channel.purpose.value.ends_with(&mark(&effect.key)))
        };
        let found = all
            .iter()
            .filter(is_it)
            .min_by_key(|channel| names.iter().position(|name| *name == channel.name));
        Ok(found.cloned().map(|channel| MessageRef {
            // Other parts of the channel may be missing.
            hash: String::new(),
            archived: channel.is_archived,
            ..self.there(channel.id, effect)
        }))
    }

    fn info(&self, id: &str) -> Result<Option<Channel>, Fault> {
        match self.read("conversations.info", vec![("channel", id.to_owned())]) {
            Ok(answer) => Ok(Channel::deserialize(&answer["channel"]).ok()),
            Err(fault) if fault.error() == Some("channel_not_found") => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

fn gone() -> Refusal {
    Refusal::Skipped(
        "a person removed the incident's channel, or took the app out of it: no message is posted there".to_owned(),
    )
}

fn unproven(channel: &str, key: &Key) -> Refusal {
    Refusal::Unproven(format!(
        "it is unknown whether {} is the incident's channel: the incident issue's index says so, and the channel has another \
         creator or belongs to another incident. Nothing is said there. To go on, name the right one in an update, also where \
         an earlier Slack app of yours made it: `slack_channel: https://…/archives/C…` and `sent_by_hand: [{key}]`",
        channel
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(40)
            .collect::<String>()
    ))
}

/// Whether an invitation failed because of the invited people.
fn is_of_people(error: &str) -> bool {
    matches!(
        error,
        "already_in_channel"
            | "cant_invite"
            | "cant_invite_self"
            | "user_not_found"
            | "no_user"
            | "user_is_restricted"
            | "ura_max_channels"
            | "user_team_not_in_channel"
    )
}

/// The hashed identity of a channel's incident, which does not reveal the incident.
fn mark(key: &Key) -> String {
    format!("({})", key.digest())
}

/// The names that an incident's channel may have.
fn names(wanted: &str) -> Vec<String> {
    (1..=MAX_NAMES).map(|number| name(wanted, number)).collect()
}

/// A valid channel name: lower case letters, digits and hyphens, with a number from the second try on.
fn name(wanted: &str, number: u32) -> String {
    let plain: String = wanted
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
        .collect();
    let end = if number == 1 {
        String::new()
    } else {
        format!("-{number}")
    };
    let room = MAX_NAME - end.len();
    let cut: String = plain.chars().take(room).collect();
    format!("{cut}{end}")
}

/// The id of a channel in its address; `None` if the address contains none.
#[must_use]
pub(super) fn channel_in(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("/archives/")?;
    let id: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    (id.starts_with(['C', 'G']) && id.len() > 1).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channels_name_is_one_that_slack_takes_and_begins_with_the_id() {
        assert_eq!(name("inc-2026-01-05-a.B c", 1), "inc-2026-01-05-a-b-c");
        let long = name(&format!("inc-{}", "x".repeat(100)), 12);
        assert!(long.len() == 80 && long.ends_with("x-12"), "{long}");
    }

    #[test]
    fn a_channel_that_people_opened_is_known_by_its_address() {
        assert_eq!(
            channel_in("https://t.slack.com/archives/C0AB12?x").as_deref(),
            Some("C0AB12")
        );
        assert_eq!(channel_in("https://meet.example.com/x"), None);
        assert_eq!(channel_in("https://t.slack.com/archives/D1"), None);
    }

    #[test]
    fn a_channels_purpose_ends_with_the_mark_of_version_0_1_0() {
        for line in include_str!("../../../tests/golden/purposes.txt").lines() {
            let (key, golden) = line.split_once(" => ").expect("a mark");
            assert_eq!(mark(&Key::from(key)), golden);
        }
    }
}
