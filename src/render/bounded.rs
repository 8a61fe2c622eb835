//! Renders a parsed template within bounds of bytes and steps.
//!
//! *Invariant*: rendering ends. Each body of a block begins with a step counter, and whatever costs more than its size counts more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use handlebars::template::{HelperTemplate, Parameter, TemplateElement, TemplateMapping};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, RenderErrorReason,
    Renderable, ScopedJson, Template,
};
use serde::Serialize;
use serde_json::Value;

use super::fault::Fault;

/// The largest size of a rendered text, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// The largest number of steps of one rendering. One step is one element of the template, each time it is rendered.
const MAX_STEPS: usize = 200_000;

/// The name of the helper that counts steps. No template can write this name.
const COUNTER: &str = "incidentctl steps";

/// The words of an exceeded bound.
const TOO_MANY_STEPS: &str = "it takes too many steps, probably by lists in lists";
const TOO_MANY_BYTES: &str = "its text is longer than 1 MiB";
const HELP: &str = "make it simpler";

/// A parsed template with step counters.
pub(super) struct Bounded {
    template: Template,
}

impl Bounded {
    /// Adds step counters to a parsed template.
    pub(super) fn new(mut template: Template) -> Self {
        add_counters(&mut template, None);
        Self { template }
    }

    /// Renders a view.
    ///
    /// # Errors
    /// Fails if the template fails on this view, or if it exceeds a bound.
    pub(super) fn render(&self, registry: &Handlebars, view: &impl Serialize) -> Result<String, Fault> {
        let steps = Arc::new(AtomicUsize::new(MAX_STEPS));
        let mut output = BoundedText::default();
        let result = Context::wraps(view).and_then(|view| {
            let mut context = RenderContext::new(None);
            context.register_local_helper(COUNTER, Box::new(StepCounter(Arc::clone(&steps))));
            context.register_local_helper("lookup", Box::new(Lookup));
            for (name, wanted) in [("eq", true), ("ne", false)] {
                let steps = Arc::clone(&steps);
                context.register_local_helper(name, Box::new(Equality { name, wanted, steps }));
            }
            self.template.render(registry, &view, &mut context, &mut output)
        });
        match result {
            Ok(()) => Ok(output.text),
            Err(error) => {
                let at = (error.line_no.unwrap_or(1), error.column_no.unwrap_or(1));
                Err(Fault::new(at, describe(error.reason()), HELP))
            }
        }
    }
}

/// The reason of a failed rendering, in words.
fn describe(reason: &RenderErrorReason) -> String {
    match reason {
        RenderErrorReason::MissingVariable(Some(name)) => format!("`{name}` has no value"),
        RenderErrorReason::MissingVariable(None) => "`lookup` finds no value".to_owned(),
        RenderErrorReason::IOError(error) => error.to_string(),
        RenderErrorReason::InvalidJsonIndex(name) => format!("`{name}` is not the number of an item of a list"),
        RenderErrorReason::ParamNotFoundForIndex(helper, _) => format!("`{helper}` is used without a value"),
        reason => reason.to_string(),
    }
}

/// Adds a counter to the beginning of a template and of each body of its blocks. `place` is the block's place.
fn add_counters(template: &mut Template, place: Option<&TemplateMapping>) {
    let mut count = 1;
    for (element, place) in template.elements.iter_mut().zip(&template.mapping) {
        count += 1;
        if let TemplateElement::Expression(helper)
        | TemplateElement::HtmlExpression(helper)
        | TemplateElement::HelperBlock(helper) = element
        {
            count += subexpressions(helper);
            let bodies = helper.template.iter_mut().chain(helper.inverse.iter_mut());
            bodies.for_each(|body| add_counters(body, Some(place)));
        }
    }
    let Ok(mut counter) = Template::compile(&format!("{{{{counter {count}}}}}")) else {
        return;
    };
    if let Some(TemplateElement::Expression(helper)) = counter.elements.first_mut() {
        helper.name = Parameter::Name(COUNTER.to_owned());
    }
    let place = template.mapping.first().or(place).cloned();
    template
        .mapping
        .splice(0..0, place.or_else(|| counter.mapping.first().cloned()));
    template.elements.splice(0..0, counter.elements.into_iter().take(1));
}

/// The number of subexpressions of a helper.
fn subexpressions(helper: &HelperTemplate) -> usize {
    let parameters = std::iter::once(&helper.name)
        .chain(&helper.params)
        .chain(helper.hash.values());
    let inner = parameters.map(|parameter| match parameter {
        Parameter::Subexpression(inner) => match inner.as_element() {
            TemplateElement::Expression(helper) => 1 + subexpressions(helper),
            _ => 1,
        },
        _ => 0,
    });
    inner.sum()
}

/// Takes steps from those that are left.
fn take(steps: &AtomicUsize, count: usize) -> Result<(), RenderError> {
    let left = steps.load(Ordering::Relaxed);
    steps.store(left.saturating_sub(count), Ordering::Relaxed);
    if count > left {
        return Err(RenderErrorReason::Other(TOO_MANY_STEPS.to_owned()).into());
    }
    Ok(())
}

/// The helper that counts the steps of a body.
struct StepCounter(Arc<AtomicUsize>);

