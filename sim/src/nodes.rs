use std::collections::BTreeSet;

use rehearsal_machine::NodeId;

/// The nodes of a run or of a cluster: those that start with it, and those that
/// join later.
///
/// ```
/// # use rehearsal_sim::Nodes;
/// let nodes = Nodes::all(3);
/// assert_eq!(nodes.count(), 3);
/// assert_eq!(nodes.iter().collect::<Vec<_>>(), nodes.initial());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nodes {
    count: u32,
    initial: Vec<NodeId>,
}

impl Nodes {
    /// This many nodes, all of which start with the run.
    #[must_use]
    pub fn all(count: u32) -> Self {
        Self::without(count, &[])
    }

    /// This many nodes, of which these are absent when the run begins.
    #[must_use]
    pub fn without(count: u32, absent: &[NodeId]) -> Self {
        let absent: BTreeSet<_> = absent.iter().collect();
        let initial = NodeId::all(count).filter(|node| !absent.contains(node)).collect();
        Self { count, initial }
    }

    /// How many there are, the absent ones included.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// All of them in order, the absent ones included.
    pub fn iter(&self) -> impl Iterator<Item = NodeId> + use<> {
        NodeId::all(self.count)
    }

    /// Those that start with the run, in order.
    #[must_use]
    pub fn initial(&self) -> &[NodeId] {
        &self.initial
    }

    /// Does the node start with the run, rather than join later?
    #[must_use]
    pub fn is_initial(&self, node: NodeId) -> bool {
        self.initial.binary_search(&node).is_ok()
    }
}
