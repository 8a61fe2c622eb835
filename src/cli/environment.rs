//! The environment's variables.

use crate::git::CiVariables;

/// A variable that is set and not empty.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Whether this runs in a pipeline.
pub(super) fn in_ci() -> bool {
    ci_variables().ci
}

/// The variables of GitLab CI.
pub(super) fn ci_variables() -> CiVariables {
    CiVariables::read(&|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}
