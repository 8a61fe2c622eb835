//! Looking through the texts of an entry: credentials, names, and what would act where it is shown.

use super::context::{items, pairs};
use crate::model::{Entry, Nullable};
use crate::span::{Field, Span};

/// Every free text of an entry with the place of its value.
pub(super) fn all(entry: &Entry) -> Vec<(Span, &str)> {
    let mut all: Vec<(Span, &str)> = Vec::new();
    let texts = [
        &entry.title,
        &entry.reason,
        &entry.current_status,
        &entry.current_actions,
        &entry.next_steps,
        &entry.customer_message,
        &entry.slack_channel,
    ];
    let impact = entry.impact.get();
    let impact = impact
        .into_iter()
        .flat_map(|impact| [&impact.headline, &impact.symptoms, &impact.workaround]);
    for field in texts.into_iter().chain(impact) {
        all.extend(field.get().map(|text| (field.span(), text.as_str())));
    }
    for entries in [&entry.steps, &entry.links, &entry.tickets] {
        for (key, text, _) in pairs(entries) {
            let value = entries.get().and_then(|entries| entries.get(key)).map(Field::span);
            all.push((value.unwrap_or_default(), text));
        }
    }
    if let Some(Nullable::Value(text)) = entry.hold_customers.get() {
        all.push((entry.hold_customers.span(), text));
    }
    for (point, _) in entry.timeline.get().into_iter().flat_map(|list| items(list)) {
        all.extend(point.what.get().map(|text| (point.what.span(), text.as_str())));
    }
    for (item, _) in entry.overrides.get().into_iter().flat_map(|list| items(list)) {
        all.extend(item.reason.get().map(|text| (item.reason.span(), text.as_str())));
    }
    all.sort();
    all
}

/// The place in the file of a part of a value. Exact for a plain scalar on one line; else the whole value, which in a
/// block or in quotes is written in another way than it reads.
pub(super) fn within(place: Span, value: &str, start: usize, end: usize) -> Span {
    let plain = (place.end - place.start) as usize == value.len();
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(place.start);
    if plain {
        Span::new(offset(start), offset(end))
    } else {
        place
    }
}

/// Prefixes of credentials, what each is, and how many more characters of its alphabet follow at least.
const PREFIXES: &[(&str, &str, usize)] = &[
    ("glpat-", "a GitLab access token", 16),
    ("gldt-", "a GitLab deploy token", 16),
    ("glrt-", "a GitLab runner token", 16),
    ("glcbt-", "a GitLab job token", 16),
    ("glptt-", "a GitLab trigger token", 16),
    ("gloas-", "a GitLab OAuth secret", 16),
    ("glsoat-", "a GitLab SCIM token", 16),
    ("glft-", "a GitLab feed token", 16),
    ("glimt-", "a GitLab incoming mail token", 16),
    ("glagent-", "a GitLab agent token", 16),
    ("xoxb-", "a Slack token", 10),
    ("xoxp-", "a Slack token", 10),
    ("xoxa-", "a Slack token", 10),
    ("xoxr-", "a Slack token", 10),
    ("xoxs-", "a Slack token", 10),
    ("xoxe-", "a Slack token", 10),
    ("xapp-", "a Slack token", 10),
    ("hooks.slack.com/services/", "a Slack webhook", 10),
    ("AKIA", "an AWS access key", 16),
    ("ASIA", "an AWS access key", 16),
    ("ghp_", "a GitHub token", 20),
    ("gho_", "a GitHub token", 20),
    ("ghs_", "a GitHub token", 20),
    ("github_pat_", "a GitHub token", 20),
    ("AIza", "a Google API key", 30),
    ("sk_live_", "a Stripe key", 16),
    ("rk_live_", "a Stripe key", 16),
    ("npm_", "an npm token", 30),
    ("dop_v1_", "a DigitalOcean token", 30),
    ("SG.", "a SendGrid key", 40),
];

/// What kind of credential a text holds, and where; the first one.
pub(super) fn credential(text: &str) -> Option<(&'static str, usize, usize)> {
    let prefixed = PREFIXES.iter().filter_map(|(prefix, kind, least)| {
        let found = text.match_indices(prefix).find_map(|(start, _)| {
            let boundary = !text[..start].ends_with(|c: char| c.is_ascii_alphanumeric());
            let length = run(&text[start + prefix.len()..]);
            (boundary && length >= *least).then_some((start, start + prefix.len() + length))
        });
        found.map(|(start, end)| (*kind, start, end))
    });
    prefixed
        .chain(private_key(text))
        .chain(web_token(text))
        .chain(url_password(text))
        .min_by_key(|(_, start, _)| *start)
}

/// How many characters of a credential's alphabet a text begins with.
fn run(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '+' | '=')))
        .unwrap_or(text.len())
}

