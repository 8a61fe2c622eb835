//! The customers to whom an entry speaks.

use std::collections::BTreeSet;

use super::{CustomerKey, Entry, State};

/// The customers to whom an entry speaks.
#[derive(Debug)]
pub enum SpokenTo<'a> {
    /// The entry has no words for customers, or words are held.
    Nobody,
    /// The entry has words, and names no readers.
    Everyone,
    /// The entry has words for these customers.
    Named(BTreeSet<&'a CustomerKey>),
}

impl Entry {
    /// The words to customers; `None` if there are none or only white space.
    #[must_use]
    pub fn words_to_customers(&self) -> Option<&String> {
        self.customer_message.get().filter(|text| !text.trim().is_empty())
    }

    /// The customers to whom the entry speaks; `state` is the state after the entry.
    #[must_use]
    pub fn speaks_to(&self, state: &State) -> SpokenTo<'_> {
        if self.words_to_customers().is_none() || state.hold_customers.is_some() {
            return SpokenTo::Nobody;
        }
        match self.customer_message_to.get() {
            None => SpokenTo::Everyone,
            Some(named) => SpokenTo::Named(named.iter().filter_map(|field| field.get()).collect()),
        }
    }
}
