//! The result of a run as lines for people.

use std::collections::BTreeMap;
use std::path::Path;

use super::apply::RunReport;
use super::left::left_groups;
use super::workload::Workload;
use crate::effects::{HeldStep, Planned};
use crate::forge::{Failure, Skipped};
use crate::terminal::plural;

/// The number of incidents that a line about a shared error names.
const MAX_NAMED: usize = 5;

/// A path for people: relative to the ledger's root if it lies below the root.
#[must_use]
pub fn relative_path(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

impl RunReport {
    /// The number of applied and of failed effects.
    #[must_use]
    pub fn describe_total(&self) -> String {
        let is_failed = |(_, failure): &&(Planned, Failure)| !matches!(failure, Failure::Skipped(_));
        let failures = match self.failed.iter().filter(is_failed).count() + self.unobserved.len() {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        format!("{} carried out{failures}", plural(self.done.len(), "effect"))
    }

    /// A line for each result: what was applied, held, left alone and what failed; `quiet` leaves out what needs nobody's attention.
    /// Places are relative to `root`.
    #[must_use]
    pub fn lines(&self, workload: &Workload, root: &Path, quiet: bool) -> Vec<String> {
        let mut all = Vec::new();
        if !quiet {
            all.extend(
                self.done
                    .iter()
                    .map(|(planned, place)| done(planned, &relative_path(root, Path::new(place)))),
            );
            all.extend(self.held.iter().flat_map(held));
        }
        let is_shown = |left: &&(crate::effects::Key, Skipped)| left.1.blocking || !quiet;
        for group in left_groups(self.left.iter().filter(is_shown)) {
            let word = if group.is_blocking { "FAILED" } else { "LEFT" };
            let keys: Vec<String> = group.keys.iter().map(ToString::to_string).collect();
            all.push(format!("{word:<8} {}: {}", keys.join(", "), group.why));
        }
        all.extend(
            workload
                .masked_notices()
                .into_iter()
                .map(|masked| format!("MASKED   {masked}")),
        );
        let notices = self.notices.iter().filter(|_| !quiet).cloned();
        let notices = notices.chain(workload.config.renderer.unused_templates());
        all.extend(notices.map(|notice| format!("NOTE     {notice}")));
        all.extend(self.failed.iter().map(|(planned, failure)| failed(planned, failure)));
        all.extend(self.unobserved_lines());
        all.extend(workload.unreadable.iter().map(|id| {
            format!("SKIPPED  incidents/{id}: it cannot be read to the end, or has a credential in a name (see `incidentctl check`)")
        }));
        all
    }

    /// The incidents that could not be observed. An error that all incidents share is one line.
    fn unobserved_lines(&self) -> Vec<String> {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (id, reason) in &self.unobserved {
            reasons.entry(reason).or_default().push(id.as_str());
        }
        let line = |(reason, ids): (&str, Vec<&str>)| {
            let which: Vec<String> = ids.iter().take(MAX_NAMED).map(|id| format!("incidents/{id}")).collect();
            let more = match ids.len().saturating_sub(MAX_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("FAILED   {}{more}: {reason}", which.join(", "))
        };
        reasons.into_iter().map(line).collect()
    }
}

fn done(planned: &Planned, place: &str) -> String {
    let (action, kind) = (planned.action.display_name(), planned.effect.kind.display_name());
    format!("{action:<8} {kind:<17} {place}")
}

/// The line of an action that is held back. People who practise read what customers would read.
pub(super) fn held(step: &HeldStep) -> Vec<String> {
    let effect = &step.planned.effect;
    let mut lines = vec![format!(
        "HELD     {} {}: {}",
        effect.kind.display_name(),
        effect.key,
        step.why
    )];
    if effect.is_held_by_drill() {
        let title = effect.title.iter().flat_map(|title| title.lines());
        lines.extend(
            title
                .chain(effect.body.lines())
                .map(|line| format!("         | {line}")),
        );
    }
    lines
}

fn failed(planned: &Planned, failure: &Failure) -> String {
    let word = match failure {
        Failure::Failed(_) => "FAILED",
        Failure::Unknown(_) => "UNKNOWN",
        Failure::Skipped(_) => "LEFT",
    };
    format!(
        "{word:<8} {} {}: {failure}",
        planned.action.display_name(),
        planned.effect.key
    )
}
