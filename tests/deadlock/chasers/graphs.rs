//! Wait-for graphs that stand still, as their nodes see them, and what is true
//! of them according to petgraph.

use std::collections::BTreeSet;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Walker as _};
use rehearsal::machine::{NodeId, Time};
use rehearsal::protocol::resource::{RequestId, View, Wait};

use super::driver::node;

/// Nodes and who waits for whom, both from 1. Whoever waits is blocked.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(crate) nodes: usize,
    pub(crate) edges: Vec<(usize, usize)>,
}

/// What one wait needs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Model {
    And,
    Or,
}

pub(crate) fn ring(nodes: usize) -> Graph {
    Graph { nodes, edges: (1..=nodes).map(|from| (from, from % nodes + 1)).collect() }
}

pub(crate) fn clique(nodes: usize) -> Graph {
    let all = (1..=nodes).flat_map(|from| (1..=nodes).map(move |to| (from, to)));
    Graph { nodes, edges: all.filter(|(from, to)| from != to).collect() }
}

/// All labelled graphs of so many nodes without loops.
pub(crate) fn all(nodes: usize) -> impl Iterator<Item = Graph> {
    let edges = clique(nodes).edges;
    (0..1_u32 << edges.len()).map(move |bits| {
        let is_in =
            |(place, edge): (usize, &(usize, usize))| (bits >> place & 1 == 1).then_some(*edge);
        Graph { nodes, edges: edges.iter().enumerate().filter_map(is_in).collect() }
    })
}

impl Graph {
    /// What node `number` knows: its first request, and those of others.
    pub(crate) fn view(&self, number: usize, model: Model) -> View {
        let request = |by| RequestId { by: node(by), number: 1 };
        let of =
            |(from, to): &(usize, usize)| (*from == number).then(|| (node(*to), request(number)));
        let open: Vec<_> = self.edges.iter().filter_map(of).collect();
        let need = match model {
            Model::And => open.len() as u32,
            Model::Or => 1,
        };
        // The higher the number, the older.
        let since = Some(Time::from_nanos((self.nodes - number) as u64));
        let wait = (!open.is_empty()).then_some(Wait { need, open, since });
        let to =
            |(from, to): &(usize, usize)| (*to == number).then(|| (node(*from), request(*from)));
        View { wait, pending: self.edges.iter().filter_map(to).collect() }
    }

    pub(crate) fn out_degree(&self, number: usize) -> usize {
        self.edges.iter().filter(|(from, _)| *from == number).count()
    }

    fn oracle(&self) -> DiGraph<(), ()> {
        let mut graph = DiGraph::with_capacity(self.nodes, self.edges.len());
        (0..self.nodes).for_each(|_| {
            graph.add_node(());
        });
        for (from, to) in &self.edges {
            graph.add_edge(NodeIndex::new(from - 1), NodeIndex::new(to - 1), ());
        }
        graph
    }

    /// Whom a node reaches, itself included.
    pub(crate) fn reached(&self, number: usize) -> BTreeSet<usize> {
        let graph = self.oracle();
        let reached = Dfs::new(&graph, NodeIndex::new(number - 1)).iter(&graph);
        reached.map(|place| place.index() + 1).collect()
    }

    /// Edges out of those whom a node reaches.
    pub(crate) fn edges_out_of_reached(&self, number: usize) -> u64 {
        self.reached(number).into_iter().map(|reached| self.out_degree(reached) as u64).sum()
    }

    pub(crate) fn on_cycles(&self) -> BTreeSet<NodeId> {
        let circles = tarjan_scc(&self.oracle()).into_iter().filter(|circle| circle.len() > 1);
        circles.flatten().map(|place| NodeId::from_index(place.index())).collect()
    }

    /// Those who wait and of whom all whom they reach wait.
    pub(crate) fn dead_if_any_will_do(&self) -> BTreeSet<NodeId> {
        let is_dead = |number: &usize| {
            self.reached(*number).iter().all(|reached| self.out_degree(*reached) > 0)
        };
        (1..=self.nodes).filter(is_dead).map(node).collect()
    }
}
