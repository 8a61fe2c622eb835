//! Links in a ledger or an outbox lead nowhere.
