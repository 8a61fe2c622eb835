//! The facts that a check takes from outside the ledger. The server names the author and the approvers of a merge request; a
//! pipeline's variables and commits do not count.

use std::io::Write as _;

use super::Global;
use super::environment;
use super::server::{self, About, Access, Connection};
use crate::run::CheckFacts;
use crate::terminal::plain;

/// The facts that a check takes from outside the ledger.
pub(super) fn check_facts(global: &Global, actors: Vec<String>) -> CheckFacts {
    CheckFacts {
        now: global.now,
        actors,
        pipeline_project: server::pipeline_project(),
    }
}

/// The author and the approvers of the pipeline's merge request; empty if there is no merge request or GitLab cannot be
/// asked.
pub(super) fn actors(global: &Global) -> Vec<String> {
    let Some(iid) = environment::variable("CI_MERGE_REQUEST_IID").and_then(|iid| iid.parse().ok()) else {
        return Vec::new();
    };
    let asked = || -> anyhow::Result<Option<Vec<String>>> {
        if !server::has_token() {
            return Ok(None);
        }
        let config = global.trusted_config()?;
        if server::project(&config.process).is_none() {
            return Ok(None);
        }
        let (root, connection) = (global.root(), Connection::brief());
        let mut forge = server::forge(config, &root, connection, About::now(global.now), Access::Read)?;
        Ok(Some(forge.actors(iid)?))
    };
    match asked() {
        Ok(found) => found.unwrap_or_default(),
        Err(error) => {
            // The check goes on even if standard error cannot be written.
            let _ = writeln!(
                super::stderr(),
                "note: who stands behind the merge request is not known: {}",
                plain(&format!("{error:#}"))
            );
            Vec::new()
        }
    }
}
