//! Finds the author of an entry: a flag, a setting, or the person in `people.yaml` who is git's user.

use std::collections::BTreeSet;

use anyhow::bail;

use super::Session;
use crate::author::choices;
use crate::cli::ask::{self, Choice};
use crate::git::person_config_value;
use crate::model::{Person, PersonKey};
use crate::terminal::plain;

/// The environment variable that names the author.
const VARIABLE: &str = "INCIDENTCTL_BY";
/// The git setting that names the author, read outside of the repository because a repository must not name the author.
const SETTING: &str = "incidentctl.person";

/// The author, if known without asking; `None` otherwise.
pub(super) fn known(session: &Session) -> Option<PersonKey> {
    let given = session.common.by.clone();
    let variable = || std::env::var(VARIABLE).ok();
    let setting = || person_config_value(&session.root, SETTING);
    let named = given
        .or_else(variable)
        .or_else(setting)
        .map(|name| name.trim().to_owned());
    let named = named.filter(|name| !name.is_empty());
    named.or_else(|| of_git(session)).map(PersonKey)
}

/// The author; asks for it if it is unknown.
///
/// # Errors
/// Fails if the author is unknown and nobody can be asked.
pub(super) fn person(session: &mut Session) -> anyhow::Result<PersonKey> {
    if let Some(known) = known(session) {
        return Ok(known);
    }
    let choices = people(session, |person| person.team.get() != Some(&true));
    if session.asks {
        let key = ask::pick("Who are you?", choices, 0)?;
        session.record_answer("--by", &key);
        return Ok(PersonKey(key));
    }
    let keys: Vec<_> = choices.iter().take(8).map(|choice| plain(&choice.key)).collect();
    let keys = if keys.is_empty() {
        String::new()
    } else {
        format!(" (keys of people.yaml: {} …)", keys.join(", "))
    };
    // The name and the address of git's user are read through the repository.
    let refusal = match session.repo {
        Some(_) => String::new(),
        None => format!(" (git's settings were not read: {})", session.without_repo),
    };
    bail!(
        "who writes this? Give --by PERSON, set {VARIABLE}, or say it once for all: `git config --global {SETTING} PERSON`{keys}{refusal}"
    )
}

/// The people who can be chosen.
pub(super) fn people(session: &Session, wanted: impl Fn(&Person) -> bool) -> Vec<Choice> {
    choices::people(&session.world.directory, wanted)
}

/// The person in `people.yaml` who matches git's user by name, GitLab user or the e-mail's local part; `None` unless exactly
/// one person matches.
fn of_git(session: &Session) -> Option<String> {
    let repo = session.repo.as_ref()?;
    let name = repo.config_value("user.name");
    let mail = repo.config_value("user.email");
    let local = mail.as_deref().and_then(|mail| mail.split('@').next());
    let signs: BTreeSet<&str> = [name.as_deref(), local].into_iter().flatten().collect();
    let is = |key: &str, person: Option<&Person>| {
        let known = person.map(|person| [person.name.get(), person.gitlab.get()]);
        let known = known.into_iter().flatten().flatten().map(String::as_str);
        let mut known = known.chain([key]);
        known.any(|known| signs.contains(known))
    };
    let people = session.world.directory.people.as_ref()?;
    let mut matching = people.iter().filter(|(key, person)| is(key, person.get()));
    match (matching.next(), matching.next()) {
        (Some((key, _)), None) => Some(key.to_owned()),
        _ => None,
    }
}
