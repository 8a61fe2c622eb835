//! The methods of the fake Slack.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::state::*;
use crate::fake::{Answer, Request};

/// A method: its name, whether it takes JSON, the scopes of which one is needed, the parameters it needs and those it may have.
type Method = (
    &'static str,
    bool,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const METHODS: &[Method] = &[
    ("auth.test", true, &[], &[], &[]),
    (
        "chat.postMessage",
        true,
        &["chat:write"],
        &["channel"],
        &[
            "text",
            "blocks",
            "metadata",
            "unfurl_links",
            "unfurl_media",
            "thread_ts",
        ],
    ),
    (
        "chat.update",
        true,
        &["chat:write"],
        &["channel", "ts"],
        &["text", "blocks", "metadata"],
    ),
    (
        "chat.scheduleMessage",
        true,
        &["chat:write"],
        &["channel", "post_at"],
        &["text", "blocks", "metadata", "unfurl_links", "unfurl_media"],
    ),
    (
        "chat.deleteScheduledMessage",
        true,
        &["chat:write"],
        &["channel", "scheduled_message_id"],
        &[],
    ),
    (
        "chat.scheduledMessages.list",
        true,
        &[],
        &[],
        &["channel", "cursor", "limit", "oldest", "latest"],
    ),
    ("chat.getPermalink", false, &[], &["channel", "message_ts"], &[]),
    (
        "conversations.create",
        true,
        &["channels:manage"],
        &["name"],
        &["is_private"],
    ),
    (
        "conversations.setTopic",
        true,
        &["channels:manage"],
        &["channel", "topic"],
        &[],
    ),
    (
        "conversations.setPurpose",
        true,
        &["channels:manage"],
        &["channel", "purpose"],
        &[],
    ),
    (
        "conversations.invite",
        true,
        &["channels:manage"],
        &["channel", "users"],
        &["force"],
    ),
    ("conversations.join", true, &["channels:join"], &["channel"], &[]),
    (
        "conversations.history",
        false,
        &["channels:history"],
        &["channel"],
        &[
            "cursor",
            "limit",
            "oldest",
            "latest",
            "inclusive",
            "include_all_metadata",
        ],
    ),
    ("conversations.info", false, &["channels:read"], &["channel"], &[]),
    ("conversations.archive", true, &["channels:manage"], &["channel"], &[]),
    (
        "users.conversations",
        false,
        &["channels:read"],
        &[],
        &["cursor", "limit", "types", "exclude_archived", "user"],
    ),
];

fn fail(word: &str) -> Value {
    json!({ "ok": false, "error": word })
}

/// Answers a request.
pub fn handle(state: &mut Workspace, request: &Request) -> Answer {
    let mut answer = Answer::json(200, answered(state, request));
    let scopes: Vec<&str> = state.scopes.iter().map(String::as_str).collect();
    answer.headers.push(("X-OAuth-Scopes".into(), scopes.join(",")));
    answer
}

fn answered(state: &mut Workspace, request: &Request) -> Value {
    let name = request.path.last().cloned().unwrap_or_default();
    let Some((_, takes_json, scopes, needs, may)) = METHODS.iter().find(|method| method.0 == name) else {
        state.violations.push(format!("there is no method {}", request.raw));
        return fail("unknown_method");
    };
    if request.method != "POST" && (request.method != "GET" || *takes_json) {
        state.violations.push(format!("{} {name}", request.method));
    }
    let token = request
        .header("authorization")
        .and_then(|text| text.strip_prefix("Bearer "));
    match token {
        None => return fail("not_authed"),
        Some(_) if state.revoked => return fail("token_revoked"),
        Some(token) if token != SLACK_TOKEN => return fail("invalid_auth"),
        Some(_) => {}
    }
    let kind = request.header("content-type").unwrap_or_default().to_owned();
    let query = request.raw.split_once('?').map_or("", |(_, query)| query);
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    let mut arguments: BTreeMap<String, Value> = if kind.starts_with("application/json") {
        if !kind.to_lowercase().contains("charset=utf-8") {
            state.violations.push(format!("{name}: JSON without a charset"));
        }
        if !takes_json && !request.body.is_empty() {
            state.violations.push(format!("{name} takes no JSON"));
        }
        match serde_json::from_slice(&request.body) {
            Ok(Value::Object(map)) => map.into_iter().collect(),
            _ if request.body.is_empty() => BTreeMap::new(),
            _ => return fail("invalid_json"),
        }
    } else {
        let pairs = url::form_urlencoded::parse(&request.body).into_owned();
        pairs.map(|(name, text)| (name, loose(text))).collect()
    };
    arguments.extend(query.map(|(name, text)| (name, loose(text))));
    for own in arguments.keys() {
        if !needs.contains(&own.as_str()) && !may.contains(&own.as_str()) {
            state.violations.push(format!("{name} has no parameter {own}"));
        }
    }
    if let Some(scope) = scopes.iter().find(|scope| !state.scopes.contains(**scope)) {
        let provided: Vec<&str> = state.scopes.iter().map(String::as_str).collect();
        return json!({ "ok": false, "error": "missing_scope", "needed": scope, "provided": provided.join(",") });
    }
    if needs.iter().any(|need| !arguments.contains_key(*need)) {
        return fail("invalid_arguments");
    }
    let call = Call { arguments };
    match act(state, &name, &call) {
        Ok(mut value) => {
            value["ok"] = json!(true);
            value
        }
        Err(word) => fail(&word),
    }
}

/// What a form says is JSON where Slack takes JSON inside of it.
fn loose(text: String) -> Value {
    if text.starts_with(['[', '{']) {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    } else {
        Value::String(text)
    }
}

struct Call {
    arguments: BTreeMap<String, Value>,
}

impl Call {
    fn text(&self, name: &str) -> String {
        match self.arguments.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    fn number(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or(0)
    }

    fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_str(), "true" | "1")
    }

    fn value(&self, name: &str) -> Value {
        self.arguments.get(name).cloned().unwrap_or_default()
    }

    fn limit(&self, state: &Workspace, standard: usize) -> usize {
        let asked = usize::try_from(self.number("limit")).unwrap_or(0);
        let asked = if asked == 0 { standard } else { asked };
        state.page_limit.map_or(asked, |most| asked.min(most))
    }
}

