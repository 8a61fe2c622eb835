//! Shell completions: ids, people, customers and the words of the process, read from the ledger on the disk.
//!
//! *Invariant*: completion never fails, reads only names of files and the files beside the record, and offers only texts that
//! every shell takes for one word, because bash puts an offer on the command line unquoted.

use std::ffi::OsStr;
use std::path::Path;

use clap_complete::CompletionCandidate;
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, PathCompleter, ValueCompleter as _};

use crate::author::{Choice, choices};
use crate::ledger::{self, LedgerConfig};
use crate::rules::{self, RULES};
use crate::source;
use crate::terminal::plain;

fn candidates(known: fn(&LedgerConfig) -> Vec<Choice>) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let root = ledger::absolute_root(Path::new("."));
        let read = LedgerConfig::on_disk(&root, None);
        let all = read.map(|config| known(&config)).unwrap_or_default();
        let candidate = |known: Choice| CompletionCandidate::new(known.key).help(Some(plain(&known.about).into()));
        let words = all.into_iter().filter(|known| is_word(&known.key));
        words.map(candidate).collect()
    })
}

/// Whether a key is one word in every shell and not an option: letters, digits, `_`, `-` and `.`, and for `NAME=VALUE` a `=`
/// at the end.
fn is_word(key: &str) -> bool {
    let key = key.strip_suffix('=').unwrap_or(key);
    !key.is_empty() && !key.starts_with('-') && key.chars().all(is_in_word)
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Completes files and folders whose whole path is one word in every shell.
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

/// Completes ids of incidents, the newest first.
pub(super) fn ids() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let root = ledger::absolute_root(Path::new("."));
        let ids = ledger::incident_ids(&root).map(|(ids, _)| ids).unwrap_or_default();
        let valid = ids
            .into_iter()
            .rev()
            .filter(|id| source::is_incident_id(id) && rules::mask_path(id).is_none());
        valid.map(CompletionCandidate::new).collect()
    })
}

/// Completes keys of people.yaml.
pub(super) fn people() -> ArgValueCandidates {
    candidates(|config| choices::people(&config.directory, |_| true))
}

/// Completes keys of customers.yaml, and the words that stand for customers.
pub(super) fn customers() -> ArgValueCandidates {
    candidates(|config| {
        let mut all = choices::customers(&config.directory);
        all.extend(choices::special_customer_choices());
        all
    })
}

/// Statuses of the process.
pub(super) fn statuses() -> ArgValueCandidates {
    candidates(|config| choices::statuses(&config.process))
}

/// Severities of the process.
pub(super) fn severities() -> ArgValueCandidates {
    candidates(|config| choices::severities(&config.process))
}

/// Roles of the process.
pub(super) fn roles() -> ArgValueCandidates {
    candidates(|config| choices::roles(&config.process))
}

/// `ROLE=` of each role.
pub(super) fn role_pairs() -> ArgValueCandidates {
    candidates(|config| {
        let mut roles = choices::roles(&config.process);
        roles.iter_mut().for_each(|role| role.key.push('='));
        roles
    })
}

/// Steps of all severities.
pub(super) fn steps() -> ArgValueCandidates {
    candidates(|config| choices::steps(&config.process))
}

/// Codes of rules.
pub(super) fn rules() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let rule = |rule: &&rules::Rule| CompletionCandidate::new(rule.code).help(Some(rule.name.into()));
        RULES.iter().map(rule).collect()
    })
}
