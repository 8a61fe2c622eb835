//! `hand-over`: gives a role to somebody else.

use std::io::Write;

use anyhow::{anyhow, bail};

use super::fields::Fields;
use super::{Common, Session, identity};
use crate::author::{self, CustomersForm, choices};
use crate::cli::ask;
use crate::cli::{Global, Outcome, complete};
use crate::model::PersonKey;
use crate::terminal::plain;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl hand-over geo incident_coordinator frank --push")]
pub(in crate::cli) struct HandOver {
    /// The incident's id, or a part of it that no other id has.
    #[arg(add = complete::ids())]
    id: Option<String>,
    /// The role.
    #[arg(add = complete::roles())]
    role: Option<String>,
    /// The person who takes the role. In a role for several people the person joins, and you leave if you hold it.
    #[arg(add = complete::people())]
    person: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    common: Common,
}

/// Hands a role over.
pub(in crate::cli) fn hand_over(global: &Global, arguments: &HandOver, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut session = Session::open(global, &arguments.common)?;
    let case = session.case(arguments.id.as_deref())?;
    let key = role(&mut session, arguments.role.as_deref())?;
    let person = person(&mut session, &key, arguments.person.as_deref())?;
    let many = session.world.process.role(&key).is_some_and(|role| role.many);
    let holders = case.state.holders(&key);
    let joins = many && !holders.is_empty();
    let by = joins.then(|| identity::person(&mut session)).transpose()?;
    let change = author::hand_over(person, holders, by);
    let mut entry = arguments.fields.entry(CustomersForm::Edit, &session.root)?;
    author::add_role_change(&mut entry, &key, change);
    session.add_update(&case, &entry, out)
}

fn role(session: &mut Session, given: Option<&str>) -> anyhow::Result<String> {
    if let Some(given) = given {
        author::ensure_known_role(&session.world.process, given).map_err(|why| anyhow!(plain(&why)))?;
        return Ok(given.to_owned());
    }
    if !session.asks {
        bail!("which role, and who takes it? incidentctl hand-over ID ROLE PERSON");
    }
    let role = ask::pick("Which role?", choices::roles(&session.world.process), 0)?;
    session.answers.push(role.clone());
    Ok(role)
}

fn person(session: &mut Session, role: &str, given: Option<&str>) -> anyhow::Result<PersonKey> {
    if let Some(given) = given {
        return Ok(PersonKey::from(given));
    }
    if !session.asks {
        bail!("who takes it? incidentctl hand-over ID {} PERSON", plain(role));
    }
    let leadership = session.world.process.role(role).is_some_and(|role| role.leadership);
    let people = identity::people(session, |person| !leadership || person.leadership.get() == Some(&true));
    let person = ask::pick("Who takes it?", people, 0)?;
    session.answers.push(person.clone());
    Ok(PersonKey(person))
}
