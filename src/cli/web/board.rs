use std::collections::VecDeque;
use std::sync::Arc;

use rehearsal_machine::{NodeId, printable};
use rehearsal_sim::{Desk, Lane, Look as _, Owner as _, Protocol};
use serde::{Deserialize, Serialize};

/// A text that was said is told with so many characters: the window has it all.
const MOST_OF_SAID: usize = 300;

/// So many outputs of a node are kept for its page.
const MOST_TOLD: usize = 200;

/// What a page shows: one node, or all of a cluster.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Board {
    pub(in crate::cli) about: Arc<About>,
    pub(in crate::cli) panels: Vec<Panel>,
    /// Links that are cut, the lower node first.
    pub(in crate::cli) cuts: Vec<(NodeId, NodeId)>,
}

/// What does not change while a page is served.
#[derive(Clone, Debug, Serialize)]
pub(in crate::cli) struct About {
    cluster: String,
    protocol: &'static str,
    /// The names of all nodes.
    names: Vec<String>,
    /// The letters of roles, and what they mean.
    legend: &'static str,
    /// Can nodes be killed and started again from here?
    is_of_all: bool,
    /// Can links be cut from here?
    can_cut: bool,
}

impl About {
    pub(in crate::cli) fn new(
        cluster: &str,
        (protocol, legend): (&'static str, &'static str),
        names: impl Iterator<Item = String>,
        of_all: Option<Cuttable>,
    ) -> Self {
        let names = names.map(|name| printable(&name).into_owned()).collect();
        let cluster = printable(cluster).into_owned();
        let (is_of_all, can_cut) = (of_all.is_some(), of_all == Some(Cuttable::Yes));
        Self { cluster, protocol, names, legend, is_of_all, can_cut }
    }
}

/// Whether links can be cut on the page of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Cuttable {
    Yes,
    /// There are too many of them.
    No,
}

/// A node on a page.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Panel {
    pub(in crate::cli) node: NodeId,
    pub(in crate::cli) is_up: bool,
    /// Which life of it, from 1; 0 if it was never up.
    pub(in crate::cli) life: u32,
    pub(in crate::cli) window: Arc<Vec<String>>,
    pub(in crate::cli) told: Told,
    pub(in crate::cli) view: Arc<NodeView>,
}

impl Panel {
    /// A node that was never up.
    pub(in crate::cli) fn new(node: NodeId) -> Self {
        Self {
            node,
            is_up: false,
            life: 0,
            window: Arc::default(),
            told: Told::default(),
            view: Arc::default(),
        }
    }
}

/// The last outputs of a node.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Told {
    /// How many there ever were.
    count: u64,
    last: VecDeque<Arc<str>>,
}

impl Told {
    pub(in crate::cli) fn push(&mut self, text: &str) {
        if self.last.len() == MOST_TOLD {
            self.last.pop_front();
        }
        self.last.push_back(printable(text).into());
        self.count += 1;
    }

    /// Those that are kept and were not there `before`.
    pub(super) fn since(&self, before: &Self) -> impl Iterator<Item = &Arc<str>> {
        let fresh = usize::try_from(self.count.saturating_sub(before.count)).unwrap_or(usize::MAX);
        self.last.iter().skip(self.last.len().saturating_sub(fresh))
    }
}

/// What is known of a node beside its window and its outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct NodeView {
    /// The letter of its role, and the node that the role is about.
    role: Option<(char, Option<NodeId>)>,
    desk: Desk,
    /// The peers to which it has a link.
    linked: Vec<NodeId>,
}

impl NodeView {
    /// What this machine knows, of a node with these links.
    pub(in crate::cli) fn of<P: Protocol>(
        me: NodeId,
        machine: &P::Machine,
        linked: Vec<NodeId>,
    ) -> Self {
        let Lane { role, peer, .. } = P::Look::lane(machine);
        Self { role: Some((role, peer)), desk: shown(P::Owner::desk(me, machine)), linked }
    }
}

/// With texts that hide nothing, and are not too long to be told again with each change.
fn shown(mut desk: Desk) -> Desk {
    for said in &mut desk.said {
        if let Some((end, _)) = said.text.char_indices().nth(MOST_OF_SAID) {
            said.text.truncate(end);
            said.text.push_str("..");
        }
    }
    let texts = desk.facts.iter_mut().flat_map(|(name, text)| [name, text]);
    for text in texts.chain(desk.said.iter_mut().map(|said| &mut said.text)) {
        *text = printable(text).into_owned();
    }
    desk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_outputs_those_are_new_that_came_since_as_far_as_they_are_kept() {
        let mut told = Told::default();
        told.push("a\n");
        let before = told.clone();
        told.push("b");
        let fresh = |before: &Told, now: &Told| -> Vec<String> {
            now.since(before).map(ToString::to_string).collect()
        };
        assert_eq!(fresh(&before, &told), ["b"]);
        assert_eq!(fresh(&Told::default(), &told), ["a\\n", "b"]);
        assert!(fresh(&told, &told).is_empty());
        (0..1_000).for_each(|nth| told.push(&nth.to_string()));
        assert_eq!(fresh(&before, &told).len(), MOST_TOLD);
        assert_eq!(fresh(&before, &told).last().map(String::as_str), Some("999"));
    }
}
