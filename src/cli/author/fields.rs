//! The flags with the record's field names; the text of one of them may come from standard input.

use std::io::Read as _;

use anyhow::{Context, bail};

use crate::author::{self, CustomersForm, EntryInput};
use crate::cli::complete;
use crate::ledger::find_ids;
use crate::model::{Entry, ImpactKind, Length, PersonKey, PromiseTime, StepDetails, TimeOrTimeOfDay, Timestamp};
use crate::span::Field;

/// The fields of a declaration or an update. A text may be `-`: then it is read from standard input.
#[derive(clap::Args, Clone, Default)]
#[command(next_help_heading = "What it says (named as in the record; a text may be `-` for standard input)")]
pub(super) struct Fields {
    /// The new severity; a change needs --reason.
    #[arg(long, value_name = "SEVERITY", add = complete::severities())]
    pub(super) severity: Option<String>,
    /// Why the severity or the cadence changes.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The affected customers, `unknown` or `all`; an update adds the customers to the earlier ones.
    #[arg(long = "customer", value_name = "CUSTOMER", value_delimiter = ',', add = complete::customers())]
    pub(super) customers: Vec<String>,
    /// The customers whose service is restored, with the time if it was earlier: `acme=12:15`.
    #[arg(long, value_name = "CUSTOMER", value_delimiter = ',', value_parser = author::parse_restored, add = complete::customers())]
    restored: Vec<(String, Option<TimeOrTimeOfDay>)>,
    /// The customers that were listed by mistake.
    #[arg(long = "remove-customer", value_name = "CUSTOMER", value_delimiter = ',', add = complete::customers())]
    remove_customers: Vec<String>,
    /// The new holders of a role: `ROLE=alice,bob`; `ROLE=+carol` adds, `ROLE=-dave` removes, `ROLE=` vacates.
    #[arg(long = "role", value_name = "ROLE=PERSON", value_parser = author::parse_name_value, add = complete::role_pairs())]
    pub(super) roles: Vec<(String, String)>,
    /// A completed step, with its evidence: a link or a sentence.
    #[arg(long = "step", value_name = "STEP=EVIDENCE", value_parser = author::parse_name_value)]
    pub(super) steps: Vec<(String, String)>,
    /// The person who completed the step, if it is somebody else.
    #[arg(long, value_name = "PERSON", add = complete::people())]
    done_by: Option<String>,
    /// When the step was completed, if it was earlier: `09:31`, or a time with its date.
    #[arg(long, value_name = "TIME", value_parser = TimeOrTimeOfDay::parse)]
    done_at: Option<TimeOrTimeOfDay>,
    /// The title of the customers' tickets; without it, the first sentence of --symptoms. Customers read it.
    #[arg(long, value_name = "TEXT")]
    headline: Option<String>,
    /// The kind of impact: availability, `data_loss` or security.
    #[arg(long, value_name = "KIND", value_parser = author::parse_impact_kind)]
    kind: Option<ImpactKind>,
    /// How badly service is degraded: a word of the process, such as severe or total.
    #[arg(long, value_name = "WORD")]
    pub(super) degradation: Option<String>,
    /// The workaround, or `none`.
    #[arg(long, value_name = "TEXT")]
    workaround: Option<String>,
    /// What customers see: the text of their tickets. Customers read it.
    #[arg(long, value_name = "TEXT")]
    pub(super) symptoms: Option<String>,
    /// When the impact started.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    started_at: Option<Timestamp>,
    /// When the impact was detected.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    detected_at: Option<Timestamp>,
    /// When the impact ended.
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
    /// The promised time of the next update: a time, or a length of time such as 60m.
    #[arg(long, value_name = "TIME", value_parser = PromiseTime::parse)]
    pub(super) next_update: Option<PromiseTime>,
    /// When service is expected to be restored; not a promise.
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    expected_restoration: Option<Timestamp>,
    /// The new time between updates, such as 24h; needs --reason.
    #[arg(long, value_name = "LENGTH", value_parser = Length::parse)]
    cadence: Option<Length>,
    /// The message to customers: the only free text of a note on their tickets. The ticket itself shows --headline and
    /// --symptoms.
    #[arg(long, value_name = "TEXT")]
    pub(super) customer_message: Option<String>,
    /// The customers that get the message; without it, all affected customers.
    #[arg(long, value_name = "CUSTOMER", value_delimiter = ',', add = complete::customers())]
    customer_message_to: Vec<String>,
    /// Why customers who were told of the incident get no last message from here, such as: called by the sponsor.
    #[arg(long, value_name = "REASON")]
    told_otherwise: Option<String>,
    /// Holds all messages to customers, for this reason.
    #[arg(long, value_name = "REASON", conflicts_with = "release_customers")]
    hold_customers: Option<String>,
    /// Ends the hold of messages to customers.
    #[arg(long)]
    release_customers: bool,
    /// A point of the timeline between updates: `09:07 deployments locked`, or a time with its date.
    #[arg(long, value_name = "TIME WHAT", value_parser = author::parse_timeline_point)]
    timeline: Vec<(TimeOrTimeOfDay, String)>,
    /// A named link.
    #[arg(long = "link", value_name = "NAME=URL", value_parser = author::parse_name_value)]
    links: Vec<(String, String)>,
    /// An existing ticket of a customer.
    #[arg(long = "ticket", value_name = "CUSTOMER=URL", value_parser = author::parse_name_value)]
    tickets: Vec<(String, String)>,
    /// The address of the Slack channel that people opened for the incident.
    #[arg(long, value_name = "URL")]
    slack_channel: Option<String>,
    /// Whether the incident issue is confidential.
    #[arg(long, value_name = "BOOL")]
    confidential: Option<bool>,
    /// Marks the incident as a drill: nobody outside the team is told.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    drill: Option<bool>,
    /// A related incident: its id, or a part of it that no other id has.
    #[arg(long, value_name = "ID", value_delimiter = ',', add = complete::ids())]
    related: Vec<String>,
    /// The number of customers that messages may reach, if more than the limit of the process.
    #[arg(long, value_name = "NUMBER")]
    reach: Option<u32>,
    /// The key of an effect that people carried out by hand, as `incidentctl plan` shows it.
    #[arg(long, value_name = "KEY")]
    sent_by_hand: Vec<String>,
    /// Overrides a rule, with a reason.
    #[arg(long = "override", value_name = "RULE=REASON", value_parser = author::parse_name_value)]
    overrides: Vec<(String, String)>,
}

