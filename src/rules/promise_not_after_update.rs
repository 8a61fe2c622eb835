//! INC509 promise-not-after-update: a next update promised for a time that is not after the update itself.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC509",
    name: "promise-not-after-update",
    level: Level::Error,
    since: "0.5.0",
    summary: "a next update promised for a time that is not after the update itself",
    overridable: false,
    flag_hint: Some("--next-update 60m"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
`next_update` against the time of its own entry. A promise is for a whole minute: 09:40:50 is 09:40. A merged entry is a warning.

## Why
A promise in the past is missed when it is made. It is almost always a wrong date, or a local time without its offset.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: looking at the proxies
next_update: 2026-11-23T09:30:00Z
#            ^^^^^^^^^^^^^^^^^^^^ INC509
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: looking at the proxies
next_update: 2026-11-23T10:30:00Z
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    let named = incident.history.promises.iter().filter(|promise| promise.explicit);
    for promise in named.filter(|promise| promise.due <= promise.made_at) {
        let span = incident.record.entries[promise.entry].entry.next_update.span();
        out.at(
            promise.entry,
            span,
            format!(
                "the next update is promised for {}, which is not after this update of {}",
                promise.due, promise.made_at
            ),
        )
        .help("give a length such as `60m`, or a later time with its date and offset");
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Level;
    use crate::rules::tests::{levels, merged_levels};

    #[test]
    fn a_promise_that_is_not_after_its_update_fails_only_while_it_is_new() {
        let update = "updates/20261123T094030Z-bob.yaml";
        let at = |promise: &str| format!("by: bob\ncurrent_status: a\nnext_update: {promise}\n");
        for (promise, wanted) in [("2026-11-23T09:40:50Z", 1), ("2026-11-23T09:41:00Z", 0), ("1m", 0)] {
            let text = at(promise);
            assert_eq!(levels("INC509", &[(update, &text)]).len(), wanted, "{promise}");
        }
        assert_eq!(
            merged_levels("INC509", &[(update, &at("2026-11-23T09:30:00Z"))]),
            [Level::Warning]
        );
    }
}
