//! INC304 step-without-evidence: a step recorded without evidence, or with too little.

use super::context::{FindingSink, IncidentContext, pairs, value_span};
use super::{CheckFunction, Rule};
use crate::diagnostics::Level;
use crate::process::StepEffect;

pub(super) static RULE: Rule = Rule {
    code: "INC304",
    name: "step-without-evidence",
    level: Level::Error,
    since: "0.1.0",
    summary: "a step recorded without evidence, or with too little",
    overridable: true,
    flag_hint: Some("--step STEP=EVIDENCE"),
    docs: DOCS,
    check: CheckFunction::Added(check),
};

const DOCS: &str = r"## What it checks
Each step's evidence: a link or a sentence, not empty and not just a word such as `yes`. Evidence without a link has at least two words and
eight characters, such as `joined 09:31`. A step that no ticket can stand for (`customers: all`, or a customer without a project) needs a
link. A merged entry is a warning.

## Why
An auditor reads the evidence, not the tick.

## Example
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave] }
```
```yaml updates/20261123T0920Z-carol.yaml
by: carol
steps: { brief_analysts: done }
#                        ^^^^ INC304
```

## Use instead
```yaml incident.yaml
title: Pushes rejected
severity: sev0
declared_at: 2026-11-23T09:00:00Z
declared_by: alice
customers: [acme, globex]
roles: { incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave] }
```
```yaml updates/20261123T0920Z-carol.yaml
by: carol
steps: { brief_analysts: joined the call at 09:18 }
```
";

/// Words that only say that a step was done.
const TICKS: &[&str] = &[
    "", "-", "x", "y", "yes", "ok", "okay", "done", "true", "n/a", "na", "todo", "tbd",
];

/// The number of characters that evidence without a link has at least.
const MIN_CHARACTERS: usize = 8;

/// A character from here on may belong to a script that writes no spaces between words.
const WITHOUT_SPACES: char = '\u{0e00}';

fn check(incident: &IncidentContext, out: &mut FindingSink) {
    for turn in incident.entries() {
        for (key, record, _) in pairs(&turn.entry.steps) {
            let evidence = record.evidence();
            let value = value_span(&turn.entry.steps, key);
            if let Some(message) = lacking(key, evidence) {
                out.at(turn.index, value, message)
                    .help("give a link, or a sentence that says when and how");
                continue;
            }
            let step = incident.severity(turn.after).and_then(|severity| severity.step(key));
            let tickets = step.filter(|step| step.effect == Some(StepEffect::Tickets));
            if tickets.is_some_and(|step| !incident.is_automated(step, turn)) && !is_link(evidence) {
                out.at(
                    turn.index,
                    value,
                    format!("`{key}` needs a link: no ticket is created for it"),
                )
                .help("link what customers were told: a status page, their own tickets");
            }
        }
    }
}

/// What the evidence of a step lacks; `None` if it is enough.
fn lacking(key: &str, evidence: &str) -> Option<String> {
    let text = evidence.trim();
    if text.is_empty() {
        return Some(format!("`{key}` is recorded without evidence"));
    }
    let is_tick = TICKS.contains(&text.trim_end_matches('.').to_lowercase().as_str());
    let is_one_word = text.split_whitespace().nth(1).is_none() && text.chars().all(|c| c < WITHOUT_SPACES);
    let is_short = is_one_word || text.chars().count() < MIN_CHARACTERS;
    (is_tick || (is_short && !is_link(text))).then(|| format!("the evidence of `{key}` is too short"))
}

fn is_link(evidence: &str) -> bool {
    evidence.contains("://")
}

#[cfg(test)]
mod tests {
    use super::lacking;
    use crate::diagnostics::Level;
    use crate::rules::tests::merged_levels;

    #[test]
    fn evidence_is_a_link_or_at_least_two_words() {
        assert_eq!(
            lacking("brief", "  ").as_deref(),
            Some("`brief` is recorded without evidence")
        );
        for short in ["ok", "Done.", "n/a", "joined", "briefed-in-the-channel", "in call"] {
            assert_eq!(
                lacking("brief", short).as_deref(),
                Some("the evidence of `brief` is too short"),
                "{short}"
            );
        }
        for enough in [
            "joined 09:31",
            "https://chat.example.com/1",
            "briefed in the call",
            "09:31に全員が参加した",
        ] {
            assert_eq!(lacking("brief", enough), None, "{enough}");
        }
    }

    #[test]
    fn evidence_that_was_merged_is_a_warning() {
        let update = "by: carol\nsteps: { brief_analysts: joined }\n";
        let found = merged_levels("INC304", &[("updates/20261123T0920Z-carol.yaml", update)]);
        assert_eq!(found, [Level::Warning]);
    }
}
