//! The objects that a run left alone, grouped by the reason.

use std::collections::{BTreeMap, BTreeSet};

use crate::effects::Key;
use crate::forge::Skipped;

/// A reason why objects are left alone, with the keys of these objects.
pub(super) struct LeftGroup<'a> {
    /// The reason.
    pub(super) why: &'a str,
    /// Whether the run fails for one of the objects.
    pub(super) is_blocking: bool,
    /// The first object of each customer, and the first one of the team.
    pub(super) keys: Vec<&'a Key>,
}

/// Groups the objects that are left alone by the reason, in the order of the report.
#[must_use]
pub(super) fn left_groups<'a>(left: impl Iterator<Item = &'a (Key, Skipped)>) -> Vec<LeftGroup<'a>> {
    let mut groups: Vec<LeftGroup> = Vec::new();
    let mut by_reason: BTreeMap<&str, usize> = BTreeMap::new();
    let mut named = BTreeSet::new();
    for (key, left) in left {
        let at = *by_reason.entry(&left.why).or_insert_with(|| {
            groups.push(LeftGroup {
                why: &left.why,
                is_blocking: false,
                keys: Vec::new(),
            });
            groups.len() - 1
        });
        groups[at].is_blocking |= left.blocking;
        let customer = key.customer().map(|customer| (key.incident(), customer));
        if named.insert((at, customer)) {
            groups[at].keys.push(key);
        }
    }
    groups
}
