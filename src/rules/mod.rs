//! The rules of the record and of the process, one file each.
//!
//! *Invariant*: pure. A rule reads no clock (the context has `now`) and no files, and every finding has a place.

mod context;
mod judge;
mod places;
mod reference;
mod text;

mod adopted_ticket_misplaced;
mod bad_incident_id;
mod broken_process;
mod broken_template;
mod change_without_reason;
mod closed_without_outcome;
mod credential_in_text;
mod customer_named_twice;
mod customer_not_affected;
mod customer_text_names_another;
mod customers_left_without_last_words;
mod customers_misfit_severity;
mod customers_not_told;
mod customers_outgrew_severity;
mod duplicate_key;
mod executive_sponsor_missing;
mod file_name_not_its_time;
mod forbidden_transition;
mod former_bot_by_name;
mod hand_over_leaves_role_empty;
mod idle_override;
mod impact_misfits_severity;
mod merged_facts_rewritten;
mod merged_file_gone;
mod misplaced_file;
mod no_next_update;
mod override_without_reason;
mod oversized_or_linked_file;
mod promise_beyond_cadence;
mod promise_missed;
mod promise_not_after_update;
mod reach_beyond_cap;
mod recipients_without_message;
mod related_to_itself;
mod required_role_empty;
mod resolution_without_text;
mod roles_not_apart;
mod sponsor_not_of_leadership;
mod step_by_wrong_role;
mod step_of_another_severity;
mod step_out_of_order;
mod step_without_evidence;
mod steps_missing;
mod summary_field_empty;
mod syntax_error;
mod text_that_would_act;
mod ticket_project_unknown;
mod time_far_from_the_servers;
mod time_in_the_future;
mod time_misfits_incident;
mod too_many_in_role;
mod unknown_customer;
mod unknown_key;
mod unknown_person;
mod unknown_process_word;
mod unknown_related_incident;
mod unknown_template_variable;
mod update_after_closed;
mod update_before_declaration;
mod update_before_merged_one;
mod update_by_another;
mod update_by_wrong_role;
mod wrong_type;

pub use context::{ChangeContext, CheckContext, FindingSink, Gate, IncidentContext};
pub use reference::find_rule;
pub use text::{
    MaskedRecord, mask_credentials, mask_path, mask_process, mask_source, masked_directory, masked_template, with_stars,
};

pub use broken_template::{failing_template_finding, unreadable_template_finding, unusable_template_finding};
pub use credential_in_text::{is_credential_finding, settings_credential_findings, warn_of_merged_settings};
pub use merged_file_gone::incident_gone_findings;
pub use misplaced_file::stray_file_finding;
pub use oversized_or_linked_file::linked_template_finding;
pub use unknown_template_variable::{VariableInTemplate, fail_changed_templates, unknown_template_variable_finding};

pub use judge::{FailureScope, apply_rule_levels, check_change, check_incident, check_process};

use std::collections::BTreeSet;

use crate::diagnostics::Level;

