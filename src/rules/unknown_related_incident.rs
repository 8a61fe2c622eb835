//! INC411 unknown-related-incident: a related incident that the ledger does not have.

use super::context::{FindingSink, IncidentContext, Turn, items};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::ClosureReason;

pub(super) static RULE: Rule = Rule {
    code: "INC411",
    name: "unknown-related-incident",
    level: Level::Warning,
    since: "0.5.0",
    summary: "a related incident that the ledger does not have",
    overridable: true,
    flag_hint: Some("--related with the id of an incident, or with a part of it"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
The ids in `related` against the incidents of the ledger; and for an entry with `outcome: duplicate`, that at least one of the incident's
`related` ids is another incident of the ledger. At the closure it is an error. A merged entry is a warning.

## Why
Who reads that this is a duplicate looks for the other incident.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: closed
outcome: duplicate
related: [2026-11-23-prxy-headers]
#         ^^^^^^^^^^^^^^^^^^^^^^^ INC411
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
status: closed
outcome: duplicate
related: [2026-11-23-proxy-headers]
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let Some(ids) = incident.incident_ids else {
        return;
    };
    let own = incident.record.id.as_str();
    let is_known = |id: &str| id != own && ids.contains(id);
    for turn in incident.entries() {
        let named = turn.entry.related.get().into_iter().flat_map(|list| items(list));
        let mut is_reported = false;
        for (id, span) in named.filter(|(id, _)| id.as_str() != own && !is_known(id.as_str())) {
            is_reported = true;
            out.at(turn.index, span, format!("the ledger has no incident `{id}`"))
                .help("`incidentctl list` shows all incidents");
        }
        let related = &turn.after.related;
        let is_duplicate = turn.entry.outcome.get() == Some(&ClosureReason::Duplicate);
        if is_duplicate && !is_reported && !related.is_empty() && !related.iter().any(|id| is_known(id.as_str())) {
            report_duplicate(turn, out);
        }
    }
}

/// Reports a duplicate of nothing; earlier entries named the related incidents.
fn report_duplicate(turn: Turn, out: &mut FindingSink) {
    let span = turn.entry.outcome.span();
    out.at(
        turn.index,
        span,
        "no incident in `related` is another incident of the ledger",
    )
    .help("add the incident that this one repeats: `related: [ID]`");
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Level;
    use crate::rules::tests::levels;

    #[test]
    fn an_unknown_incident_is_a_warning_and_an_error_where_it_closes_a_duplicate() {
        let update = "updates/20261123T0940Z-bob.yaml";
        let plain = "by: bob\nrelated: [2026-11-23-nothing]\n";
        assert_eq!(levels("INC411", &[(update, plain)]), [Level::Warning]);
        let close = "by: bob\nstatus: closed\noutcome: duplicate\n";
        let named = format!("{close}related: [2026-11-23-nothing]\n");
        assert_eq!(levels("INC411", &[(update, &named)]), [Level::Error]);
        let earlier = ("updates/20261123T0930Z-bob.yaml", plain);
        let both = levels("INC411", &[earlier, (update, close)]);
        assert_eq!(both, [Level::Warning, Level::Error]);
    }

    #[test]
    fn one_known_incident_is_enough_for_a_duplicate() {
        let earlier = (
            "updates/20261123T0930Z-bob.yaml",
            "by: bob\nrelated: [2026-11-23-proxy-headers]\n",
        );
        let close = (
            "updates/20261123T0940Z-bob.yaml",
            "by: bob\nstatus: closed\noutcome: duplicate\n",
        );
        assert_eq!(levels("INC411", &[earlier, close]), []);
    }
}
