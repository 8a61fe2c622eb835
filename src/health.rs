//! The results of `doctor`: what was examined, and whether it works.

/// The result of one `doctor` check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// The examined thing works.
    Ok,
    /// The examined thing cannot be seen with this token.
    Unseen,
    /// The examined thing works, but not for long or not safely.
    Warn,
    /// The examined thing does not work.
    Fail,
}

/// One line of `doctor`: what was examined, and the result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DoctorCheckResult {
    /// The result of the check.
    pub verdict: Verdict,
    /// The name of the examined thing.
    pub what: &'static str,
    /// What was found, and what to do if it does not work.
    pub says: String,
}

impl DoctorCheckResult {
    /// Creates the result line of a check.
    #[must_use]
    pub fn new(verdict: Verdict, what: &'static str, says: impl Into<String>) -> Self {
        Self {
            verdict,
            what,
            says: says.into(),
        }
    }
}