impl HelperDef for StepCounter {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        _: &mut dyn Output,
    ) -> HelperResult {
        let count = helper.param(0).and_then(|count| count.value().as_u64()).unwrap_or(1);
        take(&self.0, usize::try_from(count).unwrap_or(usize::MAX))
    }
}

/// The helper `lookup`. It copies its result, so a result that contains lists is an error.
struct Lookup;

impl HelperDef for Lookup {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let value = |index| {
            let missing = RenderErrorReason::ParamNotFoundForIndex("lookup", index);
            helper.param(index).map(handlebars::PathAndJson::value).ok_or(missing)
        };
        let (collection, key) = (value(0)?, value(1)?);
        let found = match collection {
            Value::Array(list) => key.as_u64().and_then(|index| list.get(usize::try_from(index).ok()?)),
            Value::Object(fields) => key.as_str().and_then(|name| fields.get(name)),
            _ => None,
        };
        let found = found.ok_or(RenderErrorReason::MissingVariable(None))?;
        let is_list = match found {
            Value::Array(_) => true,
            Value::Object(fields) => fields.values().any(|field| field.is_array() || field.is_object()),
            _ => false,
        };
        if is_list {
            let why = "`lookup` finds a list: write the name of the list instead";
            return Err(RenderErrorReason::Other(why.to_owned()).into());
        }
        Ok(found.clone().into())
    }
}

/// The helpers `eq` and `ne`. Each compared part is one step.
struct Equality {
    name: &'static str,
    wanted: bool,
    steps: Arc<AtomicUsize>,
}

impl HelperDef for Equality {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        scope: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let holds = self.call_inner(helper, registry, context, scope)?.as_json() == &Value::Bool(true);
        if !helper.is_block() {
            return Ok(out.write(if holds { "true" } else { "false" })?);
        }
        let body = if holds { helper.template() } else { helper.inverse() };
        body.map_or(Ok(()), |body| body.render(registry, context, scope, out))
    }

    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let value = |index| {
            let given = helper.param(index).filter(|given| !given.is_value_missing());
            let missing = RenderErrorReason::ParamNotFoundForIndex(self.name, index);
            given.map(handlebars::PathAndJson::value).ok_or(missing)
        };
        let (left, right) = (value(0)?, value(1)?);
        take(&self.steps, size(left) + size(right))?;
        Ok(Value::Bool((left == right) == self.wanted).into())
    }
}

/// The number of parts of a value; 256 bytes of a text count as one part.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(size).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        Value::String(text) => 1 + text.len() / 256,
        _ => 1,
    }
}

/// A text that does not grow beyond a limit.
#[derive(Default)]
struct BoundedText {
    text: String,
}

impl Output for BoundedText {
    fn write(&mut self, part: &str) -> std::io::Result<()> {
        if self.text.len() + part.len() > MAX_BYTES {
            return Err(std::io::Error::other(TOO_MANY_BYTES));
        }
        self.text.push_str(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn render(text: &str, view: &Value) -> Result<String, String> {
        let template = Template::compile(text).expect("it compiles");
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_escape_fn(handlebars::no_escape);
        let rendered = Bounded::new(template).render(&registry, view);
        rendered.map_err(|fault| fault.message)
    }

    #[test]
    fn lists_in_lists_end_soon_with_and_without_text() {
        let view = json!({ "list": vec!["x"; 1000] });
        let each = |inside: &str| format!("{}{inside}{}", "{{#each @root.list}}".repeat(4), "{{/each}}".repeat(4));
        for inside in ["x", "", "{{#if this}}{{/if}}"] {
            assert_eq!(render(&each(inside), &view), Err(TOO_MANY_STEPS.to_owned()), "{inside}");
        }
        let text = json!({ "list": vec!["x".repeat(100); 1000] });
        let twice = "{{#each list}}{{#each ../list}}{{this}}{{/each}}{{/each}}";
        assert_eq!(render(twice, &text), Err(TOO_MANY_BYTES.to_owned()));
        let compared = "{{#each list}}{{#if (eq ../list ../list)}}{{/if}}{{/each}}";
        assert_eq!(render(compared, &text), Err(TOO_MANY_STEPS.to_owned()));
    }

    #[test]
    fn a_list_in_a_list_of_usual_length_is_rendered() {
        let view = json!({ "list": ["a", "b"], "rows": [{ "name": "x" }], "key": "name" });
        let text = "{{#each list}}{{this}}:{{#each ../list}}{{#if (eq this \"b\")}}[{{this}}]{{else}}-{{/if}}{{/each}} {{/each}}";
        assert_eq!(render(text, &view).as_deref(), Ok("a:-[b] b:-[b] "));
        let text =
            "{{#with (lookup rows 0)}}{{name}}{{/with}} {{lookup list 1}} {{#ne key \"x\"}}other{{/ne}} {{eq key key}}";
        assert_eq!(render(text, &view).as_deref(), Ok("x b other true"));
        assert!(render("{{lookup this \"list\"}}", &view).is_err());
    }

    #[test]
    fn a_failure_has_its_line() {
        let template = Template::compile("a\n{{#if list}}\n{{nope}}{{/if}}").expect("it compiles");
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        let fault = Bounded::new(template).render(&registry, &json!({ "list": [1] }));
        assert_eq!(
            fault.map_err(|fault| (fault.line, fault.message)),
            Err((3, "`nope` has no value".into()))
        );
    }
}
