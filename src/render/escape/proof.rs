//! Proves in tests that a text cannot act in GitLab, with comrak, the parser behind GitLab's Markdown.
//!
//! The options are GitLab's (`lib/banzai/filter/markdown_engines/glfm_markdown.rb`). GitLab then looks for references
//! in rendered text nodes. An escaped character of `$ % # & @ ! ~ ^` stays in a `<span>` of its own and so parts the
//! text; all other escaped characters join it again. Newer servers keep `:` apart as well, older ones do not: the
//! patterns are looked for as on the older ones. With `escaped_char_spans` comrak leaves each escaped character as a
//! node of its own, so the model needs no second reading of the source. Addresses are found by the parser alone since
//! GitLab's parser is comrak (`AutolinkFilter` returns early), so only its links count.
//!
//! Nothing here is shared with the functions under test.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

/// The characters whose escape GitLab honours behind the parser, on every server.
const KEPT_APART: &[&str] = &["$", "%", "#", "&", "@", "!", "~", "^"];

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.alerts = true;
    options.extension.autolink = true;
    options.extension.cjk_friendly_emphasis = true;
    options.extension.description_lists = true;
    options.extension.footnotes = true;
    options.extension.front_matter_delimiter = Some("---".to_owned());
    options.extension.math_code = true;
    options.extension.math_dollars = true;
    options.extension.multiline_block_quotes = true;
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.wikilinks_title_before_pipe = true;
    options.parse.escaped_char_spans = true;
    options.parse.relaxed_autolinks = true;
    options.parse.relaxed_tasklist_matching = true;
    options
}

/// Returns everything in a Markdown document that GitLab could act on; empty for a harmless document.
pub(crate) fn acts(markdown: &str) -> Vec<String> {
    acts_beyond(markdown, &[])
}

/// Returns everything in a Markdown document that GitLab could act on, except allowed link addresses and pieces of HTML. An
/// allowed address that ends with `/` allows all addresses below it.
pub(crate) fn acts_beyond(markdown: &str, allowed: &[&str]) -> Vec<String> {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options());
    let mut out = Vec::new();
    let mut inert_lines = Vec::new();
    for node in root.descendants() {
        let data = node.data();
        let lines = data.sourcepos.start.line..=data.sourcepos.end.line;
        match &data.value {
            NodeValue::CodeBlock(_) => inert_lines.extend(lines),
            NodeValue::HtmlBlock(html) if is_marker(&html.literal) => inert_lines.extend(lines),
            value => out.extend(acting(node, value, allowed)),
        }
        if matches!(
            data.value,
            NodeValue::Paragraph | NodeValue::Heading(_) | NodeValue::TableCell
        ) {
            let mut runs = vec![String::new()];
            runs_of(node, &mut runs);
            let is_item = node
                .parent()
                .is_some_and(|parent| matches!(parent.data().value, NodeValue::Item(_)));
            for run in &runs {
                references(run, &mut out);
            }
            if is_item
                && ["[ ]", "[x]", "[X]", "[~]"]
                    .iter()
                    .any(|task| runs.concat().starts_with(task))
            {
                out.push("task list".to_owned());
            }
        }
    }
    // Today's servers look at top-level paragraphs; older ones at every line outside code. Both are held.
    for (at, source) in markdown.split(['\n', '\r']).enumerate() {
        if source.starts_with('/') && !inert_lines.contains(&(at + 1)) {
            out.push(format!("quick action: {source}"));
        }
    }
    out
}

/// Whether a piece of HTML is exactly one comment of this program.
fn is_marker(html: &str) -> bool {
    let html = html.trim();
    let ours = ["<!-- incidentctl: ", "<!-- incidentctl index ", "<!-- /incidentctl"]
        .iter()
        .any(|start| html.starts_with(start));
    ours && html.find("-->") == Some(html.len() - 3) && !html.contains("--!>")
}

