//! Text from a ledger or a remote does nothing to a terminal, and a foreign repository runs nothing.
