//! Parses tree objects in git's own format.

use std::fmt::Write as _;

use anyhow::Context;

use super::Blob;

/// The mode of a folder.
const FOLDER: &str = "40000";

/// One entry of a tree.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    mode: &'a [u8],
    name: &'a [u8],
    id: &'a [u8],
}

impl Entry<'_> {
    pub(super) fn is_folder(&self) -> bool {
        self.mode == FOLDER.as_bytes()
    }

    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(self.name).into_owned()
    }

    pub(super) fn id(&self) -> String {
        self.id.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    pub(super) fn blob(&self) -> Blob {
        Blob {
            id: self.id(),
            link: matches!(self.mode, b"120000" | b"160000"),
        }
    }
}

/// Parses the entries of a tree: `MODE BLANK NAME NUL ID`, again and again, the id in `width` bytes.
pub(super) fn entries(tree: &[u8], width: usize) -> impl Iterator<Item = anyhow::Result<Entry<'_>>> {
    let mut rest = tree;
    std::iter::from_fn(move || {
        let entry = read(rest, width).transpose()?;
        rest = entry.as_ref().map_or(&[], |(_, rest)| rest);
        Some(entry.map(|(entry, _)| entry))
    })
}

fn first(tree: &[u8], width: usize) -> Option<(Entry<'_>, &[u8])> {
    let blank = memchr::memchr(b' ', tree)?;
    let end = blank + memchr::memchr(0, &tree[blank..])?;
    let id = tree.get(end + 1..end + 1 + width)?;
    let entry = Entry {
        mode: &tree[..blank],
        name: &tree[blank + 1..end],
        id,
    };
    Some((entry, &tree[end + 1 + width..]))
}

/// The first entry of a tree and the rest after it; `None` at the end.
fn read(tree: &[u8], width: usize) -> anyhow::Result<Option<(Entry<'_>, &[u8])>> {
    if tree.is_empty() {
        return Ok(None);
    }
    first(tree, width).map(Some).context("git's tree cannot be understood")
}
