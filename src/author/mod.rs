//! What the commands write: the entry that flags and answers make, the text of a new file, its name, whether it passes, and
//! corrections of a file that is there.
//!
//! *Invariant*: pure, and nothing is written that does not pass. What a person wrote keeps its bytes: a new file is a new
//! file, and a correction replaces the value that it names and nothing else.

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
pub use draft::{NewFile, RoundTripError, missing_flags, new_declaration, new_update, replace_or_add_file};
pub use given::{CustomersForm, EntryInput, add_role_change, ensure_known_role, hand_over, optional_field};
pub use judge::{Verdict, judge};
pub use name::{incident_id, slug};
pub use parse::{parse_impact_kind, parse_outcome, parse_pair, parse_point};
pub use questions::Question;
pub use text::{FileKind, normalize_line, normalize_text, render, short_description};

#[cfg(test)]
mod tests;
