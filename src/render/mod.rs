//! Renders records into words: views for each audience, templates, and escaping of text from files.
//!
//! *Invariant*: text from a file reaches a document only through [`escape`], and rendering cannot fail.

mod body;
mod bounded;
mod context;
mod documentation;
pub mod escape;
mod fault;
mod fields;
mod judge;
mod plain;
mod released;
mod tags;
mod template;
mod templates;
mod variables;
pub mod views;

pub use body::{BodyPart, parts, reference, with_references};
pub use context::{RenderContext, time};
pub use documentation::variables_reference;
pub use fault::Fault;
pub use plain::plain;
pub use template::Template;
pub use templates::{Renderer, TemplateProblem};
pub use variables::UnknownVariable;
