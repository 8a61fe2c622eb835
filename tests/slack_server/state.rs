//! What the fake Slack holds.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Traffic, text};

pub const BOT_USER: &str = "U0BOT";
pub const BOT_ID: &str = "B0BOT";
pub const SLACK_TOKEN: &str = "xoxb-0-test";

#[derive(Clone, Debug, Default)]
pub struct Room {
    pub id: String,
    pub name: String,
    pub creator: String,
    pub private: bool,
    pub archived: bool,
    pub members: BTreeSet<String>,
    /// The words, and who wrote them.
    pub topic: (String, String),
    pub purpose: (String, String),
    pub messages: Vec<Said>,
}

#[derive(Clone, Debug, Default)]
pub struct Said {
    pub ts: String,
    pub user: String,
    pub text: String,
    pub blocks: Value,
    pub metadata: Value,
    pub edited: bool,
}

#[derive(Clone, Debug)]
pub struct Later {
    pub id: String,
    pub channel: String,
    pub post_at: i64,
    pub text: String,
    pub blocks: Value,
    /// Slack takes a scheduled message that has metadata, and never posts it.
    pub metadata: Value,
}

#[derive(Clone, Debug, Default)]
pub struct Workspace {
    pub rooms: Vec<Room>,
    pub users: BTreeSet<String>,
    pub scheduled: Vec<Later>,
    pub scopes: BTreeSet<String>,
    pub revoked: bool,
    /// Who was called, and where.
    pub notified: Vec<(String, String)>,
    pub violations: Vec<String>,
    pub clock: Option<DateTime<Utc>>,
    pub next: u64,
    pub page_limit: Option<usize>,
    /// Nothing answers.
    pub down: bool,
    pub traffic: Traffic,
}

impl Workspace {
    /// A workspace with the channels of a process, the bot in all of them, and six people.
    pub fn team() -> Self {
        let mut state = Self {
            users: ["ALICE", "BOB", "CAROL", "DAVE", "ERIN", "FRANK"]
                .map(|name| format!("U0{name}"))
                .into(),
            scopes: [
                "chat:write",
                "channels:manage",
                "channels:read",
                "channels:history",
                "channels:join",
            ]
            .map(str::to_owned)
            .into(),
            clock: Some("2026-01-05T16:00:00Z".parse().expect("a time")),
            ..Self::default()
        };
        for (id, name) in [
            ("C0NOTIFY", "incident-notification"),
            ("C0SUPNOT", "support-incident-notification"),
            ("C0GENERAL", "general"),
            ("C0SUPPORT", "support-team-chat"),
            ("C0EXEC", "executives"),
            ("C0DRILL", "drills"),
        ] {
            state.rooms.push(Room {
                id: id.into(),
                name: name.into(),
                creator: "U0ALICE".into(),
                members: [BOT_USER.to_owned(), "U0ALICE".to_owned()].into(),
                ..Room::default()
            });
        }
        state
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.unwrap_or_else(Utc::now)
    }

    /// A number that nothing else has.
    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn ts(&mut self) -> String {
        let number = self.number();
        format!("{}.{:06}", self.now().timestamp(), number)
    }

    pub fn room(&self, name: &str) -> &Room {
        let found = self.rooms.iter().find(|room| room.name == name || room.id == name);
        found.unwrap_or_else(|| panic!("no channel {name}"))
    }

    pub fn room_mut(&mut self, name: &str) -> &mut Room {
        let found = self.rooms.iter_mut().find(|room| room.name == name || room.id == name);
        found.unwrap_or_else(|| panic!("no channel {name}"))
    }

    /// Puts a message into a channel and calls whom it mentions.
    pub fn say(&mut self, channel: &str, user: &str, words: &str, blocks: Value, metadata: Value) -> String {
        let ts = self.ts();
        let mentions = text::mentions(words, &blocks);
        let room = self.room_mut(channel);
        let name = room.name.clone();
        room.messages.push(Said {
            ts: ts.clone(),
            user: user.to_owned(),
            text: words.to_owned(),
            blocks,
            metadata,
            edited: false,
        });
        self.notified
            .extend(mentions.into_iter().map(|who| (name.clone(), who)));
        ts
    }

    /// Lets time pass: what is due is said.
    pub fn pass(&mut self, to: DateTime<Utc>) {
        let mut due: Vec<Later> = Vec::new();
        self.scheduled.retain(|later| {
            let is_due = later.post_at <= to.timestamp();
            if is_due {
                due.push(later.clone());
            }
            !is_due
        });
        due.sort_by_key(|later| (later.post_at, later.id.clone()));
        for later in due {
            self.clock = DateTime::from_timestamp(later.post_at, 0);
            if later.metadata.is_null() && !self.room(&later.channel).archived {
                self.say(&later.channel, BOT_USER, &later.text, later.blocks, Value::Null);
            }
        }
        self.clock = Some(to);
    }

    /// What people see, the same however often something was tried.
    pub fn world(&self) -> Vec<String> {
        let mut out = Vec::new();
        for room in &self.rooms {
            out.push(format!(
                "#{} archived={} topic={:?} purpose={:?} members={:?}",
                room.name,
                room.archived,
                without_ids(&room.topic.0),
                room.purpose.0,
                room.members
            ));
            for message in &room.messages {
                let key = message.metadata["event_payload"]["key"].as_str().unwrap_or("-");
                let shown = text::shown(&message.text, &message.blocks);
                out.push(format!(
                    "#{} {} {key}: {}",
                    room.name,
                    message.user,
                    without_ids(&shown)
                ));
            }
        }
        for later in &self.scheduled {
            out.push(format!(
                "later, at {} in #{}: {}",
                DateTime::from_timestamp(later.post_at, 0).expect("a time"),
                self.room(&later.channel).name,
                without_ids(&text::shown(&later.text, &later.blocks))
            ));
        }
        out.sort();
        out.push(format!("notified {:?}", self.notified.iter().collect::<BTreeSet<_>>()));
        out
    }
}

/// A text without the addresses of a fake server and its issues' numbers.
fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("http://127.0.0.1:") {
        out += &rest[..at];
        out += "URL";
        rest = rest[at..].trim_start_matches(|c: char| !c.is_whitespace() && c != '>' && c != '|');
    }
    out + rest
}
