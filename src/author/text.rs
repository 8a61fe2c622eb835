//! Renders an entry as the text of its file: readable YAML, in the order of the record's format.

use serde_yaml::{Mapping, Value};

use crate::model::{Entries, Entry};
use crate::rules::mask_credentials;

/// The kind of file that an entry is written to: the declaration or an update.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// `incident.yaml`.
    Declaration,
    /// `updates/*.yaml`.
    Update,
}

impl FileKind {
    /// The keys that come first, in order; the other keys follow in the order of the record's format.
    const fn first(self) -> &'static [&'static str] {
        match self {
            Self::Declaration => &[
                "title",
                "severity",
                "declared_at",
                "declared_by",
                "customers",
                "impact",
                "roles",
            ],
            Self::Update => &[
                "at",
                "by",
                "title",
                "status",
                "severity",
                "reason",
                "roles",
                "customers",
                "steps",
                "impact",
            ],
        }
    }
}

/// Renders an entry as YAML; `None` if the YAML writer fails, which no known entry causes.
#[must_use]
pub fn render(entry: &Entry, kind: FileKind) -> Option<String> {
    let mut pairs = pairs(entry);
    let place = |key: &str| kind.first().iter().position(|first| *first == key);
    pairs.sort_by_key(|(key, _)| place(key).unwrap_or(usize::MAX));
    serde_yaml::to_string(&mapping(pairs)).ok()
}

/// The YAML of a mapping with the only key `k` and this value.
pub(super) fn one(value: &Value) -> Option<String> {
    serde_yaml::to_string(&mapping(vec![("k".to_owned(), value.clone())])).ok()
}

fn mapping(pairs: Vec<(String, Value)>) -> Mapping {
    pairs
        .into_iter()
        .map(|(key, value)| (Value::from(key), value))
        .collect()
}

/// The keys and values of an entry, in the order of the record's format.
pub(super) fn pairs(entry: &Entry) -> Vec<(String, Value)> {
    let Ok(Value::Mapping(all)) = serde_yaml::to_value(entry) else {
        return Vec::new();
    };
    let pairs = all.into_iter();
    pairs
        .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value)))
        .collect()
}

/// Summarises an entry in a few words, for a title, with stars for its credentials.
#[must_use]
pub fn short_description(entry: &Entry) -> String {
    let words = description(entry);
    mask_credentials(&words).unwrap_or(words)
}

fn description(entry: &Entry) -> String {
    let mut parts = Vec::new();
    parts.extend(entry.status.get().map(ToString::to_string));
    parts.extend(entry.severity.get().map(|severity| format!("now {severity}")));
    for (role, _) in entry.roles.get().into_iter().flat_map(Entries::iter) {
        parts.push(format!("hand over {role}"));
    }
    for (step, _) in entry.steps.get().into_iter().flat_map(Entries::iter) {
        parts.push(format!("step {step}"));
    }
    if parts.is_empty() {
        let words = [
            &entry.customer_message,
            &entry.current_status,
            &entry.current_actions,
            &entry.next_steps,
        ];
        // Credentials are masked before the text is cut, because a part of a credential does not look like one.
        let first = words.iter().find_map(|field| {
            let text = field.get().filter(|text| text.lines().next().is_some())?;
            Some(mask_credentials(text).unwrap_or_else(|| text.clone()))
        });
        let line = first.as_deref().and_then(|text| text.lines().next());
        parts.push(line.unwrap_or("update").chars().take(80).collect());
    }
    parts.join(", ")
}

/// Normalises a text for YAML: no trailing blanks, no tabs, no control characters; several lines end with a line feed,
/// a single line does not. Only such text becomes a readable block in YAML.
#[must_use]
pub fn normalize_text(text: &str) -> String {
    let ends = |c| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace(ends, "\n");
    let plain = |c: &char| !c.is_control() && *c != '\u{feff}';
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| {
            let line: String = line.replace('\t', "    ").chars().filter(plain).collect();
            line.trim_end().to_owned()
        })
        .collect();
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let last = lines
        .iter()
        .rposition(|line| !line.is_empty())
        .map_or(first, |last| last + 1);
    match &lines[first..last] {
        [] => String::new(),
        [one] => one.trim().to_owned(),
        several => several.join("\n") + "\n",
    }
}

/// Normalises a text like [`normalize_text`] and joins its lines with blanks.
#[must_use]
pub fn normalize_line(text: &str) -> String {
    normalize_text(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
