//! Reads the bytes of a file as one document of a type.

use serde::de::DeserializeOwned;

use super::sink::Sink;
use super::tree::{Kind, Node};
use super::{File, MAX_FILE_BYTES, de, tree};
use crate::span::Span;

/// The content of a file.
pub(super) struct Document<T> {
    pub(super) value: T,
    /// The place of the first line.
    pub(super) first: Span,
    /// Whether the syntax is valid to the end; otherwise the value is the part before the mistake.
    pub(super) complete: bool,
}

/// The document; `None` if it cannot be read. A finding says why, unless the file may be empty.
pub(super) fn read<T: DeserializeOwned>(file: &File, may_be_empty: bool, sink: &Sink) -> Option<Document<T>> {
    let text = text(file, sink)?;
    let (root, complete) = tree::read(text, sink);
    let first = first_line(text);
    let Some(root) = root.filter(|root| !is_empty(root)) else {
        if complete && !may_be_empty {
            sink.report("INC003", first, "the file is empty", None);
        }
        return None;
    };
    let value = de::from_tree(&root, sink)?;
    Some(Document { value, first, complete })
}

/// Whether a document has only comments.
fn is_empty(root: &Node) -> bool {
    matches!(&root.kind, Kind::Scalar { text, plain: true } if text.is_empty())
}

/// The text of a file; `None` if the file is a link, too large or not UTF-8.
fn text<'a>(file: &'a File, sink: &Sink) -> Option<&'a str> {
    if file.link {
        let help = "put the file itself here; links are not followed".to_owned();
        sink.report("INC008", Span::default(), "a link instead of a file", Some(help));
        return None;
    }
    if file.bytes.len() > MAX_FILE_BYTES {
        let help = "keep long evidence elsewhere and link it".to_owned();
        sink.report("INC008", Span::default(), "the file is larger than 1 MiB", Some(help));
        return None;
    }
    match std::str::from_utf8(&file.bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let at = u32::try_from(error.valid_up_to()).unwrap_or_default();
            let help = "save the file as UTF-8".to_owned();
            sink.report("INC001", Span::new(at, at + 1), "not UTF-8 from here on", Some(help));
            None
        }
    }
}

/// The place of the first line that is neither empty nor a comment.
fn first_line(text: &str) -> Span {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches('\u{feff}').trim();
        if !content.is_empty() && !content.starts_with('#') && content != "---" {
            let end = start + line.trim_end().len();
            return Span::between(start, end);
        }
        start += line.len();
    }
    Span::default()
}
