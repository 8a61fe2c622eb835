//! The difference between two revisions, and between a revision and the work tree.

use std::collections::BTreeSet;

use anyhow::Context;

use super::objects::ObjectReader;
use super::output::{parse_changes, split};
use super::{Blob, CommitId, FileChange, Repo, RevisionDiff, TreeIds, tree};

/// The options of a comparison: machine-readable, with paths from the ledger's root.
const DIFF_OPTIONS: [&str; 6] = [
    "-z",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--no-abbrev",
    "--relative",
];

impl RevisionDiff {
    /// Adds an entry that differs: its file, or its folder, which is returned to be compared.
    fn add(&mut self, path: String, (from, to): tree::EntryPair) -> Option<(String, TreeIds)> {
        let file = |entry: Option<tree::Entry>| entry.filter(|entry| !entry.is_folder()).map(|entry| entry.blob());
        let folder = |entry: Option<tree::Entry>| entry.filter(tree::Entry::is_folder).map(|entry| entry.id());
        let (old, new) = (file(from), file(to));
        if old.is_some() || new.is_some() {
            self.files.push(FileChange {
                path: path.clone(),
                from: old,
                to: new,
            });
        }
        let trees = (folder(from), folder(to));
        if trees == (None, None) {
            return None;
        }
        self.folders.insert(path.clone(), trees.clone());
        Some((path, trees))
    }
}

/// A folder's path, and its tree objects before and after.
type TreePair = (String, Vec<u8>, Vec<u8>);

/// Reads the trees of folders, before and after; a side that does not exist is empty.
fn read_pairs(objects: &mut ObjectReader, folders: &[(String, TreeIds)]) -> anyhow::Result<Vec<TreePair>> {
    let sides = folders.iter().flat_map(|(_, (before, after))| [before, after]);
    let ids: Vec<&str> = sides.flatten().map(String::as_str).collect();
    let mut trees = objects.read(&ids, usize::MAX, "tree")?.into_iter();
    let mut take = |id: &Option<String>| match id {
        Some(id) => trees.next().flatten().with_context(|| format!("git has no tree {id}")),
        None => Ok(Vec::new()),
    };
    let mut pairs = Vec::new();
    for (path, (before, after)) in folders {
        pairs.push((path.clone(), take(before)?, take(after)?));
    }
    Ok(pairs)
}

impl Repo {
    /// The difference between two revisions in these files and folders of the ledger's root. A folder without a difference
    /// is not read.
    ///
    /// # Errors
    /// Fails if git cannot read them.
    pub fn diff(&self, from: &CommitId, to: &CommitId, under: &[&str]) -> anyhow::Result<RevisionDiff> {
        let width = from.0.len() / 2;
        let roots = [format!("{from}:./"), format!("{to}:./")];
        let mut objects = self.object_reader()?;
        let mut trees = objects.read(&[&roots[0], &roots[1]], usize::MAX, "tree")?;
        let (after, before) = (trees.pop().flatten(), trees.pop().flatten());
        let mut level = vec![(String::new(), before.unwrap_or_default(), after.unwrap_or_default())];
        let mut difference = RevisionDiff::default();
        while !level.is_empty() {
            let mut next = Vec::new();
            for (folder, from, to) in &level {
                let pairs = tree::differing_entries(from, to, width)?;
                let wanted = |name: &String| !folder.is_empty() || under.contains(&name.as_str());
                for (name, pair) in pairs.into_iter().filter(|(name, _)| wanted(name)) {
                    let path = if folder.is_empty() {
                        name
                    } else {
                        format!("{folder}/{name}")
                    };
                    next.extend(difference.add(path, pair));
                }
            }
            level = read_pairs(&mut objects, &next)?;
        }
        difference.files.sort();
        Ok(difference)
    }

    /// All files below folders that are given by path and the id of their tree.
    ///
    /// # Errors
    /// git cannot read them.
    pub fn list_files_in_trees(&self, folders: &[(String, String)]) -> anyhow::Result<Vec<(String, Blob)>> {
        let mut files = Vec::new();
        let mut objects = self.object_reader()?;
        let mut level = folders.to_vec();
        // Deeper than any folder of a record; a tree cannot hold itself.
        for _ in 0..16 {
            let ids: Vec<&str> = level.iter().map(|(_, id)| id.as_str()).collect();
            let trees = objects.read(&ids, usize::MAX, "tree")?;
            let mut next = Vec::new();
            for ((path, id), tree) in level.iter().zip(trees) {
                let tree = tree.with_context(|| format!("git has no tree {id}"))?;
                for entry in tree::entries(&tree, id.len() / 2) {
                    let entry = entry?;
                    let path = format!("{path}/{}", entry.name());
                    if entry.is_folder() {
                        next.push((path, entry.id()));
                    } else {
                        files.push((path, entry.blob()));
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            level = next;
        }
        files.sort();
        Ok(files)
    }

    /// The paths that differ between a revision and the work tree, including files that git does not track.
    ///
    /// # Errors
    /// git cannot compare them.
    pub fn diff_work_tree(&self, from: &CommitId, under: &[&str]) -> anyhow::Result<Vec<FileChange>> {
        let mut arguments = vec!["diff-index"];
        arguments.extend(DIFF_OPTIONS);
        arguments.extend([from.as_str(), "--"]);
        arguments.extend(under);
        let mut changes = parse_changes(&self.run(&arguments)?)?;
        let known: BTreeSet<String> = changes.iter().map(|change| change.path.clone()).collect();
        let mut arguments = vec!["ls-files", "-z", "--others", "--exclude-standard", "--"];
        arguments.extend(under);
        let others = self.run(&arguments)?;
        for path in split(&others).filter(|path| !known.contains(path)) {
            changes.push(FileChange {
                path,
                from: None,
                to: None,
            });
        }
        changes.sort();
        Ok(changes)
    }
}