/// The action that a node causes, whatever its text is; `None` if it causes none.
fn acting<'a>(node: &'a AstNode<'a>, value: &NodeValue, allowed: &[&str]) -> Option<String> {
    let is_allowed = |what: &str| {
        allowed
            .iter()
            .any(|entry| *entry == what || (entry.ends_with('/') && what.starts_with(entry)))
    };
    let found = match value {
        NodeValue::HtmlBlock(html) if !is_allowed(html.literal.trim()) => format!("HTML: {}", html.literal),
        NodeValue::HtmlInline(html) if !is_marker(html) && !is_allowed(html.trim()) => format!("HTML: {html}"),
        NodeValue::Link(link) if !is_allowed(&link.url) => format!("link: {}", link.url),
        NodeValue::Image(link) if !is_allowed(&link.url) => format!("image: {}", link.url),
        NodeValue::WikiLink(link) => format!("wiki link: {}", link.url),
        // Our own headings stand at the top level and are never underlined.
        NodeValue::Heading(heading) => {
            let is_top = node
                .parent()
                .is_some_and(|parent| matches!(parent.data().value, NodeValue::Document));
            if is_top && !heading.setext {
                return None;
            }
            "heading".to_owned()
        }
        NodeValue::FootnoteDefinition(_) | NodeValue::FootnoteReference(_) => "footnote".to_owned(),
        NodeValue::TaskItem(_) => "task list".to_owned(),
        NodeValue::Math(math) => format!("math: {}", math.literal),
        NodeValue::FrontMatter(_) => "front matter".to_owned(),
        NodeValue::MultilineBlockQuote(_) => "fenced quotation".to_owned(),
        NodeValue::Alert(_) => "alert".to_owned(),
        NodeValue::DescriptionList => "description list".to_owned(),
        _ => return None,
    };
    Some(found)
}

/// Collects the text nodes that GitLab's filters see below a node; links and code separate them.
fn runs_of<'a>(node: &'a AstNode<'a>, runs: &mut Vec<String>) {
    for child in node.children() {
        let data = child.data();
        match &data.value {
            NodeValue::Text(text) => last(runs).push_str(text),
            NodeValue::SoftBreak => last(runs).push('\n'),
            NodeValue::Escaped => {
                let escaped = plain(child);
                if KEPT_APART.contains(&escaped.as_str()) {
                    runs.push(String::new());
                } else {
                    last(runs).push_str(&escaped);
                }
            }
            NodeValue::Code(_) | NodeValue::Link(_) | NodeValue::LineBreak => runs.push(String::new()),
            _ => {
                runs.push(String::new());
                runs_of(child, runs);
                runs.push(String::new());
            }
        }
    }
}

fn last(runs: &mut [String]) -> &mut String {
    runs.last_mut().expect("at least one run")
}

/// The text of a node's text nodes.
fn plain<'a>(node: &'a AstNode<'a>) -> String {
    let mut out = String::new();
    for child in node.descendants() {
        if let NodeValue::Text(text) = &child.data().value {
            out.push_str(text);
        }
    }
    out
}

