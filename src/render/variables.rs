//! The variables that a parsed template uses, compared with those that it has.

use std::collections::BTreeSet;

use handlebars::template::{BlockParam, HelperTemplate, Parameter, TemplateElement};
use handlebars::{Path, PathSeg, Template};

use super::fields::Shape;

/// The variables that `each` adds.
const LOCALS: [&str; 4] = ["index", "key", "first", "last"];

/// A variable that a template uses and that does not exist.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UnknownVariable {
    /// The line of the tag, from 1.
    pub line: usize,
    /// The column of the tag, from 1.
    pub column: usize,
    /// The variable as the template writes it.
    pub name: String,
    /// The part of the name that does not exist.
    pub part: String,
    /// The names that exist in its place.
    pub known: Vec<String>,
}

/// Returns the unknown variables of a parsed template; `variables` are those that it has.
pub(super) fn unknown_variables(template: &Template, variables: &Shape) -> BTreeSet<UnknownVariable> {
    let mut finder = Finder {
        root: variables,
        scopes: Vec::new(),
        place: (1, 1),
        found: BTreeSet::new(),
    };
    finder.template(template);
    finder.found
}

/// The scope that a block opens.
struct Scope<'a> {
    shape: &'a Shape,
    /// The names that the block gives to its value and to its index.
    names: Vec<(&'a str, &'a Shape)>,
    /// Whether the block has `@index` and the like.
    has_locals: bool,
}

struct Finder<'a> {
    root: &'a Shape,
    scopes: Vec<Scope<'a>>,
    place: (usize, usize),
    found: BTreeSet<UnknownVariable>,
}

/// A part of a path that does not exist, with the names that exist.
type Unknown = (String, Vec<String>);

impl<'a> Finder<'a> {
    fn template(&mut self, template: &'a Template) {
        for (element, place) in template.elements.iter().zip(&template.mapping) {
            self.place = (place.0, place.1);
            match element {
                TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) => {
                    self.value(helper);
                }
                TemplateElement::HelperBlock(block) => self.block(block),
                _ => {}
            }
        }
    }

    fn block(&mut self, block: &'a HelperTemplate) {
        let shapes: Vec<&Shape> = block.params.iter().map(|parameter| self.parameter(parameter)).collect();
        for parameter in block.hash.values() {
            self.parameter(parameter);
        }
        let name = block.name.as_name().unwrap_or_default();
        let given = shapes.first().copied().unwrap_or(&Shape::Unknown);
        let opened = match (name, given) {
            ("each", Shape::List(item)) => Some(&**item),
            ("each", _) => Some(&Shape::Unknown),
            ("with", given) => Some(given),
            _ => None,
        };
        if let Some(shape) = opened {
            let enclosed = self.scopes.last().is_some_and(|scope| scope.has_locals);
            self.scopes.push(Scope {
                shape,
                names: names(block.block_param.as_ref(), shape),
                has_locals: name == "each" || enclosed,
            });
        }
        block.template.iter().for_each(|body| self.template(body));
        if opened.is_some() {
            self.scopes.pop();
        }
        block.inverse.iter().for_each(|body| self.template(body));
    }

    /// Checks a variable or a call of a helper and returns the form of its value.
    fn value(&mut self, helper: &'a HelperTemplate) -> &'a Shape {
        if helper.params.is_empty() && helper.hash.is_empty() {
            return self.parameter(&helper.name);
        }
        let shapes: Vec<&Shape> = helper
            .params
            .iter()
            .map(|parameter| self.parameter(parameter))
            .collect();
        for parameter in helper.hash.values() {
            self.parameter(parameter);
        }
        match (helper.name.as_name(), shapes.first(), helper.params.get(1)) {
            (Some("lookup"), Some(Shape::List(item)), _) => item,
            (Some("lookup"), Some(Shape::Fields(_)), Some(Parameter::Literal(key))) => {
                let key = key.as_str().unwrap_or_default();
                let field = part_of(shapes[0], key);
                self.report(key, field)
            }
            _ => &Shape::Unknown,
        }
    }

    fn parameter(&mut self, parameter: &'a Parameter) -> &'a Shape {
        match parameter {
            Parameter::Path(Path::Relative((parts, name))) => {
                let shape = self.resolve(parts);
                self.report(name, shape)
            }
            Parameter::Path(Path::Local((level, local, name))) => {
                let scope = self
                    .scopes
                    .len()
                    .checked_sub(level + 1)
                    .and_then(|at| self.scopes.get(at));
                let known = scope.is_some_and(|scope| scope.has_locals) && LOCALS.contains(&local.as_str());
                let names = || LOCALS.iter().map(|local| format!("@{local}")).collect();
                let shape = known
                    .then_some(&Shape::Unknown)
                    .ok_or_else(|| (format!("@{local}"), names()));
                self.report(name, shape)
            }
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(helper) => self.value(helper),
                _ => &Shape::Unknown,
            },
            _ => &Shape::Unknown,
        }
    }

    /// Stores an unknown variable and returns the form of a known one.
    fn report(&mut self, name: &str, shape: Result<&'a Shape, Unknown>) -> &'a Shape {
        match shape {
            Ok(shape) => shape,
            Err((part, known)) => {
                self.found.insert(UnknownVariable {
                    line: self.place.0,
                    column: self.place.1,
                    name: name.to_owned(),
                    part,
                    known,
                });
                &Shape::Unknown
            }
        }
    }

    /// The form of the value at a path. The library's own rules apply: a name that a block gives precedes fields, and `../` leaves a
    /// block that opens a scope.
    fn resolve(&self, parts: &'a [PathSeg]) -> Result<&'a Shape, Unknown> {
        let mut up = 0;
        let mut rest = parts;
        let mut at_root = false;
        while let Some((PathSeg::Ruled(rule), others)) = rest.split_first() {
            // The library does not export the type of this value.
            match format!("{rule:?}").as_str() {
                "path_up" => up += 1,
                "path_root" => at_root = true,
                _ => {}
            }
            rest = others;
        }
        let named = rest.split_first().and_then(|(first, others)| match first {
            PathSeg::Named(first) if !at_root => Some((self.given_name(first)?, others)),
            _ => None,
        });
        let (mut shape, rest) = match named {
            Some(named) => named,
            None if at_root => (self.root, rest),
            None => (self.scope(up), rest),
        };
        for (index, part) in rest.iter().enumerate() {
            let PathSeg::Named(part) = part else { continue };
            shape = part_of(shape, part).map_err(|(part, mut known)| {
                if index == 0 && !at_root {
                    let names = self.scopes.iter().flat_map(|scope| &scope.names);
                    known.extend(names.map(|(name, _)| (*name).to_owned()));
                }
                (part, known)
            })?;
        }
        Ok(shape)
    }

    /// The form of the scope `up` levels above the current one.
    fn scope(&self, up: usize) -> &'a Shape {
        let current = self.scopes.last().map_or(self.root, |scope| scope.shape);
        match self.scopes.len().checked_sub(up) {
            Some(0) => self.root,
            Some(level) => self.scopes.get(level - 1).map_or(current, |scope| scope.shape),
            None => current,
        }
    }

    /// The form of the value to which a block gave this name.
    fn given_name(&self, name: &str) -> Option<&'a Shape> {
        let names = self.scopes.iter().rev().flat_map(|scope| &scope.names);
        names
            .into_iter()
            .find(|(given, _)| *given == name)
            .map(|(_, shape)| *shape)
    }
}

