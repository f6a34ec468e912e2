//! What is true of a run, told from its sends and deliveries alone.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::NodeId;
use rehearsal_protocol::ordering::{Destinations, MessageId};

/// The events of a run, in an order in which they may have happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) events: Vec<(NodeId, Event)>,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    Sends(MessageId, Destinations),
    Delivers(MessageId),
}

impl History {
    /// The messages that the node has delivered, in order.
    pub(crate) fn delivered(&self, node: NodeId) -> Vec<MessageId> {
        let of_node = self.events.iter().filter(|(at, _)| *at == node);
        let delivered = of_node.filter_map(|(_, event)| match event {
            Event::Delivers(message) => Some(*message),
            Event::Sends(..) => None,
        });
        delivered.collect()
    }

    fn sent(&self) -> BTreeMap<MessageId, &Destinations> {
        let sent = self.events.iter().filter_map(|(_, event)| match event {
            Event::Sends(message, to) => Some((*message, to)),
            Event::Delivers(_) => None,
        });
        sent.collect()
    }

    /// Every delivery is of a message that was sent to this node, and the first of it.
    pub(crate) fn is_sound(&self) -> bool {
        let (mut sent, mut delivered) = (BTreeMap::new(), BTreeSet::new());
        self.events.iter().all(|(node, event)| match event {
            Event::Sends(message, to) => sent.insert(*message, to.clone()).is_none(),
            Event::Delivers(message) => {
                sent.get(message).is_some_and(|to| to.contains(*node))
                    && delivered.insert((*node, *message))
            }
        })
    }

    /// Each of these nodes has delivered all messages that these nodes sent to it.
    pub(crate) fn is_complete_among(&self, nodes: &[NodeId]) -> bool {
        nodes.iter().all(|node| {
            let delivered: BTreeSet<_> = self.delivered(*node).into_iter().collect();
            let sent = self.sent();
            let mut ours = sent.iter().filter(|(message, _)| nodes.contains(&message.by));
            ours.all(|(message, to)| !to.contains(*node) || delivered.contains(message))
        })
    }

    /// Each node delivers the messages of one sender in the order of sending, and none
    /// is left out.
    pub(crate) fn is_fifo(&self) -> bool {
        self.keeps(|message, earlier| message.by == earlier.by)
    }

    /// Each node delivers a message after all that were sent to it causally before.
    pub(crate) fn is_causal(&self) -> bool {
        self.keeps(|_, _| true)
    }

    /// Before each delivery the node has delivered those messages that were sent to it in
    /// the past of the send, as far as they matter to the message.
    fn keeps(&self, matters: impl Fn(MessageId, MessageId) -> bool) -> bool {
        let sent = self.sent();
        let mut known: BTreeMap<NodeId, BTreeSet<MessageId>> = BTreeMap::new();
        let mut past: BTreeMap<MessageId, BTreeSet<MessageId>> = BTreeMap::new();
        let mut delivered = BTreeSet::new();
        for (node, event) in &self.events {
            let known = known.entry(*node).or_default();
            match event {
                Event::Sends(message, _) => {
                    past.insert(*message, known.clone());
                    known.insert(*message);
                }
                Event::Delivers(message) => {
                    let is_late = |earlier: &MessageId| {
                        matters(*message, *earlier)
                            && sent[earlier].contains(*node)
                            && !delivered.contains(&(*node, *earlier))
                    };
                    let Some(earlier) = past.get(message) else { return false };
                    if earlier.iter().any(is_late) {
                        return false;
                    }
                    delivered.insert((*node, *message));
                    known.extend(earlier);
                    known.insert(*message);
                }
            }
        }
        true
    }

    /// Any two nodes deliver their common messages in the same order.
    pub(crate) fn is_total(&self) -> bool {
        let nodes: BTreeSet<_> = self.events.iter().map(|(node, _)| *node).collect();
        let all: Vec<_> = nodes.iter().map(|node| self.delivered(*node)).collect();
        let agree = |one: &Vec<MessageId>, other: &Vec<MessageId>| {
            let common = |list: &Vec<MessageId>, of: &Vec<MessageId>| -> Vec<MessageId> {
                list.iter().filter(|message| of.contains(message)).copied().collect()
            };
            common(one, other) == common(other, one)
        };
        all.iter().all(|one| all.iter().all(|other| agree(one, other)))
    }

    /// Any two nodes deliver messages that both are to deliver from the first one on:
    /// the one has what the other has, in the same order, and perhaps more.
    pub(crate) fn agrees(&self) -> bool {
        let nodes: BTreeSet<_> = self.events.iter().map(|(node, _)| *node).collect();
        let sent = self.sent();
        let of = |node: NodeId, other: NodeId| -> Vec<MessageId> {
            let mut delivered = self.delivered(node);
            delivered.retain(|message| sent.get(message).is_some_and(|to| to.contains(other)));
            delivered
        };
        nodes.iter().all(|one| {
            nodes.iter().all(|other| {
                let pairs = of(*one, *other).into_iter().zip(of(*other, *one));
                pairs.into_iter().all(|(one, other)| one == other)
            })
        })
    }
}
