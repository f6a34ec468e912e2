use rehearsal_protocol::NodeId;

/// The partitions in force. Two nodes hear each other while no partition has
/// them on different sides.
pub(crate) struct Partitions {
    nodes: usize,
    /// For each partition, the side of every node; 0 for those it does not name.
    sides: Vec<Vec<u32>>,
}

impl Partitions {
    pub(crate) fn new(nodes: usize) -> Self {
        Self { nodes, sides: Vec::new() }
    }

    pub(crate) fn add(&mut self, sides: &[Vec<NodeId>]) {
        let mut side_of = vec![0; self.nodes];
        for (side, nodes) in (1..).zip(sides) {
            for node in nodes {
                side_of[node.index()] = side;
            }
        }
        self.sides.push(side_of);
    }

    pub(crate) fn heal(&mut self) {
        self.sides.clear();
    }

    pub(crate) fn cut(&self, from: NodeId, to: NodeId) -> bool {
        self.sides.iter().any(|side| side[from.index()] != side[to.index()])
    }
}
