use alloc::vec;
use alloc::vec::Vec;

use super::{Cycle, WaitForGraph};
use rehearsal_machine::{NodeId, mutant};

/// How a search in depth looks for a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It moves only to neighbours that were not visited yet, and asks whether
    /// the one it moves to lies on the path it came by. No such neighbour does,
    /// for who is on the path was visited: it never finds anything.
    Printed,
    /// It asks of every neighbour whether that lies on the path, and then moves
    /// to those that were not visited yet.
    Meant,
}

/// Where a search in depth begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roots {
    /// At each node that waits and was not visited yet, in the order in which
    /// their waits were put in. Nodes that do not wait are on no cycle.
    All,
    /// At this node alone: what it does not reach is never seen.
    Only(NodeId),
}

/// A node on the path, and how many of its edges were looked at.
struct Step {
    node: NodeId,
    seen: usize,
}

impl WaitForGraph {
    /// The first cycle that a search in depth meets, going through the edges
    /// of each node in their order.
    #[must_use]
    pub fn search(&self, rule: Rule, roots: Roots) -> Option<Cycle> {
        let mut visited = vec![false; self.waits.len()];
        let mut on_path = visited.clone();
        let only = match roots {
            Roots::All => None,
            Roots::Only(node) => Some([node]),
        };
        for &root in only.as_ref().map_or(&self.order[..], |only| only) {
            let is_unvisited = visited.get(root.index()).is_some_and(|visited| !visited);
            if is_unvisited {
                let found = self.search_from(root, rule, &mut visited, &mut on_path);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    fn search_from(
        &self,
        root: NodeId,
        rule: Rule,
        visited: &mut [bool],
        on_path: &mut [bool],
    ) -> Option<Cycle> {
        let mut path = Vec::new();
        let mut entered = Some(root);
        loop {
            if let Some(node) = entered.take() {
                visited[node.index()] = true;
                on_path[node.index()] = true;
                path.push(Step { node, seen: 0 });
            }
            let step = path.last_mut()?;
            let Some(&next) = self.targets(step.node.index()).get(step.seen) else {
                on_path[step.node.index()] = false;
                path.pop();
                continue;
            };
            step.seen += 1;
            let is_visited = visited[next.index()];
            let closes_cycle = on_path[next.index()] || is_visited && mutant!(VisitedIsCycle);
            match rule {
                Rule::Printed if is_visited => {}
                _ if closes_cycle => return Some(cycle(&path, next)),
                Rule::Meant if is_visited => {}
                Rule::Printed | Rule::Meant => entered = Some(next),
            }
        }
    }
}

/// The path from where it met this node first.
fn cycle(path: &[Step], met: NodeId) -> Cycle {
    let from = path.iter().position(|step| step.node == met).unwrap_or_default();
    Cycle(path[from..].iter().map(|step| step.node).collect())
}
