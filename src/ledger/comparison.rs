//! Two revisions of the ledger, and the incidents that differ between them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail};

use super::{Incidents, LedgerConfig, incident_ids, is_template, open_repo, read_file_below};
use crate::changes::IncidentChange;
use crate::folder::Folder;
use crate::git::{Base, CiVariables, CommitId, FileChange, Repo, RevisionDiff, TreeIds, choose_base};
use crate::model::IncidentId;
use crate::model::directory::{CUSTOMERS_PATH, PEOPLE_PATH};
use crate::process::PROCESS_PATH;
use crate::source::{self, File, MAX_FILE_BYTES, ParsedRecord, UNREADABLE};

/// The settings files, which affect every incident.
const SETTINGS: [&str; 4] = [PROCESS_PATH, PEOPLE_PATH, CUSTOMERS_PATH, "templates"];

/// The number of changed incidents above which git lists all incidents instead.
const MANY: usize = 200;

/// A comparison of two revisions of the ledger: the base and the head.
pub struct Comparison {
    repo: Repo,
    base: CommitId,
    /// The head; `None` for the work tree.
    head: Option<CommitId>,
    difference: RevisionDiff,
    /// Why this base was chosen, as text for people.
    pub why: &'static str,
}

/// A changed incident: its records before and after, and its files after.
pub struct ComparedIncident {
    /// The change of the record.
    pub change: IncidentChange,
    /// The parsed record after the change; `None` for a deleted incident.
    pub after: Option<ParsedRecord>,
    /// The files after the change.
    pub files: Vec<File>,
    /// The paths of new and changed files.
    pub paths: BTreeSet<String>,
}

/// The comparison that the flags or the pipeline request; `None` if neither names a base.
///
/// # Errors
/// Fails if a base is requested and there is no repository, or the base cannot be found.
pub fn compare(
    root: &Path,
    base: Option<&str>,
    head: Option<&str>,
    variables: &CiVariables,
) -> anyhow::Result<Option<Comparison>> {
    let chosen = choose_base(base, variables);
    if chosen == Base::None {
        return Ok(None);
    }
    let Some(repo) = open_repo(root, variables.ci)? else {
        bail!(
            "{} is in no git repository, so there is no base to compare with",
            root.display()
        )
    };
    let head = match head {
        Some(revision) => Some(repo.resolve_or_fetch(revision)?),
        None if variables.ci => Some(repo.resolve("HEAD")?.context("the repository has no commit")?),
        None => None,
    };
    let (base, why) = find(&repo, &chosen)?;
    let under: Vec<&str> = ["incidents"].into_iter().chain(SETTINGS).collect();
    let difference = match &head {
        Some(head) => repo.diff(&base, head, &under)?,
        None => RevisionDiff {
            files: really_changed(&repo, root, repo.diff_work_tree(&base, &under)?)?,
            ..RevisionDiff::default()
        },
    };
    Ok(Some(Comparison {
        repo,
        base,
        head,
        difference,
        why,
    }))
}

/// The changes between a revision and the work tree, without files that have the same content. git lists a file as changed
/// if its time or its place on the disk changed, as in a copy of the ledger.
fn really_changed(repo: &Repo, root: &Path, changes: Vec<FileChange>) -> anyhow::Result<Vec<FileChange>> {
    let Some(folder) = Folder::open_if_there(root, "")? else {
        return Ok(changes);
    };
    let mut kept = Vec::with_capacity(changes.len());
    for some in changes.chunks(MANY) {
        let ids: Vec<&str> = some.iter().filter_map(uncompared_blob).collect();
        let mut contents = repo.read_blobs(&ids, MAX_FILE_BYTES)?.into_iter();
        for change in some {
            let old = uncompared_blob(change).and_then(|_| contents.next().flatten());
            if !old.is_some_and(|old| is_on_disk(&folder, &change.path, &old)) {
                kept.push(change.clone());
            }
        }
    }
    Ok(kept)
}

/// The earlier content of a file whose later content git did not read; `None` if git compared the contents.
fn uncompared_blob(change: &FileChange) -> Option<&str> {
    let (from, to) = (change.from.as_ref()?, change.to.as_ref()?);
    let is_file = !from.link && !to.link;
    (is_file && to.id.bytes().all(|digit| digit == b'0')).then_some(from.id.as_str())
}

/// Whether a file on the disk has this content, which is complete.
fn is_on_disk(folder: &Folder, path: &str, content: &[u8]) -> bool {
    let file = || read_file_below(folder, Path::new(path), path).ok().flatten();
    content.len() <= MAX_FILE_BYTES && file().is_some_and(|file| !file.link && file.bytes == content)
}

