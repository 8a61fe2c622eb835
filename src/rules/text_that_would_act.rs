//! INC603 text-that-would-act: a text that looks like a command or a mention.

use super::context::{FindingSink, IncidentContext};
use super::text;
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::model::fields::free_texts;

pub(super) static RULE: Rule = Rule {
    code: "INC603",
    name: "text-that-would-act",
    level: Level::Info,
    since: "0.1.0",
    summary: "a text that looks like a command or a mention",
    overridable: true,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Incident(check),
};

const DOCS: &str = r"## What it checks
Texts with a line that starts with `/`, with `@name`, `<!channel>`, `<@U…>`, a reference such as `#1` or `!1`, or HTML. They are
shown as they are written and do nothing.

## Why
Nothing from a file may act: it is neutralised. An author who meant it to act should know.

## Example
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: ask @dave to look
#                   ^^^^^ INC603
```

## Use instead
```yaml updates/20261123T0940Z-bob.yaml
by: bob
current_status: ask dave to look
```
";

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (place, value) in free_texts(turn.entry) {
            if let Some((what, start, end)) = text::acting(value) {
                let span = text::within(place, value, start, end);
                out.at(
                    turn.index,
                    span,
                    format!("this looks like {what}: it will be shown and do nothing"),
                )
                .help("mentions come from process.yaml and people.yaml only");
            }
        }
    }
}
