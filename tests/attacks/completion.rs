//! Completions offer nothing that a shell would run.
