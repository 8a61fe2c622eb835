//! Messages: posted, edited, scheduled.

use chrono::TimeDelta;

use super::*;

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "chat.postMessage",
        takes_json: true,
        scopes: &["chat:write"],
        needs: &["channel"],
        may: &[
            "text",
            "blocks",
            "metadata",
            "unfurl_links",
            "unfurl_media",
            "thread_ts",
        ],
        act: post,
    },
    Method {
        name: "chat.update",
        takes_json: true,
        scopes: &["chat:write"],
        needs: &["channel", "ts"],
        may: &["text", "blocks", "metadata"],
        act: update,
    },
    Method {
        name: "chat.scheduleMessage",
        takes_json: true,
        scopes: &["chat:write"],
        needs: &["channel", "post_at"],
        may: &["text", "blocks", "metadata", "unfurl_links", "unfurl_media"],
        act: schedule,
    },
    Method {
        name: "chat.deleteScheduledMessage",
        takes_json: true,
        scopes: &["chat:write"],
        needs: &["channel", "scheduled_message_id"],
        may: &[],
        act: delete_scheduled,
    },
    Method {
        name: "chat.scheduledMessages.list",
        takes_json: true,
        scopes: &[],
        needs: &[],
        may: &["channel", "cursor", "limit", "oldest", "latest"],
        act: list_scheduled,
    },
    Method {
        name: "chat.getPermalink",
        takes_json: false,
        scopes: &[],
        needs: &["channel", "message_ts"],
        may: &[],
        act: permalink,
    },
];

/// Fails with what is wrong with the words of a message.
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

fn post(state: &mut Workspace, call: &Call) -> Outcome {
    let at = call.own(state)?;
    check_words(call)?;
    let id = state.rooms[at].id.clone();
    let (text, blocks, metadata) = (call.text("text"), call.value("blocks"), call.value("metadata"));
    let ts = state.say(&id, BOT_USER, &text, blocks, metadata);
    Ok(json!({ "channel": id, "ts": ts }))
}

fn update(state: &mut Workspace, call: &Call) -> Outcome {
    let at = call.seen(state)?;
    if state.rooms[at].archived {
        return Err("is_archived".into());
    }
    check_words(call)?;
    let ts = call.text("ts");
    let message = state.rooms[at].messages.iter_mut().find(|message| message.ts == ts);
    let message = message.ok_or("message_not_found")?;
    if message.user != BOT_USER {
        return Err("cant_update_message".into());
    }
    message.text = call.text("text");
    message.blocks = call.value("blocks");
    message.metadata = call.value("metadata");
    message.edited = true;
    Ok(json!({ "ts": ts }))
}

fn schedule(state: &mut Workspace, call: &Call) -> Outcome {
    let at = call.own(state)?;
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

fn delete_scheduled(state: &mut Workspace, call: &Call) -> Outcome {
    call.seen(state)?;
    let id = call.text("scheduled_message_id");
    let soon = (state.now() + TimeDelta::seconds(60)).timestamp();
    let mut scheduled = state.scheduled.iter();
    let at = scheduled.position(|later| later.id == id && later.post_at > soon);
    state.scheduled.remove(at.ok_or("invalid_scheduled_message_id")?);
    Ok(json!({}))
}

fn list_scheduled(state: &mut Workspace, call: &Call) -> Outcome {
    let entity = |later: &Later| json!({ "id": later.id, "channel_id": later.channel, "post_at": later.post_at, "date_created": 1, "text": later.text });
    let all: Vec<Value> = state.scheduled.iter().map(entity).collect();
    let (items, next) = page(&all, call, call.limit(state, 100))?;
    Ok(json!({ "scheduled_messages": items, "response_metadata": { "next_cursor": next } }))
}

fn permalink(state: &mut Workspace, call: &Call) -> Outcome {
    let at = call.seen(state)?;
    let ts = call.text("message_ts");
    let room = &state.rooms[at];
    if room.messages.iter().all(|message| message.ts != ts) {
        return Err("message_not_found".into());
    }
    let link = format!("https://team.slack.com/archives/{}/p{}", room.id, ts.replace('.', ""));
    Ok(json!({ "channel": room.id, "permalink": link }))
}
