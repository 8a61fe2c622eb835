//! The schema for editors, held against the sample ledger by an independent validator; and the documented variables of templates.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "tests read files and may fail"
)]

mod common;

use common::{files, repository, run};
use serde_json::Value;

/// The file in which people read about the fields first.
const README: &str = include_str!("../README.md");

fn schema(kind: &str) -> jsonschema::Validator {
    let (code, text) = run(&repository(), &["schema", kind]);
    assert_eq!(code, 0, "{text}");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    jsonschema::validator_for(&schema).expect("a valid schema")
}

/// The files of the sample ledgers that a schema is for.
fn documents() -> Vec<(&'static str, String, Value)> {
    let mut all = Vec::new();
    for (path, bytes) in files(&repository()) {
        let kind = match path.as_str() {
            "people.yaml" => "people",
            "customers.yaml" => "customers",
            path if path.starts_with("incidents/") && path.ends_with("incident.yaml") => "incident",
            path if path.starts_with("incidents/") && path.contains("/updates/") => "update",
            _ => continue,
        };
        all.push((kind, path, serde_yaml::from_slice(&bytes).expect("YAML")));
    }
    all
}

#[test]
fn the_sample_ledger_fits_its_schemas() {
    let documents = documents();
    assert!(documents.len() > 20);
    for kind in ["incident", "update", "people", "customers"] {
        let schema = schema(kind);
        for (_, path, document) in documents.iter().filter(|(known, ..)| *known == kind) {
            let errors: Vec<_> = schema.iter_errors(document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{path}: {errors:?}");
        }
    }
}

/// Every mapping in a document whose keys the format knows, by the way to it.
fn mappings(value: &Value, way: &str, found: &mut Vec<String>) {
    if let Some(object) = value.as_object() {
        found.push(way.to_owned());
        for (key, inner) in object.iter().filter(|(key, _)| *key != "links" && *key != "tickets") {
            mappings(inner, &format!("{way}/{key}"), found);
        }
    }
}

#[test]
fn each_misspelt_key_is_rejected() {
    let mut tried = 0;
    for kind in ["incident", "update"] {
        let schema = schema(kind);
        for (_, path, document) in documents().into_iter().filter(|(known, ..)| *known == kind) {
            let mut ways = Vec::new();
            mappings(&document, "", &mut ways);
            for way in ways {
                let keys: Vec<String> = document
                    .pointer(&way)
                    .and_then(Value::as_object)
                    .expect("a mapping")
                    .keys()
                    .cloned()
                    .collect();
                for key in keys {
                    let mut wrong = document.clone();
                    let mapping = wrong
                        .pointer_mut(&way)
                        .and_then(Value::as_object_mut)
                        .expect("a mapping");
                    let value = mapping.remove(&key).expect("the key");
                    mapping.insert(format!("{key}x"), value);
                    assert!(!schema.is_valid(&wrong), "{path}: {way}/{key}x is accepted");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn the_embedded_process_fits_its_schema() {
    let document: Value = serde_yaml::from_str(incidentctl::process::HANDBOOK).expect("YAML");
    let errors: Vec<_> = schema("process")
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn a_former_bot_is_an_id_or_a_name() {
    let schema = schema("process");
    for (bots, fits) in [
        ("[4711, old-bot]", true),
        ("[\"4711\"]", true),
        ("[true]", false),
        ("[0]", false),
    ] {
        let text = format!("extends: handbook\ngitlab: {{ former_bots: {bots} }}\n");
        let document: Value = serde_yaml::from_str(&text).expect("YAML");
        assert_eq!(schema.is_valid(&document), fits, "{bots}");
    }
}

#[test]
fn each_free_text_that_customers_read_says_so_in_the_schema_the_help_and_the_readme() {
    let (_, text) = run(&repository(), &["schema", "update"]);
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    let described = |pointer: &str| schema.pointer(pointer).and_then(|found| found["description"].as_str());
    let help = run(&repository(), &["update", "--help"]).1;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, texts) = README.split_once("exactly three free texts").expect("the sentence");
    let texts = texts.split("\n\n").next().expect("a paragraph");
    for (name, pointer, words) in [
        (
            "`customer_message`",
            "/properties/customer_message",
            "The ticket itself shows --headline and --symptoms",
        ),
        (
            "`impact.headline`",
            "/definitions/Impact/properties/headline",
            "The title of the customers' tickets",
        ),
        (
            "`impact.symptoms`",
            "/definitions/Impact/properties/symptoms",
            "the text of their tickets",
        ),
    ] {
        let description = described(pointer).expect("a description");
        assert!(description.contains("Audience: customers"), "{description}");
        assert!(description.contains("tickets"), "{description}");
        assert!(help.contains(words), "{help}");
        assert!(texts.contains(name), "{texts}");
    }
    let message = described("/properties/customer_message").expect("a description");
    assert!(
        message.contains("`impact.headline`") && message.contains("`impact.symptoms`"),
        "{message}"
    );
}

#[test]
fn the_documentation_lists_the_variables_of_every_template() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/templates.md");
    let docs = std::fs::read_to_string(&file).expect("the documentation");
    let mark = "src/render/views.rs. -->\n";
    let (before, _) = docs.split_once(mark).expect("the mark");
    let fresh = format!("{before}{mark}{}", incidentctl::render::variables_reference());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &fresh).expect("it is written");
    }
    assert!(
        docs == fresh,
        "docs/templates.md is stale: BLESS=1 cargo nextest run --test schema"
    );
}
