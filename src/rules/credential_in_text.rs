//! INC601 credential-in-text: a credential in a text.

use super::context::{FindingSink, IncidentContext};
use super::text;
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::fields::free_texts;
use crate::model::{Entries, Entry};
use crate::span::Span;

pub(super) static RULE: Rule = Rule {
    code: "INC601",
    name: "credential-in-text",
    level: Level::Error,
    since: "0.1.0",
    summary: "a credential in a text",
    overridable: true,
    flag_hint: Some("the text without the credential"),
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Every text of the record for what looks like a credential: tokens of GitLab, Slack, AWS, GitHub, Google and Stripe, private
keys, JSON web tokens, passwords in URLs. The value is never shown and never sent: in every output, issue, ticket and message it
is replaced by `***`, and the other words are sent. An override with a reason sends the text as it is written.

## Why
The record is copied into issues, tickets and chat, and git keeps it forever.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_actions: logged in with glpat-abcdefghij0123456789
#                               ^^^^^^^^^^^ INC601
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_actions: logged in with the break-glass token from the vault
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (place, value) in free_texts(turn.entry).into_iter().chain(link_names(turn.entry)) {
            if let Some((kind, start, end)) = text::credential(value) {
                let span = text::within(place, value, start, end);
                out.at(turn.index, span, format!("this looks like {kind}"))
                    .help("revoke it now: git keeps what was pushed; then take it out of the text");
            }
        }
    }
}

/// The names of links, which people choose.
fn link_names(entry: &Entry) -> impl Iterator<Item = (Span, &str)> {
    let links = entry.links.get().into_iter().flat_map(Entries::iter);
    links.map(|(name, field)| (field.key_span(), name))
}
