//! The shapes of the syntax and of the settings.

use super::shapes::{Item, SIZE, Shape, fill, shape, update};

/// Files whose syntax is hostile.
pub(crate) fn syntax() -> Vec<Shape> {
    let nested = format!("{}{}", "[".repeat(30), "]".repeat(30));
    let files = [
        ("brackets that never close", "x: ".to_owned() + &"[".repeat(SIZE)),
        ("braces that never close", "x: ".to_owned() + &"{".repeat(SIZE)),
        ("lists of 30 levels", format!("x: [{}]", fill(|_| nested.clone() + ","))),
        ("a key of 1 MiB", "x".repeat(SIZE) + ": y"),
        (
            "a plain text of 1 MiB",
            "current_status: ".to_owned() + &"x ".repeat(SIZE / 2),
        ),
        (
            "a text of many lines",
            format!("current_status: |{}", fill(|_| "\n  x".to_owned())),
        ),
        (
            "a folded text of many lines",
            format!("current_status: >{}", fill(|_| "\n\n  x".to_owned())),
        ),
        (
            "a text of escapes",
            format!("current_status: \"{}\"", fill(|_| "\\u0041".to_owned())),
        ),
        ("empty lines", "\n".repeat(SIZE)),
        ("comments", fill(|_| "#\n".to_owned())),
        ("lines of return characters", fill(|_| "#\r".to_owned())),
        ("keys without values", fill(|number| format!("{number}:\n"))),
        ("question marks", fill(|_| "? ".to_owned())),
        ("dashes", format!("x:\n{}", fill(|_| "- ".to_owned()))),
        ("a list of texts where a mapping belongs", fill(|_| "- x\n".to_owned())),
        (
            "wrong values in one key",
            format!("status: [{}]", fill(|_| "x, ".to_owned())),
        ),
        (
            "a syntax mistake at the end",
            format!("links: {{{}", fill(|number| format!("x{number}: y, "))),
        ),
    ];
    files
        .iter()
        .map(|(name, text)| update(&format!("syntax: {name}"), text))
        .collect()
}

/// Settings that fill their file.
pub(crate) fn settings() -> Vec<Shape> {
    let people: [Item; 5] = [
        ("valid", |number| {
            format!("p{number}: {{ name: The Person {number} }}\n")
        }),
        ("repeated", |_| "bob: {}\n".to_owned()),
        ("wrong", |number| format!("p{number}: x\n")),
        ("unknown fields", |number| format!("p{number}: {{ x: y }}\n")),
        ("with escapes", |number| format!("p{number}: {{ gitlab: \"a\\nb\" }}\n")),
    ];
    let mut all = Vec::new();
    for (kind, item) in people {
        all.push(shape(&format!("people.yaml {kind}"), &[("people.yaml", fill(item))]));
        all.push(shape(
            &format!("customers.yaml {kind}"),
            &[("customers.yaml", fill(item))],
        ));
    }
    let unknown = format!(
        "by: bob\nroles: {{ incident_analysts: [{}] }}\n",
        fill(|number| format!("q{number}, "))
    );
    let known = format!(
        "by: bob\nroles: {{ incident_analysts: [{}] }}\n",
        fill(|number| format!("p{number}, "))
    );
    let all_people = || fill(|number| format!("p{number}: {{ name: The Person {number} }}\n"));
    all.push(shape(
        "people.yaml and unknown holders",
        &[("people.yaml", all_people()), ("update.yaml", unknown)],
    ));
    all.push(shape(
        "people.yaml and known holders",
        &[("people.yaml", all_people()), ("update.yaml", known)],
    ));
    let both =
        |list: &str| format!("by: bob\nroles: {{ incident_manager: [{list}], incident_coordinator: [{list}] }}\n");
    let names: String = (0..60_000).map(|number| format!("p{number}, ")).collect();
    all.push(update(
        "people in two roles that are apart",
        both(&names).trim_start_matches("by: bob\n"),
    ));
    let title = format!(
        "extends: handbook\nseverities:\n  sev0: {{ title: \"{}\" }}\n  sev1: {{ steps: {{{}}} }}\n",
        "t".repeat(SIZE / 2),
        (0..15_000).fold(String::new(), |text, number| text
            + &format!("s{number}: {{ title: t }}, "))
    );
    let steps: String = (0..15_000).map(|number| format!("s{number}: y, ")).collect();
    let files = [
        ("process.yaml", title),
        ("update.yaml", format!("by: bob\nsteps: {{{steps}}}\n")),
    ];
    all.push(shape("process.yaml a title of 500 kB, in each finding", &files));
    all.extend(processes());
    all
}

