//! Merges the embedded process and a team's file into the process that applies.

use std::collections::BTreeMap;

use super::file::{ProcessFile, WrittenRole, WrittenSeverity, WrittenStatus, WrittenStep};
use super::sla::targets;
use super::{HANDBOOK_PATH, HasKey, Keyed, Origin, PROCESS_PATH, Process, Role, Severity, Sourced, Status, Step};
use crate::model::{Entries, Length, Nullable, RoleKey, SeverityKey, StatusKey, StepKey};
use crate::span::{Field, Span};

/// One source of the process: its name and its content.
type Layer<'a> = (&'static str, &'a ProcessFile);

/// Returns the process that applies. Without a team's file it is the handbook's; a team's file replaces the handbook's
/// process or extends it. `handbook` is the parsed [`super::HANDBOOK`].
#[must_use]
pub fn resolve(handbook: &ProcessFile, team: Option<&ProcessFile>) -> Process {
    let mut layers: Vec<Layer> = Vec::new();
    if team.is_none_or(|file| !file.extends.is_absent()) {
        layers.push((HANDBOOK_PATH, handbook));
    }
    layers.extend(team.map(|file| (PROCESS_PATH, file)));
    let length =
        |get: fn(&ProcessFile) -> &Field<Length>, default| pick(&layers, get).map_or(default, |found| found.value);
    Process {
        roles: keyed(&layers, |file| &file.roles, role),
        roles_within: pick(&layers, |file| &file.roles_within).unwrap_or(made(Length::minutes(30))),
        severities: keyed(&layers, |file| &file.severities, severity),
        statuses: keyed(&layers, |file| &file.statuses, status),
        gitlab_url: text(&layers, |file| Some(&file.gitlab.get()?.url)),
        chat_url: text(&layers, |file| Some(&file.chat()?.url)),
        steps_within: length(|file| &file.steps_within, Length::minutes(60)),
        gitlab_project: text(&layers, |file| Some(&file.gitlab.get()?.project)),
        former_bots: last(&layers, |file| file.gitlab.get().map(|gitlab| &gitlab.former_bots))
            .map(|list| items(&list.value).iter().map(|bot| bot.as_str().to_owned()).collect())
            .unwrap_or_default(),
        gitlab_mention: merged(&layers, |file| Some(&file.gitlab.get()?.mention)),
        labels: merged(&layers, |file| Some(&file.gitlab.get()?.labels)),
        channels: merged(&layers, |file| Some(&file.chat()?.channels)),
        slack_mention: merged(&layers, |file| Some(&file.chat()?.mention)),
        nag_before: last(&layers, |file| file.promises.get().map(|promises| &promises.nag_before))
            .map_or(Length::minutes(10), |found| found.value),
        overdue: overdue(&layers),
        reach: pick(&layers, |file| &file.customers_reached_without_asking).unwrap_or(made(25)),
        clock_tolerance: length(|file| &file.clock_tolerance, Length::minutes(15)),
        tickets_close: pick(&layers, |file| &file.tickets_close)
            .map(|found| found.value)
            .unwrap_or_default(),
        stale_after: length(|file| &file.stale_after, Length::minutes(24 * 60)),
        levels: by_key(&layers, |file| &file.rules, |level| *level),
        gates: by_key(
            &layers,
            |file| &file.gates,
            |codes| codes.iter().filter_map(Field::get).cloned().collect(),
        ),
        team: team.cloned(),
    }
}

/// A value that no file sets.
const fn made<T>(value: T) -> Sourced<T> {
    Sourced {
        value,
        origin: Origin {
            path: HANDBOOK_PATH,
            span: Span::new(0, 0),
        },
    }
}

