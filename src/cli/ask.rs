//! Questions on a terminal for missing values, with choices if there are any.

use std::fmt;
use std::fs;
use std::io::{IsTerminal, Write};
use std::process::Command;

use anyhow::{Context, bail};
use inquire::error::InquireError;
use inquire::{Confirm, MultiSelect, Select, Text};

pub(super) use crate::author::Choice;
use crate::author::normalize_text;
use crate::terminal::plain;

/// The input that opens the editor instead of a text of one line.
const EDIT: &str = "e";

/// The line between the text and the help in the editor.
const SCISSORS: &str = "# ------ what stands below this line is not taken ------";

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.about == self.key { "" } else { &self.about };
        f.write_str(&plain(format!("{}  {about}", self.key).trim_end()))
    }
}

/// Whether a person can be asked: input and output are terminals.
pub(super) fn somebody_is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a required line.
pub(super) fn line(question: &str, help: &str) -> anyhow::Result<String> {
    let (question, help) = (plain(question), plain(help));
    loop {
        let said = answer(Text::new(&question).with_help_message(&help).prompt())?;
        if !said.trim().is_empty() {
            return Ok(said.trim().to_owned());
        }
    }
}

/// Asks for an optional text of one line, or of more lines in an editor; `None` if it is left out.
pub(super) fn text(question: &str, about: &str, editor: &str) -> anyhow::Result<Option<String>> {
    let (question, about) = (plain(question), plain(about));
    let help = format!("{about}; enter leaves it out, {EDIT} opens {}", plain(editor));
    let said = answer(Text::new(&question).with_help_message(&help).prompt())?;
    let said = if said.trim() == EDIT {
        edit(&question, &about, editor)?
    } else {
        said
    };
    Ok(Some(normalize_text(&said)).filter(|said| !said.is_empty()))
}

/// Asks for one of the choices and returns its key. Without choices, asks for a line.
pub(super) fn pick(question: &str, choices: Vec<Choice>, start: usize) -> anyhow::Result<String> {
    if choices.is_empty() {
        return line(question, "a key");
    }
    let start = start.min(choices.len() - 1);
    Ok(answer(
        Select::new(&plain(question), choices)
            .with_starting_cursor(start)
            .prompt(),
    )?
    .key)
}

/// Asks for any number of the choices and returns their keys. Without choices, asks for a line with commas.
pub(super) fn pick_many(question: &str, choices: Vec<Choice>) -> anyhow::Result<Vec<String>> {
    if choices.is_empty() {
        let said = answer(
            Text::new(&plain(question))
                .with_help_message("keys with commas between them")
                .prompt(),
        )?;
        let keys = said.split(',').map(str::trim).filter(|key| !key.is_empty());
        return Ok(keys.map(str::to_owned).collect());
    }
    let picked = answer(MultiSelect::new(&plain(question), choices).prompt())?;
    Ok(picked.into_iter().map(|choice| choice.key).collect())
}

/// Asks a question that is answered by yes or no.
pub(super) fn confirm(question: &str, default: bool) -> anyhow::Result<bool> {
    answer(Confirm::new(&plain(question)).with_default(default).prompt())
}

fn answer<T>(given: Result<T, InquireError>) -> anyhow::Result<T> {
    match given {
        Ok(value) => Ok(value),
        Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => {
            bail!("cancelled; nothing was written")
        }
        Err(error) => Err(error).context("the terminal cannot be asked; nothing was written"),
    }
}

/// Returns the text that a person writes in the editor; `None` if it is empty.
fn edit(question: &str, about: &str, editor: &str) -> anyhow::Result<String> {
    let start = format!("\n{SCISSORS}\n# {question}: {about}\n");
    // Only the owner can read the file, nobody can guess its name, and it is deleted at the end.
    let draft = tempfile::Builder::new().prefix("incidentctl-").suffix(".md").tempfile();
    let mut draft = draft.context("cannot make a file for the editor")?;
    draft.write_all(start.as_bytes())?;
    let path = draft.into_temp_path();
    // As git does it: the setting may hold arguments, so a shell takes it apart.
    let run = Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$@\""))
        .arg(editor)
        .arg(&path)
        .status();
    let written = fs::read_to_string(&path);
    drop(path);
    let status = run.context("cannot start a shell for the editor; nothing was written")?;
    if !status.success() {
        bail!("the editor `{}` failed; nothing was written", plain(editor));
    }
    let written = written.context("cannot read what the editor wrote")?;
    Ok(written.split(SCISSORS).next().unwrap_or_default().to_owned())
}
