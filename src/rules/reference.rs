//! The documentation of a rule, for `explain` and `rules`.

use super::{Gate, RULES, Rule};
use crate::diagnostics::suggest;
use crate::process::Process;

/// Finds a rule by its code or name.
///
/// # Errors
/// Fails if there is no such rule; the error suggests a similar one.
pub fn find_rule(word: &str) -> Result<&'static Rule, String> {
    let code = word.to_ascii_uppercase();
    let is = |rule: &&Rule| rule.code == code || rule.name.eq_ignore_ascii_case(word);
    RULES.iter().copied().find(is).ok_or_else(|| {
        let known = RULES.iter().flat_map(|rule| [rule.code, rule.name]);
        let hint = suggest::nearest_word(word, known).map_or("`incidentctl rules` shows all".to_owned(), |near| {
            format!("did you mean {near}?")
        });
        format!("there is no rule `{word}`; {hint}")
    })
}

impl Rule {
    /// The documentation of the rule as a page of Markdown.
    #[must_use]
    pub fn markdown_page(&self) -> String {
        format!(
            "# {} {}\n\n{} ({}; since {})\n\n{}\n",
            self.code,
            self.name,
            self.summary,
            self.level.display_name(),
            self.since,
            self.docs.trim_end()
        )
    }

    /// The rule's line in the list of all rules, with its level in a process.
    #[must_use]
    pub fn list_line(&self, process: &Process) -> String {
        let set = process.levels.get(self.code);
        let set = set.map(|set| format!("{:?}", set.value).to_lowercase());
        let level = set.unwrap_or_else(|| self.level.display_name().to_owned());
        let is_error_at = |gate: &&str| {
            let codes = process.gates.get(*gate);
            codes.is_some_and(|codes| codes.value.iter().any(|code| code == self.code))
        };
        let gates: Vec<&str> = Gate::ALL.iter().map(|gate| gate.key()).filter(is_error_at).collect();
        let gates = if gates.is_empty() || level == "error" {
            String::new()
        } else {
            format!(" (error at: {})", gates.join(", "))
        };
        format!("{}  {level:<7}  {:<28}  {}{gates}", self.code, self.name, self.summary)
    }
}
