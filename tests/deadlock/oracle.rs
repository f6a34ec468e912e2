//! The same questions, answered by petgraph and by definitions taken
//! literally, whatever they cost.

use std::collections::BTreeSet;

use petgraph::algo::{dijkstra, is_cyclic_directed, tarjan_scc};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed, Walker as _};

use super::waits::Waits;

pub(crate) struct Oracle {
    graph: DiGraph<(), ()>,
    needs: Vec<usize>,
    lists: Vec<Vec<u32>>,
}

fn place(node: u32) -> NodeIndex {
    NodeIndex::new(node as usize - 1)
}

fn number(place: NodeIndex) -> u32 {
    place.index() as u32 + 1
}

impl Oracle {
    pub(crate) fn of(waits: &Waits) -> Self {
        let nodes = waits.nodes as usize;
        let mut graph = DiGraph::new();
        for _ in 0..nodes {
            graph.add_node(());
        }
        let (mut needs, mut lists) = (vec![0; nodes], vec![Vec::new(); nodes]);
        for (from, need, targets) in &waits.waits {
            needs[place(*from).index()] = *need as usize;
            lists[place(*from).index()].clone_from(targets);
            for to in targets {
                graph.add_edge(place(*from), place(*to), ());
            }
        }
        Self { graph, needs, lists }
    }

    pub(crate) fn is_cyclic(&self) -> bool {
        is_cyclic_directed(&self.graph)
    }

    /// The nodes that a node reaches, itself included.
    pub(crate) fn reached(&self, from: u32) -> BTreeSet<u32> {
        Dfs::new(&self.graph, place(from)).iter(&self.graph).map(number).collect()
    }

    /// The edges out of the nodes that a node reaches.
    pub(crate) fn edges_out_of_reached(&self, from: u32) -> usize {
        let lists = self.reached(from).into_iter().map(|node| &self.lists[place(node).index()]);
        lists.map(Vec::len).sum()
    }

    pub(crate) fn on_cycles(&self) -> Vec<u32> {
        let all: BTreeSet<_> = self.components().into_iter().flatten().collect();
        all.into_iter().collect()
    }

    /// Who reaches a cycle.
    pub(crate) fn behind_cycles(&self) -> Vec<u32> {
        let reversed = Reversed(&self.graph);
        let behind = |component: &Vec<u32>| Dfs::new(reversed, place(component[0])).iter(reversed);
        let all: BTreeSet<_> = self.components().iter().flat_map(behind).map(number).collect();
        all.into_iter().collect()
    }

    /// Who reaches blocked nodes only, and is one.
    pub(crate) fn without_way_out(&self) -> Vec<u32> {
        let is_blocked = |node: &u32| self.needs[place(*node).index()] > 0;
        let has_none = |from: &u32| self.reached(*from).iter().all(is_blocked);
        self.graph.node_indices().map(number).filter(has_none).collect()
    }

    /// The greatest set of nodes in which the set denies each node, except these
    /// victims, what it needs. It is shrunk round by round.
    pub(crate) fn deadlocked_but(&self, victims: &[u32]) -> BTreeSet<u32> {
        let mut stuck: BTreeSet<_> = self.graph.node_indices().map(number).collect();
        loop {
            let is_stuck = |node: &&u32| {
                let index = place(**node).index();
                let granted = self.lists[index].iter().filter(|to| !stuck.contains(to)).count();
                !victims.contains(*node) && granted < self.needs[index]
            };
            let less: BTreeSet<_> = stuck.iter().filter(is_stuck).copied().collect();
            if less == stuck {
                return stuck;
            }
            stuck = less;
        }
    }

    pub(crate) fn deadlocked(&self) -> Vec<u32> {
        self.deadlocked_but(&[]).into_iter().collect()
    }

    pub(crate) fn components(&self) -> Vec<Vec<u32>> {
        self.components_of(&self.graph.node_indices().map(number).collect())
    }

    /// The components with a cycle of what is left if only these nodes stay.
    pub(crate) fn components_of(&self, members: &BTreeSet<u32>) -> Vec<Vec<u32>> {
        let part = self.graph.filter_map(
            |place, ()| members.contains(&number(place)).then(|| number(place)),
            |_, ()| Some(()),
        );
        let has_cycle = |component: &Vec<NodeIndex>| {
            component.len() > 1 || part.find_edge(component[0], component[0]).is_some()
        };
        let mut found: Vec<Vec<u32>> = Vec::new();
        for component in tarjan_scc(&part).into_iter().filter(has_cycle) {
            let mut component: Vec<_> = component.into_iter().map(|place| part[place]).collect();
            component.sort_unstable();
            found.push(component);
        }
        found.sort();
        found
    }

    pub(crate) fn knots(&self) -> Vec<Vec<u32>> {
        let mut found = self.components();
        found.retain(|component| {
            let targets = |node: &u32| self.lists[place(*node).index()].iter();
            component.iter().flat_map(targets).all(|target| component.contains(target))
        });
        found
    }

    pub(crate) fn is_cycle(&self, nodes: &[u32]) -> bool {
        let distinct: BTreeSet<_> = nodes.iter().collect();
        let next = nodes.iter().cycle().skip(1);
        !nodes.is_empty()
            && distinct.len() == nodes.len()
            && nodes
                .iter()
                .zip(next)
                .all(|(from, to)| self.lists[place(*from).index()].contains(to))
    }

    /// How many nodes the shortest cycle through this one has that stays among
    /// these.
    pub(crate) fn girth(&self, through: u32, members: &BTreeSet<u32>) -> Option<usize> {
        let part = self.graph.filter_map(
            |place, ()| Some(number(place)),
            |edge, ()| {
                let (from, to) = self.graph.edge_endpoints(edge).expect("an edge has ends");
                (members.contains(&number(from)) && members.contains(&number(to))).then_some(())
            },
        );
        let next = part.neighbors(place(through));
        let back =
            |next| dijkstra(&part, next, Some(place(through)), |_| 1).get(&place(through)).copied();
        next.filter_map(back).min().map(|steps: usize| steps + 1)
    }

    /// The greatest of every component, until nobody is deadlocked.
    pub(crate) fn victims(&self, rank: impl Fn(u32) -> u32) -> Vec<u32> {
        let needs_too_much = |node: &u32| {
            let index = place(*node).index();
            self.needs[index] > self.lists[index].len()
        };
        let mut victims: Vec<_> =
            self.graph.node_indices().map(number).filter(needs_too_much).collect();
        loop {
            let stuck = self.deadlocked_but(&victims);
            if stuck.is_empty() {
                return victims;
            }
            let components = self.components_of(&stuck);
            assert!(!components.is_empty(), "somebody is stuck, but nobody is on a cycle");
            let greatest = |component: &Vec<u32>| {
                component.iter().copied().max_by_key(|node| (rank(*node), *node)).expect("a member")
            };
            victims.extend(components.iter().map(greatest));
        }
    }
}
