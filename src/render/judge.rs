//! Which parts of Handlebars a team's template may use, judged on the parsed template.
//!
//! *Invariant*: a template that passes calls no other template and defines none, so rendering it cannot recurse.

use handlebars::Template;
use handlebars::template::{HelperTemplate, Parameter, TemplateElement};

use super::fault::Fault;
use super::tags::check_tags;

/// The largest size of a team's template, in bytes.
const MAX_TEMPLATE: usize = 64 * 1024;

/// The helpers that open a block.
const BLOCKS: [&str; 4] = ["each", "if", "unless", "with"];

/// The helpers that compute a value.
const VALUES: [&str; 11] = [
    "lookup", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "len",
];

/// The helpers of the library that no template may use.
const UNSUPPORTED: [&str; 2] = ["log", "raw"];

/// Parses a team's template.
///
/// # Errors
/// Fails if the text is too large, is not Handlebars, or uses a part of Handlebars that is not supported.
pub(super) fn parse(text: &str) -> Result<Template, Fault> {
    if text.len() > MAX_TEMPLATE {
        return Err(Fault::new((1, 1), "a template has at most 64 KiB", "make it shorter"));
    }
    check_tags(text)?;
    let parsed = Template::compile(text).map_err(|error| {
        Fault::new(
            error.pos().unwrap_or((1, 1)),
            reason(&error.reason().to_string()),
            "compare it with the shipped template (`incidentctl init --templates` in an empty folder)",
        )
    })?;
    judge(&parsed)?;
    Ok(parsed)
}

/// The parser's message without its list of expected tokens.
fn reason(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.split(": expected").next().unwrap_or(line).to_owned()
}

/// Judges all elements of a parsed template.
fn judge(template: &Template) -> Result<(), Fault> {
    for (element, place) in template.elements.iter().zip(&template.mapping) {
        let at = (place.0, place.1);
        match element {
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
            TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) => judge_value(helper, at)?,
            TemplateElement::HelperBlock(block) => judge_block(block, at)?,
            TemplateElement::PartialExpression(_) | TemplateElement::PartialBlock(_) => {
                return Err(Fault::new(
                    at,
                    "partials are not supported",
                    "write the text itself here",
                ));
            }
            // Decorators, and whatever a later version of the library adds.
            _ => {
                return Err(Fault::new(
                    at,
                    "decorators and inline partials are not supported",
                    "write the text itself where it is used",
                ));
            }
        }
    }
    Ok(())
}

/// Judges a block and what it contains.
fn judge_block(block: &HelperTemplate, at: (usize, usize)) -> Result<(), Fault> {
    let known = BLOCKS.into_iter().chain(VALUES);
    judge_name(block, known, at)?;
    judge_parameters(block, at)?;
    let inside = block.template.iter().chain(&block.inverse);
    inside.into_iter().try_for_each(judge)
}

/// Judges a variable or a call of a helper.
fn judge_value(helper: &HelperTemplate, at: (usize, usize)) -> Result<(), Fault> {
    if !helper.params.is_empty() || !helper.hash.is_empty() {
        judge_name(helper, VALUES, at)?;
    } else if let Parameter::Subexpression(inner) = &helper.name {
        judge_inner(inner.as_element(), at)?;
    } else if let Some(name) = helper.name.as_name()
        && BLOCKS
            .iter()
            .chain(&VALUES)
            .chain(&UNSUPPORTED)
            .any(|helper| *helper == name)
    {
        let help = "write what it applies to, such as `{{len customers}}` or `{{#if drill}}…{{/if}}`";
        return Err(Fault::new(at, format!("`{name}` is a helper, not a variable"), help));
    }
    judge_parameters(helper, at)
}

/// Judges the name of a helper.
fn judge_name(
    helper: &HelperTemplate,
    known: impl IntoIterator<Item = &'static str>,
    at: (usize, usize),
) -> Result<(), Fault> {
    let name = helper.name.as_name().unwrap_or_default();
    if known.into_iter().any(|known| known == name) {
        return Ok(());
    }
    Err(Fault::new(
        at,
        format!("there is no helper `{name}` here"),
        "blocks are `each`, `if`, `unless` and `with`; values are `lookup`, `eq`, `ne`, `gt`, `gte`, `lt`, `lte`, `and`, `or`, `not` \
         and `len`",
    ))
}

/// Judges the subexpressions in the parameters of a helper.
fn judge_parameters(helper: &HelperTemplate, at: (usize, usize)) -> Result<(), Fault> {
    for parameter in helper.params.iter().chain(helper.hash.values()) {
        if let Parameter::Subexpression(inner) = parameter {
            judge_inner(inner.as_element(), at)?;
        }
    }
    Ok(())
}

/// Judges the element of a subexpression.
fn judge_inner(element: &TemplateElement, at: (usize, usize)) -> Result<(), Fault> {
    match element {
        TemplateElement::Expression(helper) => judge_value(helper, at),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse(text).expect_err(text).message
    }

    #[test]
    fn templates_that_call_templates_are_not_supported_however_they_are_written() {
        for text in [
            "{{#*inline \"a\"}}{{> a}}{{/inline}}{{> a}}",
            "{{ #* inline \"a\"}}x{{/inline}}",
            "{{~ # * inline \"a\"}}x{{/inline}}",
            "{{ > other}}",
            "{{~> other}}",
            "{{# > other}}x{{/other}}",
            "{{* decorator x}}",
            "{{#if a}}{{#each b}}{{ > other}}{{/each}}{{/if}}",
            "{{#if a}}{{else}}{{ > other}}{{/if}}",
        ] {
            let message = message(text);
            assert!(message.ends_with("are not supported"), "{text}: {message}");
        }
    }

    #[test]
    fn only_listed_helpers_are_supported() {
        for text in [
            "{{log title}}",
            "{{#raw}}x{{/raw}}",
            "{{#title}}x{{/title}}",
            "{{log}}",
            "{{#if (log a)}}{{/if}}",
        ] {
            assert!(message(text).contains("helper"), "{text}");
        }
        for text in [
            "{{#if (and drill (not (eq status \"resolved\")))}}{{len customers}}{{/if}}",
            "{{#each roles as |role|}}{{role.title}}{{/each}}{{lookup roles 0}}",
            "{{#with held}}{{why}}{{/with}}",
        ] {
            assert_eq!(parse(text).map(|_| ()), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_fault_has_its_line() {
        assert_eq!(parse("a\n\nb {{log title}}").map(|_| ()).expect_err("it").line, 3);
        assert_eq!(parse("a\n{{{{raw}}}}").map(|_| ()).expect_err("it").line, 2);
    }
}
