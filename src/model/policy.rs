//! What the fold asks of the process.

use super::{CustomerKey, Length, SeverityKey, StatusKey, StepKey};

/// The parts of the process that the fold needs: the first status, active statuses and cadences.
pub trait FoldPolicy {
    /// The status of an incident whose declaration names no status.
    fn initial_status(&self) -> StatusKey;
    /// Whether an incident with this status is active.
    fn is_active(&self, status: &StatusKey) -> bool;
    /// The time between two updates to the business; `None` if this severity and status promise no update.
    fn cadence(&self, severity: &SeverityKey, status: &StatusKey) -> Option<Length>;
    /// Whether incidents of this severity promise the same cadence to customers.
    fn promises_customers(&self, severity: &SeverityKey) -> bool;
    /// The step that tells customers of the incident on tickets; `None` if the severity does not have it.
    fn ticket_step(&self, severity: &SeverityKey) -> Option<StepKey>;
    /// Whether this program can open a ticket for a customer.
    fn has_ticket_project(&self, customer: &CustomerKey) -> bool;
}
