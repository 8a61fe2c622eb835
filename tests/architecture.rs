//! Holds the table of modules in `ARCHITECTURE.md`: no module imports one that it may not.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "a test reads the source")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and what it may import.
const ALLOWED: &[(&str, &[&str])] = &[
    ("span", &[]),
    ("model", &["span"]),
    ("process", &["span", "model"]),
    ("changes", &["model"]),
    ("rules", &["span", "model", "process", "changes", "diagnostics"]),
    ("terminal", &[]),
    ("diagnostics", &["span", "terminal"]),
    ("source", &["span", "model", "process", "diagnostics"]),
    (
        "author",
        &["span", "model", "process", "diagnostics", "source", "changes", "rules"],
    ),
    ("targets", &["model", "process"]),
    ("render", &["model", "process", "targets"]),
    ("effects", &["model", "process", "changes", "render", "targets"]),
    ("transport", &[]),
    ("health", &[]),
    ("folder", &[]),
    ("chat", &["model", "effects", "render", "transport", "health"]),
    (
        "forge",
        &["model", "effects", "render", "chat", "transport", "health", "folder"],
    ),
    ("report", &["model", "process", "render", "targets", "terminal"]),
    ("git", &["terminal"]),
    (
        "ledger",
        &[
            "git",
            "source",
            "process",
            "rules",
            "render",
            "changes",
            "diagnostics",
            "model",
            "span",
            "folder",
            "targets",
            "terminal",
        ],
    ),
    (
        "run",
        &[
            "ledger",
            "rules",
            "effects",
            "forge",
            "render",
            "diagnostics",
            "source",
            "changes",
            "process",
            "model",
            "span",
            "author",
            "folder",
            "git",
            "health",
            "terminal",
        ],
    ),
    (
        "cli",
        &[
            "ledger",
            "targets",
            "span",
            "model",
            "process",
            "diagnostics",
            "source",
            "changes",
            "rules",
            "author",
            "render",
            "effects",
            "chat",
            "forge",
            "transport",
            "health",
            "folder",
            "run",
            "report",
            "git",
            "terminal",
        ],
    ),
];

fn rust_files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("src is readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.file_name().is_some_and(|name| name == "tests.rs") {
            // Tests may bring modules together that the program keeps apart.
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules of this crate that a text names as `crate::NAME`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or_default()
        })
}

#[test]
fn no_module_imports_one_that_the_table_does_not_allow() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&src).expect("below src");
        let module = inside
            .iter()
            .next()
            .and_then(|first| Path::new(first).file_stem()?.to_str())
            .expect("a name");
        if module == "lib" || module == "main" {
            continue;
        }
        let (_, allowed) = ALLOWED
            .iter()
            .find(|(name, _)| *name == module)
            .expect("every module is in the table");
        let text = fs::read_to_string(&file).expect("readable source");
        for import in imports(&text).filter(|import| *import != module && !allowed.contains(import)) {
            wrong.push(format!("{}: {import}", inside.display()));
        }
    }
    assert!(wrong.is_empty(), "imports outside the table:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_module_for_folders_uses_cap_std() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    files.retain(|file| !file.ends_with("src/folder/mod.rs"));
    for file in files {
        let text = fs::read_to_string(&file).expect("readable source");
        assert!(!text.contains("cap_std"), "{}", file.display());
        assert!(!text.contains("cap_fs_ext"), "{}", file.display());
    }
}

#[test]
fn the_table_in_the_documentation_names_every_module() {
    let text = include_str!("../ARCHITECTURE.md");
    for (name, _) in ALLOWED {
        assert!(
            text.contains(&format!("| `{name}` |")),
            "`{name}` is not in ARCHITECTURE.md"
        );
    }
}

/// The names right after a path prefix in a text: `x` of `super::x::y`, `x` and `z` of `super::{x::y, z}`.
fn names_after(text: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices(prefix) {
        let whole = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        if !whole {
            continue;
        }
        let rest = &text[at + prefix.len()..];
        let name = |part: &str| {
            part.trim()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .map(str::to_owned)
        };
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0_usize;
            let end = group.find(|c| {
                depth = match c {
                    '{' => depth + 1,
                    '}' if depth == 0 => return true,
                    '}' => depth - 1,
                    _ => depth,
                };
                false
            });
            let mut depth = 0_i32;
            let parts = group[..end.unwrap_or(group.len())].split(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                c == ',' && depth == 0
            });
            names.extend(parts.filter_map(name));
        } else {
            names.extend(name(rest));
        }
    }
    names
}

/// The files of one module that a file imports from: by their paths without `.rs`, `mod.rs` by its folder.
fn imported_files(own: &str, text: &str, files: &BTreeSet<String>) -> BTreeSet<String> {
    let text: String = text
        .split("#[cfg(test)]")
        .next()
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let parts: Vec<&str> = own.split('/').collect();
    let mut found = BTreeSet::new();
    for depth in 1..parts.len() {
        let folder = parts[..parts.len() - depth].join("/");
        let above = "super::".repeat(depth);
        let absolute = format!("crate::{}::", folder.replace('/', "::"));
        for name in names_after(&text, &above)
            .into_iter()
            .chain(names_after(&text, &absolute))
        {
            let target = format!("{folder}/{name}");
            if files.contains(&target) && target != own {
                found.insert(target);
            }
        }
    }
    found
}

#[test]
fn no_files_of_a_module_import_each_other_in_a_circle() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    rust_files(&src, &mut paths);
    let named = |path: &PathBuf| {
        let inside = path.strip_prefix(&src).expect("below src").with_extension("");
        let text = inside.to_str().expect("a name").to_owned();
        text.strip_suffix("/mod").map_or(text.clone(), str::to_owned)
    };
    let files: BTreeSet<String> = paths.iter().map(named).collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in &paths {
        let own = named(path);
        let text = fs::read_to_string(path).expect("readable source");
        edges.insert(own.clone(), imported_files(&own, &text, &files));
    }
    assert!(
        edges.values().map(BTreeSet::len).sum::<usize>() > 100,
        "the imports are not read"
    );
    let mut circles = Vec::new();
    for start in edges.keys() {
        let (mut open, mut seen) = (vec![start.clone()], BTreeSet::new());
        while let Some(file) = open.pop() {
            for next in edges.get(&file).into_iter().flatten() {
                if next == start {
                    circles.push(start.clone());
                } else if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
    }
    circles.dedup();
    assert!(circles.is_empty(), "files in circles: {circles:?}");
}
