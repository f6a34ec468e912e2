//! What can be delivered, from the users' lists alone: a message waits for
//! those that stand immediately before it in a list.

use std::collections::BTreeSet;

use petgraph::algo::{is_cyclic_directed, tarjan_scc};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed, Walker as _};

/// Messages as nodes, and an edge from each to the next one in somebody's list.
pub(crate) struct Waits(DiGraph<(), ()>);

fn place(message: usize) -> NodeIndex {
    NodeIndex::new(message - 1)
}

fn message(place: NodeIndex) -> usize {
    place.index() + 1
}

impl Waits {
    pub(crate) fn new(messages: usize, lists: &[Vec<usize>]) -> Self {
        let mut graph = DiGraph::with_capacity(messages, 2 * messages);
        (0..messages).for_each(|_| {
            graph.add_node(());
        });
        for pair in lists.iter().flat_map(|list| list.windows(2)) {
            graph.update_edge(place(pair[0]), place(pair[1]), ());
        }
        Self(graph)
    }

    pub(crate) fn is_cyclic(&self) -> bool {
        is_cyclic_directed(&self.0)
    }

    /// The messages that are neither on a cycle nor behind one.
    pub(crate) fn free(&self) -> BTreeSet<usize> {
        let mut free: BTreeSet<_> = self.0.node_indices().map(message).collect();
        for circle in tarjan_scc(&self.0).into_iter().filter(|circle| circle.len() > 1) {
            for behind in Dfs::new(&self.0, circle[0]).iter(&self.0) {
                free.remove(&message(behind));
            }
        }
        free
    }

    /// The messages of which neither they nor any before them is touched.
    pub(crate) fn without(&self, touched: impl Fn(usize) -> bool) -> BTreeSet<usize> {
        let before = Reversed(&self.0);
        let is_whole = |place: &NodeIndex| {
            Dfs::new(before, *place).iter(before).all(|place| !touched(message(place)))
        };
        self.0.node_indices().filter(is_whole).map(message).collect()
    }
}
