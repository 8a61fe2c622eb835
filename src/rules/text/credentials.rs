//! Finds credentials in a text, and replaces them by stars.
//!
//! *Invariant*: the work is proportional to the length of the text, whatever the text is. Every loop over characters is in
//! [`length_while`], so that a test can count the steps.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Match, packed};
use memchr::memmem;

use super::length_while;
use super::look_alike::{is_invisible, is_plain};
use crate::diagnostics::position::floor_char_boundary;

/// Prefixes of credentials, each with its kind and the minimum number of characters after it.
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

const KEY_BEGIN: &str = "-----BEGIN ";
const KEY_END: &str = "-----END ";
const WEB_TOKEN: &str = "eyJ";
const SCHEME: &str = "://";

/// The largest length of a private key's label, such as `RSA PRIVATE KEY`, with its dashes.
const MAX_LABEL: usize = 80;

/// The texts at which a credential may begin: the prefixes and these three.
static BEGINNINGS: LazyLock<Beginnings> = LazyLock::new(|| {
    let others = [KEY_BEGIN, WEB_TOKEN, SCHEME];
    let all: Vec<&str> = PREFIXES.iter().map(|(prefix, ..)| *prefix).chain(others).collect();
    let fast = packed::Searcher::new(&all);
    Beginnings {
        slow: if fast.is_some() {
            None
        } else {
            AhoCorasick::new(&all).ok()
        },
        fast,
    }
});

/// Searches for all beginnings at once, with vector instructions if the processor has them.
struct Beginnings {
    fast: Option<packed::Searcher>,
    slow: Option<AhoCorasick>,
}

impl Beginnings {
    fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Match> + 'a {
        let fast = self.fast.iter().flat_map(move |fast| fast.find_iter(text));
        fast.chain(self.slow.iter().flat_map(move |slow| slow.find_iter(text)))
    }
}

/// A credential in a text.
pub(in crate::rules) struct Credential {
    pub(in crate::rules) kind: &'static str,
    pub(in crate::rules) start: usize,
    /// The end of the part that identifies the credential.
    pub(in crate::rules) end: usize,
    /// The end of everything secret: a private key goes on below its first line.
    pub(super) secret_end: usize,
    /// Whether the part after the prefix reads as words, such as in `glpat-tokens-leaked-in-logs`.
    pub(in crate::rules) is_like_words: bool,
}

/// The first credential in a text: its kind and its range; `None` if the text has no credential.
pub(in crate::rules) fn credential(text: &str) -> Option<(&'static str, usize, usize)> {
    let first = visible_credentials(text).into_iter().next()?;
    Some((first.kind, first.start, first.end))
}

/// Replaces every credential in a text by stars of the same length; `None` if the text has no credential.
#[must_use]
pub fn mask_credentials(text: &str) -> Option<String> {
    let found = visible_credentials(text);
    let ranges = found.iter().map(|found| (found.start, found.secret_end));
    (!found.is_empty()).then(|| with_stars(text, ranges))
}

