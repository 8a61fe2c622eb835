//! Reads files into records and findings. It keeps the place of every key and value, and reports every mistake of a
//! file at once.
//!
//! *Invariant*: a user's mistake is a finding, never an error or a panic; time and memory are bounded for any bytes.

mod de;
mod document;
mod record;
mod schema;
mod sink;
mod tree;

pub use record::{MAX_INCIDENT_ID_LENGTH, ParsedRecord, UNREADABLE, is_incident_id, read_record};
pub use schema::{FileSchema, schema};

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;

use crate::diagnostics::{Diagnostic, sort_and_limit};
use crate::model::{Customer, Entries, Entry, Person};
use crate::process::{self, HANDBOOK_PATH, Process, ProcessFile};

/// The maximum size of a file, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// A file of the ledger: its path and its bytes. It needs at most one byte more than [`MAX_FILE_BYTES`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// The content; empty for a link.
    pub bytes: Vec<u8>,
    /// Whether the file is a symbolic link or a submodule.
    pub link: bool,
}

impl File {
    /// A regular file with this path and content.
    #[must_use]
    pub fn new(path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.to_owned(),
            bytes: bytes.into(),
            link: false,
        }
    }

    /// The content as text; `None` if it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// Reads `people.yaml`. The value is `None` if the file is empty or unreadable.
#[must_use]
pub fn read_people(file: &File) -> (Option<Entries<Person>>, Vec<Diagnostic>) {
    read_file(file)
}

/// Reads `customers.yaml`. The value is `None` if the file is empty or unreadable.
#[must_use]
pub fn read_customers(file: &File) -> (Option<Entries<Customer>>, Vec<Diagnostic>) {
    read_file(file)
}

/// Reads one declaration or update by itself. The value is `None` if the file is empty or unreadable.
#[must_use]
pub fn read_entry(file: &File) -> (Option<Box<Entry>>, Vec<Diagnostic>) {
    read_file(file)
}

/// The embedded process file, parsed.
static HANDBOOK: LazyLock<ProcessFile> = LazyLock::new(|| {
    read_file(&File::new(HANDBOOK_PATH, process::HANDBOOK))
        .0
        .unwrap_or_default()
});

/// Reads `process.yaml` and returns the process that applies; without a file, the embedded process.
#[must_use]
pub fn read_process(file: Option<&File>) -> (Process, Vec<Diagnostic>) {
    let Some(file) = file else {
        return (process::resolve(&HANDBOOK, None), Vec::new());
    };
    let (team, findings) = read_file::<ProcessFile>(file);
    (process::resolve(&HANDBOOK, team.as_ref()), findings)
}

/// Reads one document of a type. The value is `None` if the file is empty or unreadable.
fn read_file<T: DeserializeOwned>(file: &File) -> (Option<T>, Vec<Diagnostic>) {
    let sink = sink::Sink::new(&file.path);
    let value = document::read(file, true, &sink).map(|read| read.value);
    let (mut findings, mut left_out) = (Vec::new(), BTreeMap::new());
    sink.move_to(&mut findings, &mut left_out);
    (value, sort_and_limit(findings, &left_out))
}

#[cfg(test)]
mod tests;