/// The names that a block gives, with the forms of their values.
fn names<'a>(given: Option<&'a BlockParam>, shape: &'a Shape) -> Vec<(&'a str, &'a Shape)> {
    let names = match given {
        Some(BlockParam::Single(value)) => vec![(value, shape)],
        Some(BlockParam::Pair((value, index))) => vec![(value, shape), (index, &Shape::Unknown)],
        _ => Vec::new(),
    };
    let names = names.into_iter();
    names
        .filter_map(|(name, shape)| Some((name.as_name()?, shape)))
        .collect()
}

/// The form of a part of a value.
fn part_of<'a>(shape: &'a Shape, part: &str) -> Result<&'a Shape, Unknown> {
    match shape {
        Shape::Fields(fields) => match fields.get(part) {
            Some(field) => Ok(&field.shape),
            None => Err((part.to_owned(), fields.keys().cloned().collect())),
        },
        Shape::List(item) if part.parse::<usize>().is_ok() => Ok(item),
        Shape::Unknown => Ok(&Shape::Unknown),
        Shape::List(_) | Shape::Text | Shape::Flag | Shape::Number => Err((part.to_owned(), Vec::new())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::variables;
    use super::super::template::Template as Known;
    use super::*;

    fn unknown(of: Known, text: &str) -> Vec<String> {
        let template = Template::compile(text).expect("it compiles");
        let found = unknown_variables(&template, &variables(of)).into_iter();
        found
            .map(|variable| format!("{} {}", variable.line, variable.name))
            .collect()
    }

    #[test]
    fn the_shipped_templates_use_known_variables() {
        for template in Known::ALL {
            assert_eq!(
                unknown(template, template.text()),
                Vec::<String>::new(),
                "{}",
                template.file_name()
            );
        }
    }

    #[test]
    fn known_variables_of_every_scope_are_known() {
        for text in [
            "{{title}} {{this.title}} {{./title}} {{@root.title}} {{customers.[0].name}}",
            "{{#each customers}}{{name}} {{../title}} {{this.ticket}} {{@index}} {{#if @last}}{{@root.id}}{{/if}}{{/each}}",
            "{{#each roles}}{{#each ../customers}}{{name}} {{../people}} {{../../title}} {{@../index}}{{/each}}{{/each}}",
            "{{#each roles as |role number|}}{{role.title}} {{number}} {{title}} {{people}}{{/each}}",
            "{{#with held}}{{since}} {{why}}{{else}}{{title}}{{/with}}",
            "{{#each links}}{{#with this}}{{name}} {{@key}}{{/with}}{{else}}{{title}}{{/each}}",
            "{{#if (eq status \"x\")}}{{lookup this \"title\"}}{{else if drill}}{{id}}{{/if}}",
            "{{#with (lookup customers 0)}}{{state}}{{/with}}",
        ] {
            assert_eq!(unknown(Known::Issue, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn unknown_variables_of_every_scope_are_found() {
        for (text, name) in [
            ("{{titel}}", "1 titel"),
            ("a\n{{#if titel}}{{/if}}", "2 titel"),
            ("{{#each customers}}{{title}}{{/each}}", "1 title"),
            ("{{#each customers}}{{../name}}{{/each}}", "1 ../name"),
            ("{{#each customers}}{{else}}{{name}}{{/each}}", "1 name"),
            ("{{#with held}}{{reason}}{{/with}}", "1 reason"),
            ("{{@index}}", "1 @index"),
            ("{{#each roles}}{{@numbr}}{{/each}}", "1 @numbr"),
            ("{{#each roles as |role|}}{{role.name}}{{/each}}", "1 role.name"),
            ("{{customers.name}}", "1 customers.name"),
            ("{{title.text}}", "1 title.text"),
            ("{{#if (and drill (not titel))}}{{/if}}", "1 titel"),
            ("{{lookup this \"titel\"}}", "1 titel"),
            ("{{@root.titel}}", "1 @root.titel"),
        ] {
            assert_eq!(unknown(Known::Issue, text), [name], "{text}");
        }
    }
}
