//! Text to spanned tree to records and findings: the place of every key and value, and every mistake of a file at once.
//!
//! *Invariant*: never an error for a user's mistake, never a panic, and bounded time and memory on any bytes.

mod de;
mod document;
mod record;
mod schema;
mod sink;
mod tree;

pub use record::{MAX_INCIDENT_ID_LENGTH, ParsedRecord, is_incident_id, read_record};
pub use schema::{FileSchema, schema};

use std::sync::LazyLock;

use serde::de::DeserializeOwned;

use crate::diagnostics::{Diagnostic, sort_and_limit};
use crate::model::{Customer, Entries, Entry, Person};
use crate::process::{self, HANDBOOK_PATH, Process, ProcessFile};

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// A file as it was found. Its reader need keep no more than one byte over [`MAX_FILE_BYTES`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// The path from the ledger's root, with `/`.
    pub path: String,
    /// The content; of a link: nothing.
    pub bytes: Vec<u8>,
    /// A symbolic link or a submodule.
    pub link: bool,
}

impl File {
    /// A plain file.
    #[must_use]
    pub fn new(path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.to_owned(),
            bytes: bytes.into(),
            link: false,
        }
    }

    /// The text, where it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// Reads `people.yaml`; none where it holds nothing.
#[must_use]
pub fn read_people(file: &File) -> (Option<Entries<Person>>, Vec<Diagnostic>) {
    read_file(file)
}

/// Reads `customers.yaml`; none where it holds nothing.
#[must_use]
pub fn read_customers(file: &File) -> (Option<Entries<Customer>>, Vec<Diagnostic>) {
    read_file(file)
}

/// Reads one file of a record by itself; none where it holds nothing.
#[must_use]
pub fn read_entry(file: &File) -> (Option<Box<Entry>>, Vec<Diagnostic>) {
    read_file(file)
}

/// What the embedded process says.
static HANDBOOK: LazyLock<ProcessFile> = LazyLock::new(|| {
    read_file(&File::new(HANDBOOK_PATH, process::HANDBOOK))
        .0
        .unwrap_or_default()
});

/// The process that applies: the embedded one, or what `process.yaml` makes of it.
#[must_use]
pub fn read_process(file: Option<&File>) -> (Process, Vec<Diagnostic>) {
    let Some(file) = file else {
        return (process::resolve(&HANDBOOK, None), Vec::new());
    };
    let (team, findings) = read_file::<ProcessFile>(file);
    (process::resolve(&HANDBOOK, team.as_ref()), findings)
}

/// One document of a type; none where the file holds nothing, or nothing that can be read.
fn read_file<T: DeserializeOwned>(file: &File) -> (Option<T>, Vec<Diagnostic>) {
    let sink = sink::Sink::new(&file.path);
    let value = document::read(file, true, &sink).map(|read| read.value);
    (value, sort_and_limit(sink.into_findings()))
}

#[cfg(test)]
mod tests;
