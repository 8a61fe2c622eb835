//! Describes the changes of an entry. Audience: the team.

use std::collections::BTreeSet;

use super::{MAX_NAMES, RenderContext, line, names};
use crate::model::{CustomerKey, Entries, State};

impl RenderContext<'_> {
    /// Describes the changes that an entry made, one line for each.
    #[must_use]
    pub fn changes(&self, index: usize) -> Vec<String> {
        let Some(before) = self.history.before(index) else {
            return Vec::new();
        };
        let (entry, after) = (self.entry(index), self.state(index));
        let mut all = Vec::new();
        if before.status != after.status {
            let (from, to) = (before.status.as_str(), after.status.as_str());
            all.push(format!(
                "status {} to {}",
                line(self.process.status_title(from)),
                line(self.process.status_title(to))
            ));
        }
        if before.severity != after.severity {
            let (from, to) = (before.severity.as_str(), after.severity.as_str());
            let reason = entry
                .entry
                .reason
                .get()
                .map(|reason| format!(" ({})", line(reason)))
                .unwrap_or_default();
            all.push(format!(
                "re-classified from {} to {}{reason}",
                line(self.process.severity_title(from)),
                line(self.process.severity_title(to))
            ));
        }
        for role in &self.process.roles {
            let (old, new) = (before.holders(role.key.as_str()), after.holders(role.key.as_str()));
            if old != new {
                let names = names(new.iter().take(MAX_NAMES), |person| self.person(person));
                let names = names.as_deref().unwrap_or("nobody");
                all.push(format!("{} is now {names}", line(&role.title)));
            }
        }
        for step in entry.entry.steps.get().into_iter().flat_map(Entries::iter) {
            let title = self
                .process
                .severity(after.severity.as_str())
                .and_then(|severity| severity.step(step.0));
            all.push(format!("step done: {}", line(title.map_or(step.0, |step| &step.title))));
        }
        all.extend(self.customer_changes(before, after));
        match (&before.hold_customers, &after.hold_customers) {
            (None, Some(held)) => all.push(format!("words to customers are held: {}", line(&held.text))),
            (Some(_), None) => all.push("words to customers are no longer held".to_owned()),
            _ => {}
        }
        all
    }

    fn customer_changes(&self, before: &State, after: &State) -> Vec<String> {
        let name = |customer: &CustomerKey| line(self.directory.customer_name(customer.as_str()));
        let names = |all: Vec<&CustomerKey>| all.into_iter().take(MAX_NAMES).map(name).collect::<Vec<_>>().join(", ");
        let mut all = Vec::new();
        let (listed, was_removed): (BTreeSet<_>, BTreeSet<_>) = (
            before.customers.listed().iter().collect(),
            before.removed.iter().collect(),
        );
        let added: Vec<_> = after
            .customers
            .listed()
            .iter()
            .filter(|one| !listed.contains(one))
            .collect();
        let restored: Vec<_> = after
            .restored
            .keys()
            .filter(|one| !before.restored.contains_key(*one))
            .collect();
        let removed: Vec<_> = after.removed.iter().filter(|one| !was_removed.contains(one)).collect();
        for (words, customers) in [
            ("affected as well", added),
            ("restored", restored),
            ("not affected after all", removed),
        ] {
            if !customers.is_empty() {
                all.push(format!("{words}: {}", names(customers)));
            }
        }
        all
    }
}
