//! The state of an incident that a forge stores in its objects: marks, the index of places, the managed section of the
//! issue's description, and the last set fields.
//!
//! *Invariant*: nothing here is specific to one forge; no network and no clock. Formats never change, because every later
//! version has to read what is stored on a server.

mod index;
mod mark;
mod merge;
mod section;
mod signature;

pub(in crate::forge) use index::{Fields, Index, Place, is_listed};
pub(in crate::forge) use mark::{bare, identity, mark, marked, marks, normal};
pub(in crate::forge) use merge::{FieldChange, Merge, merge};
pub(in crate::forge) use section::{Section, SectionState};
pub(in crate::forge) use signature::{Home, IndexKey};