/// All rules, sorted by code.
pub static RULES: &[&Rule] = &[
    &syntax_error::RULE,
    &unknown_key::RULE,
    &wrong_type::RULE,
    &duplicate_key::RULE,
    &misplaced_file::RULE,
    &bad_incident_id::RULE,
    &file_name_not_its_time::RULE,
    &oversized_or_linked_file::RULE,
    &unknown_process_word::RULE,
    &broken_process::RULE,
    &broken_template::RULE,
    &former_bot_by_name::RULE,
    &unknown_template_variable::RULE,
    &customers_misfit_severity::RULE,
    &impact_misfits_severity::RULE,
    &change_without_reason::RULE,
    &customers_outgrew_severity::RULE,
    &required_role_empty::RULE,
    &roles_not_apart::RULE,
    &unknown_person::RULE,
    &executive_sponsor_missing::RULE,
    &sponsor_not_of_leadership::RULE,
    &update_by_wrong_role::RULE,
    &hand_over_leaves_role_empty::RULE,
    &too_many_in_role::RULE,
    &update_by_another::RULE,
    &step_out_of_order::RULE,
    &steps_missing::RULE,
    &step_by_wrong_role::RULE,
    &step_without_evidence::RULE,
    &step_of_another_severity::RULE,
    &forbidden_transition::RULE,
    &update_before_declaration::RULE,
    &time_in_the_future::RULE,
    &update_after_closed::RULE,
    &resolution_without_text::RULE,
    &time_far_from_the_servers::RULE,
    &closed_without_outcome::RULE,
    &merged_file_gone::RULE,
    &merged_facts_rewritten::RULE,
    &update_before_merged_one::RULE,
    &unknown_related_incident::RULE,
    &related_to_itself::RULE,
    &time_misfits_incident::RULE,
    &no_next_update::RULE,
    &promise_beyond_cadence::RULE,
    &promise_missed::RULE,
    &summary_field_empty::RULE,
    &customers_not_told::RULE,
    &ticket_project_unknown::RULE,
    &unknown_customer::RULE,
    &adopted_ticket_misplaced::RULE,
    &promise_not_after_update::RULE,
    &customer_not_affected::RULE,
    &customers_left_without_last_words::RULE,
    &customer_named_twice::RULE,
    &recipients_without_message::RULE,
    &credential_in_text::RULE,
    &customer_text_names_another::RULE,
    &text_that_would_act::RULE,
    &reach_beyond_cap::RULE,
    &override_without_reason::RULE,
    &idle_override::RULE,
];

/// A rule: its code, name, level, documentation and check function.
pub struct Rule {
    /// The code: `INC` and three digits. A code is never used again for another rule.
    pub code: &'static str,
    /// The name: the fault that the rule finds, in kebab-case.
    pub name: &'static str,
    /// The level of its findings, unless a gate or the process sets another.
    pub level: Level,
    /// The first version with this rule.
    pub since: &'static str,
    /// The summary: one line for lists.
    pub summary: &'static str,
    /// Whether a record may override the rule with a reason.
    pub overridable: bool,
    /// The flags of the authoring commands that correct the fault; `None` if there are none.
    pub flag_hint: Option<&'static str>,
    /// The documentation: Markdown with the headings *What it checks*, *Why*, *Example*, *Use instead*. A test runs the
    /// examples.
    pub docs: &'static str,
    /// The function that checks the rule, with its scope.
    pub check: CheckFunction,
}

/// The scope of a rule: an incident, a change, the process; with the function that checks it.
#[derive(Clone, Copy)]
pub enum CheckFunction {
    /// The file reader reports the rule; there is no function.
    Reader,
    /// The rule checks one incident.
    Incident(fn(&IncidentContext, &mut FindingSink)),
    /// The rule checks one incident; only new entries can fail a run, because nobody can rewrite a merged entry.
    Added(fn(&IncidentContext, &mut FindingSink)),
    /// The rule checks the process.
    Process(fn(&crate::process::Process, &mut Vec<crate::diagnostics::Diagnostic>)),
    /// The rule checks the change of an incident between two revisions.
    Change(fn(&ChangeContext, &mut FindingSink)),
    /// The rule checks one incident after all other rules; the set has the codes of the rules with a finding.
    AfterAll(fn(&IncidentContext, &BTreeSet<&'static str>, &mut FindingSink)),
}

/// The rule with this code; `None` if it does not exist.
#[must_use]
pub fn rule_by_code(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

/// Whether a record may override the rule with this code.
#[must_use]
pub fn is_overridable(code: &str) -> bool {
    rule_by_code(code).is_some_and(|rule| rule.overridable)
}

/// The name of the rule with this code; empty if it does not exist.
#[must_use]
pub fn rule_name(code: &str) -> &'static str {
    rule_by_code(code).map_or("", |rule| rule.name)
}

#[cfg(test)]
mod tests;
