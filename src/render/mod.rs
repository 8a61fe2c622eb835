//! From values to words: views for each audience, templates, and text from files made harmless.
//!
//! *Invariant*: nothing from a file reaches a document but through [`escape`], and rendering cannot fail.

pub mod escape;
mod scene;
mod templates;
pub mod views;

pub use scene::{Scene, reference, time, with_references};
pub use templates::{Broken, Renderer, Template};
