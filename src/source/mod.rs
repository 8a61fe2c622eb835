//! From text to a spanned tree to records and diagnostics.
