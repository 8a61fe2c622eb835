//! Parses and compares tree objects in git's own format.
//!
//! `git diff-tree` needs 100 ms to compare two folders of 100,000 incidents, of which one differs; comparing their bytes needs half of that.

use std::cmp::Ordering;
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

    /// Compares the places of two entries in a tree. git sorts a folder as if its name ended with a slash.
    fn order(&self, other: &Self) -> Ordering {
        let slash = |entry: &Self| entry.is_folder().then_some(b'/');
        let (a, b) = (
            self.name.iter().copied().chain(slash(self)),
            other.name.iter().copied().chain(slash(other)),
        );
        a.cmp(b)
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

/// An entry before and after; `None` for a side that does not have it.
pub(super) type EntryPair<'a> = (Option<Entry<'a>>, Option<Entry<'a>>);

/// The entries that differ between two trees, with their names, in the order of the trees.
///
/// # Errors
/// Fails if a tree is not in git's format.
pub(super) fn differing_entries<'a>(
    mut from: &'a [u8],
    mut to: &'a [u8],
    width: usize,
) -> anyhow::Result<Vec<(String, EntryPair<'a>)>> {
    let mut all = Vec::new();
    loop {
        let a = read(from, width)?;
        // Most entries are equal on both sides: comparing their bytes saves parsing the second side.
        if let Some((_, rest)) = a
            && to.starts_with(&from[..from.len() - rest.len()])
        {
            to = &to[from.len() - rest.len()..];
            from = rest;
            continue;
        }
        let b = read(to, width)?;
        let order = match (&a, &b) {
            (None, None) => return Ok(all),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.order(b),
        };
        let left = a.filter(|_| order != Ordering::Greater);
        let right = b.filter(|_| order != Ordering::Less);
        let pair = (left.map(|(entry, _)| entry), right.map(|(entry, _)| entry));
        all.extend(pair.0.or(pair.1).map(|entry| (entry.name(), pair)));
        from = left.map_or(from, |(_, rest)| rest);
        to = right.map_or(to, |(_, rest)| rest);
    }
}

/// The first entry of a tree and the rest after it; `None` at the end.
fn read(tree: &[u8], width: usize) -> anyhow::Result<Option<(Entry<'_>, &[u8])>> {
    if tree.is_empty() {
        return Ok(None);
    }
    first(tree, width).map(Some).context("git's tree cannot be understood")
}
