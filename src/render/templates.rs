//! Renders views with a team's templates, otherwise with the built-in ones.
//!
//! *Invariant*: rendering cannot fail and always ends. If a team's template cannot be used, or fails on its view, the built-in
//! template is used, and [`Renderer::unused_templates`] says so.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use handlebars::Handlebars;
use serde::Serialize;

use super::bounded::Bounded;
use super::fault::Fault;
use super::fields::{self, Shape};
use super::judge::parse;
use super::released::is_released;
use super::template::Template;
use super::variables::{UnknownVariable, unknown_variables};
use super::views::{ChatView, CustomerView, IssueView, MergeRequestView, MissingView, PromiseView, SummaryView};

/// A problem of a team's template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TemplateProblem {
    /// The template cannot be used.
    Unusable(Fault),
    /// The template fails on a sample of its variables.
    Failing(Fault),
    /// The template uses a variable that does not exist.
    UnknownVariable(UnknownVariable),
}

/// Renders views with the team's templates, otherwise with the built-in ones.
pub struct Renderer {
    shipped: Handlebars<'static>,
    team: BTreeMap<Template, Bounded>,
    /// The faults of templates that cannot be used or that failed, by file name.
    unused: Mutex<BTreeMap<String, Fault>>,
    /// One sentence for each template of the team that could not be read.
    unread: Vec<String>,
}

impl Renderer {
    /// Creates a renderer from the built-in templates and a team's templates by file name; also returns the problems of the
    /// team's templates, each with its file name.
    #[must_use]
    pub fn new(team: &BTreeMap<String, String>) -> (Self, Vec<(String, TemplateProblem)>) {
        let mut renderer = Self {
            shipped: registry(),
            team: BTreeMap::new(),
            unused: Mutex::default(),
            unread: Vec::new(),
        };
        let mut problems = Vec::new();
        for template in Template::ALL {
            // That the shipped ones compile is held by a test.
            let _ = renderer
                .shipped
                .register_template_string(template.file_name(), template.text());
        }
        // A copy of a shipped text overrides nothing.
        for (file, text) in team.iter().filter(|(file, text)| !is_released(file, text)) {
            let found = match renderer.add(file, text) {
                Ok(found) => found,
                Err(fault) => {
                    renderer.record(file, &fault);
                    vec![TemplateProblem::Unusable(fault)]
                }
            };
            problems.extend(found.into_iter().map(|problem| (file.clone(), problem)));
        }
        (renderer, problems)
    }

    /// Adds a team's template and returns its problems.
    ///
    /// # Errors
    /// Fails if the template cannot be used.
    fn add(&mut self, file: &str, text: &str) -> Result<Vec<TemplateProblem>, Fault> {
        let Some(template) = Template::ALL.into_iter().find(|known| known.file_name() == file) else {
            let names: Vec<_> = Template::ALL.iter().map(|known| known.file_name()).collect();
            let help = format!("the names are {}", names.join(", "));
            return Err(Fault::new((1, 1), "there is no template of this name", &help));
        };
        let parsed = parse(text)?;
        let variables = fields::variables(template);
        let unknown = unknown_variables(&parsed, &variables);
        let bounded = Bounded::new(parsed);
        let problems = if unknown.is_empty() {
            let failure = self.try_sample(&bounded, &variables).err();
            failure.map(TemplateProblem::Failing).into_iter().collect()
        } else {
            unknown.into_iter().map(TemplateProblem::UnknownVariable).collect()
        };
        self.team.insert(template, bounded);
        Ok(problems)
    }

    /// Adds a template of the team that could not be read, by file name, with the reason; `None` for the whole folder.
    pub fn add_unread_template(&mut self, file: Option<&str>, reason: &str) {
        self.unread.push(match file {
            Some(file) => format!("the team's template {file} is not used, the shipped one is: {reason}"),
            None => format!("the team's templates are not used, the shipped ones are: `templates`: {reason}"),
        });
    }

    /// Renders a sample of a template's variables.
    fn try_sample(&self, template: &Bounded, variables: &Shape) -> Result<String, Fault> {
        template.render(&self.shipped, &variables.sample())
    }

    /// Records that a team's template is not used.
    fn record(&self, file: &str, fault: &Fault) {
        let mut unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        unused.entry(file.to_owned()).or_insert_with(|| fault.clone());
    }

    /// Returns one sentence for each template of the team that could not be used up to now.
    #[must_use]
    pub fn unused_templates(&self) -> Vec<String> {
        let unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        let describe = |(file, fault): (&String, &Fault)| {
            format!(
                "the team's template {file} is not used, the shipped one is: line {}: {}",
                fault.line, fault.message
            )
        };
        self.unread.iter().cloned().chain(unused.iter().map(describe)).collect()
    }

    fn render<T: Serialize>(&self, template: Template, view: &T) -> String {
        let name = template.file_name();
        if let Some(own) = self.team.get(&template) {
            match own.render(&self.shipped, view) {
                Ok(text) => return tidy(&text),
                Err(fault) => self.record(name, &fault),
            }
        }
        tidy(&self.shipped.render(name, view).unwrap_or_default())
    }

