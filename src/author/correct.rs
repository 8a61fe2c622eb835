//! Corrections: they replace the value of a field in its place and keep the comments, order and format around it.
//!
//! *Invariant*: the corrected text is read again; if anything but the named fields differs, the correction fails.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::given::CustomersForm;
use super::text;
use crate::diagnostics::Level;
use crate::model::fields::FIELDS;
use crate::model::{CustomersChange, Entry};
use crate::source::{self, File};
use crate::span::Place;

/// Returns the text of a file with the values of `changes` in place of the old values.
///
/// # Errors
/// Fails if a value cannot be replaced without changing the rest of the file; the error is text for people.
pub fn corrected_text(file: &File, changes: &Entry) -> Result<String, String> {
    let mut expected = values(&*readable(file)?);
    let mut corrected = file.text().ok_or("the file is not text")?.to_owned();
    for (field, value) in values(changes) {
        // Places move with each replacement.
        let entry = readable(&File::new(&file.path, corrected.as_bytes()))?;
        let Some(place) = places(&entry).remove(&field) else {
            return Err(format!(
                "the file does not say `{field}`, so there is nothing to correct: write an update that says it"
            ));
        };
        corrected = replace(&corrected, place, &field, &value, parent(&entry, &field))?;
        expected.insert(field, value);
    }
    let same = readable(&File::new(&file.path, corrected.as_bytes())).is_ok_and(|entry| values(&entry) == expected);
    if same {
        Ok(corrected)
    } else {
        Err("the value cannot be replaced without touching what stands around it: edit the file by hand".to_owned())
    }
}

/// Finds an incident's file by its stamp or by a part of the stamp; the word `declaration` finds the declaration.
///
/// # Errors
/// Fails if no file or several files match; the error lists the files.
pub fn find_file_by_stamp<'a>(files: &'a [File], stamp: &str) -> Result<&'a File, String> {
    let stem = |file: &File| {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if name == "incident.yaml" {
            return "declaration".to_owned();
        }
        name.strip_suffix(".yaml").unwrap_or(name).to_owned()
    };
    let exact = files.iter().find(|file| stem(file) == stamp);
    let matching: Vec<&File> = files.iter().filter(|file| stem(file).contains(stamp)).collect();
    match (exact, matching.as_slice()) {
        (Some(file), _) => Ok(file),
        (None, [file]) => Ok(*file),
        (None, found) => {
            let named = if found.is_empty() {
                files.iter().collect()
            } else {
                found.to_vec()
            };
            let names: Vec<_> = named.into_iter().map(stem).collect();
            Err(format!("which file is `{stamp}`? There are {}", names.join(", ")))
        }
    }
}

/// Returns how the entry writes customers: as a list or as an edit. A correction keeps that form.
#[must_use]
pub fn customers_form(entry: &Entry) -> CustomersForm {
    match entry.customers.get() {
        Some(CustomersChange::Edit(_)) => CustomersForm::Edit,
        _ => CustomersForm::List,
    }
}

/// The entry of a file; an error if a part of the file cannot be read.
fn readable(file: &File) -> Result<Box<Entry>, String> {
    let (entry, findings) = source::read_entry(file);
    let broken = findings.iter().find(|finding| finding.level == Level::Error);
    match (entry, broken) {
        (Some(entry), None) => Ok(entry),
        (_, Some(finding)) => Err(format!(
            "the file cannot be read to the end ({}): mend that by hand",
            finding.message
        )),
        (None, None) => Err("the file is empty".to_owned()),
    }
}

/// The values of an entry, by `field` or `field.key`.
fn values(entry: &Entry) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (field, value) in text::pairs(entry) {
        match value {
            // A mapping of fields or of people's own keys: each value is corrected by itself.
            Value::Mapping(inner) if field != "customers" => {
                let inner = inner.into_iter();
                all.extend(inner.filter_map(|(key, value)| Some((format!("{field}.{}", key.as_str()?), value))));
            }
            value => {
                all.insert(field, value);
            }
        }
    }
    all
}

/// The places of an entry's values, by `field` or `field.key`.
fn places(entry: &Entry) -> BTreeMap<String, Place> {
    let mut all = BTreeMap::new();
    for field in FIELDS {
        all.extend((field.place)(entry).map(|place| (field.name.to_owned(), place)));
        let keys = (field.keys)(entry).into_iter();
        all.extend(keys.map(|(key, place)| (format!("{}.{key}", field.name), place)));
    }
    all
}

