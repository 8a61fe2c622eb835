//! Checks the token and the channels of Slack. Reads only.

use std::collections::BTreeMap;

use serde_json::Value;

use super::client::{Arguments, Client, RetryAfterTimeout};
use crate::health::{DoctorCheckResult, Verdict};
use crate::transport::header;

/// Each needed scope, and the work that fails without it. <https://docs.slack.dev/reference/scopes>
const SCOPES: [(&str, &str); 5] = [
    ("chat:write", "say anything"),
    (
        "channels:manage",
        "open the incident's channel, set its topic, invite and archive",
    ),
    ("channels:history", "look for messages whose request timed out"),
    ("channels:read", "see whether channels are there"),
    ("channels:join", "join public channels by itself"),
];

/// Checks the token and each channel that the process names, and returns one result for each.
#[must_use]
pub(super) fn examine(client: &Client, channels: &BTreeMap<String, String>) -> Vec<DoctorCheckResult> {
    let mut lines = Vec::new();
    let (who, headers) =
        match client.call_with_headers("auth.test", &Arguments::Form(Vec::new()), RetryAfterTimeout::Allowed) {
            Ok(answer) => answer,
            Err(fault) => {
                lines.push(DoctorCheckResult::new(Verdict::Fail, "Slack token", fault.to_string()));
                return lines;
            }
        };
    token(&who, &mut lines);
    let scopes = header(&headers, "x-oauth-scopes");
    scope(scopes, &mut lines);
    if channels.is_empty() {
        let says = "process.yaml names none: write their ids, `slack: { channels: { general: C0… } }`";
        lines.push(DoctorCheckResult::new(Verdict::Fail, "Slack channels", says));
    }
    for (name, id) in channels {
        lines.push(channel(client, name, id, scopes.unwrap_or_default()));
    }
    lines
}

fn token(who: &Value, lines: &mut Vec<DoctorCheckResult>) {
    let word = |name: &str| who[name].as_str().unwrap_or("?").to_owned();
    let says = format!("{} in the workspace {} ({})", word("user"), word("team"), word("url"));
    if who["bot_id"].is_string() {
        lines.push(DoctorCheckResult::new(Verdict::Ok, "Slack token", says));
    } else {
        let says = format!(
            "{says}: a person's; use the bot token of an app (`xoxb-…`), so that what it says is known as its own"
        );
        lines.push(DoctorCheckResult::new(Verdict::Fail, "Slack token", says));
    }
}

fn scope(granted: Option<&str>, lines: &mut Vec<DoctorCheckResult>) {
    let Some(granted) = granted else {
        lines.push(DoctorCheckResult::new(
            Verdict::Unseen,
            "Slack scopes",
            "Slack does not say which the token has",
        ));
        return;
    };
    let has = |scope: &str| granted.split(',').any(|own| own.trim() == scope);
    let missing: Vec<_> = SCOPES.iter().filter(|(scope, _)| !has(scope)).collect();
    if missing.is_empty() {
        let says = "all that it needs; whether the workspace lets apps create channels shows with the first incident";
        lines.push(DoctorCheckResult::new(Verdict::Ok, "Slack scopes", says));
    }
    for (scope, what) in missing {
        let verdict = if *scope == "channels:join" {
            Verdict::Warn
        } else {
            Verdict::Fail
        };
        let says = format!("without `{scope}` it cannot {what}: add the scope to the app and install it again");
        lines.push(DoctorCheckResult::new(verdict, "Slack scopes", says));
    }
}

fn channel(client: &Client, name: &str, id: &str, scopes: &str) -> DoctorCheckResult {
    let form = Arguments::Form(vec![("channel", id.to_owned())]);
    let found = match client.call("conversations.info", &form, RetryAfterTimeout::Allowed) {
        Ok(answer) => answer["channel"].clone(),
        Err(fault) if fault.error() == Some("channel_not_found") => {
            let says =
                format!("`{name}`: Slack has no channel {id} that the app may see: check the id, and invite the app");
            return DoctorCheckResult::new(Verdict::Fail, "Slack channel", says);
        }
        Err(fault) => return DoctorCheckResult::new(Verdict::Fail, "Slack channel", format!("`{name}`: {fault}")),
    };
    let real = found["name"].as_str().unwrap_or(id);
    let is = |flag: &str| found[flag] == Value::Bool(true);
    let may_join = !is("is_private") && scopes.contains("channels:join");
    if is("is_archived") {
        let says = format!("`{name}` is #{real}, which is archived: name another one in process.yaml");
        DoctorCheckResult::new(Verdict::Fail, "Slack channel", says)
    } else if is("is_member") {
        DoctorCheckResult::new(Verdict::Ok, "Slack channel", format!("`{name}` is #{real}"))
    } else if may_join {
        let says = format!("`{name}` is #{real}; the app joins it with its first message");
        DoctorCheckResult::new(Verdict::Ok, "Slack channel", says)
    } else {
        let says = format!("`{name}` is #{real}, and the app is not in it: `/invite` it there");
        DoctorCheckResult::new(Verdict::Fail, "Slack channel", says)
    }
}