/// Collects the matches of GitLab's filters in one text node; the patterns are wider than GitLab's.
fn references(run: &str, out: &mut Vec<String>) {
    let chars: Vec<char> = run.chars().collect();
    for at in 0..chars.len() {
        let after = &chars[at + 1..];
        let rest: String = chars[at..].iter().take(40).collect();
        let kind = match chars[at] {
            '@' | '%' | '~' | '^' if after.first().is_some_and(|c| is_word(*c) || *c == '"') => "mention or reference",
            '#' if after.first().is_some_and(|c| is_word(*c)) => "reference",
            '!' | '&' | '$' if after.first().is_some_and(char::is_ascii_digit) => "reference",
            '-' if after.first().is_some_and(char::is_ascii_digit) && is_key(&chars[..at]) => "key",
            ':' if is_emoji(&chars, at) => "emoji",
            '[' if is_bracket(&chars, at) => "bracket",
            '{' if closes(after, '}') => "inline diff",
            '*' if rest.starts_with("*iteration:") => "reference",
            '>' if is_project(&chars[..at]) => "project",
            c if c.is_ascii_hexdigit() && chars[at..].iter().take(7).filter(|c| c.is_ascii_hexdigit()).count() == 7 => {
                "commit"
            }
            _ => continue,
        };
        out.push(format!("{kind}: {rest}"));
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_key(before: &[char]) -> bool {
    let word: String = before
        .iter()
        .rev()
        .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
        .collect();
    let word: String = word.chars().rev().collect();
    let capitals = word.trim_start_matches(|c: char| c.is_ascii_lowercase());
    word.to_ascii_lowercase().ends_with("gl")
        || capitals
            .rsplit(|c: char| c.is_ascii_lowercase())
            .next()
            .is_some_and(|last| last.contains(|c: char| c.is_ascii_uppercase()))
}

fn is_emoji(chars: &[char], at: usize) -> bool {
    let free = at == 0 || !(chars[at - 1].is_alphanumeric() || chars[at - 1] == ':');
    let name: Vec<&char> = chars[at + 1..]
        .iter()
        .take_while(|c| is_word(**c) || matches!(c, '+' | '-'))
        .collect();
    free && !name.is_empty() && chars.get(at + 1 + name.len()) == Some(&':')
}

fn is_bracket(chars: &[char], at: usize) -> bool {
    let inside: String = chars[at + 1..].iter().collect();
    let kind = inside.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '_');
    inside.starts_with('[')
        || inside.to_ascii_lowercase().starts_with("toc]")
        || (kind.len() < inside.len() && kind.starts_with(':'))
        || closes(&chars[at + 1..], ']')
}

/// Whether a text that begins with `+` or `-` has the closing half of an inline diff.
fn closes(inside: &[char], close: char) -> bool {
    matches!(inside.first(), Some('+' | '-')) && inside.windows(2).any(|pair| pair[0] == inside[0] && pair[1] == close)
}

fn is_project(before: &[char]) -> bool {
    let token: String = before
        .iter()
        .rev()
        .take_while(|c| is_word(**c) || matches!(c, '-' | '.' | '/'))
        .collect();
    token.trim_end_matches('/').contains('/')
}

/// Returns the text that a reader sees, with the visible line breaks.
pub(crate) fn visible(markdown: &str) -> String {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options());
    let mut out = String::new();
    show(root, &mut out);
    out.trim_matches('\n').to_owned()
}

fn show<'a>(node: &'a AstNode<'a>, out: &mut String) {
    let data = node.data();
    match &data.value {
        NodeValue::Text(text) => out.push_str(text),
        NodeValue::Code(code) => out.push_str(&code.literal),
        NodeValue::CodeBlock(code) => out.push_str(&code.literal),
        NodeValue::Math(math) => out.push_str(&math.literal),
        NodeValue::HtmlBlock(html) if !html.literal.starts_with("<!--") => out.push_str(&html.literal),
        NodeValue::HtmlInline(html) if !html.starts_with("<!--") => out.push_str(html),
        NodeValue::SoftBreak | NodeValue::LineBreak => out.push('\n'),
        _ => {}
    }
    for child in node.children() {
        show(child, out);
    }
    match &data.value {
        NodeValue::TableCell => out.push('\t'),
        NodeValue::Paragraph if node.next_sibling().is_some() => out.push_str("\n\n"),
        NodeValue::TableRow(_) | NodeValue::Paragraph | NodeValue::Heading(_) => out.push('\n'),
        _ => {}
    }
}

/// Returns the kinds of all nodes in a document, in order; consecutive text nodes count once.
pub(crate) fn kinds(markdown: &str) -> Vec<String> {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options());
    let mut out: Vec<String> = Vec::new();
    for node in root.descendants() {
        let kind = match &node.data().value {
            NodeValue::Text(_) | NodeValue::Escaped => "Text".to_owned(),
            value => format!("{value:?}")
                .split(['(', ' '])
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        if kind != "Text" || out.last() != Some(&kind) {
            out.push(kind);
        }
    }
    out
}

/// Returns everything in a title that GitLab could act on; GitLab reads a title as one paragraph of Markdown without blocks.
pub(crate) fn acts_in_title(title: &str) -> Vec<String> {
    // A word in front keeps comrak from seeing blocks, as GitLab's pipeline for single lines does.
    let mut found = acts(&format!("x {title}"));
    // GitLab has no math in titles.
    found.retain(|what| !what.starts_with("math"));
    found
}
