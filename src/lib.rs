//! incidentctl: incidents as code on GitLab.
//!
//! An incident is a folder of YAML files in a git repository. This library reads the record of an incident into values
//! and computes its state at any time. `ARCHITECTURE.md` lists the modules.

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
pub mod targets;
pub mod terminal;
pub mod transport;
