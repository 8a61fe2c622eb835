//! INC406 time-far-from-the-servers: a new entry whose time is far from the server's.

use super::context::{ChangeContext, FindingSink, time_span};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::time::humanize;

pub(super) static RULE: Rule = Rule {
    code: "INC406",
    name: "time-far-from-the-servers",
    level: Level::Warning,
    since: "0.1.0",
    summary: "a new entry whose time is far from the server's",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Change(check),
};

const DOCS: &str = r"## What it checks
With a base: the time of each new entry against the time of the check, with the process's `clock_tolerance`.

## Why
A wrong clock, or an update written up an hour later: both make promises look kept or missed that were not.

## Example
```yaml updates/20261123T0940Z-bob.yaml now=2026-11-23T12:00:00Z
by: bob
#   ^^^ INC406
status: identified
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml now=2026-11-23T09:41:00Z
by: bob
status: identified
```
";

fn check(change: &ChangeContext, out: &mut FindingSink) {
    let incident = change.incident;
    for (index, file) in change.change.added_entries() {
        let apart = (incident.now.0 - file.at.0).abs();
        if apart > incident.process.clock_tolerance.0 {
            let length = humanize(apart);
            out.at(index, time_span(&file.entry), format!("made at {}, {length} from the server's time", file.at))
                .help("fine for an import; else name the file by the time at which it was written, and put earlier points into `timeline`");
        }
    }
}
