//! Views for messages in Slack. Audience: the team and the business.

use super::issue::outcome;
use super::{MAX_NAMES, RenderContext, names, one_line, some_text, time};
use crate::model::{OpenPromise, PersonKey};
use crate::render::body::{literal, reference};
use crate::render::escape;
use crate::render::views::{ChatView, PromiseView};

impl<'a> RenderContext<'a> {
    /// The view for a Slack message about an entry. `mention` is set only for a ping.
    #[must_use]
    pub fn chat(&self, index: usize, channel: Option<&str>, mention: bool) -> ChatView {
        let (entry, state) = (self.entry(index), self.state(index));
        let words = |text: Option<&String>| {
            some_text(text.map(String::as_str)).map(|text| literal(escape::cut(text, 3_000).trim_end()))
        };
        let mention = self
            .process
            .slack_mention
            .get(&state.severity)
            .filter(|_| mention && !state.drill);
        ChatView {
            mention: mention.cloned(),
            drill: state.drill,
            severity: escape::slack(self.process.severity_title(state.severity.as_str())),
            status: escape::slack(self.process.status_title(state.status.as_str())),
            outcome: outcome(state),
            title: literal(&one_line(&state.title)),
            at: time(entry.at),
            by: self.chat_person(&entry.by),
            current_status: words(entry.entry.current_status.get()),
            current_actions: words(entry.entry.current_actions.get()),
            next_steps: words(entry.entry.next_steps.get()),
            changes: self.plain_changes(index),
            next_update: state.next_update.map(time),
            channel: match &state.slack_channel {
                Some(address) => Some(
                    escape::url(address).map_or_else(|| chat_line(address), |url| format!("<{}>", escape::slack(&url))),
                ),
                None => channel.map(reference),
            },
            issue: reference(&format!("incident/{}", self.record.id)),
            closed: self.process.status_kind(&state.status) == crate::process::StatusKind::Closed,
        }
    }

    /// Describes the changes of status and severity that an entry made, for Slack.
    fn plain_changes(&self, index: usize) -> Vec<String> {
        let Some(before) = self.history.before(index) else {
            return Vec::new();
        };
        let after = self.state(index);
        let mut all = Vec::new();
        if before.status != after.status {
            all.push(format!(
                "Status: {}",
                escape::slack(self.process.status_title(after.status.as_str()))
            ));
        }
        if before.severity != after.severity {
            all.push(format!(
                "re-classified to {}",
                escape::slack(self.process.severity_title(after.severity.as_str()))
            ));
        }
        for role in &self.process.roles {
            let new = after.holders(role.key.as_str());
            if before.holders(role.key.as_str()) != new {
                let names = names(new.iter().take(MAX_NAMES), |person| self.chat_person(person));
                let names = names.as_deref().unwrap_or("nobody");
                all.push(format!("{}: {names}", escape::slack(&role.title)));
            }
        }
        all
    }

    /// The view for a scheduled reminder of a promise.
    #[must_use]
    pub fn promise(&self, promise: &OpenPromise) -> PromiseView {
        let role = self.process.overdue.first().map(|(_, role)| role.as_str());
        self.chat_promise(promise, role.unwrap_or_default())
    }

    /// The view for a Slack reminder of an overdue promise; it mentions the holders of a role whose Slack users are known.
    #[must_use]
    pub fn chat_promise(&self, promise: &OpenPromise, role: &str) -> PromiseView {
        let state = self.history.last();
        PromiseView {
            drill: state.drill,
            title: literal(&one_line(&state.title)),
            due: time(promise.promise.due),
            business: promise.is_to_business,
            customers: self.promised_customers(promise, chat_line),
            who: self.chat_holders(role),
        }
    }

    /// The holders of a role as Slack mentions; the role's name if nobody holds it.
    pub(super) fn chat_holders(&self, role: &str) -> String {
        let holders = self.history.last().holders(role);
        let names = names(holders.iter(), |person| match self.chat_user(person) {
            Some(user) => format!("<@{user}>"),
            None => self.chat_person(person),
        });
        names.unwrap_or_else(|| escape::slack(self.process.role_title(role)))
    }

    /// A person's Slack user; `None` if people.yaml names no valid one.
    fn chat_user(&self, person: &PersonKey) -> Option<&'a str> {
        let user = self.directory.person(person.as_str())?.slack.get()?;
        let is_id = user.starts_with(['U', 'W']) && user.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        is_id.then_some(user.as_str())
    }

    /// The Slack users of all people who hold a role, sorted.
    #[must_use]
    pub fn chat_users(&self) -> Vec<String> {
        let state = self.history.last();
        let roles = self.process.roles.iter();
        let people = roles.flat_map(|role| state.holders(role.key.as_str()));
        let users: std::collections::BTreeSet<_> = people.filter_map(|person| self.chat_user(person)).collect();
        users.into_iter().map(str::to_owned).collect()
    }

    /// A person's name, escaped for Slack.
    pub(super) fn chat_person(&self, key: &PersonKey) -> String {
        chat_line(self.directory.person_name(key.as_str()))
    }
}

/// A text on one line, escaped for Slack.
fn chat_line(text: &str) -> String {
    escape::slack(&one_line(text))
}
