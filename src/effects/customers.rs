//! What customers read: their tickets, the notes on them, and the last words.

use super::desired::Maker;
use super::tickets::project;
use super::{Audience, Destination, Effect, Introduced, Kind, ShortKey};
use crate::model::{CustomerKey, SpokenTo};
use crate::process::{StatusKind, TicketsClose};
use crate::render::{Template, time};

/// The beginning of each text that customers would read if the incident were not a drill.
const DRILL: &str = "[DRILL] ";

/// Why a customer gets a note with an entry.
struct NoteReason {
    /// Whether the entry has words for the customer.
    has_message: bool,
    /// Whether the entry restores the customer's service.
    is_restored: bool,
    /// Whether the customer gets the words only because they are the last ones. Versions before 0.5.0 did not send them.
    is_last_word: bool,
}

impl Maker<'_> {
    /// Adds a ticket for each customer that this entry informs first, and a note for each customer that it informs again.
    pub(super) fn customers(&mut self, index: usize) {
        let told: Vec<CustomerKey> = self
            .tickets
            .iter()
            .filter(|(_, ticket)| ticket.entry <= index)
            .map(|(customer, _)| customer.clone())
            .collect();
        for customer in told {
            let ticket = &self.tickets[&customer];
            if ticket.entry == index && ticket.created {
                self.ticket(index, &customer);
            }
            self.note(index, &customer);
        }
    }

    fn ticket(&mut self, index: usize, customer: &CustomerKey) {
        let state = self.state(index);
        let view = self.context.customer(index, customer);
        let title = self.context.ticket_title(index);
        let symptoms = state.symptoms.clone().unwrap_or_default();
        let headline = state.headline.clone().unwrap_or_default();
        let to = Destination::TicketProject {
            name: project(&self.context, customer).map(str::to_owned),
            adopted: self.tickets[customer].adopted.clone(),
        };
        let mut effect = self.effect(self.ticket_key(customer), Kind::Ticket, to, &[&headline, &symptoms]);
        effect.audience = Audience::Customer;
        effect.since = self.at(index);
        effect.title = Some(title);
        effect.body = self.renderer.customer(Template::CustomerTicket, &view);
        let name = self.context.directory.customer_name(customer.as_str());
        effect.why = format!("{name} is affected{}", self.by_email(customer));
        self.out.push(marked_as_drill(effect));
    }

    /// Marks the tickets that this program created as closed, if the incident is closed and the process says so.
    pub(super) fn close_tickets(&mut self) {
        let is_closed = self.kind(self.context.history.last()) == StatusKind::Closed;
        let closing = (0..self.context.record.entries.len())
            .rev()
            .find(|index| self.closes(*index));
        let Some(index) = closing.filter(|_| is_closed) else {
            return;
        };
        let closed_at = self.at(index);
        let is_due = match self.context.process.tickets_close {
            TicketsClose::Closed => true,
            TicketsClose::Never => false,
            TicketsClose::After(length) => closed_at.0 + length.0 <= self.context.now.0,
        };
        let tickets = self
            .out
            .iter_mut()
            .filter(|effect| effect.kind == Kind::Ticket && effect.adopted().is_none());
        for ticket in tickets.filter(|_| is_due) {
            ticket.open = false;
            ticket.introduced = Some(Introduced::by_entry(closed_at));
        }
    }

    /// The end of the reason in the plan that says who gets the words by e-mail; empty if the project is not a Service Desk.
    /// A Service Desk e-mails external participants, and a ticket that this program creates has none.
    /// <https://docs.gitlab.com/user/project/service_desk/external_participants/>
    fn by_email(&self, customer: &CustomerKey) -> &'static str {
        match (self.is_service_desk(customer), self.tickets[customer].is_ours()) {
            (false, _) => "",
            (true, false) => "; e-mails the ticket's external participants",
            (true, true) => "; reaches nobody by e-mail until the ticket has external participants",
        }
    }

    /// Whether this customer's project is a Service Desk.
    fn is_service_desk(&self, customer: &CustomerKey) -> bool {
        let known = self.context.directory.customer(customer.as_str());
        known.is_some_and(|known| known.service_desk.get() == Some(&true))
    }

    /// Why a customer gets a note with an entry: the entry has words for it, restores its service, or makes it a new promise.
    /// `None` if it gets none. Everybody who was told gets the last words: the first ones since the incident is over, and those that
    /// close it.
    fn note_reason(&self, index: usize, customer: &CustomerKey) -> Option<NoteReason> {
        let state = self.state(index);
        if state.hold_customers.is_some() {
            return None;
        }
        let before = self.context.history.before(index);
        let entry = &self.context.record.entries[index].entry;
        let is_back = state.restored.contains_key(customer);
        let is_restored = is_back && !self.is_told_of_restoration(index, customer);
        let is_restored_late = is_restored && before.is_some_and(|before| before.restored.contains_key(customer));
        let is_affected = state.is_listed(customer) && (!is_back || is_restored);
        let is_end = self.speaks_last(index);
        let named = entry.customer_message_to.get();
        let is_addressed = match named {
            Some(list) => list.iter().filter_map(|field| field.get()).any(|one| one == customer),
            None => is_affected || is_end,
        };
        let has_message = is_addressed && entry.words_to_customers().is_some();
        let is_first = self.tickets[customer].entry == index && self.tickets[customer].created;
        let is_promised = || is_addressed && !is_first && self.is_promised(index, customer);
        (has_message || is_restored || is_promised()).then(|| NoteReason {
            has_message,
            is_restored,
            is_last_word: (named.is_none() && !is_affected) || is_restored_late,
        })
    }

    /// Whether an entry before this one told a customer that its service is restored: words were not held.
    fn is_told_of_restoration(&self, index: usize, customer: &CustomerKey) -> bool {
        let states = self.context.history.states[..index].iter().rev();
        let mut since = states.take_while(|state| state.restored.contains_key(customer));
        since.any(|state| state.hold_customers.is_none())
    }

    /// Whether the words of an entry are the last ones: they are the first since the incident is over, or they close it.
    fn speaks_last(&self, index: usize) -> bool {
        let is_over = |index: usize| self.kind(self.state(index)) != StatusKind::Active;
        let has_words = |index: usize| {
            let entry = &self.context.record.entries[index].entry;
            matches!(entry.speaks_to(self.state(index)), SpokenTo::Everyone)
        };
        let mut earlier = (0..index).rev().take_while(|earlier| is_over(*earlier));
        is_over(index) && (self.closes(index) || !earlier.any(has_words))
    }

    /// Whether an entry makes a promise to a customer.
    fn is_promised(&self, index: usize, customer: &CustomerKey) -> bool {
        // The promises are in the order of the entries.
        let promises = &self.context.history.customer_promises;
        let first = promises.partition_point(|promise| promise.entry < index);
        let mut of_entry = promises[first..].iter().take_while(|promise| promise.entry == index);
        of_entry.any(|promise| promise.customer.as_ref() == Some(customer))
    }

    /// Adds a note if the customer gets one with this entry.
    fn note(&mut self, index: usize, customer: &CustomerKey) {
        let Some(reason) = self.note_reason(index, customer) else {
            return;
        };
        let state = self.state(index);
        let entry = &self.context.record.entries[index].entry;
        let mut view = self.context.customer(index, customer);
        if !reason.has_message {
            view.message = None;
        }
        if let Some(at) = state.restored.get(customer) {
            view.next_update = None;
            if reason.is_restored {
                view.at = time(*at);
            }
        }
        let is_back = state.restored.contains_key(customer);
        let is_resolved = self.resolves(index) && state.is_listed(customer) && !is_back;
        let template = if reason.is_restored || is_resolved {
            Template::CustomerResolution
        } else {
            Template::CustomerUpdate
        };
        let message = entry.words_to_customers().filter(|_| reason.has_message);
        let restored_word = if reason.is_restored { "restored" } else { "" };
        let words = [message.map_or("", String::as_str), restored_word];
        let key = self.key(ShortKey::TicketNote {
            customer: customer.clone(),
            stamp: self.stamp(index),
        });
        let to = Destination::CustomerTicket {
            adopted: self.tickets[customer].adopted.clone(),
        };
        let mut effect = self.effect(key, Kind::TicketNote, to, &words);
        effect.audience = Audience::Customer;
        effect.since = self.at(index);
        effect.introduced = reason.is_last_word.then(|| Introduced::by_entry(self.at(index)));
        effect.body = self.renderer.customer(template, &view);
        let name = self.context.directory.customer_name(customer.as_str());
        let what = match (reason.has_message, reason.is_restored) {
            (_, true) => "service is restored for",
            (true, false) if reason.is_last_word => "there are last words for",
            (true, false) => "there are words for",
            (false, false) => "there is a new promise to",
        };
        effect.emails = self.is_service_desk(customer) && !self.tickets[customer].is_ours();
        effect.why = format!("{what} {name}{}", self.by_email(customer));
        self.out.push(marked_as_drill(effect));
    }
}

/// The effect of a drill says so in its title and in its text.
fn marked_as_drill(mut effect: Effect) -> Effect {
    if effect.drill {
        effect.title = effect.title.map(|title| format!("{DRILL}{title}"));
        effect.body.insert_str(0, DRILL);
        effect.why += "; held, because a drill tells no customer";
        effect.emails = false;
    }
    effect
}
