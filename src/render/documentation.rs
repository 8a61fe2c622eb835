//! The list of each template's variables, for the documentation.

use super::fields::{Field, Shape, variables};
use super::template::Template;

/// Returns the variables of every template as Markdown: one section for each set of variables.
#[must_use]
pub fn variables_reference() -> String {
    let mut sections: Vec<(Shape, Vec<Template>)> = Vec::new();
    for template in Template::ALL {
        let shape = variables(template);
        match sections.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, templates)) => templates.push(template),
            None => sections.push((shape, vec![template])),
        }
    }
    let sections = sections.iter().map(|(shape, templates)| {
        let names: Vec<String> = templates.iter().map(|one| format!("`{}`", one.file_name())).collect();
        let mut text = format!(
            "\n### {}\n\n| variable | value | meaning |\n|---|---|---|\n",
            names.join(", ")
        );
        add_rows(shape, "", &mut text);
        text
    });
    sections.collect()
}

/// Adds one row for each variable, with its parts below it.
fn add_rows(shape: &Shape, above: &str, text: &mut String) {
    let Shape::Fields(fields) = shape else { return };
    for (name, field) in fields {
        let path = format!("{above}{name}");
        let meaning = field.meaning.replace("`None`", "missing");
        *text += &format!("| `{path}` | {} | {meaning} |\n", describe(field));
        match &field.shape {
            Shape::List(item) => add_rows(item, &format!("{path}[]."), text),
            shape => add_rows(shape, &format!("{path}."), text),
        }
    }
}

/// The form of a variable, in words.
fn describe(field: &Field) -> String {
    let form = match &field.shape {
        Shape::Text => "text",
        Shape::Flag => "true or false",
        Shape::Number => "number",
        Shape::Fields(_) => "object",
        Shape::List(item) if **item == Shape::Text => "list of texts",
        Shape::List(_) => "list",
        Shape::Unknown => "any",
    };
    format!("{form}{}", if field.optional { ", may be missing" } else { "" })
}