/// A page of a list, and the cursor of the next one.
fn page<T: Clone>(all: &[T], call: &Call, limit: usize) -> Result<(Vec<T>, String), String> {
    let cursor = call.text("cursor");
    let start = if cursor.is_empty() {
        0
    } else {
        let number = cursor.strip_prefix("dXNlc").and_then(|number| number.parse().ok());
        number.ok_or("invalid_cursor")?
    };
    let end = all.len().min(start + limit);
    let next = if end < all.len() {
        format!("dXNlc{end}")
    } else {
        String::new()
    };
    Ok((all[start.min(end)..end].to_vec(), next))
}

/// The place of a channel that the bot may see.
fn seen(state: &Workspace, call: &Call) -> Result<usize, String> {
    let id = call.text("channel");
    let at = state
        .rooms
        .iter()
        .position(|room| room.id == id)
        .ok_or("channel_not_found")?;
    let room = &state.rooms[at];
    if room.private && !room.members.contains(BOT_USER) {
        return Err("channel_not_found".into());
    }
    Ok(at)
}

/// The place of a channel in which the bot is.
fn own(state: &Workspace, call: &Call) -> Result<usize, String> {
    let at = seen(state, call)?;
    if state.rooms[at].archived {
        return Err("is_archived".into());
    }
    if !state.rooms[at].members.contains(BOT_USER) {
        return Err("not_in_channel".into());
    }
    Ok(at)
}

/// What is wrong with the words of a message.
/// <https://docs.slack.dev/reference/block-kit/blocks/section-block>
fn check_words(call: &Call) -> Result<(), String> {
    let (text, blocks) = (call.text("text"), call.value("blocks"));
    let list = blocks.as_array().cloned().unwrap_or_default();
    if text.is_empty() && list.is_empty() {
        return Err("no_text".into());
    }
    if text.chars().count() > 40_000 {
        return Err("msg_too_long".into());
    }
    if list.len() > 50 {
        return Err("invalid_blocks".into());
    }
    for block in &list {
        let text = &block["text"];
        let words = text["text"].as_str().unwrap_or_default();
        let shape = match text["type"].as_str() {
            Some("mrkdwn") => text.get("emoji").is_none(),
            Some("plain_text") => text.get("verbatim").is_none(),
            _ => false,
        };
        if block["type"] != "section" || !shape || words.is_empty() || words.chars().count() > 3000 {
            return Err("invalid_blocks".into());
        }
    }
    Ok(())
}

