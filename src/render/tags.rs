//! The tags of a team's template, read before the parser sees them.
//!
//! *Invariant*: a template that passes does not make the parser nest deeply. The parser and everything that walks its result use
//! the stack, so this check comes first. It reads tags as the parser does, and rejects whatever could be read in two ways.

use super::fault::Fault;

/// The largest depth of blocks. Each `else` counts as one level, because the parser nests it.
const MAX_DEPTH: usize = 32;

/// The largest depth of parentheses in one tag.
const MAX_PARENTHESES: usize = 8;

/// The white space of the grammar.
const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

/// Checks the tags of a text and returns the depth of its blocks.
///
/// # Errors
/// Fails if blocks or parentheses are nested too deeply, if a tag has no end, or if it has a sign that no template needs.
pub(super) fn check_tags(text: &str) -> Result<usize, Fault> {
    // One number for each open block: the levels that it adds.
    let mut open: Vec<usize> = Vec::new();
    let (mut at, mut deepest) = (0, 0);
    while let Some(found) = text[at..].find("{{") {
        let start = at + found;
        let fault = |message: String, help| Fault::at(text, start, message, help);
        let backslashes = text[at..start].bytes().rev().take_while(|byte| *byte == b'\\').count();
        let tag = &text[start..];
        if backslashes == 1 {
            // `\{{` is text, and so is `\{{{{`.
            at = start + if tag.starts_with("{{{{") { 4 } else { 2 };
            continue;
        }
        if tag.starts_with("{{{{") {
            return Err(fault(
                "raw blocks are not supported".into(),
                "write `\\{{` for the sign itself",
            ));
        }
        if let Some(end) = comment_end(tag) {
            at = start + end;
            continue;
        }
        let end = tag_end(tag).map_err(|(message, help)| fault(message.to_owned(), help))?;
        let inside = tag[2..end].trim_start_matches(['~', ' ', '\t', '\n', '\r']);
        match inside.chars().next() {
            Some('#') => open.push(1),
            Some('/') => drop(open.pop()),
            Some('^') => open.iter_mut().last().into_iter().for_each(|levels| *levels += 1),
            _ if inside.starts_with("else") => open.iter_mut().last().into_iter().for_each(|levels| *levels += 1),
            _ => {}
        }
        deepest = deepest.max(open.iter().sum());
        if deepest > MAX_DEPTH {
            let message = format!("blocks are nested more than {MAX_DEPTH} levels deep");
            return Err(fault(message, "close blocks earlier; each `else` counts as one level"));
        }
        at = start + end;
    }
    Ok(deepest)
}

/// The end of a comment; `None` if the tag is no comment.
fn comment_end(tag: &str) -> Option<usize> {
    let long = || Some(tag.strip_prefix("{{!--")?.find("--}}")? + "{{!--".len() + "--}}".len());
    let short = || Some(tag.strip_prefix("{{!")?.find("}}")? + "{{!".len() + "}}".len());
    long().or_else(short)
}

/// The end of a tag, after its `}}`.
fn tag_end(tag: &str) -> Result<usize, (&'static str, &'static str)> {
    let opener = tag.len() - tag[2..].trim_start_matches('~').trim_start_matches(BLANK).len();
    let body = if tag[opener..].starts_with('{') {
        opener + 1
    } else {
        opener.min(tag.len())
    };
    let mut signs = tag[body..].char_indices();
    let mut parentheses = 0_usize;
    while let Some((at, sign)) = signs.next() {
        match sign {
            '}' if tag[body + at..].starts_with("}}") => return Ok(body + at + 2),
            '"' | '\'' => skip_string(&mut signs, sign)?,
            '[' => skip_brackets(&mut signs)?,
            '{' => return Err(("a tag contains `{`", "close the tag before it with `}}`")),
            '(' => parentheses += 1,
            ')' => parentheses = parentheses.saturating_sub(1),
            _ => {}
        }
        if parentheses > MAX_PARENTHESES {
            return Err(("parentheses are nested too deeply", "use `{{#if}}` blocks instead"));
        }
    }
    Err(("a tag has no end", "end the tag with `}}`"))
}

/// Skips a string, of which the first quote is read.
fn skip_string(signs: &mut std::str::CharIndices, quote: char) -> Result<(), (&'static str, &'static str)> {
    while let Some((_, sign)) = signs.next() {
        if sign == quote {
            return Ok(());
        }
        if sign == '\\' {
            signs.next();
        }
    }
    Err(("a text in quotes has no end", "end it with the same quote"))
}

