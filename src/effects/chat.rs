//! The Slack effects of an incident: channel, pings, broadcasts, updates, and the reminder of the current promise.

use super::desired::{Maker, source_text, step_key, steps, why};
use super::{ApplyStage, Audience, ChatFields, Destination, Effect, Introduced, Key, Kind, ShortKey, TargetChannel};
use crate::model::{OpenPromise, State, Timestamp};
use crate::process::{StatusKind, Step, StepEffect};
use crate::render::{Template, time};

/// The channel of drills, a key of `slack.channels`.
const DRILLS: &str = "drills";
/// The channel in which executives read along, a key of `slack.channels`.
const EXECUTIVES: &str = "executives";

impl TargetChannel {
    /// The destination of an effect in this channel.
    fn destination(&self) -> Destination {
        match self {
            Self::Dedicated | Self::Address(_) => Destination::DedicatedChannel,
            Self::Named(name) => Destination::TeamChannel(name.clone()),
        }
    }
}

impl Maker<'_> {
    /// A Slack effect in a channel; during a drill, the channel is always the drill channel.
    fn spoken(&self, key: Key, kind: Kind, room: TargetChannel, words: &[&str]) -> Effect {
        let drill = self.context.history.last().drill;
        let room = if drill {
            TargetChannel::Named(DRILLS.to_owned())
        } else {
            room
        };
        let mut effect = self.effect(key, kind, room.destination(), words);
        effect.chat = Some(ChatFields {
            room,
            people: Vec::new(),
        });
        effect
    }

    /// Adds the effect that opens the incident's dedicated channel and keeps it up to date.
    pub(super) fn open_channel(&mut self) {
        let Some(key) = self.channel.clone() else { return };
        let last = self.context.record.entries.len() - 1;
        let view = self.context.chat(last, None, false);
        let body = self.renderer.chat(Template::ChatChannel, &view);
        let people = self.context.chat_users();
        let mut effect = self.effect(
            key,
            Kind::Channel,
            Destination::NewChannel(format!("inc-{}", self.id)),
            &[&body, &people.join(" ")],
        );
        effect.stage = ApplyStage::Open;
        effect.open = self.kind(self.context.history.last()) != StatusKind::Closed;
        effect.body = body;
        effect.why = "step: a dedicated channel".to_owned();
        effect.chat = Some(ChatFields {
            room: TargetChannel::Dedicated,
            people,
        });
        self.out.push(effect);
    }

    /// Adds a ping for each severity that the incident reaches.
    pub(super) fn pings(&mut self, index: usize) {
        let state = self.state(index);
        let reached = self.context.history.states[..index]
            .iter()
            .any(|earlier| earlier.severity == state.severity);
        if reached || self.kind(state) != StatusKind::Active {
            return;
        }
        let all: Vec<_> = steps(&self.context, state, StepEffect::Ping).collect();
        for step in all {
            let state = self.state(index);
            let key = step_key(&self.context, step, state);
            let view = self.context.chat(index, self.channel_text().as_deref(), true);
            let words = [state.title.as_str(), state.severity.as_str()];
            let mut effect = self.spoken(key, Kind::Ping, room(step, state), &words);
            effect.stage = if index == 0 {
                ApplyStage::Open
            } else {
                ApplyStage::Merge
            };
            effect.since = self.at(index);
            effect.body = self.renderer.chat(Template::ChatPing, &view);
            effect.why = format!(
                "{} is reached",
                self.context.process.severity_title(state.severity.as_str())
            );
            self.out.push(effect);
        }
    }

    /// Adds one broadcast when the incident reaches a severity, and one at each resolution.
    pub(super) fn broadcasts(&mut self, index: usize) {
        let (state, entry) = (self.state(index), &self.context.record.entries[index].entry);
        let speaks = entry.current_status.get().is_some();
        let spoken = (0..index).any(|earlier| {
            self.state(earlier).severity == state.severity
                && self.context.record.entries[earlier]
                    .entry
                    .current_status
                    .get()
                    .is_some()
        });
        let resolved = self.resolves(index);
        let first = speaks && !spoken && self.kind(state) == StatusKind::Active;
        if !first && !resolved {
            return;
        }
        let all: Vec<_> = steps(&self.context, state, StepEffect::Broadcast).collect();
        for step in all {
            let state = self.state(index);
            let key = if resolved {
                self.key(ShortKey::Resolution {
                    step: step.key.clone(),
                    severity: state.severity.clone(),
                    stamp: self.stamp(index),
                })
            } else {
                step_key(&self.context, step, state)
            };
            let why = if resolved {
                "the incident is resolved"
            } else {
                "the first words on the current status"
            };
            let room = room(step, state);
            self.broadcast(index, key, room, why);
        }
    }

    /// Adds a message to the executives' channel, if process.yaml names one.
    pub(super) fn executives(&mut self, index: usize) {
        let speaks = self.context.record.entries[index].entry.current_status.get().is_some();
        let named = self.context.process.channels.contains_key(EXECUTIVES);
        if !speaks || !named || self.context.history.last().drill {
            return;
        }
        let key = self.key(ShortKey::ExecutiveMessage(self.stamp(index)));
        self.broadcast(
            index,
            key,
            TargetChannel::Named(EXECUTIVES.to_owned()),
            "executives read along",
        );
        if let Some(effect) = self.out.last_mut() {
            effect.audience = Audience::Executive;
        }
    }

    fn broadcast(&mut self, index: usize, key: Key, room: TargetChannel, why: &str) {
        let entry = &self.context.record.entries[index].entry;
        let view = self.context.chat(index, self.channel_text().as_deref(), false);
        let mut effect = self.spoken(key, Kind::Broadcast, room, &source_text(entry));
        effect.since = self.at(index);
        effect.body = self.renderer.chat(Template::ChatBroadcast, &view);
        effect.why = why.to_owned();
        self.out.push(effect);
    }

    /// Adds the message about an update to the dedicated channel.
    pub(super) fn channel_update(&mut self, index: usize) {
        let reaches = self.channel.is_some() || self.state(index).slack_channel.is_some();
        if index == 0 || !reaches {
            return;
        }
        let entry = &self.context.record.entries[index].entry;
        let view = self.context.chat(index, self.channel_text().as_deref(), false);
        let key = self.key(ShortKey::ChannelUpdate(self.stamp(index)));
        let room = dedicated(self.state(index));
        let mut effect = self.spoken(key, Kind::ChannelUpdate, room, &source_text(entry));
        effect.since = self.at(index);
        effect.body = self.renderer.chat(Template::ChatUpdate, &view);
        effect.why = why(&self.context, index);
        self.out.push(effect);
    }

    /// Adds the scheduled reminders of the open promises.
    pub(super) fn reminders(&mut self) {
        if self.kind(self.context.history.last()) == StatusKind::Closed {
            return;
        }
        for promise in self.context.history.open_promises() {
            let effect = self.reminder(&promise);
            self.out.push(effect);
        }
    }

    fn reminder(&self, open: &OpenPromise) -> Effect {
        let promise = open.promise;
        let stamp = self.stamp(promise.entry);
        let (key, readers) = if open.is_to_business {
            (ShortKey::Reminder(stamp), "")
        } else {
            (ShortKey::CustomerReminder(stamp), " to customers")
        };
        let body = self.renderer.promise(Template::Nag, &self.context.promise(open));
        let at = Timestamp(promise.due.0 - self.context.process.nag_before.0);
        let room = dedicated(self.context.history.last());
        let mut effect = self.spoken(self.key(key), Kind::Nag, room, &[&body, &at.to_string()]);
        effect.since = self.at(promise.entry);
        effect.body = body;
        effect.at = Some(at);
        effect.why = format!("the next update{readers} is promised for {}", time(promise.due));
        effect.introduced = (!open.is_to_business).then(|| Introduced::by_entry(self.at(promise.entry)));
        effect
    }
}

/// The incident's channel: the one that people opened, otherwise the one that this program opens.
fn dedicated(state: &State) -> TargetChannel {
    match &state.slack_channel {
        Some(address) => TargetChannel::Address(address.clone()),
        None => TargetChannel::Dedicated,
    }
}

/// The channel in which a step posts its message.
fn room(step: &Step, state: &State) -> TargetChannel {
    match &step.channel {
        Some(name) => TargetChannel::Named(name.clone()),
        None => dedicated(state),
    }
}
