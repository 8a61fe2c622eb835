//! From values to words: views for each audience, templates, and text from files made harmless.
//!
//! *Invariant*: nothing from a file reaches a document but through [`escape`], and rendering cannot fail.

mod body;
pub mod escape;
mod plain;
mod scene;
mod templates;
pub mod views;

pub use body::{Part, parts, reference, with_references};
pub use plain::plain;
pub use scene::{Scene, time};
pub use templates::{BrokenTemplate, Renderer, Template};
