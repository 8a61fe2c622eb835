//! A folder as a handle: it reaches only files below the folder and follows no link.
//!
//! *Invariant*: a path below a [`Folder`] never leaves the folder; a link in any component is an error that names the
//! link. A file is replaced as a whole or not at all, through a temporary file with a random name. The only user of
//! cap-std.

mod place;

use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, FileType, OpenOptions};

pub use self::place::{FolderPath, stays_below};

/// The start and the end of a temporary file's name.
const UNFINISHED: (&str, &str) = (".incidentctl-", ".unfinished");
/// The age after which a temporary file counts as abandoned by a killed run.
const ABANDONED_AFTER: Duration = Duration::from_secs(60 * 60);

/// The kind of an entry in a folder: file, folder, link or other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// An ordinary file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, to any target.
    Link,
    /// A pipe, a device or a socket.
    Other,
}

impl From<FileType> for EntryKind {
    fn from(kind: FileType) -> Self {
        if kind.is_file() {
            Self::File
        } else if kind.is_dir() {
            Self::Folder
        } else if kind.is_symlink() {
            Self::Link
        } else {
            Self::Other
        }
    }
}

/// An entry of a folder: its name and kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FolderEntry {
    /// The name.
    pub name: OsString,
    /// The kind.
    pub kind: EntryKind,
}

/// An open folder, as a handle for the paths below it.
#[derive(Debug)]
pub struct Folder {
    handle: Dir,
    /// The path as errors show it.
    shown: PathBuf,
}

impl Folder {
    /// Opens a folder that a person named; it follows links in the path. Errors show paths below the folder after
    /// `shown`.
    ///
    /// # Errors
    /// Fails if the folder does not exist.
    pub fn open(path: &Path, shown: &str) -> anyhow::Result<Self> {
        let handle = Dir::open_ambient_dir(path, ambient_authority());
        Ok(Self {
            handle: handle.with_context(|| format!("cannot open the folder {}", path.display()))?,
            shown: PathBuf::from(shown),
        })
    }