/// The commit or tree of a base, and why it was chosen.
fn find(repo: &Repo, base: &Base) -> anyhow::Result<(CommitId, &'static str)> {
    match base {
        Base::Revision { revision, why } => Ok((repo.resolve_or_fetch(revision)?, why)),
        Base::MergeBase { with, why } => {
            let head = repo.resolve("HEAD")?.context("the repository has no commit")?;
            let other = repo.resolve_or_fetch(with)?;
            let found = repo.merge_base(&head, &other)?;
            let found = found.with_context(|| {
                format!("HEAD and {with} have no common commit in this clone: set GIT_DEPTH: \"0\" for the job, or name a base with --base")
            })?;
            Ok((found, why))
        }
        Base::Parent => match repo.resolve("HEAD^")? {
            Some(parent) => Ok((parent, "the parent commit")),
            None => Ok((repo.empty_tree()?, "the first commit")),
        },
        Base::None => bail!("there is no base to compare with"),
    }
}

impl Comparison {
    /// The id of the base, as text.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base.as_str()
    }

    /// The id of the head, as text; `None` for the work tree.
    pub fn head(&self) -> Option<&str> {
        self.head.as_ref().map(CommitId::as_str)
    }

    /// Whether a settings file changed, which affects every incident.
    #[must_use]
    pub fn affects_all_incidents(&self) -> bool {
        self.difference
            .files
            .iter()
            .any(|change| !change.path.starts_with("incidents/"))
    }

    /// The paths of the changed settings: process, people, customers, templates.
    #[must_use]
    pub fn changed_settings(&self) -> Vec<&str> {
        let paths = self.difference.files.iter().map(|change| change.path.as_str());
        paths
            .filter(|path| !path.starts_with("incidents/") && (SETTINGS.contains(path) || is_template(path)))
            .collect()
    }

    /// The ids of the incidents with a changed file.
    pub fn changed_ids(&self) -> BTreeSet<String> {
        let paths = self.difference.files.iter().filter_map(|change| id_of(&change.path));
        paths.map(str::to_owned).collect()
    }

    /// Reads the settings at the base.
    ///
    /// # Errors
    /// Fails if git or the disk cannot be read.
    pub fn config_before(&self) -> anyhow::Result<LedgerConfig> {
        self.config_at(&self.base)
    }

    /// Reads the settings at the head.
    ///
    /// # Errors
    /// Fails if git or the disk cannot be read.
    pub fn config_after(&self, root: &Path, process: Option<&File>) -> anyhow::Result<LedgerConfig> {
        match &self.head {
            Some(head) if process.is_none() => self.config_at(head),
            _ => LedgerConfig::on_disk(root, process),
        }
    }

    fn config_at(&self, at: &CommitId) -> anyhow::Result<LedgerConfig> {
        config_at(&self.repo, at)
    }

    /// Reads the incidents in `ids` at base and head, and returns the changed ones.
    ///
    /// # Errors
    /// Fails if git or the disk cannot be read.
    pub fn changed_incidents(&self, root: &Path, ids: &BTreeSet<String>) -> anyhow::Result<Vec<ComparedIncident>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut before = self.side(&self.base, ids, |(before, _)| before.as_ref())?;
        let mut after = match &self.head {
            Some(head) => self.side(head, ids, |(_, after)| after.as_ref())?,
            None => on_disk(root, ids)?,
        };
        let sides = ids.iter().map(|id| {
            (
                id,
                before.remove(id).unwrap_or_default(),
                after.remove(id).unwrap_or_default(),
            )
        });
        Ok(sides.map(|(id, before, after)| changed(id, &before, after)).collect())
    }

    /// The files of these incidents at the base or the head, by id.
    fn side(
        &self,
        at: &CommitId,
        ids: &BTreeSet<String>,
        tree: impl Fn(&TreeIds) -> Option<&String>,
    ) -> anyhow::Result<BTreeMap<String, Vec<File>>> {
        let folders: Vec<String> = ids.iter().map(|id| format!("incidents/{id}")).collect();
        let trees: Option<Vec<_>> = folders
            .iter()
            .map(|path| Some((path.clone(), self.difference.folders.get(path)?)))
            .collect();
        let listed = match trees {
            // The ids of the trees are known: the folder of all incidents need not be read again.
            Some(trees) => {
                let there: Vec<_> = trees
                    .into_iter()
                    .filter_map(|(path, ids)| Some((path, tree(ids)?.clone())))
                    .collect();
                self.repo.list_files_in_trees(&there)?
            }
            // git finds no folder by a name that is not its own.
            None if ids.len() > MANY || ids.iter().any(|id| id.contains(UNREADABLE)) => {
                self.repo.list_files(at, &["incidents".to_owned()])?
            }
            None => self.repo.list_files(at, &folders)?,
        };
        Ok(by_id(contents(&self.repo, &listed)?))
    }

    /// The ids of all incidents at base or head.
    ///
    /// # Errors
    /// Fails if git or the disk cannot be read.
    pub fn all_ids(&self, root: &Path) -> anyhow::Result<BTreeSet<String>> {
        let mut all = self.changed_ids();
        all.extend(self.ids_after(root)?);
        Ok(all)
    }

    /// The ids of all incidents at the head. Reads only the names of folders.
    ///
    /// # Errors
    /// Fails if git or the disk cannot be read.
    pub fn ids_after(&self, root: &Path) -> anyhow::Result<BTreeSet<String>> {
        let names = match &self.head {
            Some(head) => self.repo.folder_names(head, "incidents")?.into_iter().collect(),
            None => incident_ids(root)?.0.into_iter().collect(),
        };
        Ok(names)
    }
}

