//! Applies effects in the chat and stores the places of their messages in the index.

use std::collections::BTreeMap;

use super::{Case, Gitlab};
use crate::chat::{Chat, ChatContext, ChatResult, MessageRef, Refusal};
use crate::effects::{Action, Effect, Key, Kind, Planned, ShortKey, TargetChannel};
use crate::forge::journal::Place;
use crate::forge::{DesiredIncident, Failure, Observation, Skipped};
use crate::model::Timestamp;
use crate::render::{BodyPart, parts};

impl From<MessageRef> for Place {
    fn from(post: MessageRef) -> Self {
        Self {
            hash: post.hash,
            channel: Some(post.channel),
            ts: post.ts,
            at: post.at,
            people: post.people,
            archived: post.archived,
            url: post.url,
            ..Self::default()
        }
    }
}

impl Case {
    /// The place of the incident's own channel.
    fn channel(&self) -> Option<&Place> {
        let key = self.index.key(self.dedicated.as_ref()?);
        self.place(&key).filter(|place| place.channel.is_some() && !place.gone)
    }

    /// Why the channel of an effect is unknown; `None` if it is known.
    fn doubt(&self, effect: &Effect) -> Option<String> {
        let own = effect
            .chat
            .as_ref()
            .is_some_and(|chat| chat.room == TargetChannel::Dedicated);
        let short = self.dedicated.as_ref().filter(|_| own)?;
        self.disputed.get(short).map(|left| left.why.clone())
    }

    /// Converts a place of the index to the chat's form.
    fn post(&self, place: &Place) -> MessageRef {
        MessageRef {
            hash: place.hash.clone(),
            channel: place.channel.clone().unwrap_or_default(),
            ts: place.ts.clone(),
            at: place.at,
            people: place.people.clone(),
            archived: place.archived,
            url: self.known.chat_address(place),
        }
    }

    /// The facts about this incident that the chat needs.
    fn context(&self, now: Timestamp, since: Timestamp) -> ChatContext {
        let keys = self.index.done.keys().map(|short| self.index.key(short));
        let mut links: BTreeMap<Key, String> = keys
            .filter_map(|key| {
                self.place(&key).filter(|place| !place.gone)?;
                let url = self.address(&key)?;
                Some((key, url))
            })
            .collect();
        if let Some(issue) = &self.issue {
            links.insert(Key::Issue(self.index.incident.clone()), issue.web_url.clone());
        }
        ChatContext {
            channel: self.channel().map(|place| self.post(place)),
            channel_key: self.dedicated.as_ref().map(|short| self.index.key(short)),
            named: self.named.clone(),
            links,
            since,
            now,
        }
    }

    /// Counts the chat messages that are not posted, and stores the counts in words. A pending message counts only if this run
    /// does not speak in the chat, so that it cannot send the message.
    pub(super) fn count_unsent(&mut self, wanted: &DesiredIncident, speaks: bool) {
        let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
        for effect in wanted.effects.iter().filter(|effect| is_due(effect)) {
            let short = self.index.short(&effect.key);
            let is_sent = self.index.done.contains_key(&short) || (speaks && self.index.pending.contains(&short));
            if !is_sent {
                *counts.entry(effect.kind).or_default() += 1;
            }
        }
        let words = counts.into_iter().map(|(kind, count)| match count {
            1 => kind.display_name().to_owned(),
            count => format!("{count} × {}", kind.display_name()),
        });
        self.unsent = words.collect::<Vec<_>>().join(", ");
    }

    /// Whether an effect's body refers to objects that do not exist yet.
    pub(super) fn needs_backfill(&self, effect: &Effect) -> bool {
        parts(&effect.body).iter().any(|part| match part {
            BodyPart::Reference(key) => {
                let key = Key::from(*key);
                key.is_in_chat() && self.place(&key).is_none()
            }
            _ => false,
        })
    }
}

impl Gitlab {
    /// Runs an action with both the forge and its chat; `None` if there is no chat.
    fn with_chat<T>(&mut self, act: impl FnOnce(&mut Self, &mut dyn Chat) -> T) -> Option<T> {
        let mut chat = self.chat.take()?;
        let result = act(self, chat.as_mut());
        self.notices.extend(chat.notices());
        self.chat = Some(chat);
        Some(result)
    }

