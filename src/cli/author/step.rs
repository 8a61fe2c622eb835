//! `step`: records that a step of the process was done.

use std::io::Write;

use anyhow::bail;

use super::fields::Fields;
use super::{Common, Session};
use crate::author::{CustomersForm, choices};
use crate::cli::ask;
use crate::cli::{Global, Outcome, complete};
use crate::terminal::plain;

#[derive(clap::Args)]
#[command(after_help = "Example: incidentctl step geo brief_analysts 'joined at 09:31'")]
pub(in crate::cli) struct Step {
    /// The incident's id, or a part of it that no other id has.
    #[arg(add = complete::ids())]
    id: Option<String>,
    /// The step.
    #[arg(value_name = "STEP", add = complete::steps())]
    key: Option<String>,
    /// The evidence that the step is done: a link or a sentence.
    evidence: Option<String>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    common: Common,
}

/// Records a step.
pub(in crate::cli) fn step(global: &Global, arguments: &Step, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut session = Session::open(global, &arguments.common)?;
    let case = session.case(arguments.id.as_deref())?;
    let open = choices::open_steps(&session.world.process, &case.state);
    let step = match &arguments.key {
        Some(step) => step.clone(),
        None if session.asks && !open.is_empty() => {
            let step = ask::pick("Which step was done?", open, 0)?;
            session.answers.push(step.clone());
            step
        }
        None => {
            let keys: Vec<_> = open.iter().map(|choice| choice.key.as_str()).collect();
            bail!("which step was done? Not recorded yet: {}", plain(&keys.join(", ")))
        }
    };
    let evidence = match &arguments.evidence {
        Some(evidence) => evidence.clone(),
        None if session.asks => {
            let evidence = ask::line("What shows that it was done?", "a link or a sentence")?;
            session.answers.push(evidence.clone());
            evidence
        }
        None => bail!(
            "what shows that it was done? incidentctl step ID {} EVIDENCE",
            plain(&step)
        ),
    };
    let mut fields = arguments.fields.clone();
    fields.steps.push((step, evidence));
    let entry = fields.entry(CustomersForm::Edit, &session.root)?;
    session.add_update(&case, &entry, out)
}
