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
pub use correct::{correct, find_file, shape_of};
pub use draft::{New, NotFaithful, declaration, missing_flags, update, with_file};
pub use given::{Given, Shape, add_role_change, hand_over, known_role, made};
pub use judge::{Verdict, judge};
pub use name::{id, slug};
pub use parse::{impact_kind, outcome, pair, point};
pub use questions::Question;
pub use text::{FileKind, render, short_description, tidy, tidy_line};

#[cfg(test)]
mod tests;
