//! The results of looking for objects of this program.

use super::objects::{Issue, User};
use crate::effects::Effect;
use crate::forge::journal::{Place, marked};

/// The object that was found for a key.
pub(super) enum Found {
    /// An object that this program made.
    Ours(Place),
    /// An object of an unknown bot, which this program may have made under another user.
    Bot(User),
    /// An object of this program without a readable mark, which may be it.
    Doubtful,
}

/// The result of looking for the incident's issue among those that this program created.
pub(super) enum OwnIssue {
    /// The incident's issue.
    Found(Box<Issue>),
    /// An issue may be the incident's, and nothing proves it; the reason and what to do.
    Undecided(String),
    /// The incident has no issue.
    None,
}

/// The place of an effect's ticket.
pub(super) fn ticket_place(effect: &Effect, issue: &Issue) -> Place {
    Place {
        hash: marked(&issue.description).map_or_else(|| effect.hash.clone(), |(_, hash)| hash.to_owned()),
        project: effect.to.ticket_project().map(str::to_owned),
        iid: Some(issue.iid),
        url: Some(issue.web_url.clone()),
        created: Place::created(issue.created_at),
        ..Place::default()
    }
}
