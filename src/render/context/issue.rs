//! The view for the incident issue and the review. Audience: the team.

use super::{MAX_NAMES, RenderContext, block, channel_of, line, link, names, said, some_text, time};
use crate::model::{ClosureReason, CustomerKey, Customers, Promise, PromiseEnd, State, Timestamp};
use crate::process::{Step, StepEffect};
use crate::render::body::reference;
use crate::render::views::{
    CustomerLine, CustomerMessagesHold, IssueView, LinkLine, OverrideLine, PointLine, PromiseLine, RoleLine, StepLine,
    TargetLine,
};
use crate::targets::{TargetOutcome, TargetScore, TargetStats};

/// The largest number of timeline points, promises or links that are shown.
const MAX_LINES: usize = 100;
/// The largest number of promises that the issue shows; the review shows all.
const MAX_PROMISES: usize = 10;

impl RenderContext<'_> {
    /// The view for the incident issue, from the last state. `ticket` returns the key of a customer's ticket, and `sent`
    /// the key of a step's message or channel; each returns `None` if this program creates none.
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
        let (business, customers) = (&self.history.promises, &self.history.customer_promises);
        let targets = self.targets();
        let shown = |score: &TargetScore| self.target_line(score);
        let late: Vec<&TargetScore> = targets.iter().filter(|score| score.is_late()).collect();
        let earlier_late = late.len().saturating_sub(MAX_PROMISES);
        IssueView {
            id: plain_id(self.record.id.as_str()),
            title: line(&state.title),
            severity: line(self.process.severity_title(state.severity.as_str())),
            status: line(self.process.status_title(state.status.as_str())),
            status_since: time(state.status_since),
            drill: state.drill,
            outcome: outcome(state),
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
            overdue: self.is_overdue(state.next_update),
            customer_overdue: self.is_overdue(state.customer_next_update),
            held: state.hold_customers.as_ref().map(|held| CustomerMessagesHold {
                since: time(held.at),
                why: line(&held.text),
            }),
            channel: channel_of(state, channel),
            customers_note: customers_note(&state.customers),
            customers: self.customers(state, ticket),
            steps: self.steps(state, sent),
            earlier: (earlier > 0).then_some(earlier),
            timeline: points.into_iter().skip(earlier).collect(),
            kept: kept(business),
            missed: missed(business),
            promises: self.promise_lines(business, MAX_LINES),
            last_promises: self.promise_lines(business, MAX_PROMISES),
            customer_kept: kept(customers),
            customer_missed: missed(customers),
            customer_promises: self.promise_lines(customers, MAX_LINES),
            target_numbers: (!targets.is_empty()).then(|| TargetStats::of(&targets).describe()),
            late_targets: late.into_iter().skip(earlier_late).map(shown).collect(),
            targets: targets.iter().take(MAX_LINES).map(shown).collect(),
            told_otherwise: state.told_otherwise.as_deref().map(line),
            links: links(state),
            overrides: overrides(state),
        }
    }

    /// The last promises, at most `most` of them, one line for each.
    fn promise_lines(&self, all: &[Promise], most: usize) -> Vec<PromiseLine> {
        let last = all.iter().skip(all.len().saturating_sub(most));
        let customer = |promise: &Promise| {
            let key = promise.customer.as_ref()?;
            Some(line(self.directory.customer_name(key.as_str())))
        };
        last.map(|promise| PromiseLine {
            due: time(promise.due),
            customer: customer(promise),
            end: end(promise, self.now),
        })
        .collect()
    }

    fn target_line(&self, score: &TargetScore) -> TargetLine {
        let holders = names(score.holders.iter().take(MAX_NAMES), |person| self.person(person));
        let who = score.role.as_ref().map(|role| {
            let title = line(self.process.role_title(role.as_str()));
            format!("{title}: {}", holders.as_deref().unwrap_or("nobody"))
        });
        // How long it is overdue is not said, so that the text changes once.
        let end = if score.end == TargetOutcome::Overdue {
            "overdue".to_owned()
        } else {
            score.outcome()
        };
        let customer = score.customer.as_ref();
        TargetLine {
            title: score.target.title().to_owned(),
            customer: customer.map(|customer| line(self.directory.customer_name(customer.as_str()))),
            due: time(score.due),
            end,
            who,
        }
    }

    /// Whether the time of a promised update has passed.
    fn is_overdue(&self, due: Option<Timestamp>) -> bool {
        due.is_some_and(|due| due < self.now)
    }

    fn lasted(&self) -> String {
        let state = self.history.last();
        let from = state.started_at.unwrap_or(state.declared_at);
        if self.is_active(state) {
            return "running".to_owned();
        }
        let resolved = self.history.states.iter().rev().take_while(|one| !self.is_active(one));
        let until = state.ended_at.or(resolved.last().map(|one| one.at)).unwrap_or(state.at);
        format!("lasted {}", crate::model::time::humanize(until.0 - from.0))
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
                        link(&done.evidence)
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

    /// The timeline: the changes of entries and the points between them, sorted by time.
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
}

