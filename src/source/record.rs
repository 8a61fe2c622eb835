//! Reads the files of an incident's folder into its record.

use std::collections::BTreeMap;

use super::File;
use super::document::{self, Document};
use super::sink::Sink;
use crate::diagnostics::{Diagnostic, Level, sort_and_limit};
use crate::model::{Entry, IncidentId, PersonKey, Record, RecordEntry, Timestamp};
use crate::span::{Field, Span};

/// The maximum length of an incident id. The name of a channel (80 characters) and of a branch must have room for the
/// id.
pub const MAX_INCIDENT_ID_LENGTH: usize = 60;

/// The character that stands for bytes of a file name that are not UTF-8. No valid id has it.
pub const UNREADABLE: char = char::REPLACEMENT_CHARACTER;

/// The result of reading an incident's folder: the record and the findings about its files.
#[derive(Clone, PartialEq, Debug)]
pub struct ParsedRecord {
    /// The record; `None` if the declaration is missing or unreadable.
    pub record: Option<Record>,
    /// The findings about the files, sorted by path and place.
    pub findings: Vec<Diagnostic>,
}

impl ParsedRecord {
    /// The record; `None` if a part of any file could not be read. Only a complete record may lead to effects.
    #[must_use]
    pub fn complete_record(&self) -> Option<&Record> {
        let broken = self.findings.iter().any(|finding| finding.level == Level::Error);
        self.record.as_ref().filter(|_| !broken)
    }

    /// Like [`Self::complete_record`], but returns the record by value.
    #[must_use]
    pub fn into_complete_record(self) -> Option<Record> {
        self.complete_record()?;
        self.record
    }
}

/// Reads the files of the folder `incidents/ID`. It never fails: a mistake is a finding, and a broken file does not
/// hide the mistakes of another.
#[must_use]
pub fn read_record(id: &str, files: &[File]) -> ParsedRecord {
    let folder = format!("incidents/{id}");
    let (mut findings, mut left_out) = (Vec::new(), BTreeMap::new());
    let mut entries = Vec::with_capacity(files.len());
    let mut declared = false;
    for file in files {
        let inside = file
            .path
            .strip_prefix(&folder)
            .unwrap_or(&file.path)
            .trim_start_matches('/');
        let sink = Sink::new(&file.path);
        match Name::parse(inside) {
            Name::Declaration => {
                declared = true;
                entries.extend(document::read(file, false, &sink).and_then(|read| declaration(id, file, read, &sink)));
            }
            Name::Update(name) => {
                entries.extend(document::read(file, false, &sink).map(|read| update(&name, file, read, &sink)));
            }
            Name::Misplaced => misplaced(inside, file.link, &sink),
        }
        sink.move_to(&mut findings, &mut left_out);
    }
    if !declared {
        let path = format!("{folder}/incident.yaml");
        let message = "an incident without its declaration";
        let help = "add `incident.yaml` with title, severity, declared_at, declared_by and customers";
        findings.push(
            Diagnostic::new("INC005", Level::Error, &path, Span::default(), message).with_help(Some(help.into())),
        );
    }
    entries.sort_by(|a, b| (!a.declaration, a.at, &a.path).cmp(&(!b.declaration, b.at, &b.path)));
    let findings = sort_and_limit(findings, &left_out);
    let readable = entries.first().is_some_and(|first| first.declaration);
    let record = readable.then(|| Record {
        id: IncidentId::from(id),
        entries,
    });
    ParsedRecord { record, findings }
}

/// The kind of file that a path inside the folder stands for.
enum Name {
    Declaration,
    Update(Stamp),
    Misplaced,
}

/// An update's file name: `STAMP.yaml` or `STAMP-PERSON.yaml`.
struct Stamp {
    stem: String,
    at: Timestamp,
    /// Whether the time in the name has seconds.
    seconds: bool,
    person: Option<String>,
}

impl Name {
    fn parse(inside: &str) -> Self {
        if inside == "incident.yaml" {
            return Self::Declaration;
        }
        inside
            .strip_prefix("updates/")
            .and_then(|name| name.strip_suffix(".yaml"))
            .and_then(Stamp::parse)
            .map_or(Self::Misplaced, Self::Update)
    }
}

