//! `hand-over`: gives a role to somebody else.

use std::io::Write;

use anyhow::bail;

use super::fields::{Fields, Input, Shape, entries, list};
use super::{Common, Session, identity};
use crate::cli::ask::{self, Choice};
use crate::cli::{Global, Outcome, complete};
use crate::diagnostics::suggest;
use crate::model::{ListEdit, PersonKey, RoleChange};
use crate::terminal::plain;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl hand-over geo incident_coordinator frank --push")]
pub(in crate::cli) struct HandOver {
    /// The incident's id, or a part that only it has.
    #[arg(add = complete::ids())]
    id: Option<String>,
    /// The role.
    #[arg(add = complete::roles())]
    role: Option<String>,
    /// Who takes it. In a role of several the person joins, and you leave it where you hold it.
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
    let change = if many && !holders.is_empty() {
        let by = identity::person(&mut session)?;
        let leaves = (holders.contains(&by) && by != person).then_some(by);
        RoleChange::Edit(ListEdit {
            add: list(std::iter::once(person)),
            remove: list(leaves.into_iter()),
        })
    } else {
        RoleChange::One(person)
    };
    let mut entry = arguments.fields.entry(Shape::Edit, &Input::default())?;
    let others = entry.roles.get().cloned().unwrap_or_default().0;
    let others = others
        .iter()
        .filter_map(|(role, field)| Some((role, field.get()?.clone())));
    entry.roles = entries(others.chain([(&key, change)]));
    session.add_update(&case, &entry, out)
}

fn role(session: &mut Session, given: Option<&str>) -> anyhow::Result<String> {
    let roles = &session.world.process.roles;
    if let Some(given) = given {
        if session.world.process.role(given).is_none() {
            let known = roles.iter().map(|role| role.key.as_str());
            let near = suggest::nearest(given, known.clone()).map(|near| format!("; did you mean `{}`?", plain(near)));
            let all = known.collect::<Vec<_>>().join(", ");
            bail!(
                "there is no role `{}` ({}){}",
                plain(given),
                plain(&all),
                near.unwrap_or_default()
            );
        }
        return Ok(given.to_owned());
    }
    let choices: Vec<_> = roles
        .iter()
        .map(|role| Choice::new(role.key.as_str(), &role.title))
        .collect();
    if !session.asks {
        bail!("which role, and who takes it? incidentctl hand-over ID ROLE PERSON");
    }
    let role = ask::pick("Which role?", choices, 0)?;
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
