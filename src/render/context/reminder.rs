//! Views for reminders of promises, roles and steps. Audience: the team.

use super::{RenderContext, line, listed, names, one_line, time};
use crate::model::{CustomerKey, OpenPromise, Timestamp};
use crate::render::body::literal;
use crate::render::escape;
use crate::render::views::{MissingView, PromiseView};

impl RenderContext<'_> {
    /// The view for a reminder on the issue of an overdue promise; it mentions the holders of a role whose GitLab users are known.
    #[must_use]
    pub fn overdue(&self, promise: &OpenPromise, role: &str) -> PromiseView {
        let state = self.history.last();
        PromiseView {
            drill: state.drill,
            title: escape::line(&state.title),
            due: time(promise.promise.due),
            business: promise.is_to_business,
            customers: self.promised_customers(promise, line),
            who: self.holders(role),
        }
    }

    /// The names of the customers to whom a promise was made, each escaped by `escape`; `None` if it was made to the business alone.
    pub(super) fn promised_customers(&self, promise: &OpenPromise, escape: impl Fn(&str) -> String) -> Option<String> {
        if promise.is_to_all_customers {
            return Some("all customers".to_owned());
        }
        let name = |customer: &&CustomerKey| escape(self.directory.customer_name(customer.as_str()));
        listed(&promise.customers, name)
    }

    /// The holders of a role as GitLab mentions; the role's name if nobody holds it.
    pub(super) fn holders(&self, role: &str) -> String {
        let names = names(self.history.last().holders(role).iter(), |person| {
            let user = self
                .directory
                .person(person.as_str())
                .and_then(|known| known.gitlab.get());
            user.filter(|user| is_user(user)).map_or_else(
                || escape::line(self.directory.person_name(person.as_str())),
                |user| format!("@{user}"),
            )
        });
        names.unwrap_or_else(|| escape::line(self.process.role_title(role)))
    }

    /// The view for a reminder of a vacant role or an unrecorded step, addressed to the holders of a role, on GitLab or
    /// in Slack.
    #[must_use]
    pub fn missing(&self, what: &str, is_role: bool, since: Timestamp, to: &str, slack: bool) -> MissingView {
        MissingView {
            role: is_role,
            what: if slack { literal(&one_line(what)) } else { line(what) },
            since: time(since),
            who: if slack { self.chat_holders(to) } else { self.holders(to) },
        }
    }
}

/// Whether a text is a valid GitLab user name, so that its mention reaches nobody else.
fn is_user(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}
