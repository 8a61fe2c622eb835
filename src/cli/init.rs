//! `init`: writes the files of a new ledger; existing files stay.

use std::fs;
use std::io::Write;

use anyhow::Context;

use super::{Global, Outcome};
use crate::folder::Folder;
use crate::ledger::{NEW_FOLDERS, TEMPLATES, new_files, template_copies};

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl init")]
pub(super) struct Arguments {
    /// Also writes copies of the built-in templates. A copy without a change overrides nothing.
    #[arg(long)]
    templates: bool,
}

/// Writes the files of a new ledger and prints their names.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = &global.directory;
    fs::create_dir_all(root).with_context(|| format!("cannot make the folder {}", root.display()))?;
    let folder = Folder::open(root, "")?;
    for name in NEW_FOLDERS {
        folder.make_subfolder(name)?;
    }
    let mut files = new_files();
    if arguments.templates {
        folder.make_subfolder(TEMPLATES)?;
        files.extend(template_copies());
    }
    for (path, text) in files {
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
