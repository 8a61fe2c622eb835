//! Asks the server for the author and the approvers of a merge request; a pipeline's variables and commits do not count.

use std::io::Write as _;
use std::time::Duration;

use super::Global;
use super::environment;
use super::server;
use crate::forge::gitlab::Client;
use crate::terminal::plain;

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
        let process = &global.trusted_config()?.process;
        let mut settings = server::settings(process, &global.root(), server::Connection::default())?;
        let Some(project) = server::project(process) else {
            return Ok(None);
        };
        // A check must not wait long for a server that is down.
        settings.terms.timeout = Duration::from_secs(5);
        settings.terms.max_wait = Duration::from_secs(2);
        Ok(Some(Client::new(settings)?.actors(&project, iid)?))
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
