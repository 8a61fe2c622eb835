//! The variables of each template, as the types of the views declare them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::template::Template;
use super::views::{ChatView, CustomerView, IssueView, MergeRequestView, MissingView, PromiseView, SummaryView};

/// The form of a variable's value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// A text.
    Text,
    /// True or false.
    Flag,
    /// A number.
    Number,
    /// Named values.
    Fields(BTreeMap<String, Field>),
    /// A list of values of one form.
    List(Box<Shape>),
    /// A value about which nothing is known.
    Unknown,
}

/// A variable: its form and its meaning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Field {
    /// The form of its value.
    pub(super) shape: Shape,
    /// Whether the variable can have no value.
    pub(super) optional: bool,
    /// The meaning, from the documentation of the view.
    pub(super) meaning: String,
}

/// Returns the variables of a template.
pub(super) fn variables(template: Template) -> Shape {
    match template {
        Template::ExecutiveSummary => of::<SummaryView>(),
        Template::Issue | Template::Review => of::<IssueView>(),
        Template::CustomerTicket | Template::CustomerUpdate | Template::CustomerResolution => of::<CustomerView>(),
        Template::MergeRequest => of::<MergeRequestView>(),
        Template::ChatPing | Template::ChatChannel | Template::ChatBroadcast | Template::ChatUpdate => of::<ChatView>(),
        Template::Nag | Template::Overdue => of::<PromiseView>(),
        Template::Missing => of::<MissingView>(),
    }
}

/// The variables of a view.
fn of<View: JsonSchema>() -> Shape {
    let settings = schemars::generate::SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    shape(&settings.into_generator().into_root_schema_for::<View>().to_value())
}

/// The form that a schema describes.
fn shape(schema: &Value) -> Shape {
    let alternatives = schema.get("anyOf").and_then(Value::as_array);
    if let Some(some) = alternatives.and_then(|all| all.iter().find(|one| !allows_null(one))) {
        return shape(some);
    }
    let is = |kind: &str| match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|one| one == kind),
        Some(one) => one == kind,
        None => false,
    };
    if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
        let fields = fields.iter().map(|(name, schema)| (name.clone(), field(schema)));
        return Shape::Fields(fields.collect());
    }
    match schema.get("items") {
        Some(item) => Shape::List(Box::new(shape(item))),
        None if is("string") => Shape::Text,
        None if is("boolean") => Shape::Flag,
        None if is("integer") => Shape::Number,
        None => Shape::Unknown,
    }
}

fn field(schema: &Value) -> Field {
    let meaning = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    Field {
        shape: shape(schema),
        optional: allows_null(schema),
        meaning: meaning.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// Whether a schema allows a missing value.
fn allows_null(schema: &Value) -> bool {
    let of_type = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "null"),
        Some(kind) => kind == "null",
        None => false,
    };
    let alternatives = schema.get("anyOf").and_then(Value::as_array);
    of_type || alternatives.is_some_and(|all| all.iter().any(allows_null))
}

impl Shape {
    /// Returns a value of this form in which every variable has a value.
    pub(super) fn sample(&self) -> Value {
        match self {
            Self::Text => json!("text"),
            Self::Flag => json!(true),
            Self::Number => json!(1),
            Self::Fields(fields) => {
                let fields = fields.iter().map(|(name, field)| (name.clone(), field.shape.sample()));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            Self::List(item) => json!([item.sample(), item.sample()]),
            Self::Unknown => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_has_a_known_form_and_a_meaning() {
        fn check(shape: &Shape, path: &str) {
            match shape {
                Shape::Unknown => panic!("{path}"),
                Shape::List(item) => check(item, path),
                Shape::Fields(fields) => fields.iter().for_each(|(name, field)| {
                    assert!(!field.meaning.is_empty(), "{path}.{name}");
                    check(&field.shape, &format!("{path}.{name}"));
                }),
                Shape::Text | Shape::Flag | Shape::Number => {}
            }
        }
        for template in Template::ALL {
            check(&variables(template), template.file_name());
        }
    }

    #[test]
    fn a_variable_that_can_be_missing_is_optional() {
        let Shape::Fields(fields) = variables(Template::Issue) else {
            panic!("no fields");
        };
        let optional = |name: &str| fields[name].optional;
        assert!(optional("channel") && optional("current_status") && optional("held") && optional("earlier"));
        assert!(!optional("title") && !optional("roles") && !optional("kept"));
    }
}
