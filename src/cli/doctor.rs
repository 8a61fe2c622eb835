//! `doctor`: checks before an incident that token, rights, projects and settings work.

use std::io::Write;

use super::environment;
use super::server::{self, About, Access, Connection};
use super::{Global, Outcome};
use crate::effects::ForcedKeys;
use crate::forge::TicketProject;
use crate::health::Verdict;
use crate::ledger::Ledger;
use crate::model::{Directory, Entries};
use crate::process::Process;
use crate::run::{Selection, Workload, examine_adopted, examine_pipeline};
use crate::span::Field;
use crate::terminal::plain;

#[derive(clap::Args)]
#[command(after_help = "Example: GITLAB_TOKEN=… incidentctl doctor")]
pub(super) struct Arguments {
    #[command(flatten)]
    connection: Connection,
}

/// Runs all checks and prints one line for each: ok, or what to do.
pub(super) fn run(global: &Global, arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let root = global.root();
    let ledger = Ledger::authoritative(&root, &environment::ci_variables())?;
    let config = ledger.config(global.process_file()?.as_ref())?;
    let mut lines = Vec::new();
    let is_usable = if environment::variable("GITLAB_TOKEN").is_some() {
        match server::settings(&config.process, &root, arguments.connection) {
            Ok(_) => true,
            Err(error) => {
                lines.push((Verdict::Fail, "server", format!("{error:#}")));
                false
            }
        }
    } else {
        let says = "no token: set GITLAB_TOKEN to an access token with the scope `api`".to_owned();
        lines.push((Verdict::Fail, "token", says));
        false
    };
    lines.extend(addresses(&config.process));
    lines.extend(former_bots(&config.process));
    let image = examine_pipeline(ledger.pipeline()?.as_deref());
    lines.push((image.verdict, image.what, image.says));
    let project = server::project(&config.process);
    if project.is_none() {
        let says = "nothing names it: set `gitlab: { project: GROUP/PROJECT }` in process.yaml".to_owned();
        lines.push((Verdict::Fail, "incident project", says));
    }
    if is_usable && project.is_some() {
        let about = About::now(global.now);
        let mut forge = server::forge(&config, &root, arguments.connection, about, Access::Read)?;
        let mut found = forge.examine(&ticket_projects(&config.directory));
        if let Some(active) = active(global, &ledger) {
            found.extend(examine_adopted(forge.as_mut(), &active));
        }
        lines.extend(found.into_iter().map(|line| (line.verdict, line.what, line.says)));
    }
    lines.extend(slack(&config.process, arguments.connection));
    let mut worst = Verdict::Ok;
    for (verdict, what, says) in &lines {
        let word = match verdict {
            Verdict::Ok => "ok",
            Verdict::Unseen => "?",
            Verdict::Warn => "warning",
            Verdict::Fail => "FAILED",
        };
        writeln!(out, "{word:<8} {what:<17} {}", plain(says))?;
        worst = worst.max(*verdict);
    }
    Ok(if worst == Verdict::Fail {
        Outcome::Environment
    } else {
        Outcome::Clean
    })
}

/// The projects of customers' tickets.
fn ticket_projects(directory: &Directory) -> Vec<TicketProject> {
    let customers = directory.customers.iter().flat_map(Entries::iter);
    let projects = customers.filter_map(|(key, customer)| {
        let customer = customer.get()?;
        Some(TicketProject {
            customer: key.into(),
            project: customer.tickets.get()?.clone(),
            service_desk: customer.service_desk.get() == Some(&true),
        })
    });
    projects.collect()
}

/// The active incidents of a ledger; `None` if it cannot be read, which `check` reports.
fn active(global: &Global, ledger: &Ledger) -> Option<Workload> {
    let selection = Selection::ActiveOrRecent {
        forced: &ForcedKeys::default(),
    };
    let process = global.process_file().ok()?;
    Workload::load(ledger, process.as_ref(), selection, global.now).ok()
}

/// The warning that only the variables of a pipeline name the servers; `None` if process.yaml names them.
fn addresses(process: &Process) -> Option<(Verdict, &'static str, String)> {
    process.gitlab_url.is_none().then(|| {
        let says = "process.yaml has no `gitlab.url`, so a pipeline sends tokens to CI_SERVER_URL, which a variable can \
                    change: write `gitlab: { url: https://… }`";
        (Verdict::Warn, "address", says.to_owned())
    })
}

/// The warning about former bots that are named by user names; `None` if all are ids.
fn former_bots(process: &Process) -> Option<(Verdict, &'static str, String)> {
    let bots = process.team.as_ref()?.gitlab.get()?.former_bots.get()?;
    let bots = bots.iter().filter_map(Field::get).filter(|bot| bot.is_name());
    let masked = |name: &str| crate::rules::mask_credentials(name).unwrap_or_else(|| name.to_owned());
    let names: Vec<_> = bots.map(|bot| format!("`{}`", masked(bot.as_str()))).collect();
    (!names.is_empty()).then(|| {
        let says = format!(
            "{}: another user can take a name after the user is renamed or deleted; write the ids, which GitLab shows at \
             `/api/v4/users?username=NAME`",
            names.join(", ")
        );
        (Verdict::Warn, "former bots", says)
    })
}

/// The results about Slack.
fn slack(process: &Process, connection: Connection) -> Vec<(Verdict, &'static str, String)> {
    let says = match server::chat(process, connection) {
        Ok(Some(mut chat)) => {
            return chat
                .examine()
                .into_iter()
                .map(|line| (line.verdict, line.what, line.says))
                .collect();
        }
        Ok(None) if server::has_chat(process) => {
            let variable = server::chat_service().token_variable;
            format!("process.yaml names channels, and there is no token: set {variable} to the bot token of an app")
        }
        Ok(None) => {
            let says = "not used: process.yaml names no channels of it".to_owned();
            return vec![(Verdict::Ok, server::chat_service().name, says)];
        }
        Err(error) => format!("{error:#}"),
    };
    vec![(Verdict::Fail, "Slack token", says)]
}
