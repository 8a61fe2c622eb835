//! The lock that lets one run write at a time: a project label that only one run can create.
//!
//! A pipeline's `resource_group` separates only its own jobs; the lock separates runs of all kinds, also those by hand. The
//! name of a label is unique in its project, so GitLab refuses the second of two runs. A run that was killed leaves its label
//! behind; the next run takes it over when its lease ends.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::client::{Client, LONGEST_TIMEOUT};
use super::fault::Fault;
use crate::forge::Failure;

/// The name of the label.
const NAME: &str = "incidentctl-at-work";
/// The number of request time-outs that a lock's lease lasts. That is twice as long as one write with its repetitions, and
/// longer than GitLab itself works on one request.
const TIMEOUTS: u32 = 6;
/// The longest lease of any run.
const LONGEST_LEASE: Duration = Duration::from_secs(LONGEST_TIMEOUT.as_secs() * TIMEOUTS as u64);
/// The largest difference between the clocks of two GitLab servers.
const CLOCKS: Duration = Duration::from_secs(30);

/// The resolution of the `Date` header.
const TICK: TimeDelta = TimeDelta::seconds(1);

/// A lock that is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Lock {
    /// The number of the label; `None` if the token may not create labels; then two runs at once are not kept apart.
    label: Option<u64>,
    until: DateTime<Utc>,
}

/// The lease: how long a lock holds without a renewal.
fn lease(client: &Client) -> TimeDelta {
    TimeDelta::from_std((client.timeout() * TIMEOUTS).min(LONGEST_LEASE)).unwrap_or(TimeDelta::seconds(120))
}

/// The server's time as a holder of the lock counts it: rather too late than too early.
fn now(client: &Client) -> DateTime<Utc> {
    client.latest_server_time().unwrap_or_default()
}

fn describe(client: &Client, until: DateTime<Utc>) -> String {
    format!("{} is at work until {}", client.run_name(), until.to_rfc3339())
}

/// Takes the lock, and waits while another run holds it.
pub(super) fn acquire(client: &Client, project: &str, notices: &mut Vec<String>) -> Result<Lock, Failure> {
    loop {
        let until = now(client) + lease(client);
        match client.create_label(project, NAME, &describe(client, until)) {
            Ok(label) => return Ok(Lock::taken(client, label.id, until)),
            Err(Fault::Refused { status: 403, message }) => {
                notices.push(format!(
                    "the token may not create labels in {project} ({message}), so two runs at once are not kept apart: give its \
                     user the role Reporter or Planner there"
                ));
                return Ok(Lock { label: None, until });
            }
            Err(Fault::Refused { status: 409, .. }) => {}
            Err(Fault::Limited(pause)) if client.wait(pause) => continue,
            Err(fault) if fault.may_have_succeeded() => {}
            Err(fault) => return Err(Failure::Failed(fault.to_string())),
        }
        let found = client
            .label(project, NAME)
            .map_err(|fault| Failure::Failed(fault.to_string()))?;
        let Some(found) = found else {
            if client.wait(Duration::from_millis(100)) {
                continue;
            }
            return Err(Failure::Failed(format!(
                "the label {NAME} can neither be created nor found"
            )));
        };
        if found.description == describe(client, until) {
            // The label is this run's own; the answer to its creation was lost.
            return Ok(Lock::taken(client, found.id, until));
        }
        let left = left(&found.description, client.server_time());
        if left <= TimeDelta::zero() {
            client
                .delete_label(project, found.id)
                .map_err(|fault| Failure::Failed(fault.to_string()))?;
            continue;
        }
        let pause = left.to_std().unwrap_or_default().min(Duration::from_secs(1));
        if !client.wait(pause) {
            return Err(Failure::Failed(format!(
                "another run is at work in {project} ({}): run again when it is done",
                found.description
            )));
        }
    }
}

/// Deletes the expired label of an ended run, and returns whether there was one.
pub(super) fn sweep(client: &Client, project: &str) -> Result<bool, Fault> {
    let Some(found) = client.label(project, NAME)? else {
        return Ok(false);
    };
    let over = left(&found.description, client.server_time()) <= TimeDelta::zero();
    if over {
        client.delete_label(project, found.id)?;
    }
    Ok(over)
}

