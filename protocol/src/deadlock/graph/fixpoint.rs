use alloc::vec;
use alloc::vec::Vec;

use super::WaitForGraph;

/// Who is free and who is not, as the least fixpoint has it: each node counts
/// the grants it still misses, and each that gets free tells those that wait
/// for it. Every edge is looked at once at most, also when victims are freed
/// one after the other.
pub(super) struct Standing {
    /// For each node, how many grants by nodes that are not free yet it needs.
    missing: Vec<u32>,
    waiters: Waiters,
    /// Free nodes that have not told yet.
    untold: Vec<u32>,
}

/// Who waits for each node: the edges turned round.
struct Waiters {
    /// Where each node's waiters begin; one more entry for where all end.
    starts: Vec<usize>,
    waiters: Vec<u32>,
}

impl Standing {
    pub(super) fn of(graph: &WaitForGraph) -> Self {
        let missing: Vec<_> = (0..graph.waits.len()).map(|node| graph.need_at(node)).collect();
        let is_free = |node: &u32| missing[*node as usize] == 0;
        let untold = (0..missing.len() as u32).filter(is_free).collect();
        let mut standing = Self { missing, waiters: Waiters::of(graph), untold };
        standing.tell();
        standing
    }

    pub(super) fn is_stuck(&self, node: usize) -> bool {
        self.missing[node] > 0
    }

    /// Who is not free, in order.
    pub(super) fn all_stuck(&self) -> Vec<u32> {
        (0..self.missing.len() as u32).filter(|node| self.is_stuck(*node as usize)).collect()
    }

    /// Who waits for this node; somebody with several requests is there as often.
    pub(super) fn waiters(&self, node: usize) -> &[u32] {
        self.waiters.of_node(node)
    }

    /// The node gives up what it waits for, and all that get free with it do too.
    pub(super) fn free(&mut self, node: usize) {
        if self.is_stuck(node) {
            self.missing[node] = 0;
            self.untold.push(node as u32);
            self.tell();
        }
    }

    fn tell(&mut self) {
        while let Some(free) = self.untold.pop() {
            for &waiter in self.waiters.of_node(free as usize) {
                let missing = &mut self.missing[waiter as usize];
                if *missing == 1 {
                    self.untold.push(waiter);
                }
                *missing = missing.saturating_sub(1);
            }
        }
    }
}

impl Waiters {
    /// A counting sort of the edges by target.
    fn of(graph: &WaitForGraph) -> Self {
        let nodes = graph.waits.len();
        let mut starts = vec![0; nodes + 1];
        for target in &graph.targets {
            starts[target.index()] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        // From each node's end backwards: what is left in the end is where it starts.
        let mut waiters = vec![0; graph.targets.len()];
        for from in (0..nodes).rev() {
            for target in graph.targets(from) {
                let place = &mut starts[target.index()];
                *place -= 1;
                waiters[*place] = from as u32;
            }
        }
        Self { starts, waiters }
    }

    fn of_node(&self, node: usize) -> &[u32] {
        &self.waiters[self.starts[node]..self.starts[node + 1]]
    }
}