    /// Renders the executive summary.
    #[must_use]
    pub fn executive_summary(&self, view: &SummaryView) -> String {
        self.render(Template::ExecutiveSummary, view)
    }

    /// Renders the incident issue's description.
    #[must_use]
    pub fn issue(&self, view: &IssueView) -> String {
        self.render(Template::Issue, view)
    }

    /// The review.
    #[must_use]
    pub fn review(&self, view: &IssueView) -> String {
        self.render(Template::Review, view)
    }

    /// Renders a text for a customer: ticket, update or resolution.
    #[must_use]
    pub fn customer(&self, template: Template, view: &CustomerView) -> String {
        self.render(template, view)
    }

    /// Renders a message in Slack.
    #[must_use]
    pub fn chat(&self, template: Template, view: &ChatView) -> String {
        self.render(template, view)
    }

    /// Renders a reminder of a promise.
    #[must_use]
    pub fn promise(&self, template: Template, view: &PromiseView) -> String {
        self.render(template, view)
    }

    /// Renders a reminder of a vacant role or an unrecorded step.
    #[must_use]
    pub fn missing(&self, view: &MissingView) -> String {
        self.render(Template::Missing, view)
    }

    /// Renders the note on a merge request.
    #[must_use]
    pub fn merge_request(&self, view: &MergeRequestView) -> String {
        self.render(Template::MergeRequest, view)
    }
}

/// An empty template registry that does not escape, because views hold escaped text; an unknown name is an error.
fn registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(handlebars::no_escape);
    registry
}

/// Removes trailing blanks and repeated empty lines, ends the text with one newline, and cuts it at a fixed length.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    let end = out.trim_end().len();
    out.truncate(end);
    // Far below GitLab's limit of 1 MB.
    let mut out = super::escape::cut(&out, 200_000);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(file: &str, text: &str) -> Vec<TemplateProblem> {
        let problems = Renderer::new(&BTreeMap::from([(file.to_owned(), text.to_owned())])).1;
        problems.into_iter().map(|(_, problem)| problem).collect()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test looks at the folder of the templates")]
    fn the_shipped_templates_compile_and_are_all_in_the_folder() {
        let mut registry = registry();
        for template in Template::ALL {
            registry
                .register_template_string(template.file_name(), template.text())
                .expect("it compiles");
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let files = std::fs::read_dir(folder).expect("the folder").filter_map(Result::ok);
        let hbs = files
            .filter(|file| file.path().extension().is_some_and(|end| end == "hbs"))
            .count();
        assert_eq!(hbs, Template::ALL.len());
    }

    #[test]
    fn a_template_that_cannot_be_used_is_reported_and_the_shipped_one_is_used() {
        for (file, text) in [
            ("issue.hbs", "{{#if x}}"),
            ("isue.hbs", "x"),
            ("issue.hbs", "{{> other}}"),
            ("issue.hbs", &"{{#if a}}".repeat(3000)),
            ("issue.hbs", &"x".repeat(70_000)),
        ] {
            let problems = team(file, text);
            assert!(matches!(problems[..], [TemplateProblem::Unusable(_)]), "{problems:?}");
        }
        for template in Template::ALL {
            assert_eq!(team(template.file_name(), template.text()), []);
        }
        let files = BTreeMap::from([("nag.hbs".to_owned(), "a\n{{nope}}".to_owned())]);
        let (renderer, problems) = Renderer::new(&files);
        assert!(
            matches!(problems[..], [(_, TemplateProblem::UnknownVariable(_))]),
            "{problems:?}"
        );
        let view = PromiseView {
            business: true,
            customers: None,
            drill: false,
            title: "t".into(),
            due: "d".into(),
            who: "w".into(),
        };
        assert!(renderer.promise(Template::Nag, &view).contains("promised for *d*"));
        let expected = "the team's template nag.hbs is not used, the shipped one is: line 2: `nope` has no value";
        assert_eq!(renderer.unused_templates(), [expected]);
    }

    #[test]
    fn a_template_that_fails_on_a_sample_is_reported_at_its_line() {
        let problems = team("issue.hbs", "a\n{{lookup customers 7}}");
        let [TemplateProblem::Failing(fault)] = &problems[..] else {
            panic!("{problems:?}");
        };
        assert_eq!((fault.line, fault.message.as_str()), (2, "`lookup` finds no value"));
    }

    #[test]
    fn a_teams_template_of_the_same_name_is_used() {
        let files = BTreeMap::from([("nag.hbs".to_owned(), "{{who}}!\n\n\n".to_owned())]);
        let view = PromiseView {
            business: true,
            customers: None,
            drill: false,
            title: "t".into(),
            due: "d".into(),
            who: "w".into(),
        };
        assert_eq!(Renderer::new(&files).0.promise(Template::Nag, &view), "w!\n");
    }
}
