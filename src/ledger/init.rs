//! The files of a new ledger.

use super::templates::TEMPLATES;
use crate::process::HANDBOOK;
use crate::render::Template;

/// The text of a new ledger's pipeline file.
const PIPELINE: &str = include_str!("init/gitlab-ci.yml");
/// The example for Slack's settings.
const SLACK: &str = "\
# slack:                           # without it, people ping and open the channel; docs/slack-setup.md
#   channels:                      # ids: a channel's name, About, at the bottom
#     incident_notification: C0NOTIFY
#     support_incident_notification: C0SUPNOT
#     general: C0GENERAL
#     support_team_chat: C0SUPPORT
#     executives: C0EXEC           # optional
#     drills: C0DRILL
#   mention: { sev0: \"<!subteam^S0INCIDENT>\" }
#
";
/// The skeleton of a declaration, for people who write in GitLab's web editor.
const NEW_INCIDENT: &str = include_str!("init/new-incident.yaml");
/// The skeleton of an update, for people who write in GitLab's web editor.
const NEW_UPDATE: &str = include_str!("init/new-update.yaml");
/// The example text of `people.yaml`.
const PEOPLE: &str = include_str!("init/people.yaml");
/// The example text of `customers.yaml`.
const CUSTOMERS: &str = include_str!("init/customers.yaml");

/// The folders of a new ledger.
pub const NEW_FOLDERS: [&str; 2] = ["incidents", "skeletons"];

/// The files of a new ledger: each with its path from the root and its text.
#[must_use]
pub fn new_files() -> Vec<(String, String)> {
    vec![
        ("process.yaml".to_owned(), process()),
        ("people.yaml".to_owned(), PEOPLE.to_owned()),
        ("customers.yaml".to_owned(), CUSTOMERS.to_owned()),
        (".gitlab-ci.yml".to_owned(), PIPELINE.to_owned()),
        (
            ".gitignore".to_owned(),
            "/outbox/\n.incidentctl-*.unfinished\n".to_owned(),
        ),
        ("skeletons/incident.yaml".to_owned(), NEW_INCIDENT.to_owned()),
        ("skeletons/update.yaml".to_owned(), NEW_UPDATE.to_owned()),
        ("incidents/.gitkeep".to_owned(), String::new()),
    ]
}

/// Copies of the built-in templates: each with its path from the root and its text.
#[must_use]
pub fn template_copies() -> Vec<(String, String)> {
    let copy = |template: &Template| {
        let path = format!("{TEMPLATES}/{}", template.file_name());
        (path, template.text().to_owned())
    };
    Template::ALL.iter().map(copy).collect()
}

/// The text of a `process.yaml` that extends the handbook, with the embedded process as comments.
fn process() -> String {
    let mut out = String::from(
        "# The incident process. Below is all of the handbook's as comments: uncomment and change what differs.\n\
         extends: handbook\n\n",
    );
    out += SLACK;
    for line in HANDBOOK.lines().skip_while(|line| line.starts_with('#')) {
        out.push('#');
        if !line.is_empty() {
            out.push(' ');
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}
