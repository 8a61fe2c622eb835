//! Flags with the record's field names, and the entry that they make.

use std::cell::Cell;
use std::io::Read as _;

use anyhow::{Context, bail};

use crate::author::{tidy, tidy_line};
use crate::cli::complete;
use crate::model::{
    CustomerKey, CustomersChange, CustomersEdit, Entries, Entry, Impact, ImpactKind, IncidentId, Length, ListEdit,
    Moment, Nullable, Outcome, Override, PersonKey, Point, PromiseTime, RoleChange, SeverityKey, Timestamp,
};
use crate::span::Field;

/// What a declaration or an update may say. A text may be `-`: then it is read from standard input.
#[derive(clap::Args, Clone, Default)]
#[command(next_help_heading = "What it says (named as in the record; a text may be `-` for standard input)")]
pub(super) struct Fields {
    /// The classification from here on; a change needs --reason.
    #[arg(long, value_name = "SEVERITY", add = complete::severities())]
    pub(super) severity: Option<String>,
    /// Why the severity or the cadence changes.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Affected customers, or `unknown`, or `all`; in an update they are added.
    #[arg(long = "customer", value_name = "CUSTOMER", value_delimiter = ',', add = complete::customers())]
    pub(super) customers: Vec<String>,
    /// Customers whose service is back.
    #[arg(long, value_name = "CUSTOMER", value_delimiter = ',', add = complete::customers())]
    restored: Vec<String>,
    /// Customers that were not affected after all.
    #[arg(long = "remove-customer", value_name = "CUSTOMER", value_delimiter = ',', add = complete::customers())]
    remove_customers: Vec<String>,
    /// Who holds a role from here on: `ROLE=alice,bob`; `ROLE=+carol` adds, `ROLE=-dave` removes, `ROLE=` vacates.
    #[arg(long = "role", value_name = "ROLE=PERSON", value_parser = pair, add = complete::role_pairs())]
    pub(super) roles: Vec<(String, String)>,
    /// A step that was done, with its evidence: a link or a sentence.
    #[arg(long = "step", value_name = "STEP=EVIDENCE", value_parser = pair)]
    pub(super) steps: Vec<(String, String)>,
    /// The ticket's title. Customers read it.
    #[arg(long, value_name = "TEXT")]
    headline: Option<String>,
    /// What is impaired: availability, `data_loss` or security.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<ImpactKind>,
    /// How badly: a word of the process, such as severe or total.
    #[arg(long, value_name = "WORD")]
    pub(super) degradation: Option<String>,
    /// `none`, or the workaround in words.
    #[arg(long, value_name = "TEXT")]
    workaround: Option<String>,
    /// What customers see. Customers read it.
    #[arg(long, value_name = "TEXT")]
    pub(super) symptoms: Option<String>,
    /// When the trouble itself started.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    started_at: Option<Timestamp>,
    /// When it was noticed.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    detected_at: Option<Timestamp>,
    /// When it ended.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    ended_at: Option<Timestamp>,
    /// Executive summary: the current status of the incident.
    #[arg(long, value_name = "TEXT")]
    pub(super) current_status: Option<String>,
    /// Executive summary: the actions being performed.
    #[arg(long, value_name = "TEXT")]
    pub(super) current_actions: Option<String>,
    /// Executive summary: the next steps.
    #[arg(long, value_name = "TEXT")]
    pub(super) next_steps: Option<String>,
    /// The promise: a time, or a length of time such as 60m.
    #[arg(long, value_name = "TIME", value_parser = PromiseTime::parse)]
    pub(super) next_update: Option<PromiseTime>,
    /// When service is expected back. Not a promise.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    expected_restoration: Option<Timestamp>,
    /// How often to update from here on, such as 24h; needs --reason.
    #[arg(long, value_name = "LENGTH", value_parser = Length::parse)]
    cadence: Option<Length>,
    /// The only free text that a ticket note shows. Customers read it.
    #[arg(long, value_name = "TEXT")]
    pub(super) customer_message: Option<String>,
    /// Who gets the message; all that are affected, where it is not given.
    #[arg(long, value_name = "CUSTOMER", value_delimiter = ',', add = complete::customers())]
    customer_message_to: Vec<String>,
    /// Suspends words to customers, for this reason.
    #[arg(long, value_name = "REASON", conflicts_with = "release_customers")]
    hold_customers: Option<String>,
    /// Ends the suspension of words to customers.
    #[arg(long)]
    release_customers: bool,
    /// A point between updates: `09:07 deployments locked`, or a time with its date.
    #[arg(long, value_name = "TIME WHAT", value_parser = point)]
    timeline: Vec<(Moment, String)>,
    /// A named link.
    #[arg(long = "link", value_name = "NAME=URL", value_parser = pair)]
    links: Vec<(String, String)>,
    /// A ticket that a customer has already.
    #[arg(long = "ticket", value_name = "CUSTOMER=URL", value_parser = pair)]
    tickets: Vec<(String, String)>,
    /// The dedicated channel, where people opened it themselves.
    #[arg(long, value_name = "URL")]
    slack_channel: Option<String>,
    /// Whether the incident issue is confidential.
    #[arg(long, value_name = "BOOL")]
    confidential: Option<bool>,
    /// An exercise: nobody outside is told.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    drill: Option<bool>,
    /// Another incident that belongs to this one.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    related: Vec<String>,
    /// How many customers may be reached, where that is more than the process's cap.
    #[arg(long, value_name = "NUMBER")]
    reach: Option<u32>,
    /// The key of an effect that people carried out by hand, as `incidentctl plan` shows it.
    #[arg(long, value_name = "KEY")]
    sent_by_hand: Vec<String>,
    /// Break glass: sets a rule aside.
    #[arg(long = "override", value_name = "RULE=REASON", value_parser = pair)]
    overrides: Vec<(String, String)>,
}

