//! What a shell completes: ids, people, customers and the words of the process, read from the ledger as it is.
//!
//! *Invariant*: never an error, nothing is read but the names of files and the files beside the record, and nothing is offered
//! that a shell would take for anything but a word: bash puts an offer on the command line as it is.

use std::ffi::OsStr;
use std::path::Path;

use clap_complete::CompletionCandidate;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, PathCompleter, ValueCompleter as _};

use crate::ledger::{self, LedgerConfig};
use crate::model::Entries;
use crate::rules::RULES;
use crate::source;
use crate::terminal::plain;

/// Candidates with what is known of each.
type Known = Vec<(String, String)>;

fn candidates(known: fn(&LedgerConfig) -> Known) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let root = ledger::root(Path::new("."));
        let read = LedgerConfig::on_disk(&root, None);
        let all = read.map(|config| known(&config)).unwrap_or_default();
        let candidate = |(key, about): (String, String)| CompletionCandidate::new(key).help(Some(plain(&about).into()));
        let words = all.into_iter().filter(|(key, _)| is_word(key));
        words.map(candidate).collect()
    })
}

/// Whether a key is one word in every shell, and no option: letters, digits, `_`, `-` and `.`, and for pairs a `=` at the end.
fn is_word(key: &str) -> bool {
    let key = key.strip_suffix('=').unwrap_or(key);
    !key.is_empty() && !key.starts_with('-') && key.chars().all(is_in_word)
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Files and folders whose whole path is one word in every shell.
pub(super) fn paths() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let mut found = PathCompleter::any().complete(current);
        found.retain(|path| {
            let Some(path) = path.get_value().to_str() else {
                return false;
            };
            let inside = path.strip_prefix("~/").unwrap_or(path);
            !path.starts_with('-') && inside.chars().all(|c| c == '/' || is_in_word(c))
        });
        found
    })
}

/// Ids of incidents, the newest first.
pub(super) fn ids() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let root = ledger::root(Path::new("."));
        let ids = ledger::ids(&root).map(|(ids, _)| ids).unwrap_or_default();
        let valid = ids.into_iter().rev().filter(|id| source::is_id(id));
        valid.map(CompletionCandidate::new).collect()
    })
}

/// Keys of people.yaml.
pub(super) fn people() -> ArgValueCandidates {
    candidates(|config| {
        let people = config.directory.people.iter().flat_map(Entries::iter);
        let name = |key: &str| config.directory.person_name(key).to_owned();
        people.map(|(key, _)| (key.to_owned(), name(key))).collect()
    })
}

/// Keys of customers.yaml, and the words that stand for customers.
pub(super) fn customers() -> ArgValueCandidates {
    candidates(|config| {
        let customers = config.directory.customers.iter().flat_map(Entries::iter);
        let name = |key: &str| config.directory.customer_name(key).to_owned();
        let known = customers.map(|(key, _)| (key.to_owned(), name(key)));
        let words = [("unknown", "not known yet"), ("all", "every customer")];
        known
            .chain(words.map(|(key, about)| (key.to_owned(), about.to_owned())))
            .collect()
    })
}

/// Statuses of the process.
pub(super) fn statuses() -> ArgValueCandidates {
    candidates(|config| {
        let statuses = config.process.statuses.iter();
        statuses
            .map(|status| (status.key.to_string(), status.title.clone()))
            .collect()
    })
}

/// Severities of the process.
pub(super) fn severities() -> ArgValueCandidates {
    candidates(|config| {
        let severities = config.process.severities.iter();
        severities
            .map(|severity| (severity.key.to_string(), severity.title.clone()))
            .collect()
    })
}

/// Roles of the process.
pub(super) fn roles() -> ArgValueCandidates {
    candidates(|config| {
        let roles = config.process.roles.iter();
        roles.map(|role| (role.key.to_string(), role.title.clone())).collect()
    })
}

/// `ROLE=` of each role.
pub(super) fn role_pairs() -> ArgValueCandidates {
    candidates(|config| {
        let roles = config.process.roles.iter();
        roles
            .map(|role| (format!("{}=", role.key), role.title.clone()))
            .collect()
    })
}

/// Steps of all severities.
pub(super) fn steps() -> ArgValueCandidates {
    candidates(|config| {
        let steps = config.process.severities.iter().flat_map(|severity| &severity.steps);
        let mut all: Known = steps.map(|step| (step.key.to_string(), step.title.clone())).collect();
        all.sort();
        all.dedup_by(|a, b| a.0 == b.0);
        all
    })
}

/// Codes of rules.
pub(super) fn rules() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let rule = |rule: &&crate::rules::Rule| CompletionCandidate::new(rule.code).help(Some(rule.name.into()));
        RULES.iter().map(rule).collect()
    })
}
