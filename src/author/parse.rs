//! Values in the form that flags have.

use crate::model::{ImpactKind, Outcome, TimeOrTimeOfDay};

/// A name and a value, from `NAME=VALUE`.
///
/// # Errors
/// Fails if there is no `=`, or no name before it.
pub fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    if name.trim().is_empty() {
        return Err("expected a name before `=`".to_owned());
    }
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// A time and what happened, from `TIME WHAT`.
///
/// # Errors
/// Fails if one of them is missing, or the time is not valid.
pub fn parse_point(text: &str) -> Result<(TimeOrTimeOfDay, String), String> {
    let (at, what) = text
        .trim()
        .split_once([' ', '='])
        .ok_or("expected a time and what happened, such as `09:07 deployments locked`")?;
    Ok((TimeOrTimeOfDay::parse(at)?, what.trim().to_owned()))
}

/// What an incident impairs.
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

/// Why an incident is closed without having been resolved.
///
/// # Errors
/// Fails if the word is unknown.
pub fn parse_outcome(text: &str) -> Result<Outcome, String> {
    match text {
        "false_alarm" | "false-alarm" => Ok(Outcome::FalseAlarm),
        "duplicate" => Ok(Outcome::Duplicate),
        _ => Err("expected false_alarm or duplicate".to_owned()),
    }
}
