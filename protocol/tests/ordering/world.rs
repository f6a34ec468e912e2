//! Nodes of one discipline, and the packets between them, which arrive when a test says so.

use std::collections::BTreeMap;

use rehearsal_machine::{Message as _, NodeId};
use rehearsal_protocol::election::Epoch;
use rehearsal_protocol::ordering::{
    Actions, Algorithm, Destinations, Discipline, MessageId, Packet, Submission,
};

use crate::history::{Event, History};
use crate::node;

pub(crate) struct World {
    pub(crate) nodes: Vec<Algorithm<u64>>,
    /// Sender, receiver, packet.
    pub(crate) in_flight: Vec<(NodeId, NodeId, Packet<u64>)>,
    pub(crate) history: History,
    /// How many packets of each kind were sent.
    pub(crate) kinds: BTreeMap<&'static str, usize>,
    sent: BTreeMap<NodeId, u64>,
}

impl World {
    pub(crate) fn new(discipline: Discipline, nodes: u32) -> Self {
        let algorithm = |me| Algorithm::new(discipline, me, nodes);
        Self {
            nodes: NodeId::all(nodes).map(algorithm).collect(),
            in_flight: Vec::new(),
            history: History::default(),
            kinds: BTreeMap::new(),
            sent: BTreeMap::new(),
        }
    }

    pub(crate) fn size(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// Node `by` sends a message to these nodes.
    pub(crate) fn send(&mut self, by: u32, to: &[u32]) -> MessageId {
        self.send_to(node(by), to.iter().copied().map(node).collect())
    }

    /// Node `by` sends a message to all others.
    pub(crate) fn broadcast(&mut self, by: u32) -> MessageId {
        self.send_to(node(by), Destinations::others(self.size(), node(by)))
    }

    pub(crate) fn send_to(&mut self, by: NodeId, to: Destinations) -> MessageId {
        let sent = self.sent.entry(by).or_default();
        *sent += 1;
        let message = MessageId { by, number: *sent };
        self.history.events.push((by, Event::Sends(message, to.clone())));
        let submission = Submission { message, to, content: *sent };
        let actions = self.nodes[by.index()].send(submission);
        self.carry_out(by, actions);
        message
    }

    /// These nodes hear of the leader of this epoch.
    pub(crate) fn follow(&mut self, nodes: &[u32], epoch: Epoch) {
        for node in nodes.iter().copied().map(node) {
            let actions = self.nodes[node.index()].follow(epoch);
            self.carry_out(node, actions);
        }
    }

    /// The packet at this place arrives.
    pub(crate) fn arrive(&mut self, place: usize) {
        let (from, to, packet) = self.in_flight.remove(place);
        let actions = self.nodes[to.index()].receive(from, packet);
        self.carry_out(to, actions);
    }

    /// The first packet that is on this way arrives.
    pub(crate) fn arrive_between(&mut self, from: u32, to: u32) {
        self.arrive_nth_between(from, to, 0);
    }

    /// Of the packets that are on this way, the one at this place arrives.
    pub(crate) fn arrive_nth_between(&mut self, from: u32, to: u32, nth: usize) {
        let is_between =
            |(_, (f, t, _)): &(usize, &(NodeId, NodeId, _))| (f.number(), t.number()) == (from, to);
        let place = self.in_flight.iter().enumerate().filter(is_between).nth(nth);
        let (place, _) = place.expect("a packet is on this way");
        self.arrive(place);
    }

    /// Packets arrive in their order until none is left.
    pub(crate) fn settle(&mut self) {
        self.settle_among(|_| true);
    }

    /// The same among these nodes; what goes elsewhere stays on its way.
    pub(crate) fn settle_among(&mut self, is_up: impl Fn(NodeId) -> bool) {
        let is_between = |(from, to, _): &(NodeId, NodeId, _)| is_up(*from) && is_up(*to);
        while let Some(place) = self.in_flight.iter().position(is_between) {
            self.arrive(place);
        }
    }

    pub(crate) fn held(&self) -> usize {
        self.nodes.iter().map(Algorithm::held).sum()
    }

    fn carry_out(&mut self, at: NodeId, actions: Actions<Packet<u64>, u64>) {
        for (message, _) in actions.deliveries {
            self.history.events.push((at, Event::Delivers(message)));
        }
        for (to, packet) in actions.packets {
            assert_ne!(to, at, "a packet to the node itself has left it");
            *self.kinds.entry(packet.kind()).or_default() += 1;
            self.in_flight.push((at, to, packet));
        }
    }
}