/// The value from the last source that sets it.
fn last<'a, S, T: Clone + 'a>(
    layers: &[(&'static str, &'a S)],
    get: impl Fn(&'a S) -> Option<&'a Field<T>>,
) -> Option<Sourced<T>> {
    layers.iter().rev().find_map(|(path, file)| {
        let field = get(file)?;
        let span = field.span();
        field.get().cloned().map(|value| Sourced {
            value,
            origin: Origin { path, span },
        })
    })
}

fn pick<'a, S, T: Clone + 'a>(
    layers: &[(&'static str, &'a S)],
    get: impl Fn(&'a S) -> &'a Field<T>,
) -> Option<Sourced<T>> {
    last(layers, |file| Some(get(file)))
}

fn text(layers: &[Layer], get: impl Fn(&ProcessFile) -> Option<&Field<String>>) -> Option<String> {
    layers.iter().rev().find_map(|(_, file)| get(file)?.get().cloned())
}

/// The readable items of a list.
fn items<T: Clone>(list: &[Field<T>]) -> Vec<T> {
    list.iter().filter_map(Field::get).cloned().collect()
}

/// A merged mapping: for each key, the last source wins.
fn merged<K: Ord + for<'a> From<&'a str>>(
    layers: &[Layer],
    get: impl Fn(&ProcessFile) -> Option<&Field<Entries<String>>>,
) -> BTreeMap<K, String> {
    let entries = layers
        .iter()
        .filter_map(|(_, file)| get(file)?.get())
        .flat_map(Entries::iter);
    entries
        .filter_map(|(key, value)| Some((key.into(), value.get()?.clone())))
        .collect()
}

fn by_key<T, U>(
    layers: &[Layer],
    get: impl Fn(&ProcessFile) -> &Field<Entries<T>>,
    value: impl Fn(&T) -> U,
) -> BTreeMap<String, Sourced<U>> {
    let mut all = BTreeMap::new();
    for (path, file) in layers {
        for (key, field) in get(file).get().into_iter().flat_map(Entries::iter) {
            if let Some(found) = field.get() {
                let origin = Origin {
                    path,
                    span: field.key_span(),
                };
                all.insert(
                    key.to_owned(),
                    Sourced {
                        value: value(found),
                        origin,
                    },
                );
            }
        }
    }
    all
}

/// A key, the place that defines it, and all sources that have it.
type Sources<'a, T> = (&'a str, Origin, Vec<(&'static str, &'a T)>);

/// The entries of a mapping, each with all sources that have it. New keys come after the first source's keys; `null`
/// removes a key.
fn keyed<T, U: HasKey>(
    layers: &[Layer],
    get: impl Fn(&ProcessFile) -> &Field<Entries<Nullable<T>>>,
    build: impl Fn(&str, Origin, &[(&'static str, &T)]) -> U,
) -> Keyed<U> {
    let mut all: Vec<Option<Sources<T>>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, file) in layers {
        for (key, field) in get(file).get().into_iter().flat_map(Entries::iter) {
            let origin = Origin {
                path,
                span: field.key_span(),
            };
            match field.get() {
                Some(Nullable::Null) => {
                    if let Some(place) = places.remove(key) {
                        all[place] = None;
                    }
                }
                Some(Nullable::Value(value)) => {
                    if let Some((_, known, sources)) = places.get(key).and_then(|place| all[*place].as_mut()) {
                        *known = origin;
                        sources.push((path, value));
                    } else {
                        places.insert(key, all.len());
                        all.push(Some((key, origin, vec![(path, value)])));
                    }
                }
                None => {}
            }
        }
    }
    all.iter()
        .flatten()
        .map(|(key, origin, sources)| build(key, *origin, sources))
        .collect()
}

/// The largest number of characters of a title; a longer one is cut.
const MAX_TITLE: usize = 200;

fn title(key: &str, found: Option<Sourced<String>>) -> String {
    let title = found.map_or_else(|| key.replace('_', " "), |found| found.value);
    cut(title)
}

/// A title that is not too long, because findings and texts repeat titles.
fn cut(mut title: String) -> String {
    if let Some((end, _)) = title.char_indices().nth(MAX_TITLE) {
        title.truncate(end);
        title.push('…');
    }
    title
}

fn flag(found: Option<Sourced<bool>>) -> bool {
    found.is_some_and(|found| found.value)
}

fn list<T: Clone>(found: Option<Sourced<Vec<Field<T>>>>) -> Vec<T> {
    found.map(|found| items(&found.value)).unwrap_or_default()
}

fn text_list(found: Option<Sourced<Vec<Field<String>>>>) -> Option<Sourced<Vec<String>>> {
    found.map(|found| Sourced {
        value: items(&found.value),
        origin: found.origin,
    })
}

fn role(key: &str, origin: Origin, sources: &[(&'static str, &WrittenRole)]) -> Role {
    Role {
        key: RoleKey::from(key),
        title: title(key, pick(sources, |role| &role.title)),
        duty: pick(sources, |role| &role.duty)
            .map(|duty| duty.value)
            .unwrap_or_default(),
        required: pick(sources, |role| &role.required)
            .map(|required| required.value)
            .unwrap_or_default(),
        many: flag(pick(sources, |role| &role.many)),
        apart: list(pick(sources, |role| &role.apart)),
        leadership: flag(pick(sources, |role| &role.leadership)),
        origin,
    }
}

fn severity(key: &str, origin: Origin, sources: &[(&'static str, &WrittenSeverity)]) -> Severity {
    let mut cadence = BTreeMap::new();
    for (path, file) in sources {
        for (status, field) in file.cadence.get().into_iter().flat_map(Entries::iter) {
            let value = match field.get() {
                Some(Nullable::Value(length)) => Some(*length),
                Some(Nullable::Null) => None,
                None => continue,
            };
            let origin = Origin {
                path,
                span: field.key_span(),
            };
            cadence.insert(status.into(), Sourced { value, origin });
        }
    }
    let steps = sources
        .iter()
        .rev()
        .find_map(|(path, file)| Some((*path, file.steps.get()?)));
    Severity {
        key: SeverityKey::from(key),
        title: title(key, pick(sources, |severity| &severity.title)),
        customers: pick(sources, |severity| &severity.customers).map(|count| Sourced {
            value: (
                count.value.min.get().copied().unwrap_or(0),
                count.value.max.get().copied(),
            ),
            origin: count.origin,
        }),
        degradation: text_list(pick(sources, |severity| &severity.degradation)),
        workaround: text_list(pick(sources, |severity| &severity.workaround)),
        cadence,
        targets: targets(sources.iter().filter_map(|(path, file)| Some((*path, file.sla.get()?)))),
        promises_customers: flag(pick(sources, |severity| &severity.promises_customers)),
        updates_by: list(pick(sources, |severity| &severity.updates_by)),
        steps: steps.map(|(path, steps)| self::steps(path, steps)).unwrap_or_default(),
        origin,
    }
}

fn steps(path: &'static str, steps: &Entries<WrittenStep>) -> Keyed<Step> {
    let known = steps
        .iter()
        .filter_map(|(key, field)| Some((key, field.get()?, field.key_span())));
    known
        .map(|(key, step, span)| Step {
            key: StepKey::from(key),
            title: cut(step.title.get().cloned().unwrap_or_else(|| key.replace('_', " "))),
            by: step.by.get().map(|by| items(by)).unwrap_or_default(),
            effect: step.effect.get().copied(),
            channel: step.channel.get().cloned(),
            origin: Origin { path, span },
        })
        .collect()
}

fn status(key: &str, origin: Origin, sources: &[(&'static str, &WrittenStatus)]) -> Status {
    Status {
        key: StatusKey::from(key),
        title: title(key, pick(sources, |status| &status.title)),
        kind: pick(sources, |status| &status.kind)
            .map(|kind| kind.value)
            .unwrap_or_default(),
        to: pick(sources, |status| &status.to).map(|to| items(&to.value)),
        needs: list(pick(sources, |status| &status.needs)),
        origin,
    }
}

/// The escalation policy for overdue promises, from the last source that has one.
fn overdue(layers: &[Layer]) -> Vec<(Length, RoleKey)> {
    let found = last(layers, |file| file.promises.get().map(|promises| &promises.overdue));
    let mut rungs: Vec<_> = found
        .iter()
        .flat_map(|ladder| ladder.value.iter())
        .filter_map(|(after, role)| Some((Length::parse(after).ok()?, role.get()?.clone())))
        .collect();
    rungs.sort_by_key(|(after, _)| *after);
    rungs
}
