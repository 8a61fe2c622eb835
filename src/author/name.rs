//! The id of a new incident and the file name of a new update.

use chrono::{TimeDelta, Timelike};

use crate::model::{IncidentId, Timestamp};
use crate::rules::mask_credentials;
use crate::source::MAX_INCIDENT_ID_LENGTH;

/// The slug that an incident's id gets if its title has no usable letter.
const NAMELESS: &str = "incident";

/// Letters with diacritics and their ASCII replacements.
const PLAIN: &[(&str, &str)] = &[
    ("àáâãåā", "a"),
    ("ç", "c"),
    ("èéêëēę", "e"),
    ("ìíîïī", "i"),
    ("ñń", "n"),
    ("òóôõøō", "o"),
    ("ùúûū", "u"),
    ("ýÿ", "y"),
    ("š", "s"),
    ("ž", "z"),
    ("ł", "l"),
    ("ä", "ae"),
    ("ö", "oe"),
    ("ü", "ue"),
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
];

/// Returns the id of a new incident: the UTC date of `at` and a slug of `words`, such as the title, without their credentials.
#[must_use]
pub fn incident_id(words: &str, at: Timestamp) -> IncidentId {
    let date = at.0.date_naive().to_string();
    let room = MAX_INCIDENT_ID_LENGTH.saturating_sub(date.len() + 1);
    let masked = mask_credentials(words);
    IncidentId(format!("{date}-{}", slug(masked.as_deref().unwrap_or(words), room)))
}

/// Converts a text to a slug of `a-z`, `0-9` and `-` with at most `max` characters, cut between words if possible.
/// Never empty.
#[must_use]
pub fn slug(text: &str, max: usize) -> String {
    let mut words: Vec<String> = vec![String::new()];
    for c in text.chars().flat_map(char::to_lowercase) {
        let known = PLAIN.iter().find(|(signs, _)| signs.contains(c));
        match (known, words.last_mut()) {
            (Some((_, plain)), Some(word)) => word.push_str(plain),
            (None, Some(word)) if c.is_ascii_alphanumeric() => word.push(c),
            // It's one word: its.
            (None, _) if matches!(c, '\'' | '’') => {}
            _ => words.push(String::new()),
        }
    }
    let mut out = String::new();
    for word in words.iter().filter(|word| !word.is_empty()) {
        let dash = usize::from(!out.is_empty());
        if out.len() + dash + word.len() > max {
            if out.is_empty() {
                out.extend(word.chars().take(max));
            }
            break;
        }
        if dash == 1 {
            out.push('-');
        }
        out.push_str(word);
    }
    if out.is_empty() { NAMELESS.to_owned() } else { out }
}

/// The time and the stamp of a new update: to the minute if that name is free, else to the second, else the next free
/// second.
pub(super) fn stamp(at: Timestamp, by: &str, taken: &dyn Fn(&str) -> bool) -> (Timestamp, String) {
    let person = if by.chars().all(in_name) && !by.is_empty() {
        format!("-{by}")
    } else {
        String::new()
    };
    let whole = Timestamp(at.0.with_nanosecond(0).unwrap_or(at.0));
    let minute = format!("{}{person}", whole.0.format("%Y%m%dT%H%MZ"));
    if !taken(&minute) {
        return (whole, minute);
    }
    let mut time = whole;
    loop {
        let name = format!("{}{person}", time.0.format("%Y%m%dT%H%M%SZ"));
        if !taken(&name) {
            return (time, name);
        }
        time = Timestamp(time.0 + TimeDelta::seconds(1));
    }
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}
