use alloc::collections::{BTreeMap, BTreeSet};

use super::GroupName;
use rehearsal_machine::NodeId;

/// One user's view of all groups: the members of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members(BTreeMap<GroupName, BTreeSet<NodeId>>);

impl Members {
    /// Is this user a member of the group?
    #[must_use]
    pub fn contains(&self, group: &GroupName, user: NodeId) -> bool {
        self.0.get(group).is_some_and(|members| members.contains(&user))
    }

    /// The members of a group, in the order of their numbers.
    pub fn of(&self, group: &GroupName) -> impl Iterator<Item = NodeId> {
        self.0.get(group).into_iter().flatten().copied()
    }

    /// In how many groups this user is.
    #[must_use]
    pub fn groups_of(&self, user: NodeId) -> usize {
        self.0.values().filter(|members| members.contains(&user)).count()
    }

    /// The groups of which the other view has other members, each with its members here; a
    /// group without members does not exist.
    pub fn differing<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (&'a GroupName, &'a BTreeSet<NodeId>)> {
        self.0.iter().filter(|(group, members)| other.0.get(*group) != Some(*members))
    }

    /// Adds a member; false if it was one.
    pub(super) fn insert(&mut self, group: &GroupName, user: NodeId) -> bool {
        self.0.entry(group.clone()).or_default().insert(user)
    }

    /// Removes a member; false if it was none.
    pub(super) fn remove(&mut self, group: &GroupName, user: NodeId) -> bool {
        let Some(members) = self.0.get_mut(group) else { return false };
        let is_removed = members.remove(&user);
        if members.is_empty() {
            self.0.remove(group);
        }
        is_removed
    }
}
