//! What a forge remembers of an incident: the marks on its objects, the index of their places, our part of the issue's
//! description, and what we last made of the fields.
//!
//! *Invariant*: nothing here is of one forge; no network and no clock. Forms never change: what stands on a server has to be read
//! by every later version.

mod index;
mod mark;
mod merge;
mod section;

pub(in crate::forge) use index::{Fields, Index, Place, is_listed};
pub(in crate::forge) use mark::{bare, identity, mark, marked, marks, normal};
pub(in crate::forge) use merge::{FieldChange, Merge, merge};
pub(in crate::forge) use section::{Section, SectionState};
