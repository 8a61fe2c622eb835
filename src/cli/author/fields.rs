//! The flags with the record's field names; the text of one of them may come from standard input.

use std::io::Read as _;

use anyhow::{Context, bail};

use crate::author::{self, CustomersForm, EntryInput};
use crate::cli::complete;
use crate::model::{Entry, ImpactKind, Length, PromiseTime, TimeOrTimeOfDay, Timestamp};

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
    #[arg(long = "role", value_name = "ROLE=PERSON", value_parser = author::parse_name_value, add = complete::role_pairs())]
    pub(super) roles: Vec<(String, String)>,
    /// A step that was done, with its evidence: a link or a sentence.
    #[arg(long = "step", value_name = "STEP=EVIDENCE", value_parser = author::parse_name_value)]
    pub(super) steps: Vec<(String, String)>,
    /// The ticket's title. Customers read it.
    #[arg(long, value_name = "TEXT")]
    headline: Option<String>,
    /// What is impaired: availability, `data_loss` or security.
    #[arg(long, value_name = "KIND", value_parser = author::parse_impact_kind)]
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
    #[arg(long, value_name = "TIME WHAT", value_parser = author::parse_timeline_point)]
    timeline: Vec<(TimeOrTimeOfDay, String)>,
    /// A named link.
    #[arg(long = "link", value_name = "NAME=URL", value_parser = author::parse_name_value)]
    links: Vec<(String, String)>,
    /// A ticket that a customer has already.
    #[arg(long = "ticket", value_name = "CUSTOMER=URL", value_parser = author::parse_name_value)]
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
    #[arg(long = "override", value_name = "RULE=REASON", value_parser = author::parse_name_value)]
    overrides: Vec<(String, String)>,
}

impl Fields {
    /// The entry that these flags make, without author and time.
    ///
    /// # Errors
    /// Fails if standard input cannot be read or two texts want it, and as [`EntryInput::entry`] does.
    pub(super) fn entry(&self, shape: CustomersForm) -> anyhow::Result<Entry> {
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
            steps: self.steps.clone(),
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
            hold_customers: text(&self.hold_customers)?,
            release_customers: self.release_customers,
            timeline: self.timeline.clone(),
            links: self.links.clone(),
            tickets: self.tickets.clone(),
            slack_channel: text(&self.slack_channel)?,
            confidential: self.confidential,
            drill: self.drill,
            related: self.related.clone(),
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
