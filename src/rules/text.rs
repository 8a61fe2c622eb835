//! Searches the texts of an entry for credentials, names, and text that has an effect on GitLab or Slack.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Match, packed};

use crate::model::{Directory, Entries};
use crate::span::Span;

/// The span of a part of a value: exact for a plain scalar on one line, else the whole value, because a block or quoted
/// text differs from its value.
pub(super) fn within(place: Span, value: &str, start: usize, end: usize) -> Span {
    let plain = (place.end - place.start) as usize == value.len();
    if plain {
        Span::between(place.start as usize + start, place.start as usize + end)
    } else {
        place
    }
}

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

/// The texts at which a credential may begin: the prefixes and these three.
static BEGINNINGS: LazyLock<Beginnings> = LazyLock::new(|| {
    let others = [PRIVATE_KEY, WEB_TOKEN, SCHEME];
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

const PRIVATE_KEY: &str = "-----BEGIN ";
const WEB_TOKEN: &str = "eyJ";
const SCHEME: &str = "://";

/// The first credential in a text: its kind and its range; `None` if the text has no credential.
pub(super) fn credential(text: &str) -> Option<(&'static str, usize, usize)> {
    BEGINNINGS.find(text).find_map(|found| {
        let (at, rest) = (found.start(), &text[found.start()..]);
        let boundary = !text[..at].ends_with(|c: char| c.is_alphanumeric());
        match PREFIXES.get(found.pattern().as_usize()) {
            Some((prefix, kind, least)) if boundary => {
                let length = run(&rest[prefix.len()..]);
                (length >= *least).then_some((*kind, at, at + prefix.len() + length))
            }
            Some(_) => None,
            None if rest.starts_with(SCHEME) => url_password(&rest[SCHEME.len()..], at + SCHEME.len()),
            None => private_key(rest, at).or_else(|| web_token(rest, at).filter(|_| boundary)),
        }
    })
}

/// Replaces every credential in a text by stars of the same length; `None` if the text has no credential.
#[must_use]
pub fn mask_credentials(text: &str) -> Option<String> {
    let mut out: Option<Vec<u8>> = None;
    let mut from = 0;
    while let Some((_, start, end)) = credential(&text[from..]) {
        let bytes = out.get_or_insert_with(|| text.as_bytes().to_vec());
        // A private key goes on below its first line.
        let end = if text[from + start..].starts_with(PRIVATE_KEY) {
            text.len()
        } else {
            from + end
        };
        bytes[from + start..end]
            .iter_mut()
            .filter(|byte| !matches!(byte, b'\n' | b'\r'))
            .for_each(|byte| *byte = b'*');
        from = end;
    }
    out.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The number of characters at the start of a text that a credential may contain.
fn run(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '+' | '=')))
        .unwrap_or(text.len())
}

fn private_key(rest: &str, at: usize) -> Option<(&'static str, usize, usize)> {
    let line = rest.strip_prefix(PRIVATE_KEY)?.lines().next()?;
    line.contains("PRIVATE KEY")
        .then_some(("a private key", at, at + "-----BEGIN ".len() + line.len()))
}

/// Finds a JSON web token: three parts of base64url, of which the first two are JSON objects.
fn web_token(rest: &str, at: usize) -> Option<(&'static str, usize, usize)> {
    let token = &rest[..run(rest)];
    let mut parts = token.strip_prefix(WEB_TOKEN)?.split('.');
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let right = first.len() >= 5 && second.starts_with("eyJ") && second.len() >= 8 && third.len() >= 8;
    right.then_some(("a JSON web token", at, at + token.len()))
}

/// Finds the password in `https://user:password@host`; `rest` begins after the slashes.
fn url_password(rest: &str, at: usize) -> Option<(&'static str, usize, usize)> {
    let authority = rest
        .split(|c: char| c.is_whitespace() || matches!(c, '/' | '<' | '>' | '"'))
        .next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (!password.is_empty()).then_some(("a password in a URL", at, at + user.len()))
}

/// Names of customers and people, indexed by their first word, so that one pass searches a text.
pub(super) struct Names<'a> {
    by_first: HashMap<String, Vec<Name<'a>>>,
    /// For each byte, whether a name's first word begins with it; other words are skipped.
    begins: [bool; 256],
}

/// A name with its owner and the place that lists it.
pub(super) struct Name<'a> {
    /// The name as it is written.
    pub(super) text: &'a str,
    /// The words of the name, in lower case.
    words: Vec<String>,
    /// The customer's key; `None` for a person.
    pub(super) customer: Option<&'a str>,
    /// The place that lists the name.
    pub(super) place: Span,
}

impl<'a> Names<'a> {
    /// The names in a directory: keys and names of customers, full names of people. Names under three letters are left
    /// out.
    pub(super) fn new(directory: &'a Directory) -> Self {
        let mut names = Self::none();
        for (key, field) in directory.customers.iter().flat_map(Entries::iter) {
            names.add(key, Some(key), field.key_span());
            if let Some(name) = field.get().and_then(|customer| customer.name.get()) {
                names.add(name, Some(key), field.key_span());
            }
        }
        for (_, field) in directory.people.iter().flat_map(Entries::iter) {
            let person = field.get().filter(|person| person.team.get() != Some(&true));
            if let Some(name) = person
                .and_then(|person| person.name.get())
                .filter(|name| name.contains(' '))
            {
                names.add(name, None, field.key_span());
            }
        }
        names
    }

