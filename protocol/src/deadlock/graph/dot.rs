use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Diagnosis, WaitForGraph};
use rehearsal_machine::NodeId;

/// What a drawing of a graph looks up of a diagnosis.
struct Colours {
    on_cycle: BTreeSet<NodeId>,
    behind: BTreeSet<NodeId>,
    /// Of the cycle that is shown, each node and the next.
    shown: BTreeMap<NodeId, NodeId>,
}

impl WaitForGraph {
    /// The graph in the language of Graphviz, its edges with the requests they
    /// are about. Where not all of a node's requests must be granted the node
    /// says how many. Who is on a cycle of deadlocked nodes is red, bold if it
    /// is on the one that the [diagnosis](Self::diagnosis) shows, as are that
    /// one's edges; the other deadlocked are orange.
    #[must_use]
    pub fn to_dot(&self) -> String {
        let colours = Colours::of(self.diagnosis());
        let mut dot = String::from("digraph waits {\n");
        for node in self.nodes() {
            let requests = self.targets(node.index()).len();
            let label = (self.need(node) as usize != requests)
                .then(|| format!("label=\"{node}\\n{} of {requests}\"", self.need(node)));
            let attributes: Vec<_> = label.into_iter().chain(colours.node(node)).collect();
            dot += &statement(&node.to_string(), &attributes);
        }
        for edge in self.edges() {
            let label = Some(format!("label=\"{}\"", edge.request));
            let style = (colours.shown.get(&edge.from) == Some(&edge.to)).then(bold);
            let attributes: Vec<_> = label.into_iter().chain(style).collect();
            dot += &statement(&edge.to_string(), &attributes);
        }
        dot + "}\n"
    }
}

impl Colours {
    fn of(diagnosis: Diagnosis) -> Self {
        Self {
            shown: diagnosis.cycle.pairs().collect(),
            on_cycle: diagnosis.on_cycle.into_iter().collect(),
            behind: diagnosis.behind.into_iter().collect(),
        }
    }

    fn node(&self, node: NodeId) -> Option<String> {
        if self.shown.contains_key(&node) {
            Some(bold())
        } else if self.on_cycle.contains(&node) {
            Some("color=red".to_string())
        } else {
            self.behind.contains(&node).then(|| "color=orange".to_string())
        }
    }
}

fn bold() -> String {
    "color=red, style=bold".to_string()
}

fn statement(what: &str, attributes: &[String]) -> String {
    if attributes.is_empty() {
        format!("  {what};\n")
    } else {
        format!("  {what} [{}];\n", attributes.join(", "))
    }
}