/// The offset of the mapping that contains a field; 0 for a field of the file itself.
fn parent(entry: &Entry, field: &str) -> usize {
    let place = field.split_once('.').and_then(|(name, _)| match name {
        "impact" => entry.impact.place(),
        name => FIELDS
            .iter()
            .find(|known| known.name == name)
            .and_then(|known| (known.place)(entry)),
    });
    place.map_or(0, |place| place.value.start as usize)
}

/// Returns the text with a new value at this place.
fn replace(text: &str, place: Place, field: &str, value: &Value, parent: usize) -> Result<String, String> {
    let odd = || format!("`{field}` is written in a way that cannot be corrected here: edit the file by hand");
    let (key, end) = (place.key.end as usize, place.value.end as usize);
    let colon = text.get(key..).and_then(|rest| rest.find(':')).ok_or_else(odd)? + key + 1;
    let start = (place.value.start as usize).max(colon);
    // The place of a block of text is where its words begin, after the `|`.
    let head = text.get(colon..start).ok_or_else(odd)?;
    let start = colon
        + head
            .find(|c: char| !c.is_whitespace() && c != '#')
            .filter(|at| head[*at..].starts_with(['|', '>']))
            .unwrap_or(head.len());
    let old = text.get(start..end.max(start)).ok_or_else(odd)?;
    let end = start + old.trim_end().len();
    let (before, rest) = (text.get(colon..start).ok_or_else(odd)?, &text[end..]);
    let inside = comment_inside(before, old).map_err(|()| {
        format!("a comment stands inside the value of `{field}` and would be lost: edit the file by hand")
    })?;
    let in_flow = text.get(parent..).is_some_and(|text| {
        let first = text
            .lines()
            .map(str::trim_start)
            .find(|line| !line.is_empty() && !line.starts_with(['#', '\u{feff}']));
        first.is_some_and(|line| line.starts_with('{'))
    });
    let line_end = rest.find('\n').unwrap_or(rest.len());
    let (after, rest) = rest.split_at(line_end);
    let written = if in_flow {
        format!(" {}{after}", serde_json::to_string(value).map_err(|_| odd())?)
    } else {
        let column = column(text, place.key.start as usize);
        let comment = inside.or_else(|| Some(after.trim()).filter(|after| after.starts_with('#')));
        block(value, column, comment).ok_or_else(odd)?
    };
    let written = if text.contains("\r\n") {
        let after = if after.ends_with('\r') && !written.ends_with('\r') {
            "\r"
        } else {
            ""
        };
        written.replace('\n', "\r\n") + after
    } else {
        written
    };
    // What follows a block is a line of its own, also where the file ended without one.
    let gap = if rest.is_empty() && written.contains('\n') {
        "\n"
    } else {
        ""
    };
    Ok(format!("{}{written}{gap}{rest}", &text[..colon]))
}

/// The comment on the line with the `|` that begins a text of several lines; `None` if there is no comment.
///
/// # Errors
/// Fails if the value contains another comment.
fn comment_inside<'a>(before: &str, old: &'a str) -> Result<Option<&'a str>, ()> {
    if before.contains('#') {
        return Err(());
    }
    let first = old.lines().next().unwrap_or_default();
    if first.starts_with(['|', '>']) {
        return Ok(first.find(" #").map(|at| first[at..].trim()));
    }
    let quoted = old.starts_with(['"', '\'']);
    let comment = old
        .lines()
        .any(|line| line.contains(" #") || line.trim_start().starts_with('#'));
    if comment && !quoted { Err(()) } else { Ok(None) }
}

/// The column of a key, in characters, if only blanks and dashes are before it.
fn column(text: &str, key: usize) -> usize {
    let line = text[..key].rfind('\n').map_or(0, |at| at + 1);
    text[line..key].trim_start_matches('\u{feff}').chars().count()
}

/// The text after the colon of a key in this column, in block style; a comment ends the first line.
fn block(value: &Value, column: usize, comment: Option<&str>) -> Option<String> {
    let text = text::one(value)?;
    let mut lines = text.strip_prefix("k:")?.trim_end_matches('\n').split('\n');
    let mut out = lines.next().unwrap_or_default().to_owned();
    if let Some(comment) = comment {
        out = format!("{out}  {comment}");
    }
    for line in lines {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', column));
            out.push_str(line);
        }
    }
    Some(out)
}
