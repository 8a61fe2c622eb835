//! Builds Slack messages from rendered bodies: text, blocks and topic.
//!
//! A person's words go into `plain_text` objects, which have no formatting, if they fill whole lines; inside a line of a
//! template they are escaped. Notifications show the `text` beside the blocks.
//! Limits: <https://docs.slack.dev/reference/block-kit/blocks/section-block>.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::chat::ChatContext;
use crate::effects::Key;
use crate::render::{BodyPart, escape, parts};

/// The largest length of a section's text, in characters.
const MAX_SECTION: usize = 2_900;
/// The largest number of blocks of a message.
const MAX_BLOCKS: usize = 45;
/// The largest length of a notification's text, far below Slack's limit.
const MAX_TEXT: usize = 3_500;
/// The largest length of a channel's topic: <https://docs.slack.dev/reference/methods/conversations.setTopic>.
const MAX_TOPIC: usize = 250;

/// The addresses of a body's references, written as Slack links.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links<'a> {
    links: &'a BTreeMap<Key, String>,
    channel: Option<&'a str>,
}

impl<'a> Links<'a> {
    pub(super) fn of(context: &'a ChatContext) -> Self {
        Self {
            links: &context.links,
            channel: context.channel.as_ref().map(|post| post.channel.as_str()),
        }
    }

    fn show(self, key: &str) -> String {
        let key = Key::from(key);
        if key.is_in_chat()
            && let Some(id) = self.channel
        {
            return format!("<#{id}>");
        }
        match self.links.get(&key) {
            Some(url) => format!("<{}>", escape::slack(url)),
            None if key.is_in_chat() => "the incident's channel".to_owned(),
            None => "the incident issue".to_owned(),
        }
    }
}

/// A message's text, for notifications.
pub(super) fn text(body: &str, links: Links) -> String {
    let all = parts(body).into_iter().map(|part| inline(&part, links));
    escape::cut(all.collect::<String>().trim_end(), MAX_TEXT)
}

fn inline(part: &BodyPart, links: Links) -> String {
    match part {
        BodyPart::Words(words) => (*words).to_owned(),
        BodyPart::Reference(key) => links.show(key),
        BodyPart::Literal(text) => escape::slack(text),
    }
}

/// A piece of a message: the template's markup, or a person's words.
#[derive(PartialEq, Eq, Debug)]
enum Piece {
    Markup(String),
    Literal(String),
}

/// A message's blocks.
pub(super) fn blocks(body: &str, links: Links) -> Value {
    let mut all = Vec::new();
    for piece in pieces(body, links) {
        let (kind, text) = match &piece {
            Piece::Markup(text) => ("mrkdwn", text.trim_matches('\n')),
            Piece::Literal(text) => ("plain_text", text.as_str()),
        };
        for part in chunks(text) {
            let mut object = json!({ "type": kind, "text": part });
            // `:fire:` stays as it is written, and Slack links no names or addresses in the template's words.
            let (flag, value) = if kind == "mrkdwn" {
                ("verbatim", true)
            } else {
                ("emoji", false)
            };
            object[flag] = json!(value);
            all.push(json!({ "type": "section", "text": object }));
        }
    }
    if all.len() > MAX_BLOCKS {
        all.truncate(MAX_BLOCKS - 1);
        let cut = json!({ "type": "plain_text", "text": "… (the record has the rest)", "emoji": false });
        all.push(json!({ "type": "section", "text": cut }));
    }
    Value::Array(all)
}

/// Splits a body into pieces; a literal that fills whole lines is a piece of its own.
fn pieces(body: &str, links: Links) -> Vec<Piece> {
    let parts = parts(body);
    let mut all = vec![Piece::Markup(String::new())];
    for (at, part) in parts.iter().enumerate() {
        let begins = at == 0 || matches!(&parts[at - 1], BodyPart::Words(words) if words.ends_with('\n'));
        let ends = at + 1 == parts.len() || matches!(&parts[at + 1], BodyPart::Words(words) if words.starts_with('\n'));
        match part {
            BodyPart::Literal(text) if begins && ends => {
                all.push(Piece::Literal(text.clone()));
                all.push(Piece::Markup(String::new()));
            }
            part => {
                if let Some(Piece::Markup(text)) = all.last_mut() {
                    text.push_str(&inline(part, links));
                }
            }
        }
    }
    all.retain(|piece| match piece {
        Piece::Markup(text) | Piece::Literal(text) => !text.trim().is_empty(),
    });
    all
}

