//! Settings whose names may be shown and sent: credentials are stars.
//!
//! The names are masked as in a [`super::MaskedRecord`], so that a masked name of a record finds its customer, person, role or
//! status. Addresses (servers, projects, channels) stay, because they decide where words go.

use std::collections::BTreeMap;

use super::masked::is_off;
use super::{mask_name, mask_settings};
use crate::model::{Customer, Directory, Entries, Person};
use crate::process::Process;
use crate::span::Field;

/// Masks the names of a process, unless it switches INC601 off.
pub fn mask_process(process: &mut Process) {
    if !is_off(process) {
        process.edit_names(&mut mask);
    }
}

/// The text of a template with stars for its credentials, unless the process switches INC601 off. A mask that breaks the template is a
/// mistake of the template like any other.
#[must_use]
pub fn masked_template(text: &str, process: &Process) -> String {
    let masked = (!is_off(process)).then(|| mask_settings(text)).flatten();
    masked.unwrap_or_else(|| text.to_owned())
}

/// A directory with masked names under a process. People or customers whose keys become equal are left out, because nobody could tell
/// them apart: they get nothing, and the rules say that they are unknown.
#[must_use]
pub fn masked_directory(directory: &Directory, process: &Process) -> Directory {
    let mut masked = directory.clone();
    if is_off(process) {
        return masked;
    }
    let Directory { people, customers } = &mut masked;
    if let Some(people) = people {
        mask_keys(people);
        people
            .iter_mut()
            .filter_map(|(_, field)| field.get_mut())
            .for_each(mask_person);
    }
    if let Some(customers) = customers {
        mask_keys(customers);
        let fields = customers.iter_mut().filter_map(|(_, field)| field.get_mut());
        fields.for_each(mask_customer);
    }
    masked
}

fn mask_person(person: &mut Person) {
    let Person {
        name,
        gitlab,
        slack,
        leadership: _,
        team: _,
        external: _,
    } = person;
    [name, gitlab, slack].into_iter().for_each(mask_field);
}

fn mask_customer(customer: &mut Customer) {
    let Customer {
        name,
        tickets: _,
        service_desk: _,
        strategic: _,
    } = customer;
    mask_field(name);
}

fn mask_field(field: &mut Field<String>) {
    if let Some(text) = field.get_mut() {
        mask(text);
    }
}

fn mask(text: &mut String) {
    if let Some(masked) = mask_name(text) {
        *text = masked;
    }
}

/// Masks the keys of a mapping and removes those that become equal.
fn mask_keys<T>(entries: &mut Entries<T>) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (key, _) in entries.iter() {
        if let Some(masked) = mask_name(key) {
            *counts.entry(masked).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return;
    }
    entries.iter_mut().for_each(|(key, _)| mask(key));
    entries.retain(|key| counts.get(key).is_none_or(|count| *count == 1));
}
