//! Views for what customers read. Audience: customers.

use super::{RenderContext, block, some_text, time};
use crate::model::CustomerKey;
use crate::render::escape;
use crate::render::views::CustomerView;

impl RenderContext<'_> {
    /// The view for what a customer reads after an entry. It names no customer; only the promise differs from other customers'.
    #[must_use]
    pub fn customer(&self, index: usize, customer: &CustomerKey) -> CustomerView {
        let (entry, state) = (self.entry(index), self.state(index));
        CustomerView {
            at: time(entry.at),
            since: state.started_at.map(time),
            symptoms: some_text(state.symptoms.as_deref()).map(block),
            message: some_text(entry.entry.customer_message.get().map(String::as_str)).map(block),
            next_update: state.customer_due.get(customer).copied().map(time),
        }
    }

    /// The title of a customer's ticket: the headline, otherwise the first sentence of the symptoms; never the internal title.
    #[must_use]
    pub fn ticket_title(&self, index: usize) -> String {
        let state = self.state(index);
        let symptoms = state.symptoms.as_deref().unwrap_or_default();
        let sentence = symptoms
            .split_inclusive(['.', '\n', '!', '?'])
            .next()
            .unwrap_or_default();
        escape::title(some_text(state.headline.as_deref()).unwrap_or(sentence))
    }
}
