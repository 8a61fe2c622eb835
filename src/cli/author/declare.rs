//! `declare`: writes the declaration of a new incident.

use std::io::Write;

use anyhow::bail;

use super::fields::Fields;
use super::{Common, Session, identity, push, report, write_new};
use crate::author::questions::SYMPTOMS;
use crate::author::{self, CustomersForm, NewFile, Verdict, choices, missing_flags, normalize_line, optional_field};
use crate::cli::ask::{self, Choice};
use crate::cli::{Global, Outcome, complete};
use crate::ledger;
use crate::model::{Entry, IncidentId, PersonKey, StatusKey};
use crate::process::Role;
use crate::run::{ExistingDeclaration, PushRequest, find_declaration};
use crate::source;
use crate::span::Field;
use crate::terminal::{plain, shell_word};

#[derive(clap::Args)]
#[command(
    after_help = "Example: incidentctl declare 'Pushes rejected on every Geo secondary' --severity sev0 --customer acme,globex \
    --degradation total --symptoms 'git push fails with an error' --role incident_manager=alice --push\n\n\
    On a terminal it asks for what is missing. Declared already, the same by the same person: says so, exit code 0; \
    otherwise 2."
)]
pub(in crate::cli) struct Declare {
    /// What happened, in one line for the team.
    title: Option<String>,
    /// The words of the id; without it, the words of the title.
    #[arg(long, value_name = "SLUG")]
    slug: Option<String>,
    /// The status; without it, the first status of the process.
    #[arg(long, value_name = "STATUS", add = complete::statuses())]
    status: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    common: Common,
}

/// Declares an incident.
pub(in crate::cli) fn declare(global: &Global, arguments: &Declare, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut session = Session::open(global, &arguments.common)?;
    let mut fields = arguments.fields.clone();
    let title = title(&mut session, arguments.title.as_deref())?;
    let id = author::incident_id(arguments.slug.as_deref().unwrap_or(&title), global.now);
    let there = find_declaration(&session.folder, session.repo.as_ref(), session.common.push, id.as_str())?;
    let all_given = fields.severity.is_some() && !fields.customers.is_empty();
    if let Some(there) = &there
        && !all_given
    {
        report::nothing(&session, "exists", id.as_str(), &there.describe(id.as_str()), out)?;
        return Ok(Outcome::Environment);
    }
    let missing = missing_flags(
        &session.world.process,
        fields.severity.is_some(),
        !fields.customers.is_empty(),
    );
    if let Some(missing) = missing.filter(|_| !session.asks) {
        bail!(missing);
    }
    if session.asks && !all_given {
        ask(&mut session, &mut fields)?;
    }
    let by = identity::person(&mut session)?;
    let mut entry = fields.entry(CustomersForm::List, &session.root)?;
    entry.title = Field::without_place(title);
    entry.status = optional_field(arguments.status.as_deref().map(StatusKey::from));
    if let Some(there) = there {
        return joined(&session, &id, &entry, &by, &there, out);
    }
    let (new, verdict) = draft(&session, id, &entry, &by)?;
    if !verdict.passes() {
        return report::refused(&session, &new.file(), &[], &verdict, out);
    }
    session.confirm_preview(&new, out)?;
    if !write_new(&session.folder, &new)? {
        bail!(
            "{} was declared by somebody else at this moment: `incidentctl show {}`",
            plain(new.id.as_str()),
            shell_word(new.id.as_str())
        );
    }
    report::written(
        &session,
        &report::Written::new("declared", &new, &verdict),
        &new.file(),
        &[],
        out,
    )
}

fn draft(session: &Session, id: IncidentId, entry: &Entry, by: &PersonKey) -> anyhow::Result<(NewFile, Verdict)> {
    let new = author::new_declaration(id, entry, session.global.now, by)?;
    let verdict = session.judge(new.id.as_str(), &[], &[], &[new.file()]);
    Ok((new, verdict))
}