/// Processes that fill their file.
fn processes() -> Vec<Shape> {
    let files: [(&str, Item); 14] = [
        (
            "roles",
            ("valid", |number| format!("  r{number}: {{ title: t, duty: d }}\n")),
        ),
        (
            "roles",
            ("apart", |number| {
                format!("  r{number}: {{ title: t, duty: d, apart: [r{}] }}\n", number + 1)
            }),
        ),
        (
            "roles",
            ("required", |number| {
                format!("  r{number}: {{ title: t, duty: d, required: always }}\n")
            }),
        ),
        ("roles", ("removed", |number| format!("  r{number}: ~\n"))),
        (
            "severities",
            ("valid", |number| format!("  s{number}: {{ title: t }}\n")),
        ),
        (
            "severities",
            ("of unknown roles", |number| {
                format!("  s{number}: {{ title: t, updates_by: [q{number}] }}\n")
            }),
        ),
        (
            "statuses",
            ("valid", |number| format!("  t{number}: {{ title: t, kind: active }}\n")),
        ),
        (
            "statuses",
            ("of unknown fields", |number| {
                format!("  t{number}: {{ title: t, kind: active, needs: [x] }}\n")
            }),
        ),
        ("rules", ("unknown", |number| format!("  INC{number}: off\n"))),
        ("gates", ("unknown", |number| format!("  g{number}: [INC201]\n"))),
        ("channels", ("valid", |number| format!("  c{number}: x\n"))),
        ("x", ("unknown", |number| format!("  c{number}: x\n"))),
        (
            "severities:\n  sev0:\n   steps",
            ("valid", |number| format!("    s{number}: {{ title: t }}\n")),
        ),
        (
            "severities:\n  sev0:\n   steps",
            ("of unknown roles", |number| {
                format!("    s{number}: {{ title: t, by: [q] }}\n")
            }),
        ),
    ];
    let mut all = Vec::new();
    for (key, (kind, item)) in files {
        let text = format!("extends: handbook\n{key}:\n{}", fill(item));
        let name = key.rsplit(' ').next().unwrap_or(key);
        all.push(shape(
            &format!("process.yaml {name} {kind}"),
            &[("process.yaml", text.clone())],
        ));
        let update = match name {
            "roles" => format!("roles: {{{}}}", fill(|number| format!("r{number}: bob, "))),
            "steps" => format!("steps: {{{}}}", fill(|number| format!("s{number}: y, "))),
            _ => continue,
        };
        let files = [("process.yaml", text), ("update.yaml", format!("by: bob\n{update}\n"))];
        all.push(shape(&format!("process.yaml {name} {kind}, all used"), &files));
    }
    let steps = |letter: char, indent: &str| {
        fill(|number| format!("{indent}{letter}{number}: {{ title: t, by: [incident_manager] }}\n"))
    };
    let process = format!(
        "extends: handbook\nseverities:\n  sev1:\n    steps:\n{}",
        steps('s', "      ")
    );
    let update = format!("by: bob\nsteps: {{{}}}\n", fill(|number| format!("s{number}: y, ")));
    all.push(shape(
        "process.yaml steps of another severity, all used",
        &[("process.yaml", process), ("update.yaml", update)],
    ));
    all
}
