//! From a record and its history to views.

use super::body::{literal, reference};
use super::escape;
use super::views::{
    CustomerLine, CustomerView, Held, IssueView, LinkLine, MissingView, OverrideLine, PointLine, PromiseLine,
    PromiseView, RoleLine, Said, SlackView, StepLine, SummaryView,
};
use crate::model::{
    CustomerKey, Customers, Directory, Entries, History, Outcome, PersonKey, Promise, PromiseEnd, Record, RecordEntry,
    State, Text, Timestamp,
};
use crate::process::{Process, Step, StepEffect};

/// The longest text of a field that is shown, in characters; the record has the rest.
const MAX_TEXT: usize = 8_000;
/// The most points, promises or links that are shown.
const MAX_LINES: usize = 100;

/// The most promises that the issue shows; the review has all.
const MAX_PROMISES: usize = 10;

/// The most names that stand in one line.
const MAX_NAMES: usize = 20;

/// An incident, and what is needed to put it into words.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The process that applies.
    pub process: &'a Process,
    /// People and customers.
    pub directory: &'a Directory,
    /// The record.
    pub record: &'a Record,
    /// The record, folded.
    pub history: &'a History,
}

/// A time for readers: UTC, to the minute where it is whole.
#[must_use]
pub fn time(at: Timestamp) -> String {
    let whole = at.0.timestamp() % 60 == 0;
    at.0.format(if whole {
        "%Y-%m-%d %H:%M UTC"
    } else {
        "%Y-%m-%d %H:%M:%S UTC"
    })
    .to_string()
}

fn block(text: &str) -> String {
    let quoted = escape::block(&escape::cut(text, MAX_TEXT), 0);
    if quoted.is_empty() {
        "> (empty)".to_owned()
    } else {
        quoted
    }
}

fn line(text: &str) -> String {
    escape::cut(&escape::line(&escape::cut(text, MAX_TEXT)), 1_000)
}

