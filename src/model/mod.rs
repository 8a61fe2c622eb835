//! The incident and its record as plain values, independent of files, YAML and GitLab.
//!
//! *Invariant*: pure. A mistake that a person wrote causes no failure here, and nothing reads a clock.

pub mod details;
pub mod directory;
pub mod edits;
pub mod entries;
pub mod entry;
pub mod fields;
pub mod fold;
pub mod history;
pub mod ids;
pub mod issue_link;
pub mod parts;
pub mod policy;
mod promises;
pub mod record;
pub mod relative_time;
pub mod snapshot;
mod spoken_to;
pub mod state;
pub mod time;
mod values;

pub use details::{RestoredCustomers, StepDetails, StepRecord};
pub use directory::{Customer, Directory, Person};
pub use edits::{CustomersChange, CustomersEdit, ListEdit, Nullable, RoleChange};
pub use entries::Entries;
pub use entry::{ClosureReason, Entry, Impact, ImpactKind, Override, TimelinePoint};
pub use fold::{expected_updates, fold};
pub use history::{History, OpenPromise, Promise, PromiseEnd};
pub use ids::{CustomerKey, IncidentId, PersonKey, RoleKey, SeverityKey, Stamp, StatusKey, StepKey};
pub use issue_link::IssueUrl;
pub use parts::{Customers, DatedText, StepDone, ToldBy};
pub use policy::FoldPolicy;
pub use record::{Record, RecordEntry};
pub use relative_time::{PromiseTime, TimeOrTimeOfDay};
pub use snapshot::Snapshot;
pub use spoken_to::SpokenTo;
pub use state::State;
pub use time::{Length, Timestamp, humanize};
