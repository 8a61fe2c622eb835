//! A branch under review does not render its own note.
