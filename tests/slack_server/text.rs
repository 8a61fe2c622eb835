//! What a text of Slack shows and whom it calls.
//! <https://docs.slack.dev/messaging/formatting-message-text>

use serde_json::Value;

/// Texts that are read as markup: the blocks' where there are blocks, else the message's.
fn marked_up<'a>(text: &'a str, blocks: &'a Value) -> Vec<&'a str> {
    match blocks.as_array() {
        Some(list) if !list.is_empty() => list
            .iter()
            .map(|block| &block["text"])
            .filter(|text| text["type"] == "mrkdwn")
            .filter_map(|text| text["text"].as_str())
            .collect(),
        _ => vec![text],
    }
}

/// Whom a message calls.
pub fn mentions(text: &str, blocks: &Value) -> Vec<String> {
    let texts = marked_up(text, blocks);
    let all = texts.iter().flat_map(|text| tags(text));
    all.filter(|tag| tag.starts_with('!') || tag.starts_with('@')).collect()
}

/// What stands between angle brackets.
pub fn tags(text: &str) -> Vec<String> {
    let parts = text.split('<').skip(1);
    parts
        .filter_map(|rest| Some(rest.split_once('>')?.0.to_owned()))
        .collect()
}

/// What acts in a message beyond what is allowed: mentions and links.
pub fn acts_beyond(text: &str, blocks: &Value, allowed: &[&str]) -> Vec<String> {
    let mut texts = marked_up(text, blocks);
    // What notifications show is read as markup as well.
    texts.push(text);
    let all = texts.iter().flat_map(|text| tags(text));
    all.filter(|tag| !allowed.iter().any(|own| tag.starts_with(own)))
        .collect()
}

fn decoded(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A message as a reader sees it, block by block; formatting of `mrkdwn` is left as it was written.
pub fn shown(text: &str, blocks: &Value) -> String {
    match blocks.as_array() {
        Some(list) if !list.is_empty() => {
            let show = |block: &Value| {
                let text = block["text"]["text"].as_str().unwrap_or_default();
                if block["text"]["type"] == "plain_text" {
                    text.to_owned()
                } else {
                    decoded(text)
                }
            };
            list.iter().map(show).collect::<Vec<_>>().join("\n")
        }
        _ => decoded(text),
    }
}

/// The texts of a message that have no formatting at all, as they are shown.
pub fn literals(blocks: &Value) -> Vec<String> {
    let list = blocks.as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|block| &block["text"])
        .filter(|text| text["type"] == "plain_text" && text["emoji"] == false)
        .filter_map(|text| text["text"].as_str().map(str::to_owned))
        .collect()
}
