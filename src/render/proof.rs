//! Proof by GitLab's own Markdown parser: what in a rendered document could act, and what its reader sees.
//!
//! GitLab's filters look for mentions and references in the text of the rendered document. Signs that were escaped
//! with a backslash are kept apart in spans, and references cannot span them; of those spans GitLab keeps the ones
//! around `$ % # & @ ! ~ ^` and dissolves the others, so only these eight count as protected here.

use comrak::nodes::{Node, NodeValue};
use comrak::{Arena, Options, parse_document};

/// Stands for a protected sign in the text that the filters see.
const PROTECTED: char = '\u{f0000}';

fn options() -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.autolink = true;
    extension.table = true;
    extension.strikethrough = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    extension.multiline_block_quotes = true;
    extension.wikilinks_title_before_pipe = true;
    extension.description_lists = true;
    extension.front_matter_delimiter = Some("---".to_owned());
    options.parse.escaped_char_spans = true;
    options
}

/// Everything in a document that could act; nothing where it is harmless. Our own comments, links to plain addresses in
/// angle brackets and code that is ours are allowed.
pub(crate) fn acts(markdown: &str) -> Vec<String> {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options());
    let mut found = Vec::new();
    for node in root.descendants() {
        let data = node.data();
        match &data.value {
            NodeValue::HtmlBlock(html) if !is_ours(&html.literal) => found.push(format!("html {:?}", html.literal)),
            NodeValue::HtmlInline(html) if !is_ours(html) => found.push(format!("html {html:?}")),
            NodeValue::Image(link) => found.push(format!("image {}", link.url)),
            NodeValue::Link(link) if !markdown.contains(&format!("<{}>", link.url)) => {
                found.push(format!("link {}", link.url));
            }
            NodeValue::WikiLink(link) => found.push(format!("wiki link {}", link.url)),
            NodeValue::FrontMatter(_) => found.push("front matter".to_owned()),
            NodeValue::Math(_) => found.push("math".to_owned()),
            NodeValue::FootnoteDefinition(_) | NodeValue::FootnoteReference(_) => found.push("footnote".to_owned()),
            NodeValue::TaskItem(_) => found.push("task".to_owned()),
            NodeValue::Paragraph => {
                let top = node
                    .parent()
                    .is_some_and(|parent| matches!(parent.data().value, NodeValue::Document));
                let lines = markdown.lines().skip(data.sourcepos.start.line - 1);
                let count = data.sourcepos.end.line + 1 - data.sourcepos.start.line;
                if top && lines.take(count).any(|line| line.starts_with('/')) {
                    found.push("command".to_owned());
                }
                references(&text(node), &mut found);
            }
            NodeValue::Heading(_) | NodeValue::TableCell => references(&text(node), &mut found),
            _ => {}
        }
    }
    if markdown.split(['\n', '\r']).any(|line| line.starts_with('/')) {
        found.push("line that starts with a slash".to_owned());
    }
    found
}

fn is_ours(html: &str) -> bool {
    let inside = html
        .trim()
        .strip_prefix("<!-- ")
        .and_then(|html| html.strip_suffix(" -->"));
    inside.is_some_and(|inside| {
        (inside.starts_with("incidentctl: ") || inside == "/incidentctl")
            && !inside.contains("--")
            && !inside.contains('>')
    })
}

/// The text of a block as GitLab's filters see it: code left out, protected signs replaced.
fn text(node: Node<'_>) -> String {
    let mut out = String::new();
    collect(node, false, &mut out);
    out
}

fn collect(node: Node<'_>, escaped: bool, out: &mut String) {
    match &node.data().value {
        NodeValue::Text(text) => {
            let protected = |c: char| escaped && "$%#&@!~^".contains(c);
            out.extend(text.chars().map(|c| if protected(c) { PROTECTED } else { c }));
        }
        NodeValue::SoftBreak | NodeValue::LineBreak => out.push('\n'),
        NodeValue::Code(_) => out.push(' '),
        // A field for an address is shown as the link that it is; other links are reported for themselves.
        NodeValue::Link(_) => return,
        _ => {}
    }
    let inside = escaped || matches!(node.data().value, NodeValue::Escaped);
    for child in node.children() {
        collect(child, inside, out);
    }
}

/// What in a text is a mention, a reference or an address.
fn references(text: &str, found: &mut Vec<String>) {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or(' ');
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map_or(' ', at);
        let next = at(index + 1);
        match c {
            '@' if word(next) => found.push(format!("mention in {text:?}")),
            '#' | '!' | '&' | '$' | '^' | '~' | '%' if word(next) => found.push(format!("reference {c} in {text:?}")),
            ':' if next == '/' && at(index + 2) == '/' && word(before) => found.push(format!("address in {text:?}")),
            ':' => {
                let name = chars[index + 1..]
                    .iter()
                    .take_while(|c| word(**c) || matches!(**c, '+' | '-'))
                    .count();
                if name > 0 && at(index + 1 + name) == ':' {
                    found.push(format!("emoji in {text:?}"));
                }
            }
            '[' if next == '[' || next.is_ascii_alphabetic() => found.push(format!("bracket reference in {text:?}")),
            '-' if next.is_ascii_digit() && word(before) => {
                let key: String = chars[..index].iter().rev().take_while(|c| word(**c)).collect();
                if key.chars().last().is_some_and(|c| c.is_ascii_uppercase()) {
                    found.push(format!("issue key in {text:?}"));
                }
            }
            c if c.is_ascii_hexdigit() && !word(before) => {
                let run = chars[index..].iter().take_while(|c| c.is_ascii_hexdigit()).count();
                if (7..=40).contains(&run) && !word(at(index + run)) {
                    found.push(format!("commit in {text:?}"));
                }
            }
            _ => {}
        }
    }
}

/// What the reader of a document sees, as plain text.
pub(crate) fn visible(markdown: &str) -> String {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options());
    let mut out = String::new();
    for node in root.descendants() {
        match &node.data().value {
            NodeValue::Text(text) => out += text,
            NodeValue::Code(code) => out += &code.literal,
            NodeValue::CodeBlock(code) => out += &code.literal,
            NodeValue::HtmlBlock(html) if !is_ours(&html.literal) => out += &html.literal,
            NodeValue::HtmlInline(html) if !is_ours(html) => out += html,
            NodeValue::SoftBreak
            | NodeValue::LineBreak
            | NodeValue::Paragraph
            | NodeValue::TableCell
            | NodeValue::Item(_) => out.push('\n'),
            _ => {}
        }
    }
    out
}

#[test]
fn the_proof_sees_what_acts() {
    for text in [
        "/close",
        "hello\n/close",
        "<!-- c -->\n/close",
        "@all",
        "see #12",
        "!1",
        "a@b.example",
        "https://x.example/1",
        "www.example.com",
        "![x](http://y)",
        "[x](http://y)",
        "<b>x</b>",
        "<!-- other -->",
        "deadbeef1",
        "GL-1",
        ":tada:",
        "[[page]]",
        "- [ ] task",
        "$`x`$",
        "group/project#1",
        "~label",
        "%milestone",
        "&1",
        "[vulnerability:1]",
        "---\na: b\n---\n",
        "[^1]\n\n[^1]: x",
    ] {
        assert_ne!(acts(text), [] as [String; 0], "{text:?}");
    }
    for text in [
        "plain words",
        "`@code`",
        "\\@dave and \\#12",
        "> /quoted",
        "<!-- incidentctl: incident/x abc -->",
        "<https://x.example/1>",
    ] {
        assert_eq!(acts(text), [] as [String; 0], "{text:?}");
    }
}
