//! `resolve`: says that service is back.

use std::io::Write;

use super::fields::Fields;
use super::{Common, Session};
use crate::author::CustomersForm;
use crate::author::questions::{CURRENT_STATUS, CUSTOMER_MESSAGE};
use crate::cli::{Global, Outcome, complete};
use crate::model::StatusKey;
use crate::process::StatusKind;
use crate::span::Field;

#[derive(clap::Args)]
#[command(
    after_help = "Example: incidentctl resolve geo --current-status 'All secondaries accept pushes' \
    --customer-message 'Pushes work again.' --push"
)]
pub(in crate::cli) struct Resolve {
    /// The incident's id, or a part of it that no other id has.
    #[arg(add = complete::ids())]
    id: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    common: Common,
}

/// Resolves an incident.
pub(in crate::cli) fn resolve(global: &Global, arguments: &Resolve, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut session = Session::open(global, &arguments.common)?;
    let case = session.case(arguments.id.as_deref())?;
    let status = session.status_of(StatusKind::Resolved)?;
    let mut fields = arguments.fields.clone();
    session.ask_text(&mut fields.current_status, &CURRENT_STATUS)?;
    if !case.state.told.is_empty() && case.state.hold_customers.is_none() {
        session.ask_text(&mut fields.customer_message, &CUSTOMER_MESSAGE)?;
    }
    let mut entry = fields.entry(CustomersForm::Edit, &session.root)?;
    entry.status = Field::without_place(StatusKey(status));
    session.add_update(&case, &entry, out)
}