    /// Looks in the chat for the message or channel of an effect that the index does not know.
    pub(super) fn look_in_chat(
        &mut self,
        case: &Case,
        effect: &Effect,
        rebuilt: bool,
    ) -> Result<Option<Place>, String> {
        let known = case.place(&effect.key);
        // Known messages are not read again, because nothing depends on them.
        let is_known = known.is_some_and(|place| !place.is_unknown);
        let settled = is_known && !matches!(effect.kind, Kind::Channel | Kind::Nag);
        if settled || self.chat.is_none() {
            return Ok(known.cloned());
        }
        let now = self.setup.now;
        if let Some(place) = known.filter(|place| place.at.is_some_and(|at| at <= now)) {
            return Ok(Some(place.clone()));
        }
        let since = if rebuilt {
            effect.since
        } else {
            case.index.asked.unwrap_or(effect.since)
        };
        let context = case.context(now, since);
        let known = known.filter(|place| !place.gone).map(|place| case.post(place));
        let found = self.with_chat(|_, chat| chat.look_for(effect, known.as_ref(), &context));
        match found {
            None => Ok(None),
            Some(Ok(post)) => Ok(post.map(Place::from)),
            Some(Err(Refusal::Limited(pause))) => {
                let name = self.setup.service.name;
                Err(format!("{name} asks to wait for {} s", pause.as_secs()))
            }
            Some(Err(
                Refusal::Failed(why) | Refusal::Unknown(why) | Refusal::Skipped(why) | Refusal::Unproven(why),
            )) => Err(why),
        }
    }

    /// Applies a planned action in the chat while the lock holds.
    pub(super) fn talk(&mut self, planned: &Planned) -> Result<String, Failure> {
        let effect = &planned.effect;
        let failed = |why: &str| Failure::Failed(why.to_owned());
        loop {
            self.renew().map_err(super::failed)?;
            let case = self
                .case(&effect.incident)
                .ok_or_else(|| failed("its issue is not there"))?;
            if let Some(why) = case.doubt(effect) {
                self.clear_pending(effect);
                return Err(Failure::Failed(why));
            }
            let needs_backfill = self.setup.chat && case.needs_backfill(effect);
            let context = case.context(self.setup.now, effect.since);
            let known = case.place(&effect.key).map(|place| case.post(place));
            let said = self
                .with_chat(|_, chat| chat.carry_out(planned, known.as_ref(), &context))
                .ok_or_else(|| Failure::Failed(format!("this run has no {}", self.setup.service.name)))?;
            return match said {
                Ok(ChatResult::Present(post)) => Ok(self.keep_post(effect, post, needs_backfill)),
                Ok(ChatResult::Incomplete(post, why)) => {
                    self.keep_post(effect, post, needs_backfill);
                    Err(Failure::Failed(why))
                }
                Ok(ChatResult::Cancelled) => {
                    self.clear_pending(effect);
                    self.drop_place(effect);
                    Ok(self.setup.service.name.to_owned())
                }
                Err(Refusal::Limited(pause)) => {
                    if self.hold_on(pause).is_ok() {
                        continue;
                    }
                    self.clear_pending(effect);
                    Err(Failure::Failed(format!(
                        "{} asks to wait for {} s, which is longer than this run may: run again later",
                        self.setup.service.name,
                        pause.as_secs()
                    )))
                }
                Err(Refusal::Failed(why)) => {
                    self.clear_pending(effect);
                    Err(Failure::Failed(why))
                }
                Err(Refusal::Skipped(why)) => {
                    self.clear_pending(effect);
                    if planned.action == Action::Edit {
                        self.mark_deleted(effect);
                    }
                    Err(Failure::Skipped(why))
                }
                Err(Refusal::Unproven(why)) => {
                    self.clear_pending(effect);
                    self.dispute_channel(effect, &why);
                    Err(Failure::Failed(why))
                }
                Err(Refusal::Unknown(why)) => Err(Failure::Unknown(why)),
            };
        }
    }

