use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

/// What a node knows that its owner wants to see beside the window: who leads, which node waits for
/// which, what became of what the owner said.
///
/// A [`Protocol`](crate::Protocol) fills in what it has ([`Owner::desk`](crate::Owner::desk)); what
/// is left empty is not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Desk {
    /// The leader that the node follows, or itself if it leads.
    pub leader: Option<NodeId>,
    /// Facts, each with a name and a text: `holds`, `n2 n3`.
    pub facts: Vec<(String, String)>,
    /// Each node that waits, with one that it waits for, as far as the node knows.
    pub waits: Vec<(NodeId, NodeId)>,
    /// The nodes of a cycle of waiting nodes that was found, in its order; empty if there is none.
    pub cycle: Vec<NodeId>,
    /// What the owner said last, the oldest first.
    pub said: Vec<Said>,
    /// What the owner can do besides typing a line.
    pub offers: Vec<Offer>,
}

/// Something that an owner said to another node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// To which node.
    pub to: NodeId,
    /// What.
    pub text: String,
    /// What became of it.
    pub fate: SaidFate,
}

/// What became of something that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaidFate {
    /// The peer has not acknowledged it.
    UnderWay,
    /// The peer has acknowledged it.
    Heard,
    /// The node tries no longer. The peer may have heard it all the same.
    GivenUp,
}

/// Something that the owner of a node can do: a button for a line that [`Owner::line`] takes.
///
/// [`Owner::line`]: crate::Owner::line
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What stands on the button.
    pub label: String,
    /// The line, with `{node}` in the place of a number of a node and `{text}` in that of a text.
    pub line: String,
}

impl Offer {
    /// An offer with this label and this line.
    #[must_use]
    pub fn new(label: &str, line: &str) -> Self {
        Self { label: label.to_owned(), line: line.to_owned() }
    }
}
