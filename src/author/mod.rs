//! New and corrected files of a record: their entry, text and name, and whether the rules allow them.
//!
//! *Invariant*: pure. A file that breaks a rule is not written. A correction replaces the named values and keeps all
//! other bytes of the file.

pub mod choices;
mod correct;
mod draft;
mod given;
mod judge;
mod name;
mod parse;
pub mod questions;
mod text;

pub use choices::Choice;
pub use correct::{corrected_text, customers_form, find_file_by_stamp};
pub use draft::{NewFile, RereadMismatch, missing_flags, new_declaration, new_update, replace_or_add_file};
pub use given::{CustomersForm, EntryInput, add_role_change, ensure_known_role, hand_over, optional_field};
pub use judge::{Verdict, check_draft};
pub use name::{incident_id, slug};
pub use parse::{parse_impact_kind, parse_name_value, parse_outcome, parse_restored, parse_timeline_point};
pub use questions::Question;
pub use text::{FileKind, normalize_line, normalize_text, render, short_description};

#[cfg(test)]
mod tests;
