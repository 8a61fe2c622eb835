//! Renders records into words: views for each audience, templates, and escaping of text from files.
//!
//! *Invariant*: text from a file reaches a document only through [`escape`], and rendering cannot fail.

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
