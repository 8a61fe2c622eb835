//! Renders records into words: views for each audience, templates, and escaping of text from files.
//!
//! *Invariant*: text from a file reaches a document only through [`escape`], and rendering cannot fail.

mod body;
mod context;
pub mod escape;
mod plain;
mod templates;
pub mod views;

pub use body::{BodyPart, parts, reference, with_references};
pub use context::{RenderContext, time};
pub use plain::plain;
pub use templates::{BrokenTemplate, Renderer, Template};