    /// Opens a folder that a person named; `None` if nothing is there.
    ///
    /// # Errors
    /// Fails if the folder cannot be opened.
    pub fn open_if_there(path: &Path, shown: &str) -> anyhow::Result<Option<Self>> {
        match std::fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            _ => Self::open(path, shown).map(Some),
        }
    }

    /// Opens a folder below this one; `None` if nothing is there.
    ///
    /// # Errors
    /// Fails if a component of the path is not a folder.
    pub fn subfolder(&self, path: impl AsRef<Path>) -> anyhow::Result<Option<Self>> {
        let mut at = None;
        for name in names(path.as_ref())? {
            match at.as_ref().unwrap_or(self).step(name)? {
                Some(next) => at = Some(next),
                None => return Ok(None),
            }
        }
        at.map_or_else(|| self.again(), Ok).map(Some)
    }

    /// Opens a folder below this one; creates it and its missing parents.
    ///
    /// # Errors
    /// Fails if a component of the path is not a folder, or a folder cannot be created.
    pub fn make_subfolder(&self, path: impl AsRef<Path>) -> anyhow::Result<Self> {
        let mut at = None;
        for name in names(path.as_ref())? {
            let folder = at.as_ref().unwrap_or(self);
            at = Some(match folder.step(name)? {
                Some(next) => next,
                None => folder.make_step(name)?,
            });
        }
        at.map_or_else(|| self.again(), Ok)
    }

    /// A path below this folder, as error messages show it.
    #[must_use]
    pub fn display_path(&self, path: impl AsRef<Path>) -> String {
        self.shown.join(path).display().to_string()
    }

    /// The entries of the folder, sorted by name.
    ///
    /// # Errors
    /// Fails if the folder cannot be read.
    pub fn entries(&self) -> anyhow::Result<Vec<FolderEntry>> {
        let read = || -> io::Result<Vec<FolderEntry>> {
            let mut all = Vec::new();
            for entry in self.handle.entries()? {
                let entry = entry?;
                let mut kind = EntryKind::from(entry.file_type()?);
                if kind == EntryKind::Other {
                    // Some file systems leave the kind out of the listing.
                    kind = entry.metadata()?.file_type().into();
                }
                let name = entry.file_name();
                all.push(FolderEntry { name, kind });
            }
            all.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(all)
        };
        read().with_context(|| format!("cannot read the folder {}", self.shown.display()))
    }

    /// The kind of the entry at a path below this folder; `None` if nothing is there.
    ///
    /// # Errors
    /// Fails if a component before the last is not a folder.
    pub fn kind(&self, path: impl AsRef<Path>) -> anyhow::Result<Option<EntryKind>> {
        let kind = self.at(path.as_ref(), Self::kind_of)?;
        Ok(kind.flatten())
    }

    /// Reads a file, at most one byte over the limit; `None` if nothing is there. It never waits on a pipe or a device.
    ///
    /// # Errors
    /// Fails if a component is a link, or the path is not an ordinary file.
    pub fn read(&self, path: impl AsRef<Path>, limit: usize) -> anyhow::Result<Option<Vec<u8>>> {
        let read = self.at(path.as_ref(), |folder, name| {
            match folder.kind_of(name)? {
                None => return Ok(None),
                Some(kind) => folder.expect_file(name, kind)?,
            }
            folder.read_file(name, limit)
        })?;
        Ok(read.flatten())
    }

    /// Reads an entry of this folder, at most one byte over the limit; `None` if it was deleted.
    ///
    /// # Errors
    /// Fails if the entry is not an ordinary file.
    pub fn read_entry(&self, entry: &FolderEntry, limit: usize) -> anyhow::Result<Option<Vec<u8>>> {
        self.expect_file(&entry.name, entry.kind)?;
        self.read_file(&entry.name, limit)
    }

    /// Creates a file; returns false if something exists there, even a broken link.
    ///
    /// # Errors
    /// Fails if the file's folder is missing or reached by a link, or the file cannot be written. A failure leaves no
    /// file.
    pub fn create(&self, path: impl AsRef<Path>, bytes: &[u8]) -> anyhow::Result<bool> {
        let path = path.as_ref();
        let created = self.at(path, |folder, name| {
            let mut file = match folder.create_new(name) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
                Err(error) => return Err(error).with_context(|| folder.cannot("create", name)),
            };
            if let Err(error) = file.write_all(bytes).and_then(|()| file.sync_all()) {
                let _ = folder.handle.remove_file(name);
                return Err(error).with_context(|| folder.cannot("write", name));
            }
            Ok(true)
        })?;
        created.with_context(|| self.no_folder(path))
    }

    /// Creates or replaces a file, as a whole or not at all. The permissions of the old file stay.
    ///
    /// # Errors
    /// Fails if the file's folder is missing, a component is a link, or the path is not an ordinary file.
    pub fn replace(&self, path: impl AsRef<Path>, bytes: &[u8]) -> anyhow::Result<()> {
        let path = path.as_ref();
        let replaced = self.at(path, |folder, name| {
            if let Some(kind) = folder.kind_of(name)? {
                folder.expect_file(name, kind)?;
            }
            folder
                .replace_file(name, bytes)
                .with_context(|| folder.cannot("write", name))
        })?;
        replaced.with_context(|| self.no_folder(path))
    }

    /// Removes a file.
    ///
    /// # Errors
    /// Fails if the file does not exist, or a component before the last is a link.
    pub fn remove(&self, path: impl AsRef<Path>) -> anyhow::Result<()> {
        let path = path.as_ref();
        let removed = self.at(path, |folder, name| {
            let removed = folder.handle.remove_file(name);
            removed.with_context(|| folder.cannot("remove", name))
        })?;
        removed.with_context(|| self.no_folder(path))
    }

    /// Calls `work` with the parent folder and the last component of a path; `None` if the parent is missing.
    fn at<T>(&self, path: &Path, work: impl FnOnce(&Self, &OsStr) -> anyhow::Result<T>) -> anyhow::Result<Option<T>> {
        let names = names(path)?;
        let Some((last, before)) = names.split_last() else {
            bail!("`{}` names no file", self.display_path(path))
        };
        let mut at = None;
        for name in before {
            match at.as_ref().unwrap_or(self).step(name)? {
                Some(next) => at = Some(next),
                None => return Ok(None),
            }
        }
        work(at.as_ref().unwrap_or(self), last).map(Some)
    }

    /// Opens a direct subfolder; `None` if nothing is there.
    fn step(&self, name: &OsStr) -> anyhow::Result<Option<Self>> {
        match self.handle.open_dir_nofollow(name) {
            Ok(handle) => Ok(Some(Self {
                handle,
                shown: self.shown.join(name),
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => match self.kind_of(name)? {
                Some(EntryKind::Link) => Err(self.is_link(name)),
                Some(EntryKind::File | EntryKind::Other) => {
                    Err(anyhow!("`{}` is not a folder", self.display_path(name)))
                }
                _ => Err(error).with_context(|| self.cannot("open", name)),
            },
        }
    }

    fn make_step(&self, name: &OsStr) -> anyhow::Result<Self> {
        match self.handle.create_dir(name) {
            Ok(()) => {}
            // Another run made it at the same moment.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| self.cannot("make the folder", name)),
        }
        self.step(name)?.with_context(|| self.cannot("make the folder", name))
    }

    fn again(&self) -> anyhow::Result<Self> {
        let handle = self.handle.try_clone();
        Ok(Self {
            handle: handle.with_context(|| format!("cannot open the folder {}", self.shown.display()))?,
            shown: self.shown.clone(),
        })
    }

    fn kind_of(&self, name: &OsStr) -> anyhow::Result<Option<EntryKind>> {
        match self.handle.symlink_metadata(name) {
            Ok(metadata) => Ok(Some(metadata.file_type().into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| self.cannot("read", name)),
        }
    }

    fn expect_file(&self, name: &OsStr, kind: EntryKind) -> anyhow::Result<()> {
        match kind {
            EntryKind::File => Ok(()),
            EntryKind::Link => Err(self.is_link(name)),
            EntryKind::Folder => bail!("`{}` is a folder, and a file is needed there", self.display_path(name)),
            EntryKind::Other => bail!(
                "`{}` is a pipe or a device, and an ordinary file is needed there",
                self.display_path(name)
            ),
        }
    }

    fn read_file(&self, name: &OsStr, limit: usize) -> anyhow::Result<Option<Vec<u8>>> {
        // What took the file's place since its kind was seen is not followed and not waited for.
        let mut options = OpenOptions::new();
        options.read(true).follow(FollowSymlinks::No).nonblock(true);
        let file = match self.handle.open_with(name, &options) {
            Ok(file) => file.into_std(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| self.cannot("open", name)),
        };
        let read = || -> io::Result<Vec<u8>> {
            let metadata = file.metadata()?;
            if !metadata.is_file() {
                return Err(io::Error::new(ErrorKind::InvalidInput, "no ordinary file"));
            }
            // One byte more than there is: the read that finds the end needs no more room.
            let size = usize::try_from(metadata.len()).unwrap_or(limit).min(limit);
            let mut bytes = Vec::with_capacity(size + 1);
            (&file).take(limit as u64 + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map(Some).with_context(|| self.cannot("read", name))
    }

    fn create_new(&self, name: &OsStr) -> io::Result<cap_std::fs::File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).follow(FollowSymlinks::No);
        self.handle.open_with(name, &options)
    }

    fn replace_file(&self, name: &OsStr, bytes: &[u8]) -> io::Result<()> {
        let unfinished = unguessable();
        let unfinished = OsStr::new(&unfinished);
        let mut file = self.create_new(unfinished)?;
        self.remove_abandoned(&file);
        let mut write = || {
            if let Ok(old) = self.handle.symlink_metadata(name)
                && old.permissions() != file.metadata()?.permissions()
            {
                file.set_permissions(old.permissions())?;
            }
            file.write_all(bytes)?;
            file.sync_all()?;
            // A rename puts itself in the place of a link, it does not follow one.
            self.handle.rename(unfinished, &self.handle, name)
        };
        write().inspect_err(|_| drop(self.handle.remove_file(unfinished)))
    }

    /// Removes the temporary files of killed runs: files that are much older than the file `new`. A younger file may
    /// belong to another run. A file that cannot be removed stays.
    fn remove_abandoned(&self, new: &cap_std::fs::File) {
        let Ok(now) = new.metadata().and_then(|metadata| metadata.modified()) else {
            return;
        };
        let is_old = |name: &OsStr| {
            let modified = self.handle.symlink_metadata(name).and_then(|old| old.modified());
            let age = modified.map(|old| now.duration_since(old));
            matches!(age, Ok(Ok(age)) if age > ABANDONED_AFTER)
        };
        for entry in self.entries().unwrap_or_default() {
            if entry.kind == EntryKind::File && is_unfinished(&entry.name) && is_old(&entry.name) {
                let _ = self.handle.remove_file(&entry.name);
            }
        }
    }

    fn is_link(&self, name: &OsStr) -> anyhow::Error {
        anyhow!(
            "`{}` is a link: incidentctl never reads or writes through links in a ledger; move it away",
            self.display_path(name)
        )
    }

    fn cannot(&self, verb: &str, name: &OsStr) -> String {
        format!("cannot {verb} {}", self.display_path(name))
    }

    fn no_folder(&self, path: &Path) -> String {
        format!("the folder of {} is missing", self.display_path(path))
    }
}

/// The components of a path; an error if the path leaves its folder.
fn names(path: &Path) -> anyhow::Result<Vec<&OsStr>> {
    if !stays_below(path) {
        bail!("{} leaves its folder", path.display());
    }
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name),
        _ => None,
    });
    Ok(names.collect())
}

/// Whether a name has the form of a temporary file's.
fn is_unfinished(name: &OsStr) -> bool {
    let name = name.to_str().and_then(|name| name.strip_prefix(UNFINISHED.0));
    let digits = name.and_then(|name| name.strip_suffix(UNFINISHED.1));
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// A new random name for a temporary file. The keys of the standard library's hashers come from the system's random
/// numbers.
fn unguessable() -> String {
    let random = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    let (before, after) = UNFINISHED;
    format!("{before}{:016x}{:016x}{after}", random(), random())
}

#[cfg(test)]
mod tests;
