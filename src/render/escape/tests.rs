//! Every hostile text through every function, and what the functions promise in words.

use proptest::prelude::*;

use super::hostile::HOSTILE;
use super::proof::{acts, kinds, visible};
use super::*;

/// What a reader may expect of a text: the author's, without what `clean` drops, white space as one space, and
/// without joiners, which show nothing.
fn expected(text: &str) -> String {
    let shown: String = text
        .chars()
        .filter(|c| {
            !matches!(
                *c,
                '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}' | JOINER
            )
        })
        .map(|c| match c {
            '\n' | '\u{b}' | '\u{c}' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}' => '\u{fffd}',
            c if c.is_control() || u32::from(c) & 0xffff >= 0xfffe => '\u{fffd}',
            c => c,
        })
        .collect();
    words(&shown)
}

/// A text with single spaces, for comparison; no-break spaces are spaces.
fn words(text: &str) -> String {
    text.replace(JOINER, "")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Asserts that a document acts on nothing and shows the words between two others.
#[track_caller]
fn assert_harmless(text: &str, markdown: &str, before: &str, after: &str) {
    let found = acts(markdown);
    assert!(
        found.is_empty(),
        "{text:?} acts: {found:#?}\nin:\n{markdown}\n{markdown:?}"
    );
    let want = words(&format!("{before} {} {after}", expected(text)));
    assert_eq!(
        words(&visible(markdown)),
        want,
        "{text:?} in:\n{markdown}\n{markdown:?}"
    );
}

/// Asserts that a text in one of our documents makes none but the nodes that a plain word makes.
#[track_caller]
fn assert_built_like_a_word(text: &str, document: impl Fn(&str) -> String, escape: impl Fn(&str) -> String) {
    let escaped = escape(text);
    if !escaped.is_empty() {
        assert_eq!(
            kinds(&document(&escaped)),
            kinds(&document("word")),
            "{text:?} as {escaped:?}"
        );
    }
}

/// Documents of ours around an escaped line.
const AROUND_A_LINE: &[fn(&str) -> String] = &[
    |x| format!("{x} b"),
    |x| format!("**a:** {x} b"),
    |x| format!("- a {x}\n"),
    |x| format!("a\n\n- {x}\n"),
    |x| format!("| h | h |\n| --- | --- |\n| a {x} | b |\n"),
    |x| format!("| h | h |\n| --- | --- |\n| {x} | b |\n"),
    |x| format!("<!-- incidentctl: incident/x abc -->\n\na {x} b\n"),
];

#[track_caller]
fn assert_line_is_harmless(text: &str) {
    let escaped = line(text);
    assert!(!escaped.contains(['\n', '\r']), "{escaped:?}");
    for document in AROUND_A_LINE {
        let markdown = document(&escaped);
        let found = acts(&markdown);
        assert!(
            found.is_empty(),
            "{text:?} acts: {found:#?}\nin:\n{markdown}\n{markdown:?}"
        );
        // The document with a word in place of the text says what must stand around it.
        let want = words(&visible(&document("WORD"))).replace("WORD", &expected(text));
        assert_eq!(
            words(&visible(&markdown)),
            words(&want),
            "{text:?} in:\n{markdown}\n{markdown:?}"
        );
        assert_built_like_a_word(text, document, line);
    }
}

#[track_caller]
fn assert_block_is_harmless(text: &str) {
    let plain = block(text, 0);
    assert_harmless(text, &plain, "", "");
    assert_harmless(text, &format!("before\n{plain}\n\nafter"), "before", "after");
    assert_harmless(
        text,
        &format!("<!-- incidentctl: x y -->\n{plain}\n\nafter\n"),
        "",
        "after",
    );
    assert_harmless(text, &format!("- item\n{}\n\nafter", block(text, 2)), "item", "after");
    assert_harmless(text, &format!("- item\n\n{}\n- next", block(text, 2)), "item", "next");
    assert_harmless(
        text,
        &format!("- item\n  - inner\n\n{}\n\nafter", block(text, 4)),
        "item inner",
        "after",
    );
    for kind in kinds(&plain) {
        let known = ["Document", "BlockQuote", "Paragraph", "Text", "LineBreak"];
        assert!(known.contains(&kind.as_str()), "{text:?} makes {kind} in:\n{plain}");
    }
    for source in plain.lines() {
        assert!(source.starts_with('>'), "{text:?} as:\n{plain}");
    }
}

#[test]
fn the_corpus_is_large_and_says_nothing_twice() {
    let distinct: std::collections::BTreeSet<_> = HOSTILE.iter().collect();
    assert!(distinct.len() >= 120);
    assert_eq!(distinct.len(), HOSTILE.len());
}

#[test]
fn no_hostile_text_acts_as_a_line() {
    for text in HOSTILE {
        assert_line_is_harmless(text);
    }
}

#[test]
fn no_hostile_text_acts_as_a_block() {
    for text in HOSTILE {
        assert_block_is_harmless(text);
    }
}

#[test]
fn two_hostile_texts_side_by_side_do_not_act_together() {
    for pair in HOSTILE.windows(2) {
        let markdown = format!("- {} {}\n- {}", line(pair[0]), line(pair[1]), line(pair[0]));
        let found = acts(&markdown);
        assert!(found.is_empty(), "{pair:?} act: {found:#?}\nin:\n{markdown}");
    }
}

#[test]
fn the_proof_sees_what_acts_when_nothing_is_escaped() {
    for text in [
        "/close",
        "hello\n/close",
        "<!-- c -->\n/close",
        "<details>\n\n/close\n\n</details>",
        "@all",
        "&#64;all",
        "see #1",
        "!2",
        "&3",
        "%v1",
        "~bug",
        "~\"to do\"",
        "$1",
        "^alert#1",
        "GL-1",
        "JIRA-12",
        "a1b2c3d",
        ":tada:",
        "\\:tada\\:",
        "https://example.com",
        "www.example.com",
        "a@example.com",
        "<https://example.com>",
        "[a](b)",
        "![a](b)",
        "[[wiki]]",
        "\\[TOC\\]",
        "\\[vulnerability\\:1\\]",
        "\\*iteration\\:1",
        "group/project\\>",
        "\\{\\+ x \\+\\}",
        "<b>x</b>",
        "<!-- x -->",
        "<!-- incidentctl: x --> y",
        "- [ ] task",
        "- \\[ \\] task",
        "x[^1]\n\n[^1]: y",
        "$x^2$",
        "Title\n===",
        "> # Heading",
        ">>>\nx\n>>>",
        "> [!note]\n> x",
        "---\na: b\n---\n",
    ] {
        assert!(!acts(text).is_empty(), "{text:?} acts");
    }
}

#[test]
fn the_proof_lets_our_own_markdown_pass() {
    let ours = "<!-- incidentctl: incident/x abc -->\n\n## State\n\n- **Severity:** sev1\n- see [runbook](https://a.example/x)\n\n\
                ```\n/close @all\n```\n\n<!-- /incidentctl -->\n";
    assert_eq!(proof::acts_beyond(ours, &["https://a.example/"]), Vec::<String>::new());
    assert_eq!(acts(ours), ["link: https://a.example/x"]);
}

#[test]
fn ordinary_prose_stays_readable() {
    assert_eq!(
        line("Checkout fails for customers in Europe"),
        "Checkout fails for customers in Europe"
    );
    assert_eq!(
        line("Payments: 5 % fail, we don't know why"),
        "Payments: 5 % fail, we don't know why"
    );
    assert_eq!(
        line("rejected since 18.6 (see below)"),
        "rejected since 18.6 (see below)"
    );
    assert_eq!(line("tab\tand\r\nbreak  "), "tab and break");
}

#[test]
fn addresses_hosts_and_times_are_copied_unchanged() {
    for text in [
        "https://example.com/a_b?c=d",
        "db-01.example.com",
        "10:40:00",
        "a[0] = b",
        "x -> y",
        "[1, -2]",
        "12,345",
    ] {
        assert!(!line(text).contains(JOINER), "{text:?}");
    }
}

#[test]
fn joiners_stand_only_where_nothing_else_helps() {
    assert_eq!(line("a1b2c3d4"), "a1b2c3\u{2060}d4");
    assert_eq!(line("GL-1"), "GL-\u{2060}1");
    assert_eq!(line(":tada:"), "\\:\u{2060}tada:");
    assert_eq!(line("[[wiki]]"), "\\[\u{2060}\\[wiki\\]\\]");
    assert_eq!(line("@all #1"), "\\@all \\#1");
}

#[test]
fn a_block_keeps_line_breaks_blank_lines_and_leading_spaces() {
    assert_eq!(block("a\nb\n\n  c\n", 0), "> a\\\n> b\n>\n> \u{a0}\u{a0}c");
    assert_eq!(block("a\n/close", 2), "  > a\\\n  > \\/close");
    assert_eq!(visible(&block("a\nb\n\n  c\n", 0)), "a\nb\n\n\u{a0}\u{a0}c");
    assert_eq!(block("a\r\nb\rc", 0), block("a\nb\nc", 0));
    assert_eq!(block(" \n\n", 4), "");
    assert_eq!(block("a\\\nb\\", 0), "> a\\\\\\\n> b\\\\");
}

#[test]
fn what_a_message_quotes_is_code_and_acts_on_nothing() {
    assert_eq!(message("unknown key `a_b` here"), "unknown key `a_b` here");
    for text in HOSTILE {
        let markdown = format!("- {}", message(&format!("unknown key `{text}` here")));
        assert_eq!(acts(&markdown), Vec::<String>::new(), "{text:?} as {markdown:?}");
    }
}

#[test]
fn nothing_acts_in_a_title() {
    for text in HOSTILE {
        let title = title(text);
        let count = title.chars().count();
        assert!((1..=255).contains(&count), "{text:?} as {title:?}");
        assert!(!title.contains(['\n', '\r', '\0', '\t']), "{text:?} as {title:?}");
        assert!(
            !title.starts_with('/') && title.trim() == title,
            "{text:?} as {title:?}"
        );
        assert!(
            !title.to_lowercase().trim_start_matches(['[', '(']).starts_with("draft"),
            "{text:?} as {title:?}"
        );
        let found = proof::acts_in_title(&title);
        assert!(found.is_empty(), "{text:?} as {title:?} acts: {found:#?}");
        let want = expected(text);
        if count < 255 && title != "(no title)" {
            assert_eq!(words(&title), want);
        }
    }
}

#[test]
fn a_title_shows_no_backslash_that_its_author_did_not_write() {
    assert_eq!(
        title("Payments: 5 % fail (again) - see db-01"),
        "Payments: 5 % fail (again) - see db-01"
    );
    assert_eq!(title("@all: #1"), "@\u{2060}all: #\u{2060}1");
    assert_eq!(title("https://x/y"), "https:\u{2060}//x/y");
    assert_eq!(title("/close"), "\u{2060}/close");
    assert_eq!(title("Draft: x"), "\u{2060}Draft: x");
    assert_eq!(title(" \u{200b}\n"), "(no title)");
}

#[test]
fn a_long_title_is_cut_at_a_character() {
    let cut = title(&"é".repeat(300));
    assert_eq!(cut.chars().count(), 255);
    assert!(cut.ends_with('…'));
    assert_eq!(title(&"é".repeat(255)).chars().count(), 255);
    assert!(!title(&"é".repeat(255)).ends_with('…'));
}

#[test]
fn slack_text_has_no_markup() {
    for text in HOSTILE {
        let escaped = slack(text);
        assert!(!escaped.contains(['<', '>']), "{text:?} as {escaped:?}");
        let unescaped = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assert_eq!(words(&unescaped), expected(text));
        for rest in escaped.split('&').skip(1) {
            assert!(
                ["amp;", "lt;", "gt;"].iter().any(|entity| rest.starts_with(entity)),
                "{text:?} as {escaped:?}"
            );
        }
    }
    assert_eq!(slack("<!channel> a & b"), "&lt;!channel&gt; a &amp; b");
    assert_eq!(slack("a\r\n  b\n\nc"), "a\n  b\n\nc");
    assert_eq!(slack("https://x/a_b"), "https://x/a_b");
    assert_eq!(slack("*b*"), "\u{2060}*\u{2060}b\u{2060}*\u{2060}");
    assert_eq!(slack("> q"), "\u{2060}&gt; q");
}

#[test]
fn a_url_cannot_end_its_link() {
    assert_eq!(
        url("https://a.example/x_(y)").as_deref(),
        Some("https://a.example/x_%28y%29")
    );
    assert_eq!(
        url("HTTP://a.example:8080/?a=1&b=2#c").as_deref(),
        Some("http://a.example:8080/?a=1&b=2#c")
    );
    assert_eq!(
        url("https://a.example/?a&copy;").as_deref(),
        Some("https://a.example/?a&copy%3B")
    );
    for refused in [
        "",
        "https://",
        "https:///x",
        "javascript:alert(1)",
        "ftp://a.example",
        "//a.example",
        "https://a b",
        "https://a/\nb",
        "https://a/<b>",
        "https://a/\u{202e}b",
        "https://a/\u{e000}",
        "https://good.example@evil.example/",
        "https://a\\b/",
        " https://a",
    ] {
        assert_eq!(url(refused), None, "{refused:?}");
    }
    assert_eq!(url(&format!("https://a/{}", "x".repeat(2_000))), None);
    for text in HOSTILE {
        let Some(url) = url(&format!("https://a.example/{text}")) else {
            continue;
        };
        for markdown in [
            format!("x <{url}> y"),
            format!("x [t]({url}) y"),
            format!("|a|\n|-|\n| [t](<{url}>) |"),
        ] {
            let found = proof::acts_beyond(&markdown, &["https://a.example/"]);
            assert!(found.is_empty(), "{text:?} in {markdown}: {found:#?}");
            let links = kinds(&markdown).iter().filter(|kind| *kind == "Link").count();
            assert_eq!(links, 1, "{markdown}");
        }
    }
}

#[test]
fn nothing_ends_our_comment() {
    for text in HOSTILE {
        let inside = comment(text);
        assert!(
            !inside.contains("--") && !inside.contains(['>', '<', '!', ' ', '\n']),
            "{text:?} as {inside:?}"
        );
        let markdown = format!("<!-- incidentctl: {inside} abc -->\n\nword\n");
        assert_eq!(acts(&markdown), Vec::<String>::new(), "{text:?} in {markdown}");
        assert_eq!(visible(&markdown), "word");
    }
    assert_eq!(comment("incident/2026-a_b+c.d"), "incident/2026-a_b+c.d");
    assert_eq!(comment("a b--é"), "a%20b-%2D%C3%A9");
}

#[test]
fn a_cut_leaves_no_half_escape() {
    assert_eq!(cut("abc", 3), "abc");
    assert_eq!(cut("abcd", 3), "ab…");
    assert_eq!(cut("ab\\@all", 4), "ab…");
    assert_eq!(cut("ab\\\\\\@all", 6), "ab\\\\…");
    assert_eq!(cut("a &amp; b", 5), "a…");
    assert_eq!(cut("a\\\nb", 3), "a…");
    assert_eq!(cut("é".repeat(9).as_str(), 1), "…");
    assert_eq!(cut("x", 0), "");
    for text in HOSTILE {
        let whole = block(text, 0);
        for length in 0..whole.chars().count().min(80) {
            let short = cut(&whole, length);
            assert!(short.chars().count() <= length);
            let found = acts(&short);
            assert!(found.is_empty(), "{text:?} cut to {short:?} acts: {found:#?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn no_text_at_all_acts(
        text in prop_oneof![
            any::<String>(),
            "[ \\n\\r\\\\a-f0-9GLx:/@#!&%~$^*_`<>|\\[\\](){}+.\"'=-]{0,80}",
            proptest::collection::vec(proptest::sample::select(HOSTILE), 1..4).prop_map(|texts| texts.concat()),
        ]
    ) {
        assert_line_is_harmless(&text);
        assert_block_is_harmless(&text);
        prop_assert!(proof::acts_in_title(&title(&text)).is_empty());
    }
}
