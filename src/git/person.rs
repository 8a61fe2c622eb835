//! The git configuration of the person who runs the program. No repository can change it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::address::without_credentials;

/// The values of a key in the person's global git configuration. It does not read the configuration of a repository.
///
/// # Errors
/// Fails if git cannot be run.
pub fn global_values(key: &str) -> anyhow::Result<Vec<String>> {
    let output = global(&["--get-all", key])
        .output()
        .context("git cannot be run: is it installed?")?;
    // git ends with an error where the key is not set.
    let text = String::from_utf8_lossy(&output.stdout);
    let values = text.lines().map(str::trim).filter(|value| !value.is_empty());
    Ok(values.map(str::to_owned).collect())
}

/// The value of a key in the person's git configuration for a folder, from system, person and environment; `None` if it
/// is not set. It does not read the configuration of the folder's repository.
#[must_use]
pub fn person_config_value(folder: &Path, key: &str) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    command.args(["config", "-z", "--show-scope", "--get-all", key]);
    let output = command.env("LC_ALL", "C").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let parts: Vec<&str> = text.split_terminator('\0').collect();
    // A scope and a value, by turns; the last one counts.
    let own = parts
        .chunks_exact(2)
        .rfind(|pair| !matches!(pair[0], "local" | "worktree"))?;
    let value = own[1].trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Adds a value to a key in the person's global git configuration.
///
/// # Errors
/// Fails if git cannot be run or refuses.
pub fn add_global_value(key: &str, value: &str) -> anyhow::Result<()> {
    let output = global(&["--add", key, value])
        .output()
        .context("git cannot be run: is it installed?")?;
    if output.status.success() {
        return Ok(());
    }
    let reason = without_credentials(String::from_utf8_lossy(&output.stderr).trim());
    bail!("git config --global failed: {reason}")
}

fn global(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(["config", "--global"]).args(arguments);
    command.env("LC_ALL", "C").stdin(Stdio::null());
    command
}
