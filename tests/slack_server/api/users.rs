//! The bot itself, and the channels that it is in.

use super::*;

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "auth.test",
        takes_json: true,
        scopes: &[],
        needs: &[],
        may: &[],
        act: test,
    },
    Method {
        name: "users.conversations",
        takes_json: false,
        scopes: &["channels:read"],
        needs: &[],
        may: &["cursor", "limit", "types", "exclude_archived", "user"],
        act: list_channels,
    },
];

fn test(_: &mut Workspace, _: &Call) -> Outcome {
    Ok(json!({
        "url": "https://team.slack.com/", "team": "Team", "user": "incidentctl", "team_id": "T0TEAM",
        "user_id": BOT_USER, "bot_id": BOT_ID,
    }))
}

fn list_channels(state: &mut Workspace, call: &Call) -> Outcome {
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
    let all: Vec<Value> = rooms.map(conversations::entity).collect();
    let (items, next) = page(&all, call, call.limit(state, 100))?;
    Ok(json!({ "channels": items, "response_metadata": { "next_cursor": next } }))
}
