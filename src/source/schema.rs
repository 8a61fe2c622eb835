//! JSON Schemas of the ledger's YAML files, for editors.

use serde_json::{Value, json};

use crate::model::{Customer, Entries, Entry, Person};
use crate::process::{Process, ProcessFile};

/// A kind of ledger file that has a JSON Schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileSchema {
    /// `incident.yaml`.
    Incident,
    /// `updates/*.yaml`.
    Update,
    /// `process.yaml`.
    Process,
    /// `people.yaml`.
    People,
    /// `customers.yaml`.
    Customers,
}

/// Returns the JSON Schema of a kind of file, with the severities, statuses, roles and steps of a process.
#[must_use]
pub fn schema(kind: FileSchema, process: &Process) -> Value {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    let (mut schema, title) = match kind {
        FileSchema::Incident => (generator.into_root_schema_for::<Entry>().to_value(), "incident.yaml"),
        FileSchema::Update => (generator.into_root_schema_for::<Entry>().to_value(), "an update"),
        FileSchema::Process => (
            generator.into_root_schema_for::<ProcessFile>().to_value(),
            "process.yaml",
        ),
        FileSchema::People => (
            generator.into_root_schema_for::<Entries<Person>>().to_value(),
            "people.yaml",
        ),
        FileSchema::Customers => (
            generator.into_root_schema_for::<Entries<Customer>>().to_value(),
            "customers.yaml",
        ),
    };
    schema["title"] = json!(title);
    match kind {
        FileSchema::Incident => entry(
            &mut schema,
            process,
            &["at", "by"],
            &["title", "severity", "declared_at", "declared_by", "customers"],
        ),
        FileSchema::Update => entry(&mut schema, process, &["declared_at", "declared_by"], &["by"]),
        FileSchema::Process | FileSchema::People | FileSchema::Customers => {}
    }
    schema
}

/// Changes the schema of an entry: removes the keys `without`, requires the keys `required`, and adds the process's
/// words.
fn entry(schema: &mut Value, process: &Process, without: &[&str], required: &[&str]) {
    schema["required"] = json!(required);
    let Some(properties) = schema["properties"].as_object_mut() else {
        return;
    };
    for key in without {
        properties.remove(*key);
    }
    let described = |properties: &serde_json::Map<String, Value>, key: &str, mut value: Value| {
        if let Some(text) = properties.get(key).and_then(|old| old.get("description")) {
            value["description"] = text.clone();
        }
        value
    };
    let severities: Vec<_> = process
        .severities
        .iter()
        .map(|severity| severity.key.as_str())
        .collect();
    let statuses: Vec<_> = process.statuses.iter().map(|status| status.key.as_str()).collect();
    let role = properties
        .get("roles")
        .and_then(|roles| roles.get("additionalProperties"))
        .cloned()
        .unwrap_or(json!(true));
    let roles: serde_json::Map<String, Value> = process
        .roles
        .iter()
        .map(|known| (known.key.to_string(), role.clone()))
        .collect();
    let steps = process.severities.iter().flat_map(|severity| &severity.steps);
    let steps: serde_json::Map<String, Value> = steps
        .map(|step| {
            (
                step.key.to_string(),
                json!({ "type": "string", "description": step.title }),
            )
        })
        .collect();
    for (key, value) in [
        ("severity", json!({ "enum": severities })),
        ("status", json!({ "enum": statuses })),
        (
            "roles",
            json!({ "type": "object", "properties": roles, "additionalProperties": false }),
        ),
        (
            "steps",
            json!({ "type": "object", "properties": steps, "additionalProperties": false }),
        ),
    ] {
        let value = described(properties, key, value);
        properties.insert(key.to_owned(), value);
    }
}
