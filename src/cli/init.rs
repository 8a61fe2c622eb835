//! `init`: writes the files of a new ledger; existing files stay.

use std::fs;
use std::io::Write;

use anyhow::Context;

use super::{Global, Outcome};
use crate::folder::Folder;
use crate::ledger::{NEW_FOLDERS, new_files};

/// Writes the files of a new ledger and prints their names.
pub(super) fn run(global: &Global, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = &global.directory;
    fs::create_dir_all(root).with_context(|| format!("cannot make the folder {}", root.display()))?;
    let folder = Folder::open(root, "")?;
    for name in NEW_FOLDERS {
        folder.make_subfolder(name)?;
    }
    for (path, text) in new_files() {
        let word = if folder.create(&path, text.as_bytes())? {
            "wrote"
        } else {
            "kept "
        };
        writeln!(out, "{word}  {path}")?;
    }
    writeln!(
        out,
        "\nNext: fill people.yaml and customers.yaml, then `incidentctl declare`."
    )?;
    Ok(Outcome::Clean)
}
