//! Closes customers' tickets together with their incident, each at most once: a person's reopening wins.

use serde::Deserialize;

use super::api::Change;
use super::fault::Fault;
use super::objects::User;
use super::{Client, Gitlab, failed};
use crate::effects::Effect;
use crate::forge::Failure;
use crate::forge::journal::Place;

/// A change of an issue's state.
/// <https://docs.gitlab.com/api/resource_state_events/>
#[derive(Deserialize)]
struct StateEvent {
    #[serde(default)]
    user: Option<User>,
    /// `closed` or `reopened`.
    #[serde(default)]
    state: String,
}

impl Client {
    /// The changes of an issue's state, the first hundred.
    fn state_events(&self, project: &str, iid: u64) -> Result<Vec<StateEvent>, Fault> {
        let project = super::api::encoded(project);
        let path = format!("projects/{project}/issues/{iid}/resource_state_events");
        self.read(path, vec![("per_page", "100".to_owned())])
    }
}

impl Gitlab {
    /// Closes a customer's ticket that this program created, unless a person reopened it.
    pub(super) fn close_ticket(&mut self, effect: &Effect) -> Result<String, Failure> {
        let web = self.client.web_address();
        let Some(case) = self.case(&effect.incident) else {
            return Err(Failure::Failed("its issue is not there".to_owned()));
        };
        let (project, iid) = case.ticket(effect, &web).map_err(Failure::Failed)?;
        let place = case.place(&effect.key).cloned().unwrap_or_default();
        let url = place.url.clone().unwrap_or_default();
        self.prove_ticket(effect, &project, iid)?;
        self.me().map_err(failed)?;
        let events = match self.client.state_events(&project, iid) {
            Err(Fault::Refused { status: 404, message }) => return Err(self.no_place(effect, &project, iid, &message)),
            events => events.map_err(failed)?,
        };
        let is_ours = |event: &StateEvent| event.user.as_ref().is_some_and(|user| self.is_ours(user));
        let was_closed = events.iter().any(|event| event.state == "closed" && is_ours(event));
        let is_reopened = events
            .last()
            .is_some_and(|event| event.state == "reopened" && !is_ours(event));
        if !was_closed && !is_reopened {
            let change = Change {
                open: Some(false),
                ..Change::default()
            };
            self.edit(|client| client.edit_issue(&project, iid, &change))
                .map_err(failed)?;
        }
        self.keep(
            effect,
            Place {
                archived: true,
                ..place
            },
        );
        Ok(url)
    }
}
