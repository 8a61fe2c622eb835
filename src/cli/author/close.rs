//! `close`: ends an incident for good.

use std::io::Write;

use super::fields::Fields;
use super::{Common, Session};
use crate::author::{CustomersForm, optional_field, parse_outcome};
use crate::cli::ask::{self, Choice};
use crate::cli::{Global, Outcome, complete};
use crate::model::{ClosureReason as Ending, StatusKey};
use crate::process::StatusKind;
use crate::span::Field;

#[derive(clap::Args)]
#[command(
    after_help = "Examples: incidentctl close geo --push\n          incidentctl close geo --outcome duplicate --related proxy"
)]
pub(in crate::cli) struct Close {
    /// The incident's id, or a part of it that no other id has.
    #[arg(add = complete::ids())]
    id: Option<String>,
    /// The reason to close without a resolution: `false_alarm` or duplicate (of --related).
    #[arg(long, value_name = "OUTCOME", value_parser = parse_outcome)]
    outcome: Option<Ending>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    common: Common,
}

/// Closes an incident.
pub(in crate::cli) fn close(global: &Global, arguments: &Close, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut session = Session::open(global, &arguments.common)?;
    let case = session.case(arguments.id.as_deref())?;
    let status = session.status_of(StatusKind::Closed)?;
    let mut ending = arguments.outcome;
    let running = session.world.process.status_kind(&case.state.status) == StatusKind::Active;
    if running && ending.is_none() && session.asks {
        let choices = vec![
            Choice::new("false_alarm", "there was no incident"),
            Choice::new("duplicate", "another incident covers it"),
        ];
        let word = ask::pick("It was not resolved. Why does it end?", choices, 0)?;
        session.record_answer("--outcome", &word);
        ending = parse_outcome(&word).ok();
    }
    let mut entry = arguments.fields.entry(CustomersForm::Edit, &session.root)?;
    entry.status = Field::without_place(StatusKey(status));
    entry.outcome = optional_field(ending);
    session.add_update(&case, &entry, out)
}