fn some_text(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

impl<'a> Scene<'a> {
    fn entry(&self, index: usize) -> &'a RecordEntry {
        &self.record.entries[index]
    }

    fn state(&self, index: usize) -> &'a State {
        &self.history.states[index]
    }

    /// Whether the incident is running.
    fn is_active(&self, state: &State) -> bool {
        self.process.kind(&state.status) == crate::process::StatusKind::Active
    }

    /// A person's name for readers.
    fn person(&self, key: &PersonKey) -> String {
        line(self.directory.person_name(key.as_str()))
    }

    /// A person's name for Slack.
    fn slack_person(&self, key: &PersonKey) -> String {
        slack_line(self.directory.person_name(key.as_str()))
    }

    /// The executive summary after an entry. `channel` is the key of the channel that we open, where we do.
    #[must_use]
    pub fn summary(&self, index: usize, channel: Option<&str>) -> SummaryView {
        let (entry, state) = (self.entry(index), self.state(index));
        let said = |text: &Option<Text>| text.as_ref().map(|text| said(text, entry.at));
        SummaryView {
            severity: line(self.process.severity_title(state.severity.as_str())),
            status: line(self.process.status_title(state.status.as_str())),
            drill: state.drill,
            title: line(&state.title),
            at: time(entry.at),
            by: self.person(&entry.by),
            current_status: said(&state.current_status),
            current_actions: said(&state.current_actions),
            next_steps: said(&state.next_steps),
            next_update: state.next_update.map(time),
            expected_restoration: state.expected_restoration.filter(|_| self.is_active(state)).map(time),
            channel: channel_of(state, channel),
            mention: self
                .process
                .gitlab_mention
                .get("executives")
                .filter(|_| !state.drill)
                .cloned(),
        }
    }

    /// The incident as it is now. `ticket` gives the key of a customer's ticket, where we create one; `sent` that of the
    /// message or channel of a step, where we make one.
    #[must_use]
    pub fn issue(
        &self,
        channel: Option<&str>,
        ticket: &dyn Fn(&CustomerKey) -> Option<String>,
        sent: &dyn Fn(&Step) -> Option<String>,
    ) -> IssueView {
        let state = self.history.last();
        let points = self.timeline();
        let earlier = points.len().saturating_sub(MAX_LINES);
        let kept = |all: &[Promise]| {
            all.iter()
                .filter(|one| matches!(one.end, PromiseEnd::Kept { .. }))
                .count()
        };
        let missed = |all: &[Promise]| {
            all.iter()
                .filter(|one| matches!(one.end, PromiseEnd::Missed { .. }))
                .count()
        };
        let (business, customers) = (&self.history.promises, &self.history.customer_promises);
        IssueView {
            id: self
                .record
                .id
                .as_str()
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
                .collect(),
            title: line(&state.title),
            severity: line(self.process.severity_title(state.severity.as_str())),
            status: line(self.process.status_title(state.status.as_str())),
            status_since: time(state.status_since),
            drill: state.drill,
            outcome: state.outcome.map(outcome),
            declared_at: time(state.declared_at),
            declared_by: self.person(&state.declared_by),
            lasted: self.lasted(),
            started_at: state.started_at.map(time),
            detected_at: state.detected_at.map(time),
            ended_at: state.ended_at.map(time),
            degradation: state.degradation.as_deref().map(line),
            workaround: state.workaround.as_deref().map(line),
            symptoms: some_text(state.symptoms.as_deref()).map(block),
            current_status: state.current_status.as_ref().map(|text| said(text, text.at)),
            roles: self.roles(state),
            next_update: state.next_update.map(time),
            customer_next_update: state.customer_next_update.map(time),
            held: state.hold_customers.as_ref().map(|held| Held {
                since: time(held.at),
                why: line(&held.text),
            }),
            channel: channel_of(state, channel),
            customers_note: match state.customers {
                Customers::Unknown => Some("Not known yet.".to_owned()),
                Customers::All => Some("All customers.".to_owned()),
                Customers::Listed(_) => None,
            },
            customers: self.customers(state, ticket),
            steps: self.steps(state, sent),
            earlier: (earlier > 0).then_some(earlier),
            timeline: points.into_iter().skip(earlier).collect(),
            kept: kept(business),
            missed: missed(business),
            promises: promise_lines(business, MAX_LINES),
            last_promises: promise_lines(business, MAX_PROMISES),
            customer_kept: kept(customers),
            customer_missed: missed(customers),
            customer_promises: promise_lines(customers, MAX_LINES),
            links: state
                .links
                .iter()
                .take(MAX_LINES)
                .map(|(name, to)| LinkLine {
                    name: line(name),
                    link: link(to),
                })
                .collect(),
            overrides: state
                .overrides
                .iter()
                .take(MAX_LINES)
                .map(|(rule, reason)| OverrideLine {
                    rule: line(rule),
                    reason: line(reason),
                })
                .collect(),
        }
    }

    fn lasted(&self) -> String {
        let state = self.history.last();
        let from = state.started_at.unwrap_or(state.declared_at);
        if self.is_active(state) {
            return "running".to_owned();
        }
        let resolved = self.history.states.iter().rev().take_while(|one| !self.is_active(one));
        let until = state.ended_at.or(resolved.last().map(|one| one.at)).unwrap_or(state.at);
        format!("lasted {}", crate::model::time::words(until.0 - from.0))
    }

    fn roles(&self, state: &State) -> Vec<RoleLine> {
        let roles = self.process.roles.iter();
        let known = roles.map(|role| RoleLine {
            title: line(&role.title),
            people: names(state.holders(role.key.as_str()).iter().take(MAX_NAMES), |person| {
                self.person(person)
            }),
        });
        known.collect()
    }

    fn customers(&self, state: &State, ticket: &dyn Fn(&CustomerKey) -> Option<String>) -> Vec<CustomerLine> {
        let listed = state.customers.listed().iter().map(|customer| {
            let restored = state
                .restored
                .get(customer)
                .map(|at| format!("restored at {}", time(*at)));
            (customer, restored.unwrap_or_else(|| "affected".to_owned()))
        });
        let removed = state
            .removed
            .iter()
            .map(|customer| (customer, "was not affected".to_owned()));
        listed
            .chain(removed)
            .map(|(customer, words)| CustomerLine {
                name: line(self.directory.customer_name(customer.as_str())),
                state: words,
                ticket: state
                    .tickets
                    .get(customer)
                    .map(|address| link(address))
                    .or_else(|| ticket(customer).map(|key| reference(&key))),
            })
            .collect()
    }

    fn steps(&self, state: &State, sent: &dyn Fn(&Step) -> Option<String>) -> Vec<StepLine> {
        let Some(severity) = self.process.severity(state.severity.as_str()) else {
            return Vec::new();
        };
        let steps = severity.steps.iter().map(|step| {
            let done = state.steps.get(&step.key);
            let (mark, note) = match (done, step.effect) {
                (Some(done), _) => (
                    "☑",
                    Some(format!(
                        "{}, {}: {}",
                        time(done.at),
                        self.person(&done.by),
                        evidence(&done.evidence)
                    )),
                ),
                (None, Some(effect)) => {
                    let words = sent(step).map_or_else(
                        || automated(effect).to_owned(),
                        |key| format!("automatic: {}", reference(&key)),
                    );
                    ("▷", Some(words))
                }
                (None, None) => ("☐", None),
            };
            StepLine {
                mark: mark.to_owned(),
                title: line(&step.title),
                note,
            }
        });
        steps.collect()
    }

    /// What happened, by time: what entries changed, and the points between them.
    fn timeline(&self) -> Vec<PointLine> {
        let mut points: Vec<(Timestamp, String)> = Vec::new();
        for (index, entry) in self.record.entries.iter().enumerate() {
            let changes = self.changes(index);
            let by = self.person(&entry.by);
            let what = if index == 0 {
                format!(
                    "declared by {by} as {}",
                    line(self.process.severity_title(self.state(0).severity.as_str()))
                )
            } else if changes.is_empty() {
                format!("update by {by}")
            } else {
                format!("update by {by}: {}", changes.join("; "))
            };
            points.push((entry.at, what));
        }
        let state = self.history.last();
        points.extend(state.timeline.iter().map(|point| (point.at, line(&point.text))));
        let named = [
            (state.started_at, "it started"),
            (state.detected_at, "it was noticed"),
            (state.ended_at, "it ended"),
        ];
        points.extend(named.into_iter().filter_map(|(at, what)| Some((at?, what.to_owned()))));
        points.sort();
        points
            .into_iter()
            .map(|(at, what)| PointLine { at: time(at), what })
            .collect()
    }

    /// What an entry changed, in words for one line each.
    #[must_use]
    pub fn changes(&self, index: usize) -> Vec<String> {
        let Some(before) = self.history.before(index) else {
            return Vec::new();
        };
        let (entry, after) = (self.entry(index), self.state(index));
        let mut all = Vec::new();
        if before.status != after.status {
            let (from, to) = (before.status.as_str(), after.status.as_str());
            all.push(format!(
                "status {} to {}",
                line(self.process.status_title(from)),
                line(self.process.status_title(to))
            ));
        }
        if before.severity != after.severity {
            let (from, to) = (before.severity.as_str(), after.severity.as_str());
            let reason = entry
                .entry
                .reason
                .get()
                .map(|reason| format!(" ({})", line(reason)))
                .unwrap_or_default();
            all.push(format!(
                "re-classified from {} to {}{reason}",
                line(self.process.severity_title(from)),
                line(self.process.severity_title(to))
            ));
        }
        for role in &self.process.roles {
            let (old, new) = (before.holders(role.key.as_str()), after.holders(role.key.as_str()));
            if old != new {
                let names = names(new.iter().take(MAX_NAMES), |person| self.person(person));
                let names = names.as_deref().unwrap_or("nobody");
                all.push(format!("{} is now {names}", line(&role.title)));
            }
        }
        for step in entry.entry.steps.get().into_iter().flat_map(Entries::iter) {
            let title = self
                .process
                .severity(after.severity.as_str())
                .and_then(|severity| severity.step(step.0));
            all.push(format!("step done: {}", line(title.map_or(step.0, |step| &step.title))));
        }
        all.extend(self.customer_changes(before, after));
        match (&before.hold_customers, &after.hold_customers) {
            (None, Some(held)) => all.push(format!("words to customers are held: {}", line(&held.text))),
            (Some(_), None) => all.push("words to customers are no longer held".to_owned()),
            _ => {}
        }
        all
    }

    fn customer_changes(&self, before: &State, after: &State) -> Vec<String> {
        let name = |customer: &CustomerKey| line(self.directory.customer_name(customer.as_str()));
        let names = |all: Vec<&CustomerKey>| all.into_iter().take(MAX_NAMES).map(name).collect::<Vec<_>>().join(", ");
        let mut all = Vec::new();
        let added: Vec<_> = after
            .customers
            .listed()
            .iter()
            .filter(|one| !before.customers.listed().contains(one))
            .collect();
        let restored: Vec<_> = after
            .restored
            .keys()
            .filter(|one| !before.restored.contains_key(*one))
            .collect();
        let removed: Vec<_> = after
            .removed
            .iter()
            .filter(|one| !before.removed.contains(one))
            .collect();
        for (words, customers) in [
            ("affected as well", added),
            ("restored", restored),
            ("not affected after all", removed),
        ] {
            if !customers.is_empty() {
                all.push(format!("{words}: {}", names(customers)));
            }
        }
        all
    }

    /// What customers read after an entry. The same for each of them, because nothing in it is about one of them.
    #[must_use]
    pub fn customer(&self, index: usize) -> CustomerView {
        let (entry, state) = (self.entry(index), self.state(index));
        CustomerView {
            at: time(entry.at),
            since: state.started_at.map(time),
            symptoms: some_text(state.symptoms.as_deref()).map(block),
            message: some_text(entry.entry.customer_message.get().map(String::as_str)).map(block),
            next_update: state.customer_next_update.map(time),
        }
    }

    /// A ticket's title: the headline, else the first sentence of the symptoms. Never the internal title.
    #[must_use]
    pub fn ticket_title(&self, index: usize) -> String {
        let state = self.state(index);
        let symptoms = state.symptoms.as_deref().unwrap_or_default();
        let sentence = symptoms
            .split_inclusive(['.', '\n', '!', '?'])
            .next()
            .unwrap_or_default();
        escape::title(some_text(state.headline.as_deref()).unwrap_or(sentence))
    }

    /// A message in Slack after an entry. `mention` is for a ping only.
    #[must_use]
    pub fn slack(&self, index: usize, channel: Option<&str>, mention: bool) -> SlackView {
        let (entry, state) = (self.entry(index), self.state(index));
        let words = |text: Option<&String>| {
            some_text(text.map(String::as_str)).map(|text| literal(escape::cut(text, 3_000).trim_end()))
        };
        let mention = self
            .process
            .slack_mention
            .get(state.severity.as_str())
            .filter(|_| mention && !state.drill);
        SlackView {
            mention: mention.cloned(),
            drill: state.drill,
            severity: escape::slack(self.process.severity_title(state.severity.as_str())),
            status: escape::slack(self.process.status_title(state.status.as_str())),
            title: literal(&one_line(&state.title)),
            at: time(entry.at),
            by: self.slack_person(&entry.by),
            current_status: words(entry.entry.current_status.get()),
            current_actions: words(entry.entry.current_actions.get()),
            next_steps: words(entry.entry.next_steps.get()),
            changes: self.plain_changes(index),
            next_update: state.next_update.map(time),
            channel: match &state.slack_channel {
                Some(address) => Some(
                    escape::url(address)
                        .map_or_else(|| slack_line(address), |url| format!("<{}>", escape::slack(&url))),
                ),
                None => channel.map(reference),
            },
            issue: reference(&format!("incident/{}", self.record.id)),
            closed: self.process.kind(&state.status) == crate::process::StatusKind::Closed,
        }
    }

    /// What an entry changed, for Slack: a status or a severity.
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
                let names = names(new.iter().take(MAX_NAMES), |person| self.slack_person(person));
                let names = names.as_deref().unwrap_or("nobody");
                all.push(format!("{}: {names}", escape::slack(&role.title)));
            }
        }
        all
    }

    /// The word on the issue that a promise is overdue, for the holders of a role: mentioned where their users are known.
    #[must_use]
    pub fn overdue(&self, due: Timestamp, role: &str) -> PromiseView {
        let state = self.history.last();
        PromiseView {
            drill: state.drill,
            title: escape::line(&state.title),
            due: time(due),
            who: self.holders(role),
        }
    }

    /// Who holds a role, as GitLab mentions them; the role itself where nobody does.
    fn holders(&self, role: &str) -> String {
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

    /// That a role or a step is missing past its time, for the holders of a role, for GitLab or for Slack.
    #[must_use]
    pub fn missing(&self, what: &str, is_role: bool, since: Timestamp, to: &str, slack: bool) -> MissingView {
        MissingView {
            role: is_role,
            what: if slack { literal(&one_line(what)) } else { line(what) },
            since: time(since),
            who: if slack {
                self.slack_holders(to)
            } else {
                self.holders(to)
            },
        }
    }

    /// A reminder of the promise that stands.
    #[must_use]
    pub fn promise(&self, due: Timestamp) -> PromiseView {
        let role = self
            .process
            .overdue
            .first()
            .map(|(_, role)| role.as_str())
            .unwrap_or_default();
        self.slack_promise(due, role)
    }

    /// A word in Slack on a promise, for the holders of a role: mentioned where their users are known.
    #[must_use]
    pub fn slack_promise(&self, due: Timestamp, role: &str) -> PromiseView {
        let state = self.history.last();
        PromiseView {
            drill: state.drill,
            title: literal(&one_line(&state.title)),
            due: time(due),
            who: self.slack_holders(role),
        }
    }

    /// Who holds a role, as Slack mentions them; the role itself where nobody does.
    fn slack_holders(&self, role: &str) -> String {
        let holders = self.history.last().holders(role);
        let names = names(holders.iter(), |person| match self.slack_user(person) {
            Some(user) => format!("<@{user}>"),
            None => self.slack_person(person),
        });
        names.unwrap_or_else(|| escape::slack(self.process.role_title(role)))
    }

    /// A person's user on Slack, where people.yaml names one that can be one.
    fn slack_user(&self, person: &PersonKey) -> Option<&'a str> {
        let user = self.directory.person(person.as_str())?.slack.get()?;
        let is_id = user.starts_with(['U', 'W']) && user.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        is_id.then_some(user.as_str())
    }

    /// The users on Slack of all who hold a role, sorted.
    #[must_use]
    pub fn slack_users(&self) -> Vec<String> {
        let state = self.history.last();
        let roles = self.process.roles.iter();
        let people = roles.flat_map(|role| state.holders(role.key.as_str()));
        let users: std::collections::BTreeSet<_> = people.filter_map(|person| self.slack_user(person)).collect();
        users.into_iter().map(str::to_owned).collect()
    }
}

