//! The difference between two revisions, and between a revision and the work tree.

use std::collections::BTreeSet;

use anyhow::Context;

use super::output::{parse_difference, split};
use super::{Blob, CommitId, FileChange, Repo, RevisionDiff, tree};

/// The options of a comparison: machine-readable, with paths from the ledger's root.
const DIFF_OPTIONS: [&str; 6] = [
    "-z",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--no-abbrev",
    "--relative",
];

impl Repo {
    /// The difference between two revisions in these files and folders of the ledger's root.
    ///
    /// # Errors
    /// Fails if git cannot read them.
    pub fn diff(&self, from: &CommitId, to: &CommitId, under: &[&str]) -> anyhow::Result<RevisionDiff> {
        let mut arguments = vec!["diff-tree", "-r", "-t"];
        arguments.extend(DIFF_OPTIONS);
        arguments.extend([from.as_str(), to.as_str(), "--"]);
        arguments.extend(under);
        parse_difference(&self.run(&arguments)?)
    }

    /// All files below folders that are given by path and the id of their tree.
    ///
    /// # Errors
    /// git cannot read them.
    pub fn list_trees(&self, folders: &[(String, String)]) -> anyhow::Result<Vec<(String, Blob)>> {
        let mut files = Vec::new();
        let mut level = folders.to_vec();
        // Deeper than any folder of a record; a tree cannot hold itself.
        for _ in 0..16 {
            let ids: Vec<&str> = level.iter().map(|(_, id)| id.as_str()).collect();
            let trees = self.objects(&ids, usize::MAX, "tree")?;
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

    /// The paths that differ between a revision and the work tree, files that git does not know yet included.
    ///
    /// # Errors
    /// git cannot compare them.
    pub fn diff_work_tree(&self, from: &CommitId, under: &[&str]) -> anyhow::Result<Vec<FileChange>> {
        let mut arguments = vec!["diff-index"];
        arguments.extend(DIFF_OPTIONS);
        arguments.extend([from.as_str(), "--"]);
        arguments.extend(under);
        let mut changes = parse_difference(&self.run(&arguments)?)?.files;
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
