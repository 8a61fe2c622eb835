//! Parses YAML text into a tree in which every key and value has its place.
//!
//! *Invariant*: bounded. Anchors, aliases, tags, directives, several documents and nesting deeper than [`MAX_DEPTH`]
//! are findings, so no text expands while it is parsed. The tree keeps the part before a syntax mistake.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span as Mark};

use super::sink::Sink;
use crate::diagnostics::position::floor_char_boundary;
use crate::span::Span;

/// The maximum depth of nested mappings and lists.
const MAX_DEPTH: usize = 32;

/// The number of keys up to which a search compares them one by one.
const FEW: usize = 16;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) span: Span,
}

/// The syntactic kind of a value, before it has a type.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// A scalar; `plain` if it has no quotes, so that it may be a number, a truth value or null.
    Scalar { text: Cow<'a, str>, plain: bool },
    /// A list.
    List(Vec<Node<'a>>),
    /// A mapping, in the order of the file, without repeated keys.
    Mapping(Vec<(Key<'a>, Node<'a>)>),
}

/// A mapping's key and its place.
#[derive(Debug)]
pub(super) struct Key<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) span: Span,
}

/// A mapping or list that is not closed yet.
enum Open<'a> {
    List(Vec<Node<'a>>, Span),
    Mapping(Mapping<'a>, Span),
}

#[derive(Default)]
struct Mapping<'a> {
    entries: Vec<(Key<'a>, Node<'a>)>,
    /// The key whose value comes next; `Err` if the value must be dropped.
    key: Option<Result<Key<'a>, ()>>,
    /// An index of the keys, kept once there are too many to compare one by one.
    seen: HashMap<Cow<'a, str>, Span>,
}

impl<'a> Mapping<'a> {
    /// Accepts a new key. A repeated key is reported, and its value is dropped.
    fn admit(&mut self, key: Key<'a>, sink: &Sink) -> Result<Key<'a>, ()> {
        let first = if self.entries.len() < FEW {
            let same = self.entries.iter().find(|(known, _)| known.text == key.text);
            same.map(|(known, _)| known.span)
        } else {
            if self.seen.is_empty() {
                let all = self.entries.iter().map(|(known, _)| (known.text.clone(), known.span));
                self.seen = all.collect();
            }
            self.seen.get(&key.text).copied()
        };
        if let Some(first) = first {
            sink.duplicate(&key.text, key.span, first);
            return Err(());
        }
        if self.entries.len() >= FEW {
            self.seen.insert(key.text.clone(), key.span);
        }
        Ok(key)
    }
}

/// Returns the tree of a text, and whether the syntax is valid to the end. The tree is `None` if the text has no value.
pub(super) fn read<'a>(text: &'a str, sink: &Sink) -> (Option<Node<'a>>, bool) {
    let mut builder = Builder {
        sink,
        stack: Vec::new(),
        root: None,
        documents: 0,
    };
    let mut parser = Parser::new_from_str(text);
    let mut complete = true;
    while let Some(next) = parser.next_event() {
        let step = match next {
            Ok((event, mark)) => builder.take(event, span_of(&mark)),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len());
                let end = text[floor_char_boundary(text, at)..]
                    .chars()
                    .next()
                    .map_or(at, |c| at + c.len_utf8());
                Err(Refused {
                    span: Span::between(at, end.max(at)),
                    message: error.info().lines().next().unwrap_or("not YAML").to_lowercase(),
                })
            }
        };
        match step {
            Ok(()) => {}
            Err(refused) => {
                sink.report("INC001", refused.span, refused.message, None);
                complete = false;
                break;
            }
        }
    }
    (builder.finish(), complete)
}

/// The reason why parsing stops.
struct Refused {
    span: Span,
    message: String,
}

fn refuse(span: Span, message: &str) -> Refused {
    Refused {
        span,
        message: message.to_owned(),
    }
}

