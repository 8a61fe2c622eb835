//! Quick actions in texts.

use super::super::proof;
use super::*;

/// Runs the commands in a text, and returns what is left of it, as GitLab stores it.
pub(super) fn run(state: &mut State, text: &str) -> String {
    let text = text.replace('\r', "");
    let commands: Vec<String> = proof::acts(&text)
        .into_iter()
        .filter_map(|found| found.strip_prefix("quick action: ").map(str::to_owned))
        .collect();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !commands.iter().any(|command| command == line))
        .collect();
    state.executed.extend(commands);
    kept.join("\n").trim_end().to_owned()
}
