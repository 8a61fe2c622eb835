//! Renders findings for people, in the style of the Rust compiler: the line, carets, related places and advice.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet, normalize_untrusted_str};

use super::position::byte_range;
use super::{Diagnostic, Level, Sources};
use crate::span::Span;
use crate::terminal::{mark_unsafe, plain};

/// Renders all findings, one below the other; empty if there is no finding. With `color`, the text has terminal
/// colours.
#[must_use]
pub fn render(findings: &[Diagnostic], sources: &dyn Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for finding in findings {
        out += &renderer.render(&groups(finding, sources));
        out += "\n\n";
    }
    out
}

/// The lines of a text that contain a span, the number of the first one, and the span's range in these lines. The renderer reads
/// all that it gets, once for each finding.
fn lines_around(text: &str, span: Span) -> (&str, usize, Range<usize>) {
    let range = byte_range(text, span);
    let start = text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[range.end..]
        .find('\n')
        .map_or(text.len(), |newline| range.end + newline + 1);
    let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..start]).count() + 1;
    (&text[start..end], line, range.start - start..range.end - start)
}

/// Converts a finding to the groups that the renderer takes. The renderer shows control characters of ASCII in titles
/// and in lines of files as signs, but not in paths; [`mark_unsafe`] does the same for every other character that acts.
fn groups<'a>(finding: &'a Diagnostic, sources: &'a dyn Sources) -> Vec<Group<'a>> {
    let level = match finding.level {
        Level::Info => Title::INFO,
        Level::Warning => Title::WARNING,
        Level::Error => Title::ERROR,
    };
    let snippet = |path: &'a str, span, kind: AnnotationKind, label: Option<&'a str>| {
        let (lines, line, range) = lines_around(sources.text(path).unwrap_or_default(), span);
        Snippet::source(mark_unsafe(lines))
            .line_start(line)
            .path(plain(path))
            .annotation(kind.span(range).label(label))
    };
    let mut all = vec![
        level
            .primary_title(mark_unsafe(&finding.message))
            .id(finding.code)
            .element(snippet(&finding.path, finding.span, AnnotationKind::Primary, None)),
    ];
    for related in &finding.related {
        let group = Title::NOTE.primary_title(mark_unsafe(&related.message));
        all.push(group.element(snippet(&related.path, related.span, AnnotationKind::Context, None)));
    }
    if let Some(reason) = &finding.overridden {
        let note = Title::NOTE.primary_title("set aside by an override");
        all.push(Group::with_title(note).element(Title::NOTE.message(normalize_untrusted_str(&mark_unsafe(reason)))));
    }
    if let Some(help) = &finding.help {
        all.push(Group::with_title(Title::HELP.primary_title(mark_unsafe(help))));
    }
    all
}
