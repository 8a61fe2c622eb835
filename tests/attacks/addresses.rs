//! Where tokens go: no repository, branch or variable of a stranger chooses the host.