    /// The keys of the customers in a record, as names.
    pub(super) fn keys(keys: impl Iterator<Item = &'a str>) -> Self {
        let mut names = Self::none();
        keys.for_each(|key| names.add(key, Some(key), Span::default()));
        names
    }

    fn none() -> Self {
        Self {
            by_first: HashMap::new(),
            begins: [false; 256],
        }
    }

    fn add(&mut self, text: &'a str, customer: Option<&'a str>, place: Span) {
        let words: Vec<String> = split_words(text).map(|(_, word)| word.to_lowercase()).collect();
        if let Some(first) = words.first().cloned().filter(|_| text.chars().count() >= 3) {
            for case in [first.to_lowercase(), first.to_uppercase()] {
                case.bytes()
                    .take(1)
                    .for_each(|byte| self.begins[usize::from(byte)] = true);
            }
            self.by_first.entry(first).or_default().push(Name {
                text,
                words,
                customer,
                place,
            });
        }
    }

    /// The names in a text, each with its offset; if several begin at one word, the longest.
    pub(super) fn find(&self, text: &str) -> Vec<(&Name<'a>, usize, usize)> {
        let all: Vec<(usize, &str)> = split_words(text).collect();
        let mut found = Vec::new();
        let mut lower = String::new();
        for (number, (start, word)) in all.iter().enumerate() {
            // Letters beyond ASCII may change their first byte with their case.
            let first = word.as_bytes()[0];
            if first.is_ascii() && !self.begins[usize::from(first)] {
                continue;
            }
            lower.clear();
            lower.extend(word.chars().flat_map(char::to_lowercase));
            let Some(names) = self.by_first.get(&lower) else {
                continue;
            };
            let fits = |name: &&Name| {
                let rest = all.get(number..number + name.words.len());
                rest.is_some_and(|rest| {
                    rest.iter()
                        .zip(&name.words)
                        .all(|((_, found), wanted)| found.to_lowercase() == *wanted)
                })
            };
            if let Some(name) = names.iter().filter(fits).max_by_key(|name| name.words.len()) {
                let (last, word) = all[number + name.words.len() - 1];
                found.push((name, *start, last + word.len()));
            }
        }
        found
    }
}

/// The words of a text (letters and digits), each with its offset.
fn split_words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let split = |c: char| !c.is_alphanumeric();
    text.split(split)
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// The first part of a text that has an effect on GitLab or Slack; `None` if the text has no such part.
pub(super) fn acting(text: &str) -> Option<(&'static str, usize, usize)> {
    let bytes = text.as_bytes();
    let before = |at: usize| at.checked_sub(1).map_or(b'\n', |before| bytes[before]);
    let slashes = memchr::memchr_iter(b'/', bytes).filter(|at| matches!(before(*at), b'\n' | b'\r'));
    let commands = slashes.filter_map(|at| command(text, at));
    let signs = memchr::memchr3_iter(b'@', b'#', b'<', bytes).chain(memchr::memchr_iter(b'!', bytes));
    let others = signs.filter_map(|at| sign(text, at, before(at)));
    commands.chain(others).min_by_key(|(_, start, _)| *start)
}

/// Finds a quick action: a line that begins with `/word`.
fn command(text: &str, at: usize) -> Option<(&'static str, usize, usize)> {
    let word = text[at + 1..].split(|c: char| c.is_whitespace()).next()?;
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    plain.then_some(("a command", at, at + 1 + word.len()))
}

/// Finds a mention, a reference or markup that begins at this character.
fn sign(text: &str, at: usize, before: u8) -> Option<(&'static str, usize, usize)> {
    let rest = &text[at + 1..];
    let next = rest.chars().next()?;
    let starts = !before.is_ascii_alphanumeric() && before != b'&' && before != b'/';
    let what = match text.as_bytes()[at] {
        b'@' if starts && next.is_alphanumeric() => "a mention",
        b'#' | b'!' if starts && next.is_ascii_digit() => "a reference",
        b'<' if matches!(next, '!' | '@' | '/') || (next.is_ascii_alphabetic() && rest.contains('>')) => "markup",
        _ => return None,
    };
    let length = rest
        .find(|c: char| !(c.is_alphanumeric() || "_-/!@".contains(c)))
        .unwrap_or(rest.len());
    Some((what, at, at + 1 + length))
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
    fn names_are_found_as_words_whatever_their_case() {
        let customers: Entries<crate::model::Customer> =
            serde_yaml::from_str("{acme: {name: Acme Corp}, é: {}}").expect("customers");
        let directory = Directory {
            people: None,
            customers: Some(customers),
        };
        let names = Names::new(&directory);
        let found = |text: &str| {
            names
                .find(text)
                .into_iter()
                .map(|(name, start, end)| (name.text, start, end))
                .collect::<Vec<_>>()
        };
        assert_eq!(found("down for ACME Corp."), [("Acme Corp", 9, 18)]);
        assert_eq!(found("down for acme."), [("acme", 9, 13)]);
        assert_eq!(found("acmeology İstanbul é"), []);
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