fn act(state: &mut Workspace, name: &str, call: &Call) -> Result<Value, String> {
    match name {
        "auth.test" => Ok(json!({
            "url": "https://team.slack.com/", "team": "Team", "user": "incidentctl", "team_id": "T0TEAM",
            "user_id": BOT_USER, "bot_id": BOT_ID,
        })),
        "chat.postMessage" => {
            let at = own(state, call)?;
            check_words(call)?;
            let id = state.rooms[at].id.clone();
            let ts = state.say(
                &id,
                BOT_USER,
                &call.text("text"),
                call.value("blocks"),
                call.value("metadata"),
            );
            Ok(json!({ "channel": id, "ts": ts }))
        }
        "chat.update" => {
            let at = seen(state, call)?;
            if state.rooms[at].archived {
                return Err("is_archived".into());
            }
            check_words(call)?;
            let (ts, words, blocks, metadata) = (
                call.text("ts"),
                call.text("text"),
                call.value("blocks"),
                call.value("metadata"),
            );
            let message = state.rooms[at].messages.iter_mut().find(|message| message.ts == ts);
            let message = message.ok_or("message_not_found")?;
            if message.user != BOT_USER {
                return Err("cant_update_message".into());
            }
            message.text = words;
            message.blocks = blocks;
            message.metadata = metadata;
            message.edited = true;
            Ok(json!({ "ts": ts }))
        }
        "chat.scheduleMessage" => schedule(state, call),
        "chat.deleteScheduledMessage" => {
            seen(state, call)?;
            let id = call.text("scheduled_message_id");
            let soon = (state.now() + TimeDelta::seconds(60)).timestamp();
            let at = state
                .scheduled
                .iter()
                .position(|later| later.id == id && later.post_at > soon);
            state.scheduled.remove(at.ok_or("invalid_scheduled_message_id")?);
            Ok(json!({}))
        }
        "chat.scheduledMessages.list" => {
            let all: Vec<Value> = state
                .scheduled
                .iter()
                .map(|later| {
                    json!({ "id": later.id, "channel_id": later.channel, "post_at": later.post_at, "date_created": 1, "text": later.text })
                })
                .collect();
            let (items, next) = page(&all, call, call.limit(state, 100))?;
            Ok(json!({ "scheduled_messages": items, "response_metadata": { "next_cursor": next } }))
        }
        "chat.getPermalink" => {
            let at = seen(state, call)?;
            let ts = call.text("message_ts");
            let room = &state.rooms[at];
            room.messages
                .iter()
                .find(|message| message.ts == ts)
                .ok_or("message_not_found")?;
            let link = format!("https://team.slack.com/archives/{}/p{}", room.id, ts.replace('.', ""));
            Ok(json!({ "channel": room.id, "permalink": link }))
        }
        "conversations.create" => create(state, call),
        "conversations.setTopic" | "conversations.setPurpose" => {
            let at = own(state, call)?;
            let field = if name.ends_with("Topic") { "topic" } else { "purpose" };
            let words = call.text(field);
            if words.chars().count() > 250 {
                return Err("too_long".into());
            }
            let room = &mut state.rooms[at];
            let said = (words, BOT_USER.to_owned());
            if field == "topic" {
                room.topic = said;
            } else {
                room.purpose = said;
            }
            Ok(json!({ "channel": shown(room) }))
        }
        "conversations.invite" => invite(state, call),
        "conversations.join" => {
            let at = seen(state, call)?;
            let room = &mut state.rooms[at];
            if room.archived {
                return Err("is_archived".into());
            }
            if room.private {
                return Err("method_not_supported_for_channel_type".into());
            }
            room.members.insert(BOT_USER.into());
            Ok(json!({ "channel": shown(room) }))
        }
        "conversations.history" => history(state, call),
        "conversations.info" => {
            let at = seen(state, call)?;
            Ok(json!({ "channel": shown(&state.rooms[at]) }))
        }
        "conversations.archive" => {
            let at = seen(state, call)?;
            let room = &mut state.rooms[at];
            if room.archived {
                return Err("already_archived".into());
            }
            if !room.members.contains(BOT_USER) {
                return Err("not_in_channel".into());
            }
            if room.name == "general" {
                return Err("cant_archive_general".into());
            }
            room.archived = true;
            Ok(json!({}))
        }
        "users.conversations" => {
            let types = call.text("types");
            let rooms = state.rooms.iter().filter(|room| {
                let kind = if room.private {
                    "private_channel"
                } else {
                    "public_channel"
                };
                let wanted = types.is_empty() && !room.private || types.split(',').any(|one| one == kind);
                let hidden = call.flag("exclude_archived") && room.archived;
                wanted && !hidden && room.members.contains(BOT_USER)
            });
            let all: Vec<Value> = rooms.map(shown).collect();
            let (items, next) = page(&all, call, call.limit(state, 100))?;
            Ok(json!({ "channels": items, "response_metadata": { "next_cursor": next } }))
        }
        _ => Err("unknown_method".into()),
    }
}

/// A channel as Slack describes it.
fn shown(room: &Room) -> Value {
    json!({
        "id": room.id, "name": room.name, "creator": room.creator, "is_archived": room.archived,
        "is_private": room.private, "is_channel": !room.private, "is_member": room.members.contains(BOT_USER),
        "topic": { "value": room.topic.0, "creator": room.topic.1, "last_set": 0 },
        "purpose": { "value": room.purpose.0, "creator": room.purpose.1, "last_set": 0 },
    })
}

