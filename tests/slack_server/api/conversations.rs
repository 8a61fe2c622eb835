//! Channels.

use super::*;

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "conversations.create",
        takes_json: true,
        scopes: &["channels:manage"],
        needs: &["name"],
        may: &["is_private"],
        act: create,
    },
    Method {
        name: "conversations.setTopic",
        takes_json: true,
        scopes: &["channels:manage"],
        needs: &["channel", "topic"],
        may: &[],
        act: |state, call| set_words(state, call, "topic", |room| &mut room.topic),
    },
    Method {
        name: "conversations.setPurpose",
        takes_json: true,
        scopes: &["channels:manage"],
        needs: &["channel", "purpose"],
        may: &[],
        act: |state, call| set_words(state, call, "purpose", |room| &mut room.purpose),
    },
    Method {
        name: "conversations.invite",
        takes_json: true,
        scopes: &["channels:manage"],
        needs: &["channel", "users"],
        may: &["force"],
        act: invite,
    },
    Method {
        name: "conversations.join",
        takes_json: true,
        scopes: &["channels:join"],
        needs: &["channel"],
        may: &[],
        act: join,
    },
    Method {
        name: "conversations.history",
        takes_json: false,
        scopes: &["channels:history"],
        needs: &["channel"],
        may: &[
            "cursor",
            "limit",
            "oldest",
            "latest",
            "inclusive",
            "include_all_metadata",
        ],
        act: history,
    },
    Method {
        name: "conversations.info",
        takes_json: false,
        scopes: &["channels:read"],
        needs: &["channel"],
        may: &[],
        act: info,
    },
    Method {
        name: "conversations.archive",
        takes_json: true,
        scopes: &["channels:manage"],
        needs: &["channel"],
        may: &[],
        act: archive,
    },
];

/// A channel as Slack describes it.
pub(super) fn entity(room: &Room) -> Value {
    json!({
        "id": room.id, "name": room.name, "creator": room.creator, "is_archived": room.archived,
        "is_private": room.private, "is_channel": !room.private, "is_member": room.members.contains(BOT_USER),
        "topic": { "value": room.topic.0, "creator": room.topic.1, "last_set": 0 },
        "purpose": { "value": room.purpose.0, "creator": room.purpose.1, "last_set": 0 },
    })
}

fn create(state: &mut Workspace, call: &Call) -> Outcome {
    let name = call.text("name");
    check_name(&name)?;
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
    let answer = json!({ "channel": entity(&room) });
    state.rooms.push(room);
    Ok(answer)
}

fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("invalid_name_required");
    }
    if name.chars().count() > 80 {
        return Err("invalid_name_maxlength");
    }
    if !name.chars().any(char::is_alphanumeric) {
        return Err("invalid_name_punctuation");
    }
    let fits = |c: char| c.is_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !name.chars().all(fits) {
        return Err("invalid_name_specials");
    }
    Ok(())
}

/// Sets the topic or the purpose of a channel.
fn set_words(
    state: &mut Workspace,
    call: &Call,
    field: &str,
    place: fn(&mut Room) -> &mut (String, String),
) -> Outcome {
    let at = call.own(state)?;
    let words = call.text(field);
    if words.chars().count() > 250 {
        return Err("too_long".into());
    }
    let room = &mut state.rooms[at];
    *place(room) = (words, BOT_USER.to_owned());
    Ok(json!({ "channel": entity(room) }))
}

fn invite(state: &mut Workspace, call: &Call) -> Outcome {
    let at = call.own(state)?;
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
    let first = users.iter().find_map(wrong);
    let good: Vec<String> = users.iter().filter(|user| wrong(user).is_none()).cloned().collect();
    if let Some(word) = first
        && (!call.flag("force") || good.is_empty())
    {
        return Err(word.to_owned());
    }
    state.rooms[at].members.extend(good);
    Ok(json!({ "channel": entity(&state.rooms[at]) }))
}

fn join(state: &mut Workspace, call: &Call) -> Outcome {
    let at = call.seen(state)?;
    let room = &mut state.rooms[at];
    if room.archived {
        return Err("is_archived".into());
    }
    if room.private {
        return Err("method_not_supported_for_channel_type".into());
    }
    room.members.insert(BOT_USER.into());
    Ok(json!({ "channel": entity(room) }))
}

fn history(state: &mut Workspace, call: &Call) -> Outcome {
    let at = call.seen(state)?;
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

fn info(state: &mut Workspace, call: &Call) -> Outcome {
    let at = call.seen(state)?;
    Ok(json!({ "channel": entity(&state.rooms[at]) }))
}

fn archive(state: &mut Workspace, call: &Call) -> Outcome {
    let at = call.seen(state)?;
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
