//! The tickets of the customers who were told.

use std::collections::BTreeMap;

use crate::model::{CustomerKey, ToldBy};
use crate::render::RenderContext;

/// The project of a customer's tickets.
pub(super) fn project<'a>(context: &RenderContext<'a>, customer: &CustomerKey) -> Option<&'a str> {
    context
        .directory
        .customer(customer.as_str())?
        .tickets
        .get()
        .map(String::as_str)
}

/// A customer's ticket.
pub(super) struct Ticket {
    /// The index of the first entry that informs the customer.
    pub(super) entry: usize,
    /// Whether this program creates the ticket at that entry, rather than people.
    pub(super) created: bool,
    /// The address of the ticket that people opened; later words to the customer go there. `None` if people opened none.
    pub(super) adopted: Option<String>,
}

impl Ticket {
    /// Whether this program creates the ticket.
    pub(super) const fn is_ours(&self) -> bool {
        self.created && self.adopted.is_none()
    }
}

/// The ticket of each customer that was told on a ticket.
pub(super) fn tickets(context: &RenderContext) -> BTreeMap<CustomerKey, Ticket> {
    let last = context.history.last();
    let ticket = |(customer, told): (&CustomerKey, &ToldBy)| {
        let created = match told {
            ToldBy::Ticket(_) => true,
            ToldBy::AdoptedTicket(_) => false,
            ToldBy::People(_) => return None,
        };
        let ticket = Ticket {
            entry: told.entry(),
            created,
            adopted: last.tickets.get(customer).cloned(),
        };
        Some((customer.clone(), ticket))
    };
    last.told.iter().filter_map(ticket).collect()
}
