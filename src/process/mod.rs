//! The incident process as data, and its embedded default.
