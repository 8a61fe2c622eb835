//! Reminders that Slack posts by itself, at a time that is known beforehand.
//!
//! Slack never posts a scheduled message that has metadata, so each ends with a mark of its own: a hash of its key and the hash
//! of its words.

use serde::Deserialize;
use serde_json::json;

use super::client::Fault;
use super::message::{self, Links};
use super::{Slack, refused, unseen};
use crate::chat::{ChatContext, ChatResult, MessageRef, Refusal};
use crate::effects::Effect;
use crate::model::Timestamp;

/// A scheduled message that Slack has not posted yet.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Scheduled {
    id: String,
    channel_id: String,
    post_at: i64,
    #[serde(default)]
    text: String,
}

impl Slack {
    /// Schedules a message.
    pub(super) fn schedule(&mut self, effect: &Effect, context: &ChatContext) -> Result<ChatResult, Refusal> {
        let channel = self.room_of(effect, context)?;
        let at = effect.at.unwrap_or(context.now);
        let links = Links::of(context);
        let body = json!({
            "channel": channel,
            "post_at": at.0.timestamp(),
            "text": format!("{} {}", message::text(&effect.body, links), short(effect)),
            "blocks": message::blocks(&effect.body, links),
            "unfurl_links": false,
            "unfurl_media": false,
        });
        self.scheduled = None;
        let post = MessageRef {
            hash: effect.hash.clone(),
            channel: channel.clone(),
            at: Some(at),
            ..MessageRef::default()
        };
        match self.in_channel(&channel, |slack| slack.make("chat.scheduleMessage", &body)) {
            Ok(answer) => Ok(ChatResult::Present(MessageRef {
                ts: answer["scheduled_message_id"].as_str().map(str::to_owned),
                ..post
            })),
            Err(Fault::Lost(why)) => {
                let found = self.planned(effect).map_err(|_| unseen(&why))?;
                found.map(ChatResult::Present).ok_or_else(|| unseen(&why))
            }
            // The promise is nearer than it was when this run began.
            Err(fault) if fault.error() == Some("time_in_past") => Ok(ChatResult::Cancelled),
            Err(fault) => Err(refused(effect, fault)),
        }
    }

    /// Cancels a scheduled message; a message that Slack has already posted or no longer has counts as cancelled.
    pub(super) fn unschedule(
        &mut self,
        effect: &Effect,
        known: &MessageRef,
        context: &ChatContext,
    ) -> Result<(), Refusal> {
        let Some(id) = &known.ts else { return Ok(()) };
        if !self.is_own_reminder(effect, known, id, context)? {
            return Ok(());
        }
        self.scheduled = None;
        let body = json!({ "channel": known.channel, "scheduled_message_id": id });
        match self.set("chat.deleteScheduledMessage", &body) {
            Ok(_) => Ok(()),
            Err(fault)
                if matches!(
                    fault.error(),
                    Some("invalid_scheduled_message_id" | "channel_not_found" | "is_archived")
                ) =>
            {
                Ok(())
            }
            Err(Fault::Limited(pause)) => Err(Refusal::Limited(pause)),
            Err(fault) => Err(Refusal::Failed(fault.to_string())),
        }
    }

    /// Whether a reminder is still scheduled and belongs to this effect: its channel is proven to be the incident's own, or it
    /// ends with the effect's mark. The index alone proves nothing: it may name another incident's reminder.
    ///
    /// # Errors
    /// Fails if Slack has another reminder under this number.
    fn is_own_reminder(
        &mut self,
        effect: &Effect,
        known: &MessageRef,
        id: &str,
        context: &ChatContext,
    ) -> Result<bool, Refusal> {
        let own = context.channel.as_ref().filter(|own| own.channel == known.channel);
        if let (Some(_), Some(key)) = (own, &context.channel_key)
            && self.prove(effect, key, &known.channel).is_ok()
        {
            return Ok(true);
        }
        let found = self.planned(effect).map_err(|fault| refused(effect, fault))?;
        if found.is_some_and(|found| found.ts.as_deref() == Some(id)) {
            return Ok(true);
        }
        let others = self.scheduled.iter().flatten().any(|other| other.id == id);
        if others {
            return Err(Refusal::Failed(format!(
                "the reminder that the incident issue's index names for {} belongs to something else: it is not cancelled",
                effect.key
            )));
        }
        Ok(false)
    }

    /// The scheduled message of an effect; `None` if Slack has none.
    pub(super) fn planned(&mut self, effect: &Effect) -> Result<Option<MessageRef>, Fault> {
        if self.scheduled.is_none() {
            let form = [("limit", "100".to_owned())];
            let read = self.pages("chat.scheduledMessages.list", &form, "scheduled_messages")?;
            self.scheduled = Some(read);
        }
        let mark = mark(effect);
        let all = self.scheduled.iter().flatten();
        let found = all.filter_map(|one| {
            let inside = one.text.trim_end().strip_suffix(']')?;
            let (_, hash) = inside.rsplit_once(&format!("[{mark}-"))?;
            Some(MessageRef {
                hash: hash.to_owned(),
                channel: one.channel_id.clone(),
                ts: Some(one.id.clone()),
                at: chrono::DateTime::from_timestamp(one.post_at, 0).map(Timestamp),
                ..MessageRef::default()
            })
        });
        Ok(found.min_by_key(|post| post.ts.clone()))
    }
}

/// The hashed identity of an effect, which does not reveal the incident.
fn mark(effect: &Effect) -> String {
    effect.key.digest().chars().take(8).collect()
}

/// The text at the end of a scheduled message that identifies it: the effect's hashed identity and the hash of its words.
fn short(effect: &Effect) -> String {
    format!("[{}-{}]", mark(effect), effect.hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::{Key, Kind};

    #[test]
    fn scheduled_messages_end_with_the_suffix_of_version_0_1_0() {
        for line in include_str!("../../../tests/golden/suffixes.txt").lines() {
            let (key, rest) = line.split_once(' ').expect("a key");
            let (hash, suffix) = rest.split_once(" => ").expect("a hash");
            let mut effect = Effect::with_empty_fields(Key::from(key), "i".into(), Kind::Nag);
            effect.hash = hash.to_owned();
            assert_eq!(short(&effect), suffix);
            assert_eq!(
                suffix.strip_prefix(&format!("[{}-", mark(&effect))),
                Some(&*format!("{hash}]"))
            );
        }
    }
}