/// Why the incident ended without a resolution, in words; `None` if it did not.
pub(super) fn outcome(state: &State) -> Option<String> {
    Some(match state.outcome? {
        ClosureReason::FalseAlarm => "false alarm".to_owned(),
        ClosureReason::Duplicate if state.related.is_empty() => "duplicate".to_owned(),
        ClosureReason::Duplicate => {
            let related = state.related.iter().take(MAX_NAMES);
            let of: Vec<String> = related.map(|id| plain_id(id.as_str())).collect();
            format!("duplicate of {}", of.join(", "))
        }
    })
}

const fn automated(effect: StepEffect) -> &'static str {
    match effect {
        StepEffect::Ping | StepEffect::Channel => "automatic, when it is declared",
        StepEffect::Broadcast => "automatic, with the first status",
        StepEffect::Tickets => "automatic, one ticket for each customer",
    }
}

fn end(promise: &Promise, now: Timestamp) -> String {
    match promise.end {
        // How long is not said, so that the text changes once.
        PromiseEnd::Open if promise.is_overdue(now) => "overdue".to_owned(),
        PromiseEnd::Open => "open".to_owned(),
        PromiseEnd::Kept { at } => format!("kept at {}", time(at)),
        PromiseEnd::Missed { at } => format!("missed, {} late", crate::model::time::humanize(at.0 - promise.due.0)),
        PromiseEnd::Released => "ended before it was due".to_owned(),
    }
}

/// An incident's id without characters that have a meaning in Markdown or in a path.
fn plain_id(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// The words for customers that are not listed by name; `None` if customers are listed.
fn customers_note(customers: &Customers) -> Option<String> {
    match customers {
        Customers::Unknown => Some("Not known yet.".to_owned()),
        Customers::All => Some("All customers.".to_owned()),
        Customers::Listed(_) => None,
    }
}

fn links(state: &State) -> Vec<LinkLine> {
    let shown = state.links.iter().take(MAX_LINES);
    shown
        .map(|(name, to)| LinkLine {
            name: line(name),
            link: link(to),
        })
        .collect()
}

fn overrides(state: &State) -> Vec<OverrideLine> {
    let shown = state.overrides.iter().take(MAX_LINES);
    shown
        .map(|(rule, reason)| OverrideLine {
            rule: line(rule),
            reason: line(reason),
        })
        .collect()
}

/// The number of promises that were kept.
fn kept(promises: &[Promise]) -> usize {
    let is_kept = |promise: &&Promise| matches!(promise.end, PromiseEnd::Kept { .. });
    promises.iter().filter(is_kept).count()
}

/// The number of promises that were missed.
fn missed(promises: &[Promise]) -> usize {
    let is_missed = |promise: &&Promise| matches!(promise.end, PromiseEnd::Missed { .. });
    promises.iter().filter(is_missed).count()
}