/// Skips a part of a path in brackets, of which the first bracket is read.
fn skip_brackets(signs: &mut std::str::CharIndices) -> Result<(), (&'static str, &'static str)> {
    for (_, sign) in signs {
        match sign {
            ']' => return Ok(()),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | ' ' => {}
            _ => break,
        }
    }
    Err((
        "brackets in a tag contain more than a name or a number",
        "write a variable such as `customers.[0].name`; lists are not supported",
    ))
}

#[cfg(test)]
mod tests {
    use handlebars::Template;
    use handlebars::template::TemplateElement;

    use super::*;

    fn passes(text: &str) -> bool {
        check_tags(text).is_ok()
    }

    #[test]
    fn what_templates_need_passes() {
        for text in [
            "no tag, [a link](of an address), - [ ] a task, {{{title}}} {{& title}} {{~title~}}",
            "{{#each customers}}{{name}}{{else}}nobody{{/each}}",
            r#"{{#if (eq status "it is }} here [[[[")}}x{{/if}}"#,
            "{{!-- }} (((((((((((((( [[[[ --}}{{! [[[ }}",
            r"\{{ [[[[ \\{{title}} \{{{{ x",
            "{{customers.[0].name}}",
        ] {
            assert!(passes(text), "{text}");
        }
        assert!(passes(&"{{#if a}}x{{/if}}".repeat(3000)));
    }

    /// The depth of blocks in a parsed template.
    fn depth(template: &Template) -> usize {
        let depths = template.elements.iter().map(|element| match element {
            TemplateElement::HelperBlock(block) => {
                let inside = block.template.iter().chain(&block.inverse);
                1 + inside.map(depth).max().unwrap_or_default()
            }
            _ => 0,
        });
        depths.max().unwrap_or_default()
    }

    /// Parts of templates whose order confuses a reader of tags.
    const PARTS: [&str; 28] = [
        "{{#if a}}",
        "{{#if a}}",
        "{{#if a}}",
        "{{/if}}",
        "{{/if}}",
        "{{else}}",
        "{{else if b}}",
        "{{^}}",
        "{{#each a}}",
        "{{/each}}",
        "{{ ~ # if a}}",
        "{{a \"",
        "\"",
        "'",
        "{{a [",
        "]",
        "{{!",
        "{{!--",
        "--",
        "}}",
        "}}",
        "\\",
        "\\{{",
        "{{{",
        "}}}",
        "(not ",
        "{{lookup a \"}}\"}}",
        "x",
    ];

    proptest::proptest! {
        #[test]
        fn the_parser_never_nests_deeper_than_the_check_says(
            parts in proptest::collection::vec(proptest::sample::select(&PARTS[..]), 0..12),
        ) {
            let text = parts.concat();
            for text in [format!("{text}{{{{/if}}}}"), format!("{{{{#if a}}}}{text}{{{{/if}}}}"), text] {
                if let (Ok(checked), Ok(parsed)) = (check_tags(&text), Template::compile(&text)) {
                    proptest::prop_assert!(depth(&parsed) <= checked, "{text}");
                }
            }
        }
    }

    #[test]
    fn what_makes_the_parser_nest_does_not_pass() {
        let deep = "{{#if a}}".repeat(MAX_DEPTH + 1);
        let spaced = "{{ ~ # if a}}".repeat(40);
        let otherwise = format!("{{{{#if a}}}}{}{{{{/if}}}}", "{{else if b}}".repeat(5000));
        let parentheses = format!("{{{{#if {}", "(not ".repeat(5000));
        let list = format!("{{{{#each {}", "[".repeat(60_000));
        let map = format!("{{{{#each {}", r#"{"a":"#.repeat(9000));
        let hidden = format!("{{{{lookup a \"}}}}\" {}", "[".repeat(60_000));
        let escaped = format!("\\{{{{ \" {{{{#each {}", "[".repeat(60_000));
        let named = format!("{{{{a.[\"] {} \"", "[".repeat(60_000));
        for text in [deep, spaced, otherwise, parentheses, list, map, hidden, escaped, named] {
            assert!(!passes(&text), "{}", &text[..text.len().min(60)]);
        }
        assert!(!passes("{{{{raw}}}} {{{{/raw}}}}"));
        assert!(!passes("{{title"));
    }
}
