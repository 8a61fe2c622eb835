//! The places of an entry's parts in its file.

use crate::model::{CustomerKey, Entries, Entry, PersonKey, RestoredCustomers};
use crate::span::{Field, Span};

/// The span of an entry's author.
pub(super) fn author_span(entry: &Entry) -> Span {
    let place = place_of(&entry.declared_by).or_else(|| place_of(&entry.by));
    place.unwrap_or_default()
}

/// The span of an entry's time; the author's span if only the file's name has the time.
pub(super) fn time_span(entry: &Entry) -> Span {
    let place = place_of(&entry.declared_at).or_else(|| place_of(&entry.at));
    place.unwrap_or_else(|| author_span(entry))
}

pub(super) fn place_of<T>(field: &Field<T>) -> Option<Span> {
    field.place().map(|place| place.value)
}

/// The people in an entry, each with a span: the author, the people in roles, and those who completed steps.
pub(super) fn people(entry: &Entry) -> Vec<(&PersonKey, Span)> {
    use crate::model::RoleChange;
    let mut all: Vec<(&PersonKey, Span)> = Vec::new();
    for author in [&entry.declared_by, &entry.by] {
        all.extend(author.get().map(|person| (person, author.span())));
    }
    for (_, field) in entry.roles.get().into_iter().flat_map(Entries::iter) {
        match field.get() {
            Some(RoleChange::One(person)) => all.push((person, field.span())),
            Some(RoleChange::Many(people)) => all.extend(items(people)),
            Some(RoleChange::Edit(edit)) => {
                all.extend(edit.add.get().into_iter().flat_map(|people| items(people)));
                all.extend(edit.remove.get().into_iter().flat_map(|people| items(people)));
            }
            Some(RoleChange::Vacate) | None => {}
        }
    }
    for (_, step, _) in pairs(&entry.steps) {
        all.extend(step.by().and_then(|by| Some((by.get()?, by.span()))));
    }
    all
}

/// The customers in an entry, each with a span.
pub(super) fn customers<'a>(entry: &'a Entry) -> Vec<(&'a str, Span)> {
    use crate::model::CustomersChange;
    let listed = |(key, span): (&'a CustomerKey, Span)| (key.as_str(), span);
    let mut all = Vec::new();
    match entry.customers.get() {
        Some(CustomersChange::List(list)) => all.extend(items(list).map(listed)),
        Some(CustomersChange::Edit(edit)) => {
            all.extend(edit.add.get().into_iter().flat_map(|list| items(list)).map(listed));
            let restored = edit.restored.get().into_iter().flat_map(RestoredCustomers::iter);
            all.extend(restored.map(|(customer, span, _)| (customer, span)));
            all.extend(edit.remove.get().into_iter().flat_map(|list| items(list)).map(listed));
        }
        Some(CustomersChange::Unknown | CustomersChange::All) | None => {}
    }
    all.extend(
        entry
            .customer_message_to
            .get()
            .into_iter()
            .flat_map(|list| items(list))
            .map(listed),
    );
    all
}

/// The readable items of a list, each with its span.
pub(super) fn items<T>(list: &[Field<T>]) -> impl Iterator<Item = (&T, Span)> {
    list.iter().filter_map(|field| Some((field.get()?, field.span())))
}

/// The span of a key's value.
pub(super) fn value_span<T>(entries: &Field<Entries<T>>, key: &str) -> Span {
    entries
        .get()
        .and_then(|entries| entries.get(key))
        .map_or(Span::default(), Field::span)
}

/// The pairs of a mapping, each with the span of its key.
pub(super) fn pairs<T>(field: &Field<Entries<T>>) -> impl Iterator<Item = (&str, &T, Span)> {
    let all = field.get().into_iter().flat_map(Entries::iter);
    all.filter_map(|(key, value)| Some((key, value.get()?, value.key_span())))
}

/// The number of names in a message; a number stands for the others.
const MAX_NAMES: usize = 5;

/// Names joined for a message, the first few of many.
pub(super) fn first_names(names: impl ExactSizeIterator<Item = String>) -> String {
    let others = names.len().saturating_sub(MAX_NAMES);
    let mut all: Vec<String> = names.take(MAX_NAMES).collect();
    if others > 0 {
        all.push(format!("{others} more"));
    }
    all.join(", ")
}

/// The beginning of a key or name that many findings repeat: at most 200 characters.
pub(super) fn shorten(text: &str) -> &str {
    text.char_indices().nth(200).map_or(text, |(end, _)| &text[..end])
}