/// Splits a text into parts that fit a section, at line ends if possible.
fn chunks(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(MAX_SECTION) {
        let at = rest[..end].rfind('\n').filter(|at| *at > 0).unwrap_or(end);
        all.push(rest[..at].to_owned());
        rest = rest[at..].strip_prefix('\n').unwrap_or(&rest[at..]);
    }
    if !rest.trim().is_empty() {
        all.push(rest.to_owned());
    }
    all
}

/// A channel's topic: one line without markup.
pub(super) fn topic(body: &str, links: Links) -> String {
    let plain = |part: BodyPart| match part {
        BodyPart::Words(words) => words.to_owned(),
        BodyPart::Reference(key) => links.links.get(&Key::from(key)).cloned().unwrap_or_default(),
        BodyPart::Literal(text) => escape::slack(&text),
    };
    let line: String = parts(body).into_iter().map(plain).collect();
    escape::cut(&line.split_whitespace().collect::<Vec<_>>().join(" "), MAX_TOPIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(links: &BTreeMap<Key, String>, channel: Option<&str>, see: impl Fn(Links) -> T) -> T {
        see(Links { links, channel })
    }

    fn body() -> String {
        let literal = "\u{e002}<!channel> *a*\u{e004}:fire:\u{e003}";
        format!(
            "*Severity 0* by \u{e002}_x_\u{e003} in \u{e000}incident/i/slack/open/sev0\u{e001}\n{literal}\nSee \u{e000}incident/i\u{e001}\n"
        )
    }

    #[test]
    fn what_a_person_wrote_has_an_object_without_formatting_where_it_has_lines_of_its_own() {
        let links = BTreeMap::from([(Key::from("incident/i"), "https://g/?a&b".to_owned())]);
        let blocks = with(&links, Some("C1"), |links| blocks(&body(), links));
        let texts: Vec<(&str, &str)> = blocks
            .as_array()
            .expect("a list")
            .iter()
            .map(|block| {
                let text = &block["text"];
                (
                    text["type"].as_str().expect("a type"),
                    text["text"].as_str().expect("a text"),
                )
            })
            .collect();
        assert_eq!(texts[0].0, "mrkdwn");
        assert!(texts[0].1.ends_with("in <#C1>"), "{texts:?}");
        assert_eq!(texts[1], ("plain_text", "<!channel> *a*\n:fire:"));
        assert_eq!(texts[2], ("mrkdwn", "See <https://g/?a&amp;b>"));
    }

    #[test]
    fn a_notifications_text_is_escaped() {
        let text = with(&BTreeMap::new(), None, |links| text(&body(), links));
        assert!(text.contains("&lt;!channel&gt;") && !text.contains("<!"), "{text}");
    }

    #[test]
    fn a_long_text_is_parted_at_the_end_of_a_line_and_loses_nothing() {
        let text = format!("{}\n{}", "a".repeat(2_000), "b".repeat(5_000));
        let all = chunks(&text);
        assert!(all.iter().all(|part| part.chars().count() <= MAX_SECTION));
        assert_eq!(all.concat(), text.replace('\n', ""));
    }

    #[test]
    fn a_topic_is_one_short_line_without_markup() {
        let topic = with(&BTreeMap::new(), None, |links| {
            topic(&format!("a | \u{e002}<@U1> {}\u{e003}", "x".repeat(400)), links)
        });
        assert!(
            topic.chars().count() <= MAX_TOPIC && topic.starts_with("a | &lt;@U1&gt;"),
            "{topic}"
        );
    }
}
