use super::WaitForGraph;
use super::components::Finder;
use super::fixpoint::Standing;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;
use rehearsal_machine::NodeId;

impl WaitForGraph {
    /// Who has to give up so that nobody is deadlocked, in the order of choice,
    /// chosen greedily: in every component with a cycle of those that are
    /// deadlocked the node of the greatest rank, of equals the one with the
    /// greatest number; then the same among those who are deadlocked still.
    /// A process that waits for more grants than it has requests has no other way out
    /// and comes first. A victim neither waits any longer nor makes others
    /// wait.
    ///
    /// The least number of victims would be the better choice, but to find it
    /// is NP-hard (R. Karp 1972, feedback node set): of two circles that share
    /// a node one of each gives up where the shared one would have been enough.
    ///
    /// Who gets free with a victim is found out in linear time for all victims
    /// together. Beyond that a component costs its nodes each time it loses
    /// one and holds together, which is seen as soon as every node is met; so
    /// much for n nodes that all wait for each other is n². Where it falls
    /// apart it costs its edges: at most victims times edges in all.
    #[must_use]
    pub fn victims<R: Ord>(&self, rank: impl Fn(NodeId) -> R) -> Vec<NodeId> {
        let mut standing = Standing::of(self);
        let mut victims: Vec<_> =
            self.nodes().filter(|node| self.can_never_be_free(*node)).collect();
        for victim in &victims {
            standing.free(victim.index());
        }

        let stuck = standing.all_stuck();
        let mut finder = Finder::new(self);
        let mut components = finder.find(&stuck, |node| standing.is_stuck(node));
        let mut parts = Parts::new(self);
        while !components.is_empty() {
            let greatest = |component: &Vec<u32>| {
                let nodes = component.iter().map(|&node| NodeId::from_index(node as usize));
                nodes.max_by_key(|&node| (rank(node), node))
            };
            let chosen: Vec<_> = components.iter().filter_map(greatest).collect();
            for victim in &chosen {
                standing.free(victim.index());
            }
            victims.extend(chosen);
            components = parts.of_all(components, &standing, &mut finder);
        }
        victims
    }

    fn can_never_be_free(&self, node: NodeId) -> bool {
        self.need(node) as usize > self.targets(node.index()).len()
    }
}

/// What is left of components once some of their nodes got free.
struct Parts<'a> {
    graph: &'a WaitForGraph,
    /// For each node, the last mark it got.
    marks: Vec<u64>,
    /// The newest mark.
    mark: u64,
    /// Nodes that were met, and not yet what is beyond them.
    queue: Vec<usize>,
}

impl<'a> Parts<'a> {
    fn new(graph: &'a WaitForGraph) -> Self {
        Self { graph, marks: vec![0; graph.waits.len()], mark: 0, queue: Vec::new() }
    }

    /// The components of the nodes that are still stuck, each of which is a
    /// part of an old one.
    fn of_all(
        &mut self,
        old: Vec<Vec<u32>>,
        standing: &Standing,
        finder: &mut Finder<'_>,
    ) -> Vec<Vec<u32>> {
        let mut parts = Vec::new();
        for mut component in old {
            component.retain(|&node| standing.is_stuck(node as usize));
            self.mark(&component);
            if component.len() > 1 && self.hold_together(&component, standing) {
                parts.push(component);
            } else {
                self.mark(&component);
                parts.extend(finder.find(&component, |node| self.marks[node] == self.mark));
            }
        }
        parts.sort_unstable_by_key(|part| part.first().copied());
        parts
    }

    fn mark(&mut self, nodes: &[u32]) {
        self.mark += 1;
        for &node in nodes {
            self.marks[node as usize] = self.mark;
        }
    }

    /// Whether the first of these nodes, which are marked, reaches all the
    /// others by way of them, and they reach it.
    fn hold_together(&mut self, nodes: &[u32], standing: &Standing) -> bool {
        let graph = self.graph;
        let targets = |node| graph.targets(node).iter().map(|target| target.index());
        let waiters = |node| standing.waiters(node).iter().map(|&waiter| waiter as usize);
        self.first_meets_all(nodes, targets) && self.first_meets_all(nodes, waiters)
    }

    /// Looks no further than it must to see that it does, and gives each that
    /// it meets the next mark, so that all have it in the end.
    fn first_meets_all<I: Iterator<Item = usize>>(
        &mut self,
        nodes: &[u32],
        beyond: impl Fn(usize) -> I,
    ) -> bool {
        let unmet = self.mark;
        self.mark += 1;
        let Some(&first) = nodes.first() else { return true };
        self.meet(first as usize);
        let mut left = nodes.len() - 1;
        while let (1.., Some(node)) = (left, self.queue.pop()) {
            for node in beyond(node) {
                if self.marks[node] == unmet {
                    self.meet(node);
                    left -= 1;
                    if left == 0 {
                        break;
                    }
                }
            }
        }
        self.queue.clear();
        left == 0
    }

    fn meet(&mut self, node: usize) {
        self.marks[node] = self.mark;
        self.queue.push(node);
    }
}

impl WaitForGraph {
    /// The victims that are necessary, in their order: without one of them some node
    /// would still be deadlocked. The last are let off first.
    ///
    /// A victim that is left is deadlocked until it gives up itself, whichever of the
    /// other victims have given up before it: without it, but with all the others free,
    /// somebody is still deadlocked, and its giving up would help; so it is one
    /// of those. What [`victims`](Self::victims) chooses lacks that. It takes
    /// them one after the other, and one that comes later may set an earlier one
    /// free. It holds of one graph: who is chosen when others, chosen before, are
    /// still to give up may set one of those free.
    ///
    /// Takes as many times the nodes and edges as there are victims.
    #[must_use]
    pub fn needed(&self, victims: &[NodeId]) -> Vec<NodeId> {
        let mut needed = victims.to_vec();
        for place in (0..victims.len()).rev() {
            let candidate = needed.remove(place);
            if !self.is_resolved_by(&needed) {
                needed.insert(place, candidate);
            }
        }
        needed
    }

    fn is_resolved_by(&self, victims: &[NodeId]) -> bool {
        let mut standing = Standing::of(self);
        for victim in victims {
            standing.free(victim.index());
        }
        standing.all_stuck().is_empty()
    }

    /// The deadlocked nodes for which this victim waits, directly or by way of each other,
    /// after all other victims have given up. While none of these nodes gives up, the
    /// victim stays deadlocked, whatever the other nodes do. A victim on a cycle is itself
    /// one of these nodes.
    ///
    /// Takes linear time.
    pub(in crate::deadlock) fn holders(&self, victim: NodeId, victims: &[NodeId]) -> Vec<NodeId> {
        let mut standing = Standing::of(self);
        let others = victims.iter().filter(|other| **other != victim);
        for other in others.filter(|other| other.index() < self.waits.len()) {
            standing.free(other.index());
        }
        let mut is_met = vec![false; self.waits.len()];
        let mut holders = Vec::new();
        let mut queue = vec![victim];
        while let Some(node) = queue.pop() {
            for &target in self.targets(node.index()) {
                let is_stuck = standing.is_stuck(target.index());
                if is_stuck && !mem::replace(&mut is_met[target.index()], true) {
                    holders.push(target);
                    queue.push(target);
                }
            }
        }
        holders
    }
}
