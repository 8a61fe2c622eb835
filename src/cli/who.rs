//! Who stands behind a merge request, asked of the server: never of what a pipeline's variables or commits say.

use std::io::Write as _;
use std::time::Duration;

use super::Global;
use super::environment;
use super::server;
use crate::forge::gitlab::Client;
use crate::terminal::plain;

/// The author and the approvers of the merge request that this pipeline is about; nobody where it is about none, or where
/// GitLab cannot be asked.
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
        // A check is not to wait for a server that is down.
        settings.terms.timeout = Duration::from_secs(5);
        settings.terms.max_wait = Duration::from_secs(2);
        Ok(Some(Client::new(settings)?.actors(&project, iid)?))
    };
    match asked() {
        Ok(found) => found.unwrap_or_default(),
        Err(error) => {
            // Standard error is for people; a check does not depend on it.
            let _ = writeln!(
                super::stderr(),
                "note: who stands behind the merge request is not known: {}",
                plain(&format!("{error:#}"))
            );
            Vec::new()
        }
    }
}
