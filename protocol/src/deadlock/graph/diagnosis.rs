use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use serde::{Deserialize, Serialize};

use super::WaitForGraph;
use super::components::Finder;
use super::fixpoint::Standing;
use rehearsal_machine::NodeId;

/// Who is deadlocked, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Diagnosis {
    /// All that can never be granted what they need, in order.
    pub deadlocked: Vec<NodeId>,
    /// Those of them that wait for each other in circles, in order: one of
    /// these has to give up.
    pub on_cycle: Vec<NodeId>,
    /// The other deadlocked, in order: they wait for those, or for more grants
    /// than they have requests. Only in the latter case is there anybody here
    /// while nobody is on a cycle.
    pub behind: Vec<NodeId>,
    /// A shortest of the cycles of deadlocked nodes through the smallest node
    /// that is on any; of these the one with the smallest next node, and so on.
    /// Others may be shorter. Empty if there is none.
    pub cycle: Cycle,
}

impl WaitForGraph {
    /// Who is deadlocked, and how.
    #[must_use]
    pub fn diagnosis(&self) -> Diagnosis {
        let standing = Standing::of(self);
        let stuck = standing.all_stuck();
        let components = Finder::new(self).find(&stuck, |node| standing.is_stuck(node));
        let mut is_on_cycle = vec![false; self.waits.len()];
        for &node in components.iter().flatten() {
            is_on_cycle[node as usize] = true;
        }
        let deadlocked: Vec<_> = stuck.into_iter().map(named).collect();
        let (on_cycle, behind) = deadlocked.iter().partition(|node| is_on_cycle[node.index()]);
        let smallest = components.first().and_then(|component| component.first());
        let cycle = smallest.map(|&first| self.shortest_cycle(first, &standing, &is_on_cycle));
        Diagnosis { deadlocked, on_cycle, behind, cycle: cycle.unwrap_or_default() }
    }

    /// Measures breadth first how far it is to `first`, which is on a cycle,
    /// then goes there by the smallest node that is nearer.
    fn shortest_cycle(&self, first: u32, standing: &Standing, is_on_cycle: &[bool]) -> Cycle {
        let mut distances = vec![u32::MAX; self.waits.len()];
        distances[first as usize] = 0;
        let mut queue = vec![first];
        let mut next = 0;
        let mut length = None;
        while let (None, Some(&node)) = (length, queue.get(next)) {
            next += 1;
            let distance = distances[node as usize] + 1;
            for &waiter in standing.waiters(node as usize) {
                if waiter == first {
                    length = Some(distance);
                } else if is_on_cycle[waiter as usize] && distances[waiter as usize] == u32::MAX {
                    distances[waiter as usize] = distance;
                    queue.push(waiter);
                }
            }
        }
        let mut cycle = vec![named(first)];
        let mut here = first as usize;
        for distance in (1..length.unwrap_or_default()).rev() {
            let is_nearer = |target: &&NodeId| distances[target.index()] == distance;
            let Some(&nearer) = self.targets(here).iter().filter(is_nearer).min() else { break };
            cycle.push(nearer);
            here = nearer.index();
        }
        Cycle(cycle)
    }
}

fn named(node: u32) -> NodeId {
    NodeId::from_index(node as usize)
}

/// Nodes of which each waits for the next, and the last for the first; prints
/// as `n1 -> n3 -> n1`. Empty, and printed as `none`, if there is no cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cycle(pub Vec<NodeId>);

impl Cycle {
    /// Each node with the one it waits for.
    pub fn pairs(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        self.0.iter().copied().zip(self.0.iter().copied().cycle().skip(1))
    }
}

impl Deref for Cycle {
    type Target = [NodeId];

    fn deref(&self) -> &[NodeId] {
        &self.0
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.first() else { return f.write_str("none") };
        self.iter().try_for_each(|node| write!(f, "{node} -> "))?;
        write!(f, "{first}")
    }
}