/// Replaces these ranges of a text by stars, line breaks excluded. Each range begins and ends between characters.
#[must_use]
pub fn with_stars(text: &str, ranges: impl IntoIterator<Item = (usize, usize)>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (start, end) in ranges {
        let range = bytes.get_mut(start..end).unwrap_or_default();
        let secret = range.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r'));
        secret.for_each(|byte| *byte = b'*');
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The first credential in a name; `None` if the name has no credential. Names are words that `-` and `_` join, so what
/// reads as words is no credential.
pub(in crate::rules) fn credential_in_name(name: &str) -> Option<Credential> {
    visible_credentials(name).into_iter().find(|found| !found.is_like_words)
}

/// Replaces every credential in a name by stars of the same length, as [`credential_in_name`] finds it; `None` if the name has no
/// credential.
#[must_use]
pub(super) fn mask_name(name: &str) -> Option<String> {
    let mut found = visible_credentials(name);
    found.retain(|found| !found.is_like_words);
    let ranges = found.iter().map(|found| (found.start, found.secret_end));
    (!found.is_empty()).then(|| with_stars(name, ranges))
}

/// Masks each part of a path as a name, because `/` may be a character of a credential; `None` if the path has no credential.
#[must_use]
pub fn mask_path(path: &str) -> Option<String> {
    mask_name(path)?;
    let mask = |part: &str| mask_name(part).unwrap_or_else(|| part.to_owned());
    let mask_file = |part: &str| match part.strip_suffix(".yaml") {
        Some(stem) => format!("{}.yaml", mask(stem)),
        None => mask(part),
    };
    let parts: Vec<_> = path.split('/').map(mask_file).collect();
    let joined = parts.join("/");
    Some(mask_name(&joined).unwrap_or(joined))
}

/// The credentials in a text as readers see it: without the characters that are invisible or removed before the text is sent. The
/// ranges are those of the original text.
pub(super) fn visible_credentials(text: &str) -> Vec<Credential> {
    let is_hidden = |c: char| {
        if c.is_ascii() {
            c.is_ascii_control() && !c.is_whitespace()
        } else {
            is_invisible(c)
        }
    };
    if is_plain(text) || !text.contains(is_hidden) {
        return credentials(text).collect();
    }
    let (mut visible, mut offsets) = (String::new(), Vec::new());
    for (at, c) in text.char_indices().filter(|(_, c)| !is_hidden(*c)) {
        visible.push(c);
        offsets.extend(at..at + c.len_utf8());
    }
    let end = |end: usize| offsets[end - 1] + 1;
    let original = |found: Credential| Credential {
        start: offsets[found.start],
        end: end(found.end),
        secret_end: end(found.secret_end),
        ..found
    };
    credentials(&visible).map(original).collect()
}

/// The credentials in a text, in order. They do not overlap.
fn credentials(text: &str) -> impl Iterator<Item = Credential> {
    let mut web_tokens = WebTokens::default();
    let mut last_end = 0;
    BEGINNINGS.find(text).filter_map(move |found| {
        let at = found.start();
        if at < last_end {
            return None;
        }
        let credential = credential_at(text, at, found.pattern().as_usize(), &mut web_tokens)?;
        last_end = credential.secret_end;
        Some(credential)
    })
}

/// The credential that begins at the beginning with this number; `None` if it is not a credential.
fn credential_at(text: &str, at: usize, beginning: usize, web_tokens: &mut WebTokens) -> Option<Credential> {
    let rest = &text[at..];
    let is_word_start = || !text[..at].ends_with(char::is_alphanumeric);
    let whole = |kind, end| Credential {
        kind,
        start: at,
        end,
        secret_end: end,
        is_like_words: false,
    };
    if let Some((prefix, kind, least)) = PREFIXES.get(beginning) {
        if !is_word_start() {
            return None;
        }
        let length = length_while(&rest[prefix.len()..], is_token_character);
        let secret = &rest[prefix.len()..prefix.len() + length];
        return (length >= *least).then(|| Credential {
            is_like_words: is_like_words(secret),
            ..whole(kind, at + prefix.len() + length)
        });
    }
    if rest.starts_with(SCHEME) {
        let start = at + SCHEME.len();
        let length = url_password(&text[start..])?;
        return Some(Credential {
            start,
            ..whole("a password in a URL", start + length)
        });
    }
    if rest.starts_with(KEY_BEGIN) {
        let end = at + private_key_line(rest)?;
        return Some(Credential {
            secret_end: private_key_end(text, end),
            ..whole("a private key", end)
        });
    }
    let end = is_word_start().then(|| web_tokens.end(text, at))??;
    Some(whole("a JSON web token", end))
}

/// Whether the secret part of a credential reads as words that `-`, `_` and the like join. A random text of small letters alone, all
/// in short groups, does not happen.
fn is_like_words(secret: &str) -> bool {
    let is_word = |part: &str| {
        let letters = part.bytes().filter(u8::is_ascii_lowercase).count();
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let is_small = letters + digits == part.len();
        is_small && (part.len() < 8 || (digits == 0 && part.len() < 16) || (letters == 0 && part.len() == 8))
    };
    secret.split(['-', '_', '.', '/']).all(is_word)
}

/// Whether a credential may contain this character.
fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '+' | '=')
}

/// The length of the first line of a private key; `None` if the label names no private key.
fn private_key_line(rest: &str) -> Option<usize> {
    let label = &rest[KEY_BEGIN.len()..];
    let label = &label[..floor_char_boundary(label, MAX_LABEL)];
    let line = label.lines().next()?;
    let end = line.find("PRIVATE KEY")? + "PRIVATE KEY".len();
    let dashes = line[end..]
        .find("-----")
        .map_or(line.len(), |dashes| end + dashes + "-----".len());
    Some(KEY_BEGIN.len() + dashes)
}

/// The end of the last line of a private key whose first line ends at `start`; the end of the text if the key has no last line.
fn private_key_end(text: &str, start: usize) -> usize {
    let Some(last_line) = memmem::find(&text.as_bytes()[start..], KEY_END.as_bytes()) else {
        return text.len();
    };
    let label = start + last_line + KEY_END.len();
    let shown = &text[label..];
    let shown = &shown[..floor_char_boundary(shown, MAX_LABEL)];
    let dashes = shown.find("-----").map(|dashes| dashes + "-----".len());
    label + dashes.or_else(|| shown.find('\n')).unwrap_or(shown.len())
}

