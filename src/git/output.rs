//! Parsers for the output of git.

use std::io::{BufRead, Read as _};

use anyhow::{Context, bail};

use super::{Blob, FileChange};
use crate::terminal::is_unsafe;

/// Whether a name is valid for a branch in git and safe on a terminal. <https://git-scm.com/docs/git-check-ref-format>
pub(super) fn is_branch(name: &str) -> bool {
    let forbidden = |c: char| is_unsafe(c) || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let reserved = matches!(name, "@" | "HEAD") || name.starts_with('-') || name.ends_with('.');
    !reserved && !name.contains("..") && !name.contains("@{") && !name.contains(forbidden) && name.split('/').all(part)
}

/// The folder that git refuses because of its owner, from git's message; `None` if the message has another reason.
pub(super) fn distrusted(said: &[u8]) -> Option<String> {
    let said = String::from_utf8_lossy(said);
    let (_, advice) = said.split_once("dubious ownership")?;
    let (_, folder) = advice.split_once("--add safe.directory ")?;
    Some(folder.lines().next()?.trim().to_owned())
}

/// Whether a text is a full object id, of SHA-1 or SHA-256.
pub(super) fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The parts of an output that end with NUL.
pub(super) fn split(text: &[u8]) -> impl Iterator<Item = String> {
    text.split(|byte| *byte == 0)
        .filter(|part| !part.is_empty())
        .map(|part| String::from_utf8_lossy(part).into_owned())
}

/// Parses the files that a comparison lists: `:MODE MODE ID ID STATUS NUL PATH NUL`, again and again.
pub(super) fn parse_changes(text: &[u8]) -> anyhow::Result<Vec<FileChange>> {
    let mut parts = split(text);
    let mut changes = Vec::new();
    while let Some(head) = parts.next() {
        let fields: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let ([from_mode, to_mode, from, to, _], Some(path)) = (fields.as_slice(), parts.next()) else {
            bail!("git's comparison is not in the expected form: {head}")
        };
        changes.push(FileChange {
            path,
            from: blob(from_mode, from),
            to: blob(to_mode, to),
        });
    }
    Ok(changes)
}

/// Parses `MODE TYPE ID TAB PATH`.
pub(super) fn parse_tree_line(line: &str) -> anyhow::Result<(String, Blob)> {
    let (head, path) = line.split_once('\t').context("git's list cannot be understood")?;
    let fields: Vec<&str> = head.split(' ').collect();
    let [mode, _, id] = fields.as_slice() else {
        bail!("git's list cannot be understood: {head}")
    };
    Ok((
        path.to_owned(),
        blob(mode, id).context("git lists a file that is not there")?,
    ))
}

/// The file; `None` if nothing is there.
fn blob(mode: &str, id: &str) -> Option<Blob> {
    (mode != "000000").then(|| Blob {
        id: id.to_owned(),
        link: matches!(mode, "120000" | "160000"),
    })
}

/// Reads one answer of `cat-file --batch`: `ID TYPE SIZE LF CONTENT LF`, or `ID missing LF`.
pub(super) fn read_object(reader: &mut impl BufRead, max: usize, kind: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let mut head = String::new();
    reader.read_line(&mut head).context("git broke off")?;
    let mut fields = head.trim_end().rsplit(' ');
    let size = fields.next().and_then(|size| size.parse::<u64>().ok());
    let Some(size) = size else {
        if head.trim_end().ends_with("missing") {
            return Ok(None);
        }
        bail!("git's answer cannot be understood: {}", head.trim_end());
    };
    let kept = size.min((max as u64).saturating_add(1));
    let mut content = Vec::with_capacity(usize::try_from(kept.min(64 << 20)).unwrap_or_default());
    reader
        .by_ref()
        .take(kept)
        .read_to_end(&mut content)
        .context("git broke off")?;
    std::io::copy(&mut reader.by_ref().take(size - kept + 1), &mut std::io::sink()).context("git broke off")?;
    Ok((fields.next() == Some(kind)).then_some(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_git_takes_for_a_branch_are_branches() {
        for name in [
            "main",
            "release/18.6",
            "é",
            "שלום",
            "a-b_c",
            "incident/2026-11-23-x/declare",
        ] {
            assert!(is_branch(name), "{name}");
        }
        for name in [
            "",
            "-x",
            "--upload-pack=x",
            "a..b",
            "..",
            ".a",
            "a/.b",
            "a.lock",
            "a/b.lock/c",
            "a.",
            "/a",
            "a/",
            "a//b",
            "@",
            "a@{1}",
            "HEAD",
            "a b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[b",
            "a\\b",
            "a\nb",
            "a\rb",
            "a\tb",
            "a\u{1b}[2J",
            "a\u{7f}",
            "a\u{9b}2J",
            "ma\u{202e}in",
            "a\u{200f}",
            "a\u{2028}b",
            "\u{feff}main",
        ] {
            assert!(!is_branch(name), "{name:?}");
        }
    }
}