    /// Marks the index entry of the incident's channel as disputed, so that nothing refers to the channel.
    fn dispute_channel(&mut self, effect: &Effect, why: &str) {
        if let Some(case) = self.cases.get_mut(&effect.incident)
            && let Some(short) = case.dedicated.clone()
        {
            let left = Skipped {
                why: why.to_owned(),
                blocking: true,
            };
            case.disputed.insert(short, left);
        }
    }

    fn keep_post(&mut self, effect: &Effect, post: MessageRef, needs_backfill: bool) -> String {
        let shown = post
            .url
            .clone()
            .unwrap_or_else(|| format!("{}, {}", self.setup.service.name, effect.to));
        let place = Place {
            needs_backfill,
            ..Place::from(post)
        };
        self.keep(effect, place);
        shown
    }

    fn drop_place(&mut self, effect: &Effect) {
        if let Some(case) = self.cases.get_mut(&effect.incident) {
            let short = case.index.short(&effect.key);
            case.index.done.remove(&short);
        }
    }

    /// Marks an effect's object as removed by a person.
    fn mark_deleted(&mut self, effect: &Effect) {
        if let Some(case) = self.cases.get_mut(&effect.incident) {
            let short = case.index.short(&effect.key);
            if let Some(place) = case.index.done.get_mut(&short) {
                place.gone = true;
            }
        }
    }

    /// Edits objects whose text lacks the address of another object, because the other object did not exist when they
    /// were made.
    pub(super) fn complete(&mut self, wanted: &DesiredIncident) -> Result<(), Failure> {
        let Some(case) = self.case(wanted.incident) else {
            return Ok(());
        };
        let needs_backfill = wanted.effects.iter().filter(|effect| {
            let place = case.place(&effect.key);
            place.is_some_and(|place| place.needs_backfill && !place.gone) && !case.needs_backfill(effect)
        });
        let needs_backfill: Vec<Effect> = needs_backfill.cloned().collect();
        for effect in needs_backfill {
            let planned = Planned {
                action: Action::Edit,
                effect,
            };
            let chat = planned.effect.kind.is_chat();
            let done = if chat {
                self.talk(&planned)
            } else {
                self.write_note(&planned)
            };
            match done {
                Ok(_) | Err(Failure::Skipped(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }
}

/// Whether an effect's channel or message should exist whenever the run happens; this excludes scheduled reminders.
fn is_due(effect: &Effect) -> bool {
    match effect.kind {
        Kind::Channel => !effect.drill,
        Kind::Ping | Kind::Broadcast => true,
        Kind::ChannelUpdate => matches!(effect.key.short_key(), Some(ShortKey::ChannelUpdate(_))),
        _ => false,
    }
}

/// Skips the messages of an incident whose channel a person archived or removed.
pub(super) fn leave_messages_without_a_place(case: &Case, wanted: &DesiredIncident, observation: &mut Observation) {
    let channel = wanted.effects.iter().find(|effect| effect.kind == Kind::Channel);
    let Some(channel) = channel else { return };
    let place = case.place(&channel.key);
    let archived = place.is_some_and(|place| place.archived && !place.gone);
    let gone = place.is_some_and(|place| place.gone);
    let closed_by_us = archived && !channel.open;
    if !gone && (!archived || closed_by_us) {
        return;
    }
    let why = if gone {
        format!(
            "a person removed the incident's channel: nothing more is said there; to have another one: --recreate {}",
            channel.key
        )
    } else {
        "a person archived the incident's channel: nothing more is said there until a person brings it back".to_owned()
    };
    let theirs = |effect: &&Effect| {
        let room = effect.chat.as_ref().map(|chat| &chat.room);
        room == Some(&TargetChannel::Dedicated) && !observation.seen.contains_key(&effect.key)
    };
    let keys: Vec<Key> = wanted
        .effects
        .iter()
        .filter(theirs)
        .map(|effect| effect.key.clone())
        .collect();
    for key in keys.into_iter().chain([channel.key.clone()]) {
        observation.seen.remove(&key);
        let left = Skipped {
            why: why.clone(),
            blocking: false,
        };
        observation.left.insert(key, left);
    }
}
