//! From a revision to files; the only user of the git command.
