//! INC601 credential-in-text: a credential in a text.

use super::context::{FindingSink, IncidentContext, Turn};
use super::text;
use super::text::Credential;
use super::{CheckFunction, Rule};
use crate::diagnostics::{Diagnostic, Level};
use crate::model::fields::{free_texts, names_in};
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
Every text and every name of the record for what looks like a credential: tokens of GitLab, Slack, AWS, GitHub, Google and Stripe,
private keys, JSON web tokens, passwords in URLs. The value is never shown and never sent: in every output, issue, ticket and message
it is replaced by `***`, and the other words are sent. An override with a reason sends the text as it is written.

A name is a key, a person, a customer, a status, or the name of a file or folder. What reads as words, such as
`glpat-tokens-leaked-in-logs`, is no credential in a name. A customer whose key has a credential is found all the same. While the name
of a folder or file has one, or two names differ only in it, nothing of the incident is sent. An address in `tickets` that is no
address without its credential is not used: the customer gets a ticket of their own.

It also checks `process.yaml`, `people.yaml`, `customers.yaml` and the templates. There a credential is an error in the change that
brings it, and a warning later; it is replaced by `***` in what is shown and sent, except in addresses (servers, projects,
channels). If it is none, set `rules: { INC601: off }`.

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
        let mut report = |place, value: &str, kind: &str, start, end| {
            let span = text::within(place, value, start, end);
            out.at(turn.index, span, format!("this looks like {kind}")).help(HELP);
        };
        for (place, value) in free_texts(turn.entry) {
            if let Some((kind, start, end)) = text::credential(value) {
                report(place, value, kind, start, end);
            }
        }
        for (place, name) in names_in(turn.entry) {
            if let Some(found) = text::credential_in_name(name) {
                report(place, name, found.kind, found.start, found.end);
            }
        }
        check_file_name(&turn, out);
    }
}

const HELP: &str = "revoke it now: git keeps what was pushed; then take it out of the text";

/// Reports a credential in the name of the incident's folder, or of an update's file.
fn check_file_name(turn: &Turn, out: &mut FindingSink) {
    let (what, name) = if turn.before.is_none() {
        ("folder", out.record.id.as_str())
    } else {
        ("file", turn.file.stamp.as_str())
    };
    if let Some(found) = text::credential_in_name(name) {
        let kind = found.kind;
        let message = format!("the name of this {what} looks like it contains {kind}: nothing of the incident is sent");
        let help = format!("revoke it now: git keeps what was pushed; then rename the {what}");
        out.at(turn.index, Span::default(), message).help(help);
    }
}

/// The findings about the credentials in a settings file: process, people, customers or a template.
#[must_use]
pub fn settings_credential_findings(path: &str, text: &str) -> Vec<Diagnostic> {
    let finding = |found: Credential| {
        let span = Span::between(found.start, found.end);
        let help = "revoke it now: git keeps what was pushed; then take it out of the file";
        Diagnostic::new(
            RULE.code,
            RULE.level,
            path,
            span,
            format!("this looks like {}", found.kind),
        )
        .with_help(Some(help.to_owned()))
    };
    text::settings_credentials(text).into_iter().map(finding).collect()
}

/// Whether a finding is about a credential.
#[must_use]
pub fn is_credential_finding(finding: &Diagnostic) -> bool {
    finding.code == RULE.code
}

/// Reduces the findings about credentials in settings files to warnings, except in changed files: an older file never blocks an
/// update.
pub fn warn_of_merged_settings(findings: &mut [Diagnostic], changed: &[&str]) {
    for finding in findings {
        if is_credential_finding(finding) && !changed.contains(&finding.path.as_str()) {
            finding.level = finding.level.min(Level::Warning);
        }
    }
}
