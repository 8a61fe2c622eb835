//! The results of `doctor`: what was examined, and whether it works.

/// The result of one `doctor` check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// As it has to be.
    Ok,
    /// It cannot be seen with this token.
    Unseen,
    /// It works, and not for long or not safely.
    Warn,
    /// It does not work.
    Fail,
}

/// One thing that was examined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// How good it is.
    pub verdict: Verdict,
    /// What was examined.
    pub what: &'static str,
    /// What it is, and what to do where it is not as it has to be.
    pub says: String,
}

impl Line {
    /// A line.
    #[must_use]
    pub fn new(verdict: Verdict, what: &'static str, says: impl Into<String>) -> Self {
        Self {
            verdict,
            what,
            says: says.into(),
        }
    }
}
