//! Parsers for the values of command-line flags.

use crate::model::{ClosureReason, ImpactKind, TimeOrTimeOfDay};

/// Parses `NAME=VALUE` into a name and a value.
///
/// # Errors
/// Fails if `=` or the name before it is missing.
pub fn parse_name_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    if name.trim().is_empty() {
        return Err("expected a name before `=`".to_owned());
    }
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Parses `CUSTOMER` or `CUSTOMER=TIME`.
///
/// # Errors
/// Fails if the text after `=` is not a time.
pub fn parse_restored(text: &str) -> Result<(String, Option<TimeOrTimeOfDay>), String> {
    match text.split_once('=') {
        None => Ok((text.trim().to_owned(), None)),
        Some((customer, time)) => Ok((customer.trim().to_owned(), Some(TimeOrTimeOfDay::parse(time.trim())?))),
    }
}

/// Parses `TIME WHAT` into a time and a text, for a point of the timeline.
///
/// # Errors
/// Fails if the time or the text is missing, or the time is not valid.
pub fn parse_timeline_point(text: &str) -> Result<(TimeOrTimeOfDay, String), String> {
    let (at, what) = text
        .trim()
        .split_once([' ', '='])
        .ok_or("expected a time and what happened, such as `09:07 deployments locked`")?;
    Ok((TimeOrTimeOfDay::parse(at)?, what.trim().to_owned()))
}

/// Parses the kind of impact.
///
/// # Errors
/// Fails if the word is unknown.
pub fn parse_impact_kind(text: &str) -> Result<ImpactKind, String> {
    match text {
        "availability" => Ok(ImpactKind::Availability),
        "data_loss" | "data-loss" => Ok(ImpactKind::DataLoss),
        "security" => Ok(ImpactKind::Security),
        _ => Err("expected availability, data_loss or security".to_owned()),
    }
}

/// Parses the outcome of an incident that closes without a resolution.
///
/// # Errors
/// Fails if the word is unknown.
pub fn parse_outcome(text: &str) -> Result<ClosureReason, String> {
    match text {
        "false_alarm" | "false-alarm" => Ok(ClosureReason::FalseAlarm),
        "duplicate" => Ok(ClosureReason::Duplicate),
        _ => Err("expected false_alarm or duplicate".to_owned()),
    }
}