struct Builder<'a, 's> {
    sink: &'s Sink,
    stack: Vec<Open<'a>>,
    root: Option<Node<'a>>,
    documents: usize,
}

impl<'a> Builder<'a, '_> {
    fn take(&mut self, event: Event<'a>, span: Span) -> Result<(), Refused> {
        match event {
            Event::DocumentStart(_, version) => {
                self.documents += 1;
                if version.is_some() {
                    return Err(refuse(span, "directives are not allowed"));
                }
                if self.documents > 1 {
                    return Err(refuse(span, "a file holds one document, and here begins another"));
                }
            }
            Event::Alias(..) | Event::UnresolvedAlias(..) => {
                return Err(refuse(span, "aliases are not allowed"));
            }
            Event::Scalar(text, style, anchor, tag) => {
                allowed(anchor, tag.is_some(), span)?;
                let plain = style == ScalarStyle::Plain;
                self.scalar(text, plain, span);
            }
            Event::SequenceStart(_, anchor, tag) => {
                allowed(anchor, tag.is_some(), span)?;
                self.open(Open::List(Vec::new(), span), span)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                allowed(anchor, tag.is_some(), span)?;
                self.open(Open::Mapping(Mapping::default(), span), span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(span)),
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, open: Open<'a>, span: Span) -> Result<(), Refused> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(refuse(span, "nested deeper than 32 levels"));
        }
        // A list or mapping where a key is expected.
        if let Some(Open::Mapping(mapping, _)) = self.stack.last_mut()
            && mapping.key.is_none()
        {
            return Err(refuse(span, "a key has to be text"));
        }
        self.stack.push(open);
        Ok(())
    }

    fn scalar(&mut self, text: Cow<'a, str>, plain: bool, span: Span) {
        if let Some(Open::Mapping(mapping, _)) = self.stack.last_mut()
            && mapping.key.is_none()
        {
            mapping.key = Some(mapping.admit(Key { text, span }, self.sink));
            return;
        }
        self.value(Node {
            kind: Kind::Scalar { text, plain },
            span,
        });
    }

    fn value(&mut self, node: Node<'a>) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(items, _)) => items.push(node),
            Some(Open::Mapping(mapping, _)) => {
                if let Some(Ok(key)) = mapping.key.take() {
                    mapping.entries.push((key, node));
                }
            }
        }
    }

    /// Ends the innermost collection. One in flow style ends with its bracket; the parser lets one in block style run
    /// up to the next token, so there the last child's end is the end.
    fn close(&mut self, end: Option<Span>) {
        let Some(open) = self.stack.pop() else { return };
        let bracket = end.filter(|end| end.end > end.start).map(|end| end.end);
        let (kind, start, last) = match open {
            Open::List(items, start) => {
                let last = items.last().map(|node| node.span);
                (Kind::List(items), start, last)
            }
            Open::Mapping(mapping, start) => {
                let last = mapping.entries.last().map(|(_, node)| node.span);
                let first = mapping.entries.first().map_or(start, |(key, _)| key.span);
                let start = Span::new(start.start.min(first.start), start.end);
                (Kind::Mapping(mapping.entries), start, last)
            }
        };
        let end = bracket.or(last.map(|last| last.end)).unwrap_or(start.end);
        self.value(Node {
            kind,
            span: Span::new(start.start, end.max(start.start)),
        });
    }

    /// Closes all open collections and returns the root.
    fn finish(mut self) -> Option<Node<'a>> {
        while !self.stack.is_empty() {
            self.close(None);
        }
        self.root
    }
}

fn allowed(anchor: usize, tag: bool, span: Span) -> Result<(), Refused> {
    if anchor != 0 {
        return Err(refuse(span, "anchors are not allowed"));
    }
    if tag {
        return Err(refuse(span, "tags are not allowed"));
    }
    Ok(())
}

fn span_of(mark: &Mark) -> Span {
    let start = mark.start.byte_offset().unwrap_or_default();
    Span::between(start, mark.end.byte_offset().unwrap_or(start).max(start))
}