/// Whether this is the name of a user on GitLab, so that a mention of it mentions nobody else.
fn is_user(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// The names of people in one line; none where there is nobody.
fn names<'p>(people: impl Iterator<Item = &'p PersonKey>, name: impl Fn(&PersonKey) -> String) -> Option<String> {
    let names: Vec<_> = people.map(name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Where the dedicated channel is: people's own, or the one that we open.
fn channel_of(state: &State, own: Option<&str>) -> Option<String> {
    match &state.slack_channel {
        Some(address) => Some(link(address)),
        None => own.map(reference),
    }
}

/// One line for Slack.
fn slack_line(text: &str) -> String {
    escape::slack(&one_line(text))
}

/// A text on one line, bounded.
fn one_line(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    escape::cut(&joined, 300)
}

fn said(text: &Text, at: Timestamp) -> Said {
    Said {
        text: block(&text.text),
        since: (text.at != at).then(|| time(text.at)),
    }
}

/// An address as a link, or as text where it is not one.
fn link(address: &str) -> String {
    escape::url(address).map_or_else(|| line(address), |url| format!("<{url}>"))
}

/// Evidence: a link where it is one.
fn evidence(text: &str) -> String {
    link(text)
}

const fn automated(effect: StepEffect) -> &'static str {
    match effect {
        StepEffect::Ping | StepEffect::Channel => "automatic, when it is declared",
        StepEffect::Broadcast => "automatic, with the first status",
        StepEffect::Tickets => "automatic, one ticket for each customer",
    }
}

fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::FalseAlarm => "false alarm",
        Outcome::Duplicate => "duplicate",
    }
    .to_owned()
}

/// The last promises, a line each.
fn promise_lines(all: &[Promise], most: usize) -> Vec<PromiseLine> {
    let last = all.iter().skip(all.len().saturating_sub(most));
    last.map(|promise| PromiseLine {
        due: time(promise.due),
        end: end(promise.end, promise.due),
    })
    .collect()
}

fn end(end: PromiseEnd, due: Timestamp) -> String {
    match end {
        PromiseEnd::Open => "open".to_owned(),
        PromiseEnd::Kept { at } => format!("kept at {}", time(at)),
        PromiseEnd::Missed { at } => format!("missed, {} late", crate::model::time::words(at.0 - due.0)),
        PromiseEnd::Released => "ended with the incident".to_owned(),
    }
}