/// How the customers of a file are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// A list.
    List,
    /// An edit of the list.
    Edit,
}

/// Standard input, which one text may take.
#[derive(Default)]
pub(super) struct Input(Cell<bool>);

impl Input {
    /// A text, or what standard input has where it is `-`.
    ///
    /// # Errors
    /// Two texts want it, or it cannot be read.
    fn text(&self, text: &str) -> anyhow::Result<String> {
        if text != "-" {
            return Ok(text.to_owned());
        }
        if self.0.replace(true) {
            bail!("two texts cannot both be read from standard input");
        }
        let mut read = String::new();
        std::io::stdin()
            .read_to_string(&mut read)
            .context("standard input cannot be read as text")?;
        Ok(read)
    }

    fn block_text(&self, text: Option<&String>) -> anyhow::Result<Field<String>> {
        text.map(|text| Ok(tidy(&self.text(text)?)))
            .transpose()
            .map(|text| made(text.filter(|text| !text.is_empty())))
    }

    fn line(&self, text: Option<&String>) -> anyhow::Result<Field<String>> {
        text.map(|text| Ok(tidy_line(&self.text(text)?)))
            .transpose()
            .map(|text| made(text.filter(|text| !text.is_empty())))
    }
}

impl Fields {
    /// The entry that these flags make; nothing of who and when.
    ///
    /// # Errors
    /// Standard input cannot be read, or is wanted twice; `unknown` or `all` stands beside a customer.
    pub(super) fn entry(&self, shape: Shape, input: &Input) -> anyhow::Result<Entry> {
        Ok(Entry {
            severity: made(self.severity.as_deref().map(SeverityKey::from)),
            reason: input.block_text(self.reason.as_ref())?,
            customers: made(self.customers(shape)?),
            impact: made(Some(self.impact(input)?).filter(|impact| *impact != Impact::default())),
            roles: entries(self.roles.iter().map(|(role, people)| (role, role_change(people)))),
            steps: entries(self.steps.iter().map(|(step, text)| (step, tidy(text)))),
            current_status: input.block_text(self.current_status.as_ref())?,
            current_actions: input.block_text(self.current_actions.as_ref())?,
            next_steps: input.block_text(self.next_steps.as_ref())?,
            next_update: made(self.next_update),
            expected_restoration: made(self.expected_restoration),
            cadence: made(self.cadence),
            customer_message: input.block_text(self.customer_message.as_ref())?,
            customer_message_to: keys(&self.customer_message_to),
            hold_customers: if self.release_customers {
                Field::made(Nullable::Null)
            } else {
                made(
                    input
                        .block_text(self.hold_customers.as_ref())?
                        .into_inner()
                        .map(Nullable::Value),
                )
            },
            timeline: list(self.timeline.iter().map(|(at, what)| Point {
                at: Field::made(*at),
                what: Field::made(tidy_line(what)),
            })),
            links: entries(self.links.iter().map(|(name, url)| (name, tidy_line(url)))),
            tickets: entries(self.tickets.iter().map(|(customer, url)| (customer, tidy_line(url)))),
            slack_channel: input.line(self.slack_channel.as_ref())?,
            confidential: made(self.confidential),
            drill: made(self.drill),
            related: list(self.related.iter().map(|id| IncidentId::from(id.as_str()))),
            reach: made(self.reach),
            sent_by_hand: list(self.sent_by_hand.iter().map(|key| tidy_line(key))),
            overrides: list(self.overrides.iter().map(|(rule, reason)| Override {
                rule: Field::made(rule.to_ascii_uppercase()),
                reason: Field::made(tidy_line(reason)),
            })),
            ..Entry::default()
        })
    }

