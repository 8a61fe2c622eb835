//! Checks adopted tickets in a forge, for `plan` and `doctor`.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use super::workload::Workload;
use crate::forge::Forge;
use crate::health::{DoctorCheckResult, Verdict};
use crate::model::CustomerKey;
use crate::process::StatusKind;

/// Returns the reasons why words must not go to the adopted tickets of a plan's steps and of its change, each reason once.
/// Tickets that this token may not see are left out.
pub fn refusals(forge: &mut dyn Forge, plan: &Plan) -> Vec<String> {
    let of_steps = plan
        .steps
        .iter()
        .filter_map(|step| Some((step.effect.customer()?, step.effect.adopted()?)));
    let of_change = plan.adopted.iter().map(|(customer, url)| (customer, url.as_str()));
    let named: BTreeSet<(&CustomerKey, &str)> = of_steps.chain(of_change).collect();
    let refused = named
        .into_iter()
        .filter_map(|(customer, ticket)| forge.adopted_ticket_refusal(customer, ticket).ok()?);
    refused.collect()
}

/// The `doctor` results for adopted tickets of active incidents to which words must not go.
pub fn examine(forge: &mut dyn Forge, workload: &Workload) -> Vec<DoctorCheckResult> {
    let mut named: BTreeMap<(&CustomerKey, &str), &str> = BTreeMap::new();
    for item in &workload.items {
        let state = item.history.last();
        if workload.config.process.status_kind(&state.status) == StatusKind::Active {
            let tickets = state.tickets.iter();
            let id = item.record.id.as_str();
            named.extend(tickets.map(|(customer, url)| ((customer, url.as_str()), id)));
        }
    }
    let line = |((customer, url), id): ((&CustomerKey, &str), &str)| {
        let (verdict, says) = match forge.adopted_ticket_refusal(customer, url) {
            Ok(None) => return None,
            Ok(Some(why)) => (Verdict::Fail, why),
            Err(fault) => (Verdict::Unseen, format!("{url}: {fault}")),
        };
        Some(DoctorCheckResult::new(
            verdict,
            "adopted ticket",
            format!("{id}: {says}"),
        ))
    };
    named.into_iter().filter_map(line).collect()
}