/// The remaining time of a label's lease. It is zero if the label names no time, or a later end than any run sets: such a
/// label is a person's.
fn left(description: &str, now: Option<DateTime<Utc>>) -> TimeDelta {
    let Some(ends) = ends(description) else {
        return TimeDelta::zero();
    };
    // The holder's clock may be behind by the fractions of a second that `Date` leaves out.
    let left = ends + TICK - now.unwrap_or_default();
    let longest = TimeDelta::from_std(LONGEST_LEASE + CLOCKS).unwrap_or(TimeDelta::MAX);
    // Without the server's clock the remaining time is unknown.
    if now.is_some() && left > longest + TICK {
        return TimeDelta::zero();
    }
    left
}

/// The end of the lease that a label's description names; `None` if it names none.
fn ends(description: &str) -> Option<DateTime<Utc>> {
    let time = description.rsplit(' ').next()?;
    DateTime::parse_from_rfc3339(time)
        .ok()
        .map(|time| time.with_timezone(&Utc))
}

impl Lock {
    /// The lock with this label; from now on the client sends no write that may outlast the lease.
    fn taken(client: &Client, label: u64, until: DateTime<Utc>) -> Self {
        client.set_lease(Some(until));
        Self {
            label: Some(label),
            until,
        }
    }

    /// Renews the lock if it would end before the next write completes.
    pub(super) fn renew(&mut self, client: &Client, project: &str) -> Result<(), Fault> {
        if self.until - now(client) > lease(client) / 2 {
            return Ok(());
        }
        self.prolong(client, project)
    }

    /// Extends the lock by a whole lease. After a time-out, the next run then waits until the request can no longer be carried
    /// out, and finds its result.
    pub(super) fn prolong(&mut self, client: &Client, project: &str) -> Result<(), Fault> {
        let Some(label) = self.label else { return Ok(()) };
        // The label's number proves that no other run took the lock over, so the lease need not hold for this write.
        client.set_lease(None);
        let until = now(client) + lease(client);
        let described = client.describe_label(project, label, &describe(client, until));
        match described {
            Ok(()) => {
                self.until = until;
                client.set_lease(Some(until));
                Ok(())
            }
            Err(fault) => {
                client.set_lease(Some(self.until));
                Err(Fault::Overtaken(fault.to_string()))
            }
        }
    }

    /// The time at which the lock ends without a renewal.
    pub(super) const fn until(&self) -> DateTime<Utc> {
        self.until
    }

    /// Releases the lock, so that other runs can write.
    pub(super) fn release(self, client: &Client, project: &str) -> Result<(), Fault> {
        client.set_lease(None);
        self.label.map_or(Ok(()), |label| client.delete_label(project, label))
    }
}

#[cfg(test)]
mod tests {
    use super::super::client::Settings;
    use super::*;
    use crate::transport::TransportSettings;

    #[test]
    fn the_label_has_the_name_and_the_words_of_version_0_1_0() {
        let golden = include_str!("../../../tests/golden/lock.txt");
        let (name, described) = golden.trim_end().split_once('\n').expect("a name and words");
        let client = Client::new(Settings {
            api: "https://gitlab.example.com/api/v4".parse().expect("an address"),
            token: None,
            terms: TransportSettings {
                authority: None,
                proxied: true,
                timeout: Duration::from_secs(1),
                max_wait: Duration::from_secs(1),
            },
            run: "job 7".to_owned(),
        });
        let until = ends(described).expect("a time");
        assert_eq!(name, NAME);
        assert_eq!(describe(&client.expect("a client"), until), described);
    }

    fn at(text: &str) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
    }

    #[test]
    fn a_lock_holds_until_its_end_and_one_that_no_run_sets_never_holds() {
        let now = at("2026-01-05T16:00:00Z");
        for (end, seconds) in [
            ("2026-01-05T16:00:05+00:00", 6),
            ("2026-01-05T15:59:55+00:00", -4),
            ("2026-01-05T16:06:00+00:00", 361),
            ("2026-01-05T16:07:00+00:00", 0),
            ("9999-12-31T23:59:59Z", 0),
            ("soon", 0),
            ("", 0),
        ] {
            let left = left(&format!("job 7 is at work until {end}"), now);
            assert_eq!(left, TimeDelta::seconds(seconds), "{end}");
        }
        assert!(left("job 7 is at work until 9999-12-31T23:59:59Z", None) > TimeDelta::zero());
    }
}