/// The settings at a commit.
pub(super) fn config_at(repo: &Repo, at: &CommitId) -> anyhow::Result<LedgerConfig> {
    let files = contents(repo, &repo.list_existing(at, &SETTINGS)?)?;
    LedgerConfig::read(&|path| Ok(files.iter().find(|file| file.path == path).cloned()), &files)
}

/// The files of all incidents at a commit, by id.
pub(super) fn all_at(repo: &Repo, at: &CommitId) -> anyhow::Result<BTreeMap<String, Vec<File>>> {
    Ok(by_id(contents(repo, &repo.list_files(at, &["incidents".to_owned()])?)?))
}

fn by_id(files: Vec<File>) -> BTreeMap<String, Vec<File>> {
    let mut all: BTreeMap<String, Vec<File>> = BTreeMap::new();
    for file in files {
        if let Some(id) = id_of(&file.path).map(str::to_owned) {
            all.entry(id).or_default().push(file);
        }
    }
    all
}

fn contents(repo: &Repo, listed: &[(String, crate::git::Blob)]) -> anyhow::Result<Vec<File>> {
    let plain: Vec<&str> = listed
        .iter()
        .filter(|(_, blob)| !blob.link)
        .map(|(_, blob)| blob.id.as_str())
        .collect();
    let mut contents = repo.read_blobs(&plain, MAX_FILE_BYTES)?.into_iter();
    let files = listed.iter().map(|(path, blob)| {
        let bytes = if blob.link {
            Vec::new()
        } else {
            contents
                .next()
                .flatten()
                .with_context(|| format!("git has no content of {path}"))?
        };
        Ok(File {
            path: path.clone(),
            bytes,
            link: blob.link,
        })
    });
    files.collect()
}

/// The id of the incident that a path lies in.
fn id_of(path: &str) -> Option<&str> {
    Some(path.strip_prefix("incidents/")?.split_once('/')?.0)
}

/// The files of these incidents on the disk.
fn on_disk(root: &Path, ids: &BTreeSet<String>) -> anyhow::Result<BTreeMap<String, Vec<File>>> {
    let mut all = BTreeMap::new();
    let Some(incidents) = Incidents::open_if_there(root)? else {
        return Ok(all);
    };
    for id in ids {
        if let Some(files) = incidents.files_if_there(id)? {
            all.insert(id.clone(), files);
        }
    }
    Ok(all)
}

fn changed(id: &str, before: &[File], files: Vec<File>) -> ComparedIncident {
    let read = |files: &[File]| (!files.is_empty()).then(|| source::read_record(id, files));
    let (from, to) = (read(before), read(&files));
    let old: BTreeMap<&str, &File> = before.iter().map(|file| (file.path.as_str(), file)).collect();
    let new: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let paths = files.iter().filter(|file| {
        old.get(file.path.as_str())
            .is_none_or(|old| old.bytes != file.bytes || old.link != file.link)
    });
    let paths = paths.map(|file| file.path.clone()).collect();
    let gone = old
        .keys()
        .filter(|path| path.ends_with(".yaml") && !new.contains(*path))
        .map(|path| (*path).to_owned());
    ComparedIncident {
        change: IncidentChange {
            id: IncidentId::from(id),
            from: from.and_then(|read| read.record),
            to: to.as_ref().and_then(|read| read.record.clone()),
            gone: gone.collect(),
        },
        after: to,
        paths,
        files,
    }
}