fn private_key(text: &str) -> Option<(&'static str, usize, usize)> {
    let start = text.find("-----BEGIN ")?;
    let line = text[start..].lines().next()?;
    line.contains("PRIVATE KEY")
        .then_some(("a private key", start, start + line.len()))
}

/// A JSON web token: three parts of base64url, of which the first two are JSON objects.
fn web_token(text: &str) -> Option<(&'static str, usize, usize)> {
    text.match_indices("eyJ").find_map(|(start, _)| {
        let token = &text[start..start + run(&text[start..])];
        let mut parts = token.split('.');
        let long = |part: Option<&str>| part.is_some_and(|part| part.len() >= 8);
        let second = token.split('.').nth(1).is_some_and(|part| part.starts_with("eyJ"));
        (long(parts.next()) && long(parts.next()) && second && long(parts.next())).then_some((
            "a JSON web token",
            start,
            start + token.len(),
        ))
    })
}

/// `https://user:password@host`.
fn url_password(text: &str) -> Option<(&'static str, usize, usize)> {
    text.match_indices("://").find_map(|(at, _)| {
        let authority = text[at + 3..]
            .split(|c: char| c.is_whitespace() || matches!(c, '/' | '<' | '>' | '"'))
            .next()?;
        let (user, _) = authority.rsplit_once('@')?;
        let (_, password) = user.split_once(':')?;
        (!password.is_empty()).then_some(("a password in a URL", at + 3, at + 3 + user.len()))
    })
}

/// Where a word or name stands in a text, as a word of its own, letter case aside. Words under three letters are none.
pub(super) fn find_word(text: &str, word: &str) -> Option<(usize, usize)> {
    if word.chars().count() < 3 {
        return None;
    }
    let starts = text.char_indices().map(|(at, _)| at);
    starts.into_iter().find_map(|start| {
        let mut rest = text[start..].chars();
        let same = word.chars().all(|wanted| {
            rest.next()
                .is_some_and(|found| found.to_lowercase().eq(wanted.to_lowercase()))
        });
        let end = text.len() - rest.as_str().len();
        let alone = |c: char| !c.is_alphanumeric();
        let free = text[..start].chars().next_back().is_none_or(alone) && text[end..].chars().next().is_none_or(alone);
        (same && free).then_some((start, end))
    })
}

/// What in a text would act where it is shown, and where; the first one.
pub(super) fn acting(text: &str) -> Option<(&'static str, usize, usize)> {
    let mut line_start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let word = line.trim_end().split(' ').next().unwrap_or_default();
        if word.len() > 1 && word.starts_with('/') && word[1..].chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Some(("a command", line_start, line_start + word.len()));
        }
        line_start += line.len();
    }
    let bytes = text.as_bytes();
    for (at, sigil) in text.match_indices(['@', '#', '!', '<']) {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let starts = before.is_none_or(|before| !before.is_ascii_alphanumeric() && before != b'&' && before != b'/');
        let next = text[at + 1..].chars().next();
        let end = at
            + 1
            + text[at + 1..]
                .find(|c: char| !(c.is_alphanumeric() || "_-/!@".contains(c)))
                .unwrap_or(text.len() - at - 1);
        let what = match (sigil, next) {
            ("@", Some(c)) if starts && c.is_alphanumeric() => "a mention",
            ("#" | "!", Some(c)) if starts && c.is_ascii_digit() => "a reference",
            ("<", Some('!' | '@' | '/')) => "markup",
            ("<", Some(c)) if c.is_ascii_alphabetic() && text[at..].contains('>') => "markup",
            _ => continue,
        };
        return Some((what, at, end));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_every_kind_are_found_and_prose_is_not() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl";
        for text in [
            "glpat-abcdefghij0123456789",
            "token=xoxb-1234567890-abcdef",
            "AKIAIOSFODNN7EXAMPLE",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
            jwt,
            "https://bob:secret@example.com/x",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        ] {
            assert!(credential(text).is_some(), "{text}");
        }
        for text in [
            "rotate the glpat- tokens",
            "https://example.com/@bob",
            "AKIA",
            "eyJ is how they begin",
            "a:b@c",
        ] {
            assert_eq!(credential(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_found_as_words_whatever_their_case() {
        assert_eq!(find_word("down for ACME Corp.", "acme corp"), Some((9, 18)));
        assert_eq!(find_word("acmeology", "acme"), None);
        assert_eq!(find_word("İstanbul é", "é"), None);
    }

    #[test]
    fn what_would_act_is_found_and_prose_is_not() {
        for text in [
            "done\n/close",
            "ask @dave",
            "see #12",
            "<!channel>",
            "<b>x</b>",
            "/close",
        ] {
            assert!(acting(text).is_some(), "{text}");
        }
        for text in [
            "and/or",
            "/var/log is full",
            "a < b",
            "mail bob@example.com",
            "C# 1",
            "wow!",
            "#tag",
        ] {
            assert_eq!(acting(text), None, "{text}");
        }
    }
}
