//! incidentctl: incidents as code on GitLab.
//!
//! An incident is a folder of YAML files in a git repository. This library holds the record of an incident as values
//! and folds it into the state at any time. `ARCHITECTURE.md` says which modules there are.

pub mod author;
pub mod changes;
pub mod chat;
pub mod cli;
pub mod diagnostics;
pub mod effects;
pub mod folder;
pub mod forge;
pub mod git;
pub mod health;
pub mod ledger;
pub mod model;
pub mod process;
pub mod render;
pub mod report;
pub mod rules;
pub mod run;
pub mod source;
pub mod span;
pub mod terminal;
pub mod transport;
