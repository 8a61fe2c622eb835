//! The team's templates, on the disk or at a commit.
//!
//! *Invariant*: a template that cannot be read is a finding, and each run names it; it never stops a run.

use super::disk::read_file_below;
use crate::diagnostics::Diagnostic;
use crate::folder::{EntryKind, Folder};
use crate::rules;
use crate::source::{File, MAX_FILE_BYTES};

/// The folder of the team's templates.
pub const TEMPLATES: &str = "templates";

/// A template of the team: its path and its text.
pub(super) struct TeamTemplate {
    /// The path from the ledger's root; [`TEMPLATES`] if the folder itself cannot be read.
    pub(super) path: String,
    /// The text, or the reason why it cannot be read.
    pub(super) text: Result<String, Unreadable>,
}

/// The reason why a template, or the folder of templates, cannot be read.
pub(super) enum Unreadable {
    /// It is a symbolic link or a submodule.
    Link,
    /// It has another kind than it needs: the kind, in words.
    OtherKind(&'static str),
    /// The system refuses to read it: the error.
    Refused(String),
    /// It is not UTF-8 text: the line of the first such byte, from 1.
    NotText(usize),
}

impl TeamTemplate {
    fn unreadable(path: &str, reason: Unreadable) -> Self {
        Self {
            path: path.to_owned(),
            text: Err(reason),
        }
    }

    /// The template in a file.
    fn from_file(file: &File) -> Self {
        if file.link {
            return Self::unreadable(&file.path, Unreadable::Link);
        }
        let text = if file.bytes.len() > MAX_FILE_BYTES {
            // It is too large for a template in any case, and may be cut within a character.
            Ok(String::from_utf8_lossy(&file.bytes).into_owned())
        } else {
            text(&file.bytes)
        };
        Self {
            path: file.path.clone(),
            text,
        }
    }

    /// The file name; `None` for the folder itself.
    pub(super) fn file_name(&self) -> Option<&str> {
        self.path.strip_prefix(TEMPLATES)?.strip_prefix('/')
    }
}

/// The text in a template's bytes. A NUL is a sign of UTF-16, and no text in GitLab can contain it.
fn text(bytes: &[u8]) -> Result<String, Unreadable> {
    let decoded = std::str::from_utf8(bytes);
    let nul = bytes.iter().position(|byte| *byte == 0);
    let bad = match (&decoded, nul) {
        (Ok(text), None) => return Ok((*text).to_owned()),
        (Ok(_), Some(nul)) => nul,
        (Err(error), nul) => nul.map_or(error.valid_up_to(), |nul| nul.min(error.valid_up_to())),
    };
    let lines = memchr::memchr_iter(b'\n', &bytes[..bad]).count();
    Err(Unreadable::NotText(lines + 1))
}

impl Unreadable {
    /// The reason in words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Link => "it is a link".to_owned(),
            Self::OtherKind(what) => format!("it is {what}"),
            Self::Refused(why) => why.clone(),
            Self::NotText(line) => format!("line {line}: it is not UTF-8 text from here on"),
        }
    }

    /// The finding about it.
    pub(super) fn finding(&self, path: &str) -> Diagnostic {
        let is_folder = path == TEMPLATES;
        match self {
            Self::Link => rules::linked_template_finding(path, is_folder),
            _ => rules::unreadable_template_finding(path, is_folder, &self.describe()),
        }
    }
}

/// The team's templates on the disk.
pub(super) fn templates_on_disk(root: &Folder) -> Vec<TeamTemplate> {
    let refused = |path: &str, error: &anyhow::Error| {
        let found = TeamTemplate::unreadable(path, Unreadable::Refused(format!("{error:#}")));
        vec![found]
    };
    let entries = match root.kind(TEMPLATES) {
        Err(error) => return refused(TEMPLATES, &error),
        Ok(None) => return Vec::new(),
        Ok(Some(EntryKind::Folder)) => root.subfolder(TEMPLATES).and_then(|folder| {
            let Some(folder) = folder else { return Ok(None) };
            let entries = folder.entries()?;
            Ok(Some((folder, entries)))
        }),
        Ok(Some(kind)) => {
            let reason = other_kind(kind);
            return vec![TeamTemplate::unreadable(TEMPLATES, reason)];
        }
    };
    let (folder, entries) = match entries {
        Err(error) => return refused(TEMPLATES, &error),
        Ok(None) => return Vec::new(),
        Ok(Some(read)) => read,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = format!("{TEMPLATES}/{}", entry.name.to_string_lossy());
        if !is_template(&path) {
            continue;
        }
        if entry.kind != EntryKind::File {
            found.push(TeamTemplate::unreadable(&path, other_kind(entry.kind)));
            continue;
        }
        match read_file_below(&folder, entry.name.as_ref(), &path) {
            Ok(file) => found.extend(file.as_ref().map(TeamTemplate::from_file)),
            Err(error) => found.extend(refused(&path, &error)),
        }
    }
    found
}

/// The reason why an entry of the wrong kind is not read.
const fn other_kind(kind: EntryKind) -> Unreadable {
    match kind {
        EntryKind::Link => Unreadable::Link,
        EntryKind::File => Unreadable::OtherKind("a file"),
        EntryKind::Folder => Unreadable::OtherKind("a folder"),
        EntryKind::Other => Unreadable::OtherKind("a pipe or a device"),
    }
}

/// The team's templates among the files of a commit.
pub(super) fn templates_among(files: &[File]) -> Vec<TeamTemplate> {
    let mut found: Vec<TeamTemplate> = Vec::new();
    for file in files {
        let template = if file.path == TEMPLATES && !file.link {
            TeamTemplate::unreadable(TEMPLATES, other_kind(EntryKind::File))
        } else if file.path == TEMPLATES || is_template(&file.path) {
            TeamTemplate::from_file(file)
        } else if let Some(folder) = folder_like_template(&file.path) {
            TeamTemplate::unreadable(folder, other_kind(EntryKind::Folder))
        } else {
            continue;
        };
        if found.last().is_none_or(|last| last.path != template.path) {
            found.push(template);
        }
    }
    found
}

/// The path of the folder that has the name of a template and contains this file; `None` for another path.
fn folder_like_template(path: &str) -> Option<&str> {
    let inside = path.strip_prefix(TEMPLATES)?.strip_prefix('/')?;
    let name = &inside[..inside.find('/')?];
    let folder = &path[..TEMPLATES.len() + 1 + name.len()];
    is_template(folder).then_some(folder)
}

/// Whether a path is a template of the ledger. The folder may also contain other files.
#[must_use]
pub fn is_template(path: &str) -> bool {
    path.strip_prefix("templates/")
        .is_some_and(|name| name.ends_with(".hbs") && !name.contains('/'))
}
