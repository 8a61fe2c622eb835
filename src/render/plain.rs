//! Converts rendered Markdown to plain text for mail and chat, without the escapes of [`super::escape`].

/// Returns rendered Markdown as plain text: without headings, emphasis, block quotation marks and escapes; tables become
/// lines.
#[must_use]
pub fn plain(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut empty = true;
    for source in markdown.lines() {
        let line = one(source);
        if is_rule(source) || (line.is_empty() && empty) {
            continue;
        }
        empty = line.is_empty();
        out.push_str(&line);
        out.push('\n');
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out.push('\n');
    out
}

/// Whether a line is the separator or the empty head of a table.
fn is_rule(line: &str) -> bool {
    line.starts_with('|') && line.chars().all(|c| matches!(c, '|' | '-' | ' ' | ':'))
}

fn one(line: &str) -> String {
    let line = line.trim_start_matches(['#', '>', ' ']);
    if let Some(cells) = line.strip_prefix("| ").and_then(|rest| rest.strip_suffix(" |")) {
        return cells.split(" | ").map(inline).collect::<Vec<_>>().join(": ");
    }
    inline(line)
}

/// A line of Markdown without its inline markup.
fn inline(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.trim_end().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.peek() {
                Some(next) if next.is_ascii_punctuation() => out.extend(chars.next()),
                // A hard break at the end of a line.
                None => {}
                Some(_) => out.push(c),
            },
            // A word joiner from escaping, which shows nothing.
            '\u{2060}' | '*' | '`' => {}
            '<' | '>' if line.contains("<http") => {}
            c => out.push(c),
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::escape;

    #[test]
    fn what_a_person_wrote_comes_back() {
        for text in [
            "a_b *c* `d` #1 @all ~x",
            "- list\n1. item\n# no heading",
            "https://example.com/a_b?c=d&e",
        ] {
            let back = plain(&format!("> intro\n\n{}\n", escape::block(text, 0)));
            assert_eq!(back, format!("intro\n\n{text}\n"));
        }
    }

    #[test]
    fn markup_of_ours_is_gone() {
        let text = "### Summary: *x*\n\n**Next**\n\n| | |\n|---|---|\n| A | <https://x.example> |\n\n\n- ☑ done\n";
        assert_eq!(plain(text), "Summary: x\n\nNext\n\nA: https://x.example\n\n- ☑ done\n");
    }
}