fn schedule(state: &mut Workspace, call: &Call) -> Result<Value, String> {
    let at = own(state, call)?;
    check_words(call)?;
    let post_at = call.number("post_at");
    let now = state.now();
    if post_at <= now.timestamp() {
        return Err("time_in_past".into());
    }
    if post_at > (now + TimeDelta::days(120)).timestamp() {
        return Err("time_too_far".into());
    }
    let id = state.rooms[at].id.clone();
    let near = |later: &&Later| later.channel == id && (later.post_at - post_at).abs() < 300;
    if state.scheduled.iter().filter(near).count() >= 30 {
        return Err("restricted_too_many".into());
    }
    if !call.value("metadata").is_null() {
        state
            .violations
            .push("a scheduled message with metadata is never posted".into());
    }
    let number = state.number();
    let later = Later {
        id: format!("Q{number:08}"),
        channel: id.clone(),
        post_at,
        text: call.text("text"),
        blocks: call.value("blocks"),
        metadata: call.value("metadata"),
    };
    let answer = json!({ "channel": id, "scheduled_message_id": later.id, "post_at": post_at });
    state.scheduled.push(later);
    Ok(answer)
}

fn create(state: &mut Workspace, call: &Call) -> Result<Value, String> {
    let name = call.text("name");
    if name.is_empty() {
        return Err("invalid_name_required".into());
    }
    if name.chars().count() > 80 {
        return Err("invalid_name_maxlength".into());
    }
    if !name.chars().any(|c| c.is_alphanumeric()) {
        return Err("invalid_name_punctuation".into());
    }
    if !name
        .chars()
        .all(|c| c.is_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
    {
        return Err("invalid_name_specials".into());
    }
    // Archived and private channels keep their names, too.
    if state.rooms.iter().any(|room| room.name == name) {
        return Err("name_taken".into());
    }
    let number = state.number();
    let room = Room {
        id: format!("C0NEW{number}"),
        name,
        creator: BOT_USER.into(),
        private: call.flag("is_private"),
        members: [BOT_USER.to_owned()].into(),
        ..Room::default()
    };
    let answer = json!({ "channel": shown(&room) });
    state.rooms.push(room);
    Ok(answer)
}

fn invite(state: &mut Workspace, call: &Call) -> Result<Value, String> {
    let at = own(state, call)?;
    let users: Vec<String> = call
        .text("users")
        .split(',')
        .map(|user| user.trim().to_owned())
        .collect();
    let wrong = |user: &String| {
        if user == BOT_USER {
            Some("cant_invite_self")
        } else if state.rooms[at].members.contains(user) {
            Some("already_in_channel")
        } else if !state.users.contains(user) {
            Some("user_not_found")
        } else {
            None
        }
    };
    let errors: Vec<(&String, &str)> = users.iter().filter_map(|user| Some((user, wrong(user)?))).collect();
    let good: Vec<String> = users.iter().filter(|user| wrong(user).is_none()).cloned().collect();
    if let Some((_, first)) = errors.first()
        && (!call.flag("force") || good.is_empty())
    {
        return Err((*first).to_owned());
    }
    state.rooms[at].members.extend(good);
    Ok(json!({ "channel": shown(&state.rooms[at]) }))
}

fn history(state: &mut Workspace, call: &Call) -> Result<Value, String> {
    let at = seen(state, call)?;
    if !state.rooms[at].members.contains(BOT_USER) {
        return Err("not_in_channel".into());
    }
    let number = |name: &str| call.text(name).parse::<f64>().ok();
    let (oldest, latest) = (number("oldest").unwrap_or(0.0), number("latest").unwrap_or(f64::MAX));
    let time = |message: &&Said| message.ts.parse::<f64>().unwrap_or(0.0);
    let inside = |message: &&Said| time(message) > oldest && time(message) < latest;
    let with_metadata = call.flag("include_all_metadata");
    let all: Vec<Value> = state.rooms[at]
        .messages
        .iter()
        .filter(inside)
        .rev()
        .map(|message| {
            let mut value = json!({
                "type": "message", "ts": message.ts, "user": message.user, "text": message.text, "blocks": message.blocks,
            });
            if message.user == BOT_USER {
                value["bot_id"] = json!(BOT_ID);
            }
            if with_metadata && !message.metadata.is_null() {
                value["metadata"] = message.metadata.clone();
            }
            value
        })
        .collect();
    let (items, next) = page(&all, call, call.limit(state, 100).min(999))?;
    Ok(json!({
        "messages": items, "has_more": !next.is_empty(), "response_metadata": { "next_cursor": next },
    }))
}
