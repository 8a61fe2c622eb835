//! INC012 former-bot-by-name: a former bot in process.yaml that is named by its user name.

use super::context::items;
use super::{CheckFunction, Rule};
use crate::diagnostics::{Diagnostic, Level};
use crate::process::{PROCESS_PATH, Process};

pub(super) static RULE: Rule = Rule {
    code: "INC012",
    name: "former-bot-by-name",
    level: Level::Warning,
    since: "0.3.0",
    summary: "a former bot that is named by its user name, which may pass to another user",
    overridable: false,
    flag_hint: None,
    docs: DOCS,
    check: CheckFunction::Process(check),
};

const DOCS: &str = r"## What it checks
Names in `gitlab.former_bots` of `process.yaml`. A number is the id of a user.

## Why
The issues and notes of a former bot count as the program's own. If the user is renamed or deleted, another person can take the
name, and then that person's issues and notes count. An id never passes to another user.

## Example
```yaml process.yaml
extends: handbook
gitlab:
  former_bots: [4711, group_12_bot_4f1c]
#                     ^^^^^^^^^^^^^^^^^ INC012
```

## Use instead
```yaml process.yaml
extends: handbook
gitlab:
  former_bots: [4711, 4712]
```
";

fn check(process: &Process, out: &mut Vec<Diagnostic>) {
    let gitlab = process.team.as_ref().and_then(|team| team.gitlab.get());
    let bots = gitlab.and_then(|gitlab| gitlab.former_bots.get());
    for (bot, span) in bots.into_iter().flat_map(|list| items(list)) {
        if bot.is_name() {
            let name = bot.as_str();
            let message = format!("the former bot `{name}` is named by its user name, which may pass to another user");
            let help = format!("write its id, a number: GitLab shows it at `/api/v4/users?username={name}`");
            out.push(Diagnostic::new(RULE.code, RULE.level, PROCESS_PATH, span, message).with_help(Some(help)));
        }
    }
}
