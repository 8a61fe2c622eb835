//! What git prints, taken apart.

use std::io::{BufRead, Read as _};

use anyhow::{Context, bail};

use super::{Blob, Change};

/// What git said, bounded, without control characters and without the user and password of an address.
pub(super) fn without_credentials(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out += before;
        out += "://";
        let end = after
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '\'' | '"'))
            .unwrap_or(after.len());
        let user = after[..end].rfind('@').map_or(0, |at| at + 1);
        rest = &after[user..];
    }
    out += rest;
    out.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(2000)
        .collect()
}

/// A full object id, of SHA-1 or SHA-256.
pub(super) fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The parts of an output that are ended by NUL.
pub(super) fn split(text: &[u8]) -> impl Iterator<Item = String> {
    text.split(|byte| *byte == 0)
        .filter(|part| !part.is_empty())
        .map(|part| String::from_utf8_lossy(part).into_owned())
}

/// `:MODE MODE ID ID STATUS NUL PATH NUL`, again and again.
pub(super) fn parse_diff(text: &[u8]) -> anyhow::Result<Vec<Change>> {
    let mut parts = split(text);
    let mut changes = Vec::new();
    while let Some(head) = parts.next() {
        let fields: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let ([from_mode, to_mode, from, to, _], Some(path)) = (fields.as_slice(), parts.next()) else {
            bail!("git's comparison cannot be understood: {head}")
        };
        changes.push(Change {
            path,
            from: blob(from_mode, from),
            to: blob(to_mode, to),
        });
    }
    Ok(changes)
}

/// `MODE TYPE ID TAB PATH`.
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

fn blob(mode: &str, id: &str) -> Option<Blob> {
    (mode != "000000").then(|| Blob {
        id: id.to_owned(),
        link: matches!(mode, "120000" | "160000"),
    })
}

/// One answer of `cat-file --batch`: `ID TYPE SIZE LF CONTENT LF`, or `ID missing LF`.
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
