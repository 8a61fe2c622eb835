//! Repositories and remotes of strangers.
