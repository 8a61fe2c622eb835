//! INC209 update-by-another: an entry in the name of a person who neither wrote nor approved the change.

use super::context::{ChangeContext, FindingSink};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;

pub(super) static RULE: Rule = Rule {
    code: "INC209",
    name: "update-by-another",
    level: Level::Warning,
    since: "0.2.0",
    summary: "an entry in the name of somebody who neither wrote nor approved the merge request",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Change(check),
};

const DOCS: &str = r"## What it checks
On a merge request: the `by` of each new entry against the merge request's author and approvers, as GitLab names them, by
the users in `people.yaml`. Silent where a person's user is not listed, and where GitLab cannot be asked.

## Why
`by` is what somebody typed. Roles are enforced by it: who may speak to customers, who may close. GitLab knows who opened the
merge request and who approved it.

## Example
```yaml updates/20261123T0940Z-bob.yaml merge-request-by=mallory
by: bob
#   ^^^ INC209
status: identified
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml merge-request-by=bob
by: bob
status: identified
```
";

fn check(change: &ChangeContext, out: &mut FindingSink) {
    let incident = change.incident;
    let [author, approvers @ ..] = incident.actors else {
        return;
    };
    for (index, file) in change.change.added_entries() {
        let known = incident
            .directory
            .person(file.by.as_str())
            .and_then(|person| person.gitlab.get());
        let Some(user) = known.filter(|user| !incident.actors.contains(user)) else {
            continue;
        };
        let approved = if approvers.is_empty() {
            "approved by nobody".to_owned()
        } else {
            format!("approved by `{}`", approvers.join("`, `"))
        };
        let Some(turn) = incident.entries().nth(index) else {
            continue;
        };
        out.at(
            index,
            turn.by_span(),
            format!(
                "`{}` is `{user}` on GitLab, and the merge request is by `{author}`, {approved}",
                file.by
            ),
        )
        .help("name the one who writes, or let the one who is named approve the merge request");
    }
}
