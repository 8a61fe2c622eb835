//! INC513 recipients-without-message: recipients of a message to customers that the entry does not have.

use super::context::{FindingSink, IncidentContext};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC513",
    name: "recipients-without-message",
    level: Level::Error,
    since: "0.5.0",
    summary: "`customer_message_to` without `customer_message`",
    overridable: false,
    flag_hint: Some("--customer-message TEXT"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
An entry with `customer_message_to` has a `customer_message` that is not empty. A merged entry is a warning.

## Why
Nothing is sent, and the author believes that the customers were told.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: the proxies are back
customer_message_to: [acme]
#                    ^^^^^^ INC513
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: the proxies are back
customer_message: Pushes to your secondary work again.
customer_message_to: [acme]
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        let entry = turn.entry;
        if entry.words_to_customers().is_none() && entry.customer_message_to.get().is_some() {
            let span = entry.customer_message_to.span();
            out.at(turn.index, span, "there is no `customer_message` for these customers")
                .help("add `customer_message: …`, or leave `customer_message_to` out");
        }
    }
}