/// Finds JSON web tokens: three parts of base64url, of which the first two are JSON objects. It remembers the part that it
/// read last, because many beginnings can be in one part.
#[derive(Default)]
struct WebTokens {
    /// The end of the part that was read last.
    part_end: usize,
    /// Whether a token may begin in that part, by what follows the part.
    is_followed: bool,
}

impl WebTokens {
    /// The end of the token that begins at `at`; `None` if it is not a token. Calls go from the start of a text to its end.
    fn end(&mut self, text: &str, at: usize) -> Option<usize> {
        let part = |from: usize| from + length_while(&text[from..], |c| c != '.' && is_token_character(c));
        if at >= self.part_end {
            self.part_end = part(at);
            self.is_followed = text[self.part_end..].strip_prefix('.').is_some_and(|rest| {
                let second = text.len() - rest.len();
                let second_end = part(second);
                let third = text[second_end..].strip_prefix('.').unwrap_or_default();
                let third = length_while(third, |c| c != '.' && is_token_character(c));
                rest.starts_with(WEB_TOKEN) && second_end - second >= 8 && third >= 8
            });
        }
        let is_long = self.part_end >= at + WEB_TOKEN.len() + 5;
        (self.is_followed && is_long).then(|| at + length_while(&text[at..], is_token_character))
    }
}

/// The length of user and password in `user:password@host`; `None` if there is no password.
fn url_password(rest: &str) -> Option<usize> {
    let length = length_while(rest, |c| !(c.is_whitespace() || matches!(c, '/' | '<' | '>' | '"')));
    let (user, _) = rest[..length].rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (!password.is_empty()).then_some(user.len())
}

#[cfg(test)]
mod tests {
    use super::super::steps_of;
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
            &format!("eyJ-eyJ-eyJ {jwt}"),
            &format!("eyJ.eyJ.{jwt}"),
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
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnb",
            "-----BEGIN CERTIFICATE-----\nMIIE\nno PRIVATE KEY",
            "a:b@c",
        ] {
            assert_eq!(credential(text), None, "{text}");
        }
    }

    #[test]
    fn a_masked_text_has_its_length_and_none_of_its_credentials() {
        let text = "a glpat-abcdefghij0123456789 é xoxb-1234567890-abcdef\nb";
        let masked = mask_credentials(text).expect("there are credentials");
        assert_eq!(masked.len(), text.len());
        assert!(
            !masked.contains("abcdef") && masked.starts_with("a ***") && masked.ends_with("\nb"),
            "{masked}"
        );
        assert!(mask_credentials("-----BEGIN PRIVATE KEY-----\nMIIE\n").is_some_and(|text| !text.contains("MIIE")));
        assert_eq!(mask_credentials("nothing here"), None);
    }

    #[test]
    fn a_credential_is_found_whose_characters_have_invisible_ones_between_them() {
        for hidden in [
            '\u{200b}',
            '\u{ad}',
            '\u{2060}',
            '\u{e000}',
            '\u{7}',
            '\u{fe0f}',
            '\u{e0061}',
        ] {
            let token = format!("gl{hidden}pat-abcdefghij{hidden}0123456789");
            let text = format!("é {token} é");
            let (kind, start, end) = credential(&text).expect("a credential");
            assert_eq!(
                (kind, &text[start..end]),
                (credential("glpat-abcdefghij0123456789").expect("one").0, &*token)
            );
            let masked = mask_credentials(&text).expect("a credential");
            assert_eq!(masked, format!("é {} é", "*".repeat(token.len())), "{hidden:?}");
        }
        assert_eq!(mask_credentials("é\u{200b} nothing \u{ad}here"), None);
    }

    #[test]
    fn the_words_after_a_whole_private_key_stay() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----";
        let masked = mask_credentials(&format!("before {key} after {key}")).expect("there are credentials");
        assert!(
            masked.starts_with("before ***") && masked.contains(" after ***"),
            "{masked}"
        );
        assert!(!masked.contains("MIIE") && !masked.contains("KEY"), "{masked}");
    }

    #[test]
    fn the_steps_for_repeated_beginnings_grow_with_the_text_and_not_faster() {
        let all = [
            "eyJ",
            "-eyJ",
            ".eyJ",
            "eyJ.eyJaaaaaa.",
            "-----BEGIN ",
            "-----BEGIN PRIVATE KEY",
            "://a:",
            "://@",
            "-glpat-",
            "SG.",
        ];
        for beginning in all {
            let text = beginning.repeat(100_000 / beginning.len());
            let steps = steps_of(|| {
                credential(&text);
                let _ = mask_credentials(&text);
            });
            assert!(steps <= 8 * text.len(), "{beginning}: {steps} steps");
        }
    }
}
