//! Reads environment variables.

use crate::git::CiVariables;

/// The value of an environment variable; `None` if it is unset or empty.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Whether the program runs in a pipeline.
pub(super) fn in_ci() -> bool {
    ci_variables().ci
}

/// The variables of GitLab CI.
pub(super) fn ci_variables() -> CiVariables {
    CiVariables::read(&|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}
