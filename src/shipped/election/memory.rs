use std::collections::BTreeMap;

use rehearsal_machine::{Effect, NodeId, Time};
use rehearsal_protocol::election::{Epoch, Output};
use rehearsal_sim::{NodeEvent, Observed};

use super::has_election::HasElection;

/// What the facts about epochs need to know of the past, in all incarnations of
/// the nodes: a few values for each node, and the leaders of each term.
#[derive(Debug, Default)]
pub struct Memory {
    nodes: Vec<Past>,
    /// Who has led in each term.
    leaders: BTreeMap<u64, Vec<NodeId>>,
    /// When a node took or asked for an epoch, in this order.
    epochs: Vec<(Time, NodeId)>,
}

/// The world, and what the facts remember of its past.
pub(super) type View<'a, M> = rehearsal_sim::View<'a, M, Memory>;

/// What a node's election has told so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Past {
    /// How often the node took the lead.
    pub(super) leads: u64,
    /// The epochs in which it led.
    pub(super) led: LastTwo,
    /// The latest epoch in which it led, followed or asked to lead.
    pub(super) latest: Option<Epoch>,
    /// The latest epoch for which it asked.
    asked: Option<Epoch>,
    /// The epochs of the writes that its resource admitted.
    pub(super) admitted: LastTwo,
    /// Its resource has refused a write.
    pub(super) has_refused: bool,
}

/// The last two epochs of a sequence.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastTwo {
    pub(super) last: Option<Epoch>,
    pub(super) before: Option<Epoch>,
}

impl LastTwo {
    fn push(&mut self, epoch: Epoch) {
        self.before = self.last.replace(epoch);
    }
}

impl Memory {
    /// What the node's election has told so far.
    pub(super) fn past(&self, node: NodeId) -> Past {
        self.nodes.get(node.index()).copied().unwrap_or_default()
    }

    /// Who has led in this term, in the order in which they began to.
    pub(super) fn leaders(&self, term: u64) -> &[NodeId] {
        self.leaders.get(&term).map_or(&[], Vec::as_slice)
    }

    /// The epochs that nodes took or asked for from this time on: when, and which node.
    pub(super) fn epochs_since(&self, since: Time) -> &[(Time, NodeId)] {
        &self.epochs[self.epochs.partition_point(|(time, _)| *time < since)..]
    }

    pub(crate) fn observe<M: HasElection>(&mut self, observed: &Observed<'_, M>) {
        let NodeEvent::Effect(Effect::Emit(output)) = observed.event else { return };
        let Some(output) = M::told(output) else { return };
        let node = observed.node;
        if self.nodes.len() <= node.index() {
            self.nodes.resize(node.index() + 1, Past::default());
        }
        let past = &mut self.nodes[node.index()];
        match *output {
            Output::Leads { epoch } => {
                past.leads += 1;
                past.latest = past.latest.max(epoch);
                if let Some(epoch) = epoch {
                    if past.asked != Some(epoch) {
                        self.epochs.push((observed.now, node));
                    }
                    past.led.push(epoch);
                    let leaders = self.leaders.entry(epoch.counter).or_default();
                    if !leaders.contains(&node) {
                        leaders.push(node);
                    }
                }
            }
            Output::Follows { epoch, .. } => past.latest = past.latest.max(epoch),
            Output::Asks { epoch } => {
                past.latest = past.latest.max(Some(epoch));
                past.asked = Some(epoch);
                self.epochs.push((observed.now, node));
            }
            Output::Admits { epoch } => past.admitted.push(epoch),
            Output::Refuses { .. } => past.has_refused = true,
            _ => {}
        }
    }
}