    fn customers(&self, shape: Shape) -> anyhow::Result<Option<CustomersChange>> {
        let edits = !self.restored.is_empty() || !self.remove_customers.is_empty();
        if let Some(word) = self
            .customers
            .iter()
            .find(|word| matches!(word.as_str(), "unknown" | "all"))
        {
            if self.customers.len() > 1 || edits {
                bail!("--customer {word} stands for itself: name no customer beside it");
            }
            return Ok(Some(match word.as_str() {
                "all" => CustomersChange::All,
                _ => CustomersChange::Unknown,
            }));
        }
        if self.customers.is_empty() && !edits {
            return Ok(None);
        }
        Ok(Some(if shape == Shape::List && !edits {
            CustomersChange::List(named(&self.customers))
        } else {
            CustomersChange::Edit(CustomersEdit {
                add: keys(&self.customers),
                restored: keys(&self.restored),
                remove: keys(&self.remove_customers),
            })
        }))
    }

    fn impact(&self, input: &Input) -> anyhow::Result<Impact> {
        Ok(Impact {
            headline: input.line(self.headline.as_ref())?,
            kind: made(self.kind),
            degradation: input.line(self.degradation.as_ref())?,
            workaround: input.block_text(self.workaround.as_ref())?,
            symptoms: input.block_text(self.symptoms.as_ref())?,
            started_at: made(self.started_at),
            detected_at: made(self.detected_at),
            ended_at: made(self.ended_at),
        })
    }
}

/// `none` for a role's people: nobody.
fn role_change(people: &str) -> RoleChange {
    let named: Vec<&str> = people
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let person = |name: &str| Field::made(PersonKey::from(name));
    match named.as_slice() {
        [] => RoleChange::Vacate,
        all if all.iter().any(|name| name.starts_with(['+', '-'])) => {
            let leave = all.iter().filter_map(|name| name.strip_prefix('-'));
            let join = all.iter().filter(|name| !name.starts_with('-'));
            RoleChange::Edit(ListEdit {
                add: list(join.map(|name| PersonKey::from(name.trim_start_matches('+')))),
                remove: list(leave.map(PersonKey::from)),
            })
        }
        [one] => RoleChange::One(PersonKey::from(*one)),
        several => RoleChange::Many(several.iter().map(|name| person(name)).collect()),
    }
}

/// A value that was made, or an absent field.
pub(super) fn made<T>(value: Option<T>) -> Field<T> {
    value.map_or_else(Field::default, Field::made)
}

/// A list that was made; an absent field where it is empty.
pub(super) fn list<T>(items: impl Iterator<Item = T>) -> Field<Vec<Field<T>>> {
    let items: Vec<_> = items.map(Field::made).collect();
    made(Some(items).filter(|items| !items.is_empty()))
}

fn named(keys: &[String]) -> Vec<Field<CustomerKey>> {
    let keys = keys.iter().map(|key| Field::made(CustomerKey::from(key.trim())));
    keys.collect()
}

fn keys(keys: &[String]) -> Field<Vec<Field<CustomerKey>>> {
    made(Some(named(keys)).filter(|keys| !keys.is_empty()))
}

/// A mapping that was made, the last of each key; an absent field where it is empty.
pub(super) fn entries<'a, T>(pairs: impl Iterator<Item = (&'a String, T)>) -> Field<Entries<T>> {
    let mut all: Vec<(String, Field<T>)> = Vec::new();
    for (key, value) in pairs {
        all.retain(|(known, _)| known != key);
        all.push((key.clone(), Field::made(value)));
    }
    made(Some(Entries(all)).filter(|all| !all.is_empty()))
}

/// `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    if name.trim().is_empty() {
        return Err("expected a name before `=`".to_owned());
    }
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// `TIME WHAT`.
fn point(text: &str) -> Result<(Moment, String), String> {
    let (at, what) = text
        .trim()
        .split_once([' ', '='])
        .ok_or("expected a time and what happened, such as `09:07 deployments locked`")?;
    Ok((Moment::parse(at)?, what.trim().to_owned()))
}

fn kind(text: &str) -> Result<ImpactKind, String> {
    match text {
        "availability" => Ok(ImpactKind::Availability),
        "data_loss" | "data-loss" => Ok(ImpactKind::DataLoss),
        "security" => Ok(ImpactKind::Security),
        _ => Err("expected availability, data_loss or security".to_owned()),
    }
}

/// Why an incident is closed without having been resolved, as a flag says it.
pub(super) fn outcome(text: &str) -> Result<Outcome, String> {
    match text {
        "false_alarm" | "false-alarm" => Ok(Outcome::FalseAlarm),
        "duplicate" => Ok(Outcome::Duplicate),
        _ => Err("expected false_alarm or duplicate".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use crate::model::fields::FIELDS;

    #[test]
    fn every_field_of_the_record_has_a_flag() {
        let command = crate::cli::Arguments::command();
        let update = command.find_subcommand("update").expect("the command");
        let flags: Vec<&str> = update.get_arguments().filter_map(clap::Arg::get_long).collect();
        let of_the_clock = ["declared_at", "declared_by", "at", "by"];
        for field in FIELDS.iter().filter(|field| !of_the_clock.contains(&field.name)) {
            let long = field.key().replace('_', "-");
            let one = long.trim_end_matches('s');
            assert!(
                flags.contains(&long.as_str()) || flags.contains(&one),
                "{} has no flag",
                field.name
            );
        }
    }
}
