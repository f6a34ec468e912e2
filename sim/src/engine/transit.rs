use std::collections::BTreeMap;

use rehearsal_machine::Machine;

use super::lookahead::Lookahead;
use crate::network::Calm;
use crate::network::{Delays, Link, Network, Traffic};

/// What is between the nodes: the network at work, and the messages that wait
/// in it without a place in the queue.
pub(super) struct Transit<'a, M: Machine> {
    pub(super) traffic: Traffic<'a>,
    /// The messages on held links.
    pub(super) held: BTreeMap<Link, Vec<Held<M>>>,
    pub(super) calm: Calm,
    pub(super) lookahead: Lookahead<M>,
}

/// A message that waits at the beginning of a held link.
pub(super) struct Held<M: Machine> {
    pub(super) count: u32,
    /// In bytes.
    pub(super) size: u64,
    pub(super) delays: Delays,
    pub(super) message: M::Message,
}

impl<'a, M: Machine> Transit<'a, M> {
    pub(super) fn new(network: &'a Network, nodes: usize, calm: Calm) -> Self {
        Self {
            traffic: Traffic::new(network, nodes),
            held: BTreeMap::new(),
            calm,
            lookahead: Lookahead::new(nodes, network.delay.least()),
        }
    }

    pub(super) fn begin(&mut self, before_the_calm: Calm) {
        let Self { traffic, held, calm, lookahead } = self;
        traffic.clear();
        held.clear();
        *calm = before_the_calm;
        lookahead.clear();
    }
}
