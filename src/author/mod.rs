//! What the commands write: the text of a new file, its name, whether it passes, and corrections of a file that is there.
//!
//! *Invariant*: pure, and nothing is written that does not pass. What a person wrote keeps its bytes: a new file is a new
//! file, and a correction replaces the value that it names and nothing else.

mod correct;
mod draft;
mod judge;
mod name;
mod text;

pub use correct::correct;
pub use draft::{New, NotFaithful, declaration, update};
pub use judge::{Verdict, judge};
pub use name::{id, slug};
pub use text::{FileKind, render, short_description, tidy, tidy_line};

#[cfg(test)]
mod tests;
