//! Adopted tickets: what GitLab says of them, for `plan` and `doctor`.

use std::collections::{BTreeMap, BTreeSet};

use super::server;
use super::workload::Workload;
use crate::effects::{ForcedKeys, Planned};
use crate::forge::gitlab::{Client, Projects, refusal};
use crate::health::{Line, Verdict};
use crate::ledger::Ledger;
use crate::ledger::LedgerConfig;
use crate::model::{Directory, Timestamp};
use crate::process::{Process, StatusKind};
use crate::render::escape;
use crate::terminal::plain;

/// Why the words of a plan do not go to the tickets that it names, each said once. What this token may not see is left out.
pub(super) fn refusals(client: &Client, process: &Process, directory: &Directory, steps: &[Planned]) -> Vec<String> {
    let named = steps
        .iter()
        .filter_map(|step| Some((step.effect.customer()?, step.effect.adopted.as_deref()?)));
    let named: BTreeSet<(&str, &str)> = named.collect();
    let (incidents, tickets) = (
        server::project(process).unwrap_or_default(),
        directory.ticket_projects(),
    );
    let projects = Projects {
        incidents: &incidents,
        tickets: &tickets,
    };
    let refused = named
        .into_iter()
        .filter_map(|(customer, url)| refusal(client, projects, customer, url).ok()?);
    refused.collect()
}

/// The note for a merge request, with a line in front for each ticket that no words go to.
pub(super) fn in_front(client: &Client, settings: &LedgerConfig, steps: &[Planned], note: &str) -> String {
    let refused = refusals(client, &settings.process, &settings.directory, steps);
    let lines = refused
        .iter()
        .map(|why| format!("**Not sent**: {}\n\n", escape::line(why)));
    format!("{}{note}", lines.collect::<String>())
}

/// Lines for a plan against GitLab, for each ticket that no words go to.
pub(super) fn below(client: &Client, process: &Process, directory: &Directory, steps: &[Planned]) -> String {
    let refused = refusals(client, process, directory, steps);
    let lines = refused.iter().map(|why| ["\nFAILED   ", &plain(why)].concat());
    lines.collect()
}

/// What the doctor says of the adopted tickets of running incidents; nothing of those that words go to.
pub(super) fn examine(client: &Client, workload: &Workload) -> Vec<Line> {
    let world = &workload.world;
    let mut named: BTreeMap<(String, String), &str> = BTreeMap::new();
    for record in &workload.records {
        let history = world.history(record);
        let state = history.last();
        if world.process.kind(&state.status) == StatusKind::Active {
            let tickets = state.tickets.iter();
            named.extend(tickets.map(|(customer, url)| ((customer.to_string(), url.clone()), record.id.as_str())));
        }
    }
    let (incidents, tickets) = (
        server::project(&world.process).unwrap_or_default(),
        world.directory.ticket_projects(),
    );
    let projects = Projects {
        incidents: &incidents,
        tickets: &tickets,
    };
    let line = |((customer, url), id): ((String, String), &str)| {
        let (verdict, says) = match refusal(client, projects, &customer, &url) {
            Ok(None) => return None,
            Ok(Some(why)) => (Verdict::Fail, why),
            Err(fault) => (Verdict::Unseen, format!("{url}: {fault}")),
        };
        Some(Line::new(verdict, "adopted ticket", format!("{id}: {says}")))
    };
    named.into_iter().filter_map(line).collect()
}

/// The incidents of a ledger that are running; none where it cannot be read, which is for `check` to say.
pub(super) fn running(ledger: &Ledger, process: Option<&crate::source::File>, now: Timestamp) -> Option<Workload> {
    let mut workload = Workload::of(ledger, process).ok()?;
    workload.retain_active_or_recent(now, &ForcedKeys::default());
    Some(workload)
}