impl Stamp {
    fn parse(stem: &str) -> Option<Self> {
        let (time, person) = match stem.split_once('-') {
            Some((time, person)) => (time, Some(person)),
            None => (stem, None),
        };
        let digits = time.strip_suffix('Z')?;
        let (date, clock) = digits.split_once('T')?;
        let numeric = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if date.len() != 8 || !matches!(clock.len(), 4 | 6) || !numeric(date) || !numeric(clock) {
            return None;
        }
        if person.is_some_and(|name| name.is_empty() || !name.chars().all(is_name_char)) {
            return None;
        }
        let seconds = clock.get(4..).filter(|seconds| !seconds.is_empty());
        let text = format!(
            "{}-{}-{}T{}:{}:{}Z",
            &date[..4],
            &date[4..6],
            &date[6..],
            &clock[..2],
            &clock[2..4],
            seconds.unwrap_or("00")
        );
        Some(Self {
            stem: stem.to_owned(),
            at: Timestamp::parse(&text).ok()?,
            seconds: seconds.is_some(),
            person: person.map(str::to_owned),
        })
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Reports a misplaced file: an error if updates would be lost with it, which are YAML files and everything in place of the
/// folder `updates` or linked into it; a warning for other files.
fn misplaced(inside: &str, link: bool, sink: &Sink) {
    let yaml = [".yaml", ".yml"]
        .iter()
        .any(|end| inside.to_ascii_lowercase().ends_with(end));
    if inside == "updates" {
        let message = "`updates` is not a folder: no update is read".to_owned();
        let help = "put the folder itself here, with a file for each update; links are not followed";
        sink.push_level("INC005", Level::Error, message, help);
        return;
    }
    let in_updates = inside.starts_with("updates/");
    let level = if yaml || (in_updates && link) {
        Level::Error
    } else {
        Level::Warning
    };
    let help = if in_updates || yaml {
        "an update is `updates/20260102T0304Z-person.yaml`: UTC date and time, and who wrote it"
    } else {
        "the record is `incident.yaml` and `updates/*.yaml`; keep other files elsewhere and link them"
    };
    sink.push_level("INC005", level, format!("`{inside}` is not part of the record"), help);
}

fn declaration(id: &str, file: &File, read: Document<Box<Entry>>, sink: &Sink) -> Option<RecordEntry> {
    let Document {
        value: entry,
        first,
        complete,
    } = read;
    for (name, missing) in [
        ("title", entry.title.is_absent()),
        ("severity", entry.severity.is_absent()),
        ("declared_at", entry.declared_at.is_absent()),
        ("declared_by", entry.declared_by.is_absent()),
        ("customers", entry.customers.is_absent()),
    ] {
        if missing && complete {
            sink.report(
                "INC003",
                first,
                format!("a declaration needs `{name}`"),
                missing_help(name),
            );
        }
    }
    wrong_place(&entry.at, "at", "declared_at", sink);
    wrong_place(&entry.by, "by", "declared_by", sink);
    let dated = check_id(id, first, sink);
    let at = entry.declared_at.get().copied();
    if let (Some(date), Some(at)) = (dated, at)
        && at.0.date_naive() != date
    {
        let found = at.0.date_naive();
        let help = format!("rename the folder to `{found}{}`, or correct `declared_at`", &id[10..]);
        let message = format!("the folder says {date}, the declaration was made on {found} (UTC)");
        sink.report("INC006", entry.declared_at.span(), message, Some(help));
    }
    let midnight = dated.map(|date| Timestamp(date.and_time(chrono::NaiveTime::MIN).and_utc()));
    Some(RecordEntry {
        path: file.path.clone(),
        stamp: "declaration".into(),
        declaration: true,
        at: at.or(midnight)?,
        by: entry.declared_by.get().cloned().unwrap_or_else(|| PersonKey::from("")),
        entry,
    })
}

fn missing_help(name: &str) -> Option<String> {
    let help = match name {
        "severity" => "for example `severity: sev0`",
        "declared_at" => "for example `declared_at: 2026-01-02T03:04:05Z`",
        "declared_by" => "who declares it: a key of people.yaml",
        "customers" => "a list of keys of customers.yaml, or `unknown`, or `all`",
        _ => return None,
    };
    Some(help.to_owned())
}

/// Reports a key that belongs in the other kind of file.
fn wrong_place<T>(field: &Field<T>, name: &str, meant: &str, sink: &Sink) {
    if !field.is_absent() {
        sink.report(
            "INC002",
            field.key_span(),
            format!("unknown key `{name}`"),
            Some(format!("did you mean `{meant}`?")),
        );
    }
}

/// Whether a name is a valid incident id: a date and a slug, not too long.
#[must_use]
pub fn is_incident_id(name: &str) -> bool {
    name.len() <= MAX_INCIDENT_ID_LENGTH && date_of(name).is_some()
}

/// The date in an id; `None` if the id is not a date and a slug of a-z, 0-9 and `-`.
fn date_of(id: &str) -> Option<chrono::NaiveDate> {
    let (date, rest) = id.split_at_checked(10)?;
    // What parses dates also takes signs and white space in them.
    let in_date = |c: char| c.is_ascii_digit() || c == '-';
    let slug = rest.strip_prefix('-')?;
    let in_slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let right = date.chars().all(in_date) && !slug.is_empty() && slug.chars().all(in_slug);
    let date = right.then(|| chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").ok())??;
    (!slug.starts_with('-') && !slug.ends_with('-')).then_some(date)
}

/// The date in an id; reports an invalid id.
fn check_id(id: &str, span: Span, sink: &Sink) -> Option<chrono::NaiveDate> {
    let help = Some("a UTC date and a slug of a-z, 0-9 and -, such as `2026-01-02-pushes-rejected`".to_owned());
    if id.chars().count() > MAX_INCIDENT_ID_LENGTH {
        let message = format!(
            "the id has {} characters, {MAX_INCIDENT_ID_LENGTH} are allowed",
            id.chars().count()
        );
        sink.report("INC006", span, message, help.clone());
    }
    let date = date_of(id);
    if date.is_none() {
        // A part of a credential does not look like one, so an id is not cut.
        let is_long = id.chars().count() > MAX_INCIDENT_ID_LENGTH;
        let shown = if is_long {
            "the id".to_owned()
        } else {
            format!("`{id}`")
        };
        let reason = if id.contains(UNREADABLE) {
            "is not UTF-8 text"
        } else {
            "is not a date and a slug"
        };
        sink.report("INC006", span, format!("{shown} {reason}"), help);
    }
    date
}

fn update(name: &Stamp, file: &File, read: Document<Box<Entry>>, sink: &Sink) -> RecordEntry {
    let Document {
        value: mut entry,
        first,
        complete,
    } = read;
    if entry.by.is_absent() && complete {
        sink.report(
            "INC003",
            first,
            "an update needs `by`",
            Some("who writes it: a key of people.yaml".to_owned()),
        );
    }
    wrong_place(&entry.declared_at, "declared_at", "at", sink);
    wrong_place(&entry.declared_by, "declared_by", "by", sink);
    if complete && sink.is_empty() && is_silent(&mut entry) {
        let help = "say at least one thing: a status, a summary, a step, a role …".to_owned();
        sink.report("INC003", first, "the update says nothing", Some(help));
    }
    let at = entry.at.get().copied();
    if let Some(at) = at {
        let same = if name.seconds {
            at == name.at
        } else {
            to_the_minute(at) == name.at
        };
        if !same {
            let help = format!(
                "rename the file to `{}`, or correct `at`",
                file_name(at, name.person.as_deref())
            );
            let message = format!("`at` is {at}, the file's name says {}", name.at);
            sink.report("INC007", entry.at.span(), message, Some(help));
        }
    }
    if let (Some(person), Some(by)) = (&name.person, entry.by.get())
        && person != by.as_str()
    {
        let help = format!(
            "rename the file to `{}`, or correct `by`",
            file_name(name.at, Some(by.as_str()))
        );
        let message = format!("`by` is `{by}`, the file's name says `{person}`");
        sink.report("INC007", entry.by.span(), message, Some(help));
    }
    RecordEntry {
        path: file.path.clone(),
        stamp: name.stem.as_str().into(),
        declaration: false,
        at: at.unwrap_or(name.at),
        by: entry.by.get().cloned().unwrap_or_else(|| PersonKey::from("")),
        entry,
    }
}

/// Whether an update has no field other than its time and author.
fn is_silent(entry: &mut Entry) -> bool {
    let (at, by) = (std::mem::take(&mut entry.at), std::mem::take(&mut entry.by));
    let silent = *entry == Entry::default();
    (entry.at, entry.by) = (at, by);
    silent
}

fn to_the_minute(at: Timestamp) -> Timestamp {
    Timestamp(
        at.0 - chrono::TimeDelta::seconds(at.0.timestamp().rem_euclid(60))
            - chrono::TimeDelta::nanoseconds(i64::from(at.0.timestamp_subsec_nanos())),
    )
}

/// The file name of an update made at this time.
fn file_name(at: Timestamp, person: Option<&str>) -> String {
    let whole = at == to_the_minute(at);
    let time = at.0.format(if whole { "%Y%m%dT%H%MZ" } else { "%Y%m%dT%H%M%SZ" });
    person.map_or(format!("{time}.yaml"), |person| format!("{time}-{person}.yaml"))
}
