//! From an entry to the text of its file: YAML as people would write it, in the order of the record's format.

use serde_yaml::{Mapping, Value};

use crate::model::{
    CustomersChange, CustomersEdit, Entries, Entry, Impact, ImpactKind, ListEdit, Nullable, Outcome, Override, Point,
    RoleChange,
};
use crate::span::Field;

/// Which of the two kinds of file an entry is written to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// `incident.yaml`.
    Declaration,
    /// `updates/*.yaml`.
    Update,
}

impl FileKind {
    /// The keys that come first, in their order; the others follow as the record's format has them.
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

/// The text of a file that says this. None where the writer gives up, which it does on no entry that it is known to.
#[must_use]
pub fn render(entry: &Entry, kind: FileKind) -> Option<String> {
    let mut pairs = pairs(entry);
    let place = |key: &str| kind.first().iter().position(|first| *first == key);
    pairs.sort_by_key(|(key, _)| place(key).unwrap_or(usize::MAX));
    serde_yaml::to_string(&mapping(pairs)).ok()
}

/// The text of a mapping with one key, named `k`.
pub(super) fn one(value: &Value) -> Option<String> {
    serde_yaml::to_string(&mapping(vec![("k", value.clone())])).ok()
}

fn mapping(pairs: Vec<(&str, Value)>) -> Mapping {
    pairs
        .into_iter()
        .map(|(key, value)| (Value::from(key), value))
        .collect()
}

/// What an entry says, in the order of the record's format. Taken apart without `..`, so that a new field does not compile
/// before it is written.
pub(super) fn pairs(entry: &Entry) -> Vec<(&'static str, Value)> {
    let Entry {
        title,
        severity,
        reason,
        declared_at,
        declared_by,
        at,
        by,
        status,
        customers,
        impact,
        roles,
        steps,
        current_status,
        current_actions,
        next_steps,
        next_update,
        expected_restoration,
        cadence,
        customer_message,
        customer_message_to,
        hold_customers,
        timeline,
        links,
        tickets,
        slack_channel,
        confidential,
        drill,
        outcome,
        related,
        reach,
        sent_by_hand,
        overrides,
    } = entry;
    let all = [
        ("title", shown(title)),
        ("severity", shown(severity)),
        ("reason", shown(reason)),
        ("declared_at", shown(declared_at)),
        ("declared_by", shown(declared_by)),
        ("at", shown(at)),
        ("by", shown(by)),
        ("status", shown(status)),
        ("customers", customers.get().map(customers_change)),
        ("impact", impact.get().map(impact_value)),
        ("roles", roles.get().map(|roles| entries(roles, role_change))),
        ("steps", texts(steps)),
        ("current_status", shown(current_status)),
        ("current_actions", shown(current_actions)),
        ("next_steps", shown(next_steps)),
        ("next_update", shown(next_update)),
        ("expected_restoration", shown(expected_restoration)),
        ("cadence", shown(cadence)),
        ("customer_message", shown(customer_message)),
        ("customer_message_to", list(customer_message_to)),
        ("hold_customers", hold_customers.get().map(nullable)),
        ("timeline", timeline.get().map(|points| items(points, point))),
        ("links", texts(links)),
        ("tickets", texts(tickets)),
        ("slack_channel", shown(slack_channel)),
        ("confidential", confidential.get().map(|value| Value::from(*value))),
        ("drill", drill.get().map(|value| Value::from(*value))),
        ("outcome", outcome.get().map(|value| Value::from(outcome_word(*value)))),
        ("related", list(related)),
        ("reach", reach.get().map(|value| Value::from(*value))),
        ("sent_by_hand", list(sent_by_hand)),
        ("overrides", overrides.get().map(|all| items(all, override_value))),
    ];
    said(all)
}

fn said<const N: usize>(all: [(&'static str, Option<Value>); N]) -> Vec<(&'static str, Value)> {
    all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn shown<T: ToString>(field: &Field<T>) -> Option<Value> {
    field.get().map(|value| Value::from(value.to_string()))
}

fn items<T>(fields: &[Field<T>], value: impl Fn(&T) -> Value) -> Value {
    Value::Sequence(fields.iter().filter_map(Field::get).map(value).collect())
}

fn list<T: ToString>(field: &Field<Vec<Field<T>>>) -> Option<Value> {
    field
        .get()
        .map(|fields| items(fields, |item| Value::from(item.to_string())))
}

fn entries<T>(entries: &Entries<T>, value: impl Fn(&T) -> Value) -> Value {
    let pairs = entries
        .iter()
        .filter_map(|(key, field)| Some((Value::from(key), value(field.get()?))));
    Value::Mapping(pairs.collect())
}

fn texts(field: &Field<Entries<String>>) -> Option<Value> {
    field.get().map(|all| entries(all, |text| Value::from(text.as_str())))
}

fn nullable(value: &Nullable<String>) -> Value {
    match value {
        Nullable::Null => Value::Null,
        Nullable::Value(text) => Value::from(text.as_str()),
    }
}

fn customers_change(change: &CustomersChange) -> Value {
    match change {
        CustomersChange::Unknown => Value::from("unknown"),
        CustomersChange::All => Value::from("all"),
        CustomersChange::List(keys) => items(keys, |key| Value::from(key.as_str())),
        CustomersChange::Edit(CustomersEdit { add, restored, remove }) => Value::Mapping(mapping(said([
            ("add", list(add)),
            ("restored", list(restored)),
            ("remove", list(remove)),
        ]))),
    }
}

fn role_change(change: &RoleChange) -> Value {
    match change {
        RoleChange::Vacate => Value::Null,
        RoleChange::One(person) => Value::from(person.as_str()),
        RoleChange::Many(people) => items(people, |person| Value::from(person.as_str())),
        RoleChange::Edit(ListEdit { add, remove }) => {
            Value::Mapping(mapping(said([("add", list(add)), ("remove", list(remove))])))
        }
    }
}

fn impact_value(impact: &Impact) -> Value {
    let Impact {
        headline,
        kind,
        degradation,
        workaround,
        symptoms,
        started_at,
        detected_at,
        ended_at,
    } = impact;
    Value::Mapping(mapping(said([
        ("headline", shown(headline)),
        ("kind", kind.get().map(|kind| Value::from(kind_word(*kind)))),
        ("degradation", shown(degradation)),
        ("workaround", shown(workaround)),
        ("symptoms", shown(symptoms)),
        ("started_at", shown(started_at)),
        ("detected_at", shown(detected_at)),
        ("ended_at", shown(ended_at)),
    ])))
}

fn point(point: &Point) -> Value {
    let Point { at, what } = point;
    Value::Mapping(mapping(said([("at", shown(at)), ("what", shown(what))])))
}

fn override_value(one: &Override) -> Value {
    let Override { rule, reason } = one;
    Value::Mapping(mapping(said([("rule", shown(rule)), ("reason", shown(reason))])))
}

const fn kind_word(kind: ImpactKind) -> &'static str {
    match kind {
        ImpactKind::Availability => "availability",
        ImpactKind::DataLoss => "data_loss",
        ImpactKind::Security => "security",
    }
}

const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::FalseAlarm => "false_alarm",
        Outcome::Duplicate => "duplicate",
    }
}

/// Words as they are written down: lines end with a line feed and without blanks, tabs are blanks, control characters are
/// gone; several lines end with a line feed, one line without. Only such text is a block in YAML and not one long line of
/// escapes.
#[must_use]
pub fn tidy(text: &str) -> String {
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

/// Words of one line: the same, with blanks for line feeds.
#[must_use]
pub fn tidy_line(text: &str) -> String {
    tidy(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
