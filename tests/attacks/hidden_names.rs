//! A customer's name that is hidden by invisible characters or by letters that look alike is found.

use serde_json::Value;

use super::common::{incidentctl, write};
use super::life::*;

/// The findings of INC602 about a message to all customers, as (line, first column, end column).
fn found(message: &str) -> Vec<(u64, u64, u64)> {
    let run = Run::new();
    run.write(0);
    let path = format!("incidents/{ID}/updates/20260105T0940Z-bob.yaml");
    write(
        run.folder.path(),
        &path,
        &format!("by: bob\ncustomer_message: {message}\n"),
    );
    let output = incidentctl(run.folder.path(), &["check", "--format", "json", "--now", NOW]).output();
    let report: Value = serde_json::from_slice(&output.expect("it runs").stdout).expect("JSON");
    let all = report["findings"].as_array().expect("a list").iter();
    let named = all.filter(|finding| finding["code"] == "INC602");
    let number = |finding: &Value, at: &str, part: &str| finding[at][part].as_u64().expect("a number");
    named
        .map(|finding| {
            let columns = (number(finding, "start", "column"), number(finding, "end", "column"));
            (number(finding, "start", "line"), columns.0, columns.1)
        })
        .collect()
}

#[test]
fn a_name_with_invisible_characters_or_letters_of_other_scripts_is_found_at_its_place() {
    for name in [
        "Acme",
        "A\u{200b}cme",
        "Ac\u{ad}\u{2060}me",
        "\u{410}cm\u{435}",
        "\u{391}cme",
        "\u{ff21}\u{ff43}\u{ff4d}\u{ff45}",
        "\u{1d5d4}cme",
        "\u{c1}cme",
    ] {
        let length = name.chars().count() as u64;
        assert_eq!(found(&format!("Für {name} too")), [(2, 23, 23 + length)], "{name:?}");
    }
}

#[test]
fn twin_words_of_other_languages_name_nobody() {
    for message in [
        "Wir prüfen gerade alle Änderungen für Sie.",
        "Мы устраняем проблему.",
        "Nous vérifions les dernières modifications.",
        "acmé\u{301}ology and a\u{200b}ll",
    ] {
        assert_eq!(found(message), [], "{message}");
    }
}
