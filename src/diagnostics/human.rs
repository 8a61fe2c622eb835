//! Renders findings for people, in the style of the Rust compiler: the line, carets, related places and advice.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet, normalize_untrusted_str};

use super::position::{LineIndex, Position, SourceIndex, byte_range, floor_char_boundary};
use super::{Diagnostic, Level, Sources};
use crate::span::Span;
use crate::terminal::{mark_unsafe, plain};

/// The number of bytes of a place that are drawn.
const MAX_PLACE: usize = 2000;
/// The number of bytes of a line that are drawn before and after a place. The renderer reads all that it gets and shows less of a
/// line than this.
const MAX_BESIDE: usize = 500;

/// Renders all findings, one below the other; empty if there is no finding. With `color`, the text has terminal
/// colours.
#[must_use]
pub fn render(findings: &[Diagnostic], sources: &dyn Sources, color: bool) -> String {
    let index = SourceIndex::new(findings, sources);
    let mut out = String::new();
    for finding in findings {
        out += &render_one(finding, &index, color);
    }
    out
}

/// Renders one finding with an empty line after it.
pub(super) fn render_one(finding: &Diagnostic, index: &SourceIndex, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let mut columns = Vec::new();
    let drawn = renderer.render(&groups(finding, index, &mut columns));
    correct_columns(&drawn, &columns) + "\n\n"
}

/// The character after a path whose column the renderer counts in a part of a line. The renderer and [`mark_unsafe`] let it into
/// no other place.
const CUT: char = '\u{1}';

/// Replaces the columns after paths with [`CUT`], in the form `PATH CUT:LINE:COLUMN`.
fn correct_columns(drawn: &str, columns: &[usize]) -> String {
    let mut parts = drawn.split(CUT);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (part, column) in parts.zip(columns) {
        let is_place = |c: char| c == ':' || c.is_ascii_digit();
        let (place, rest) = part.split_at(part.find(|c| !is_place(c)).unwrap_or(part.len()));
        let line = place.rsplit_once(':').map_or(place, |(line, _)| line);
        out += &format!("{line}:{column}{rest}");
    }
    out
}

/// The part of a text that is drawn around a place.
struct Excerpt<'a> {
    text: &'a str,
    /// The position of the place in the file.
    at: Position,
    /// The place in the part.
    range: Range<usize>,
    /// Whether the part begins inside a line.
    is_cut: bool,
}

/// The lines around a place, without what is far from the place.
fn excerpt<'a>(lines: &LineIndex<'a>, span: Span) -> Excerpt<'a> {
    let text = lines.text();
    let range = byte_range(text, span);
    let line = lines.line_range(range.start).start;
    let end = floor_char_boundary(text, range.end.min(range.start + MAX_PLACE));
    let from = floor_char_boundary(text, line.max(range.start.saturating_sub(MAX_BESIDE)));
    let to = floor_char_boundary(text, lines.line_range(end).end.min(end + MAX_BESIDE));
    Excerpt {
        text: &text[from..to],
        at: lines.position(span.start),
        range: range.start - from..end - from,
        is_cut: from > line,
    }
}

/// Converts a finding to the groups that the renderer takes. The renderer shows control characters of ASCII in titles
/// and in lines of files as signs, but not in paths; [`mark_unsafe`] does the same for every other character that acts.
/// The columns of places in a part of a line are added to `columns`.
fn groups<'a>(finding: &'a Diagnostic, index: &SourceIndex<'a>, columns: &mut Vec<usize>) -> Vec<Group<'a>> {
    let level = match finding.level {
        Level::Info => Title::INFO,
        Level::Warning => Title::WARNING,
        Level::Error => Title::ERROR,
    };
    let mut draw = |path: &'a str, span, kind: AnnotationKind| {
        let excerpt = excerpt(index.lines(path), span);
        let mut path = plain(path);
        if excerpt.is_cut {
            path.push(CUT);
            columns.push(excerpt.at.column);
        }
        Snippet::source(mark_unsafe(excerpt.text))
            .line_start(excerpt.at.line)
            .path(path)
            .annotation(kind.span(excerpt.range))
    };
    let title = level.primary_title(mark_unsafe(&finding.message)).id(finding.code);
    let mut all = vec![title.element(draw(&finding.path, finding.span, AnnotationKind::Primary))];
    for related in &finding.related {
        let title = Title::NOTE.primary_title(mark_unsafe(&related.message));
        all.push(title.element(draw(&related.path, related.span, AnnotationKind::Context)));
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_part_of_a_long_line_is_drawn_like_the_whole_line() {
        let text = format!("title: é\nlinks: {{ {}}}\nby: bob\n", "name: wörd, ".repeat(2000));
        for start in [9, 18, 1500, 2500, 12_018, text.len() - 30] {
            let start = floor_char_boundary(&text, start);
            let span = Span::between(start, floor_char_boundary(&text, start + 9));
            let finding = Diagnostic::new("INC002", Level::Error, "a.yaml", span, "wrong");
            let sources = BTreeMap::from([("a.yaml".to_owned(), text.clone())]);
            let kind = AnnotationKind::Primary.span(byte_range(&text, span));
            let snippet = Snippet::source(&text).path("a.yaml").annotation(kind);
            let whole = [Title::ERROR.primary_title("wrong").id("INC002").element(snippet)];
            let renderer = Renderer::plain().decor_style(DecorStyle::Ascii);
            assert_eq!(render(&[finding], &sources, false).trim_end(), renderer.render(&whole));
        }
    }

    #[test]
    fn the_size_of_a_drawn_finding_does_not_depend_on_the_size_of_its_value() {
        for value in ["x ".repeat(400_000), "x\n  ".repeat(200_000)] {
            let text = format!("title: {value}");
            let span = Span::between(7, text.len());
            let finding = Diagnostic::new("INC601", Level::Error, "a.yaml", span, "wrong");
            let drawn = render(&[finding], &BTreeMap::from([("a.yaml".to_owned(), text)]), false);
            assert!(drawn.len() < 10 * MAX_PLACE, "{}", drawn.len());
        }
    }
}
