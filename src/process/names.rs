//! The names and texts of a process that people read.

use std::collections::BTreeMap;

use super::{Process, Role, Severity, Status, Step};
use crate::model::fields::TextEdit;

impl Process {
    /// Calls a function for each key, title and mention, which the function may change. Servers, projects, channel ids and the codes
    /// of rules are no names.
    pub fn edit_names(&mut self, edit: &mut TextEdit) {
        self.roles.edit(|role| role.edit_names(edit));
        self.severities.edit(|severity| severity.edit_names(edit));
        self.statuses.edit(|status| status.edit_names(edit));
        self.gitlab_mention.values_mut().for_each(&mut *edit);
        self.labels.values_mut().for_each(&mut *edit);
        self.slack_mention.values_mut().for_each(&mut *edit);
        edit_keys(&mut self.channels, |name| edit(name));
        edit_keys(&mut self.slack_mention, |severity| edit(&mut severity.0));
        self.overdue.iter_mut().for_each(|(_, role)| edit(&mut role.0));
    }
}

impl Role {
    fn edit_names(&mut self, edit: &mut TextEdit) {
        [&mut self.key.0, &mut self.title, &mut self.duty]
            .into_iter()
            .for_each(&mut *edit);
        self.apart.iter_mut().for_each(|role| edit(&mut role.0));
    }
}

impl Severity {
    fn edit_names(&mut self, edit: &mut TextEdit) {
        [&mut self.key.0, &mut self.title].into_iter().for_each(&mut *edit);
        let words = [&mut self.degradation, &mut self.workaround].into_iter().flatten();
        words.flat_map(|list| &mut list.value).for_each(&mut *edit);
        edit_keys(&mut self.cadence, |status| edit(&mut status.0));
        self.updates_by.iter_mut().for_each(|role| edit(&mut role.0));
        self.steps.edit(|step| step.edit_names(edit));
    }
}

impl Step {
    fn edit_names(&mut self, edit: &mut TextEdit) {
        [&mut self.key.0, &mut self.title].into_iter().for_each(&mut *edit);
        self.by.iter_mut().for_each(|role| edit(&mut role.0));
        self.channel.iter_mut().for_each(&mut *edit);
    }
}

impl Status {
    fn edit_names(&mut self, edit: &mut TextEdit) {
        [&mut self.key.0, &mut self.title].into_iter().for_each(&mut *edit);
        self.to.iter_mut().flatten().for_each(|status| edit(&mut status.0));
    }
}

/// Edits the keys of a map.
fn edit_keys<K: Ord, V>(map: &mut BTreeMap<K, V>, mut edit: impl FnMut(&mut K)) {
    let pairs = std::mem::take(map).into_iter();
    map.extend(pairs.map(|(mut key, value)| {
        edit(&mut key);
        (key, value)
    }));
}