impl Fields {
    /// The evidence of a step, and who completed it and when, by the flags.
    fn step_details(&self, evidence: &str) -> StepDetails {
        StepDetails {
            by: author::optional_field(self.done_by.as_deref().map(PersonKey::from)),
            at: author::optional_field(self.done_at),
            evidence: Field::without_place(evidence.to_owned()),
        }
    }

    /// The entry for these flags, without author and time; `root` is the ledger's.
    ///
    /// # Errors
    /// Fails if standard input cannot be read or two texts want it, and as [`find_ids`] and [`EntryInput::entry`] do.
    pub(super) fn entry(&self, shape: CustomersForm, root: &std::path::Path) -> anyhow::Result<Entry> {
        let mut is_taken = false;
        let mut text = |given: &Option<String>| match given.as_deref() {
            Some("-") if std::mem::replace(&mut is_taken, true) => {
                bail!("two texts cannot both be read from standard input")
            }
            Some("-") => Ok(Some(standard_input()?)),
            _ => Ok(given.clone()),
        };
        let given = EntryInput {
            severity: self.severity.clone(),
            reason: text(&self.reason)?,
            customers: self.customers.clone(),
            restored: self.restored.clone(),
            remove_customers: self.remove_customers.clone(),
            roles: self.roles.clone(),
            steps: self
                .steps
                .iter()
                .map(|(step, text)| (step.clone(), self.step_details(text)))
                .collect(),
            headline: text(&self.headline)?,
            kind: self.kind,
            degradation: text(&self.degradation)?,
            workaround: text(&self.workaround)?,
            symptoms: text(&self.symptoms)?,
            started_at: self.started_at,
            detected_at: self.detected_at,
            ended_at: self.ended_at,
            current_status: text(&self.current_status)?,
            current_actions: text(&self.current_actions)?,
            next_steps: text(&self.next_steps)?,
            next_update: self.next_update,
            expected_restoration: self.expected_restoration,
            cadence: self.cadence,
            customer_message: text(&self.customer_message)?,
            customer_message_to: self.customer_message_to.clone(),
            told_otherwise: text(&self.told_otherwise)?,
            hold_customers: text(&self.hold_customers)?,
            release_customers: self.release_customers,
            timeline: self.timeline.clone(),
            links: self.links.clone(),
            tickets: self.tickets.clone(),
            slack_channel: text(&self.slack_channel)?,
            confidential: self.confidential,
            drill: self.drill,
            related: find_ids(root, &self.related)?,
            reach: self.reach,
            sent_by_hand: self.sent_by_hand.clone(),
            overrides: self.overrides.clone(),
        };
        given.entry(shape).map_err(anyhow::Error::msg)
    }
}

fn standard_input() -> anyhow::Result<String> {
    let mut read = String::new();
    std::io::stdin()
        .read_to_string(&mut read)
        .context("standard input cannot be read as text")?;
    Ok(read)
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