/// The title; asks for it if it is not given.
fn title(session: &mut Session, given: Option<&str>) -> anyhow::Result<String> {
    let title = match given.map(normalize_line).filter(|title| !title.is_empty()) {
        Some(title) => title,
        None if session.asks => {
            let title = normalize_line(&ask::line(
                "What happened?",
                "one line for the team, the incident's title",
            )?);
            session.answers.push(title.clone());
            title
        }
        None => bail!("a declaration needs a title: incidentctl declare 'Pushes rejected' --severity … --customer …"),
    };
    Ok(title)
}

/// Ends `declare` for an id that exists already: pushes the same declaration if needed, and fails for another one.
fn joined(
    session: &Session,
    id: &IncidentId,
    entry: &Entry,
    by: &PersonKey,
    there: &ExistingDeclaration,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let same = there.equals(entry, by);
    let words = there.describe(id.as_str());
    if !same || !session.common.push || !there.is_only_local() {
        let words = if same {
            format!("{words}\nIt says the same: nothing was done.")
        } else {
            words
        };
        report::nothing(session, "exists", id.as_str(), &words, out)?;
        return Ok(if same { Outcome::Clean } else { Outcome::Environment });
    }
    let files = ledger::incident_files(&session.root, id.as_str())?;
    let record = source::read_record(id.as_str(), &files).record;
    let request = PushRequest {
        id: id.as_str(),
        stamp: "declaration",
        says: "",
        record: record.as_ref(),
        instead: None,
    };
    push::finish(session, &request, out)
}

/// Asks for the missing fields of a declaration.
fn ask(session: &mut Session, fields: &mut Fields) -> anyhow::Result<()> {
    if fields.severity.is_none() {
        let choices = choices::severities_with_customers(&session.world.process);
        let key = ask::pick("How bad is it?", choices, 0)?;
        session.record_answer("--severity", &key);
        fields.severity = Some(key);
    }
    ask_customers(session, fields)?;
    ask_degradation(session, fields)?;
    session.ask_text(&mut fields.symptoms, &SYMPTOMS)?;
    ask_roles(session, fields)
}

fn ask_customers(session: &mut Session, fields: &mut Fields) -> anyhow::Result<()> {
    if !fields.customers.is_empty() {
        return Ok(());
    }
    let mut choices = choices::customers(&session.world.directory);
    if !choices.is_empty() {
        choices.extend(choices::special_customer_choices());
    }
    let picked = choices::normalize_picked_customers(ask::pick_many("Who is affected?", choices)?);
    session.record_answer("--customer", &picked.join(","));
    fields.customers = picked;
    Ok(())
}

fn ask_degradation(session: &mut Session, fields: &mut Fields) -> anyhow::Result<()> {
    if fields.degradation.is_some() {
        return Ok(());
    }
    let Some(choices) = choices::degradations(&session.world.process, fields.severity.as_deref()) else {
        return Ok(());
    };
    let word = ask::pick("How badly is service degraded?", choices, 0)?;
    session.record_answer("--degradation", &word);
    fields.degradation = Some(word);
    Ok(())
}

/// Asks for the holders of the roles; each role may stay vacant.
fn ask_roles(session: &mut Session, fields: &mut Fields) -> anyhow::Result<()> {
    let roles = session.world.process.roles.clone();
    for role in &roles {
        if fields.roles.iter().any(|(given, _)| given == role.key.as_str()) {
            continue;
        }
        let people = ask_role(session, role)?;
        if !people.is_empty() {
            session.record_answer("--role", &format!("{}={people}", role.key));
            fields.roles.push((role.key.to_string(), people));
        }
    }
    Ok(())
}

fn ask_role(session: &Session, role: &Role) -> anyhow::Result<String> {
    let people = identity::people(session, |person| {
        !role.leadership || person.leadership.get() == Some(&true)
    });
    let question = format!("{}?", role.title);
    if people.is_empty() {
        return Ok(ask::text(&question, &role.duty, "an editor")?.unwrap_or_default());
    }
    if role.many {
        return Ok(ask::pick_many(&question, people)?.join(","));
    }
    let mut choices = vec![Choice::new("", "nobody yet")];
    choices.extend(people);
    ask::pick(&question, choices, 0)
}
