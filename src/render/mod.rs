//! From values to words: views for each audience, templates, and text from files made harmless.
//!
//! *Invariant*: nothing from a file reaches a document but through [`escape`].

pub mod escape;
#[cfg(test)]
pub(crate) mod hostile;
#[cfg(test)]
pub(crate) mod proof;
