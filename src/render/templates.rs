//! The built-in templates, and a team's own templates that replace them.
//!
//! *Invariant*: rendering cannot fail and always ends. If a team's template does not compile or fails on its view, the
//! built-in template is used.

use std::collections::BTreeMap;

use handlebars::Handlebars;
use serde::Serialize;

use super::views::{ChatView, CustomerView, IssueView, MergeRequestView, MissingView, PromiseView, SummaryView};

/// The largest size of a team's template, in bytes.
const MAX_TEMPLATE: usize = 64 * 1024;

/// The largest number of blocks and subexpressions in a team's template, because nesting uses the parser's stack.
const MAX_BLOCKS: usize = 200;

/// A template that a team may replace with its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Template {
    /// The executive summary, posted after each update.
    ExecutiveSummary,
    /// The incident issue's description.
    Issue,
    /// A customer's ticket.
    CustomerTicket,
    /// Words to a customer.
    CustomerUpdate,
    /// The last words to a customer, at the resolution.
    CustomerResolution,
    /// The note on a merge request.
    MergeRequest,
    /// The call for participants.
    ChatPing,
    /// The dedicated channel's topic.
    ChatChannel,
    /// A message to the business.
    ChatBroadcast,
    /// A message in the dedicated channel.
    ChatUpdate,
    /// The reminder before a promise falls due.
    Nag,
    /// The reminder after a promise fell due.
    Overdue,
    /// The reminder of a vacant role or an unrecorded step.
    Missing,
    /// The review after the incident.
    Review,
}

impl Template {
    /// Every template.
    pub const ALL: [Self; 14] = [
        Self::ExecutiveSummary,
        Self::Issue,
        Self::CustomerTicket,
        Self::CustomerUpdate,
        Self::CustomerResolution,
        Self::MergeRequest,
        Self::ChatPing,
        Self::ChatChannel,
        Self::ChatBroadcast,
        Self::ChatUpdate,
        Self::Nag,
        Self::Overdue,
        Self::Missing,
        Self::Review,
    ];

    /// The name of the template's file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        self.shipped().0
    }

    /// The built-in text of the template.
    #[must_use]
    pub const fn text(self) -> &'static str {
        self.shipped().1
    }

    const fn shipped(self) -> (&'static str, &'static str) {
        macro_rules! file {
            ($name:literal) => {
                ($name, include_str!(concat!("../../templates/", $name)))
            };
        }
        match self {
            Self::ExecutiveSummary => file!("executive-summary.hbs"),
            Self::Issue => file!("issue.hbs"),
            Self::CustomerTicket => file!("customer-ticket.hbs"),
            Self::CustomerUpdate => file!("customer-update.hbs"),
            Self::CustomerResolution => file!("customer-resolution.hbs"),
            Self::MergeRequest => file!("merge-request.hbs"),
            Self::ChatPing => file!("slack-ping.hbs"),
            Self::ChatChannel => file!("slack-channel.hbs"),
            Self::ChatBroadcast => file!("slack-broadcast.hbs"),
            Self::ChatUpdate => file!("slack-update.hbs"),
            Self::Nag => file!("nag.hbs"),
            Self::Overdue => file!("overdue.hbs"),
            Self::Missing => file!("missing.hbs"),
            Self::Review => file!("review.hbs"),
        }
    }
}

/// A team's template that cannot be used, with the reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenTemplate {
    /// The name of the template's file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Renders views with the team's templates, otherwise with the built-in ones.
pub struct Renderer {
    shipped: Handlebars<'static>,
    team: Handlebars<'static>,
}

impl Renderer {
    /// Creates a renderer from the built-in templates and a team's templates by file name; also returns those of the team that
    /// cannot be used.
    #[must_use]
    pub fn new(team: &BTreeMap<String, String>) -> (Self, Vec<BrokenTemplate>) {
        let mut shipped = registry();
        let mut own = registry();
        let mut broken = Vec::new();
        for template in Template::ALL {
            // That the shipped ones compile is held by a test.
            let _ = shipped.register_template_string(template.file_name(), template.text());
        }
        for (file, text) in team {
            // A copy of the shipped text is no difference, and `init` writes such copies.
            if Template::ALL
                .iter()
                .any(|known| known.file_name() == file && known.text() == text)
            {
                continue;
            }
            if let Err((line, message)) = register(&mut own, file, text) {
                broken.push(BrokenTemplate {
                    file: file.clone(),
                    line,
                    message,
                });
            }
        }
        (Self { shipped, team: own }, broken)
    }

    fn render<T: Serialize>(&self, template: Template, view: &T) -> String {
        let name = template.file_name();
        if self.team.has_template(name)
            && let Ok(text) = self.team.render(name, view)
        {
            return tidy(&text);
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

fn register(registry: &mut Handlebars<'static>, file: &str, text: &str) -> Result<(), (usize, String)> {
    if !Template::ALL.iter().any(|known| known.file_name() == file) {
        return Err((1, "there is no template of this name".to_owned()));
    }
    if text.len() > MAX_TEMPLATE {
        return Err((1, "a template has at most 64 KiB".to_owned()));
    }
    if text.contains("{{>") || text.contains("{{#>") || text.contains("{{~>") || text.contains("{{#*") {
        return Err((1, "partials and decorators are not supported".to_owned()));
    }
    if text.matches("{{#").count() + text.matches("{{~#").count() + text.matches('(').count() > MAX_BLOCKS {
        return Err((
            1,
            format!("a template opens at most {MAX_BLOCKS} blocks and subexpressions"),
        ));
    }
    registry.register_template_string(file, text).map_err(|error| {
        let line = error.pos().map_or(1, |(line, _)| line);
        (line, reason(&error.reason().to_string()))
    })
}

/// The parser's message without its list of expected tokens.
fn reason(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.split(": expected").next().unwrap_or(line).to_owned()
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

    fn team(file: &str, text: &str) -> Vec<BrokenTemplate> {
        Renderer::new(&BTreeMap::from([(file.to_owned(), text.to_owned())])).1
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
        assert_eq!(team("issue.hbs", "{{#if x}}").len(), 1);
        assert_eq!(team("isue.hbs", "x").len(), 1);
        assert_eq!(team("issue.hbs", "{{> other}}").len(), 1);
        assert_eq!(team("issue.hbs", &"{{#if a}}".repeat(3000)).len(), 1);
        assert_eq!(team("issue.hbs", Template::Issue.text()), []);
        let files = BTreeMap::from([("nag.hbs".to_owned(), "{{nope}}".to_owned())]);
        let (renderer, broken) = Renderer::new(&files);
        assert_eq!(broken, []);
        let view = PromiseView {
            drill: false,
            title: "t".into(),
            due: "d".into(),
            who: "w".into(),
        };
        assert!(renderer.promise(Template::Nag, &view).contains("promised for *d*"));
    }

    #[test]
    fn a_teams_template_of_the_same_name_is_used() {
        let files = BTreeMap::from([("nag.hbs".to_owned(), "{{who}}!\n\n\n".to_owned())]);
        let view = PromiseView {
            drill: false,
            title: "t".into(),
            due: "d".into(),
            who: "w".into(),
        };
        assert_eq!(Renderer::new(&files).0.promise(Template::Nag, &view), "w!\n");
    }
}
