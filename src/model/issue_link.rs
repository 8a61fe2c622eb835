//! The web address of a GitLab issue, as a person pastes it.
//!
//! *Invariant*: this module and GitLab read an address in the same way. An ambiguous address is rejected.

use std::collections::BTreeMap;

use super::CustomerKey;

/// The parsed web address of a GitLab issue: host, project path and number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssueUrl {
    /// The host, with its port if the address has one.
    host: String,
    /// The path before `/-/`: the project path, if GitLab is at the root of its host.
    path: String,
    /// The number of the issue in its project.
    number: u64,
}

impl IssueUrl {
    /// Parses an address; `None` if it is not the address of an issue.
    ///
    /// The forms are `/GROUP/PROJECT/-/issues/N`, `/-/work_items/N`, `/-/issues/incident/N` and the old `/issues/N`.
    /// <https://docs.gitlab.com/user/project/issues/managing_issues/>
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        if rest.chars().any(|c| !c.is_ascii_graphic() || "\\<>\"'`".contains(c)) {
            return None;
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        // GitLab shows another work item than the path names where the query has `show`.
        if query
            .split('&')
            .any(|part| part.starts_with("show") || part.contains('%'))
        {
            return None;
        }
        let (host, path) = rest.split_once('/')?;
        let (project, number) = match path.split_once("/-/") {
            Some((project, rest)) => (project, number_of(rest)?),
            None => path.rsplit_once("/issues/")?,
        };
        let number = number.strip_suffix('/').unwrap_or(number);
        let digits = !number.starts_with('0') && number.chars().all(|c| c.is_ascii_digit());
        let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c));
        if !is_host || !digits || !is_project_path(project) || project.starts_with("groups/") {
            return None;
        }
        Some(Self {
            host: host.to_owned(),
            path: project.to_owned(),
            number: number.parse().ok()?,
        })
    }

    /// The number of the issue in its project.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The path of the project, if GitLab is at the root of its host.
    #[must_use]
    pub fn project_path(&self) -> &str {
        &self.path
    }

    /// The same text for all addresses of one issue: host and path in lower case, because GitLab ignores case there.
    #[must_use]
    pub fn comparable(&self) -> String {
        let (host, path) = (self.host.to_ascii_lowercase(), self.path.to_ascii_lowercase());
        format!("{host}/{path}#{}", self.number)
    }

    /// The path of the issue's project; `None` if the issue is not on the GitLab at the address `web`.
    #[must_use]
    pub fn project_on_server(&self, web: &str) -> Option<&str> {
        let (_, rest) = web.trim_end_matches('/').split_once("://")?;
        let (host, root) = rest.split_once('/').unwrap_or((rest, ""));
        if !host.eq_ignore_ascii_case(&self.host) {
            return None;
        }
        if root.is_empty() {
            return Some(&self.path);
        }
        let project = self.path.strip_prefix(root)?.strip_prefix('/')?;
        Some(project).filter(|project| is_project_path(project))
    }
}

fn number_of(rest: &str) -> Option<&str> {
    let forms = ["issues/incident/", "issues/", "work_items/"];
    forms.iter().find_map(|form| rest.strip_prefix(form))
}

/// Whether a text is a valid path of a GitLab group or project.
/// <https://docs.gitlab.com/user/reserved_names/#rules-for-usernames-project-and-group-names-and-slugs>
#[must_use]
pub fn is_project_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    text.split('/')
        .all(|part| !matches!(part, "" | "." | "..") && part.chars().all(plain))
}

/// A project that must not contain a given customer's ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WrongProject<'a> {
    /// The project of the incident issues.
    Incidents,
    /// It is the project of another customer's tickets.
    Customer(&'a CustomerKey),
}

/// The projects of the customers' tickets, with an index of their names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TicketProjects {
    by_customer: BTreeMap<CustomerKey, String>,
    /// For each project in lower case, the first customer whose tickets are there.
    by_project: BTreeMap<String, CustomerKey>,
}

impl TicketProjects {
    /// The projects of these customers' tickets.
    #[must_use]
    pub fn new(by_customer: BTreeMap<CustomerKey, String>) -> Self {
        let mut by_project = BTreeMap::new();
        for (customer, project) in &by_customer {
            let name = project.to_ascii_lowercase();
            by_project.entry(name).or_insert_with(|| customer.clone());
        }
        Self {
            by_customer,
            by_project,
        }
    }

    /// Checks the project of a customer's ticket: returns why the project is wrong; `None` if the ticket may be there.
    ///
    /// `names` are the known names of the project, its path and its number; `incidents` is the project of the incident
    /// issues. Like GitLab, the comparison ignores case.
    #[must_use]
    pub fn find_wrong(&self, names: &[&str], customer: &str, incidents: Option<&str>) -> Option<WrongProject<'_>> {
        let is_it = |other: &str| names.iter().any(|name| other.eq_ignore_ascii_case(name));
        if incidents.is_some_and(is_it) {
            return Some(WrongProject::Incidents);
        }
        if self.by_customer.get(customer).is_some_and(|own| is_it(own)) {
            return None;
        }
        let others = names
            .iter()
            .filter_map(|name| self.by_project.get(&name.to_ascii_lowercase()));
        others.min().map(WrongProject::Customer)
    }
}

impl std::ops::Deref for TicketProjects {
    type Target = BTreeMap<CustomerKey, String>;

    fn deref(&self) -> &Self::Target {
        &self.by_customer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_an_issues_address_is_read() {
        for rest in [
            "-/issues/7",
            "-/issues/7/",
            "-/work_items/7",
            "-/issues/incident/7",
            "issues/7",
            "-/issues/7#note_12",
            "-/issues/7?ref=mail",
        ] {
            let link = IssueUrl::parse(&format!("https://gitlab.example.com/a/b-c.d/{rest}")).expect(rest);
            assert_eq!((link.project_path(), link.number()), ("a/b-c.d", 7), "{rest}");
            assert_eq!(link.project_on_server("https://GitLab.example.com/"), Some("a/b-c.d"));
            assert_eq!(link.project_on_server("https://gitlab.example.com/a"), Some("b-c.d"));
            assert_eq!(link.project_on_server("https://gitlab.example.org"), None);
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_no_address_of_an_issue() {
        for url in [
            "",
            "acme#7",
            "javascript://x/a/b/-/issues/7",
            "https://gitlab.example.com/a/b/-/merge_requests/7",
            "https://gitlab.example.com/a/b/-/issues/7x",
            "https://gitlab.example.com/a/b/-/issues/",
            "https://gitlab.example.com/a/b/-/issues/07",
            "https://gitlab.example.com/a/../c/b/-/issues/7",
            "https://gitlab.example.com/a%2fc/b/-/issues/7",
            "https://gitlab.example.com/a//b/-/issues/7",
            "https://gitlab.example.com/a/b/-/work_items/7?show=eyJpaWQiOiI4In0",
            "https://gitlab.example.com/a/b/-/issues/7?%73how=x",
            "https://gitlab.example.com/a/b/-/issues/7\n/close",
            "https://gitlab.example.com/a/b/-/issues/7 ![x](y)",
            "https://me@gitlab.example.com/a/b/-/issues/7",
            "https://gitlab.example.com/groups/a/-/work_items/7",
            "https://gitlab.example.com/a/b/-/issues/99999999999999999999",
        ] {
            assert_eq!(IssueUrl::parse(url), None, "{url}");
        }
    }
}
