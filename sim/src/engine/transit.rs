use std::collections::BTreeMap;

use rehearsal_machine::Machine;

use super::lookahead::Lookahead;
use crate::network::{Calm, Delays, Link, Network, Promise, Traffic};

/// What is between the nodes: the network at work, and the messages that wait
/// in it without a place in the queue.
pub(super) struct Transit<'a, M: Machine> {
    pub(super) traffic: Traffic<'a>,
    /// The messages on held links.
    pub(super) held: BTreeMap<Link, Vec<Held<M>>>,
    /// The messages that each fault withholds, by its place in the file.
    pub(super) withheld: BTreeMap<usize, Vec<(Link, Held<M>)>>,
    pub(super) calm: Calm,
    pub(super) lookahead: Lookahead<M>,
}

/// A message that waits at the beginning of its link.
pub(super) struct Held<M: Machine> {
    pub(super) count: u32,
    /// In bytes.
    pub(super) size: u64,
    pub(super) delays: Delays,
    pub(super) promise: Promise,
    pub(super) message: M::Message,
}

impl<'a, M: Machine> Transit<'a, M> {
    pub(super) fn new(network: &'a Network, nodes: usize, calm: Calm) -> Self {
        Self {
            traffic: Traffic::new(network, nodes),
            held: BTreeMap::new(),
            withheld: BTreeMap::new(),
            calm,
            lookahead: Lookahead::new(nodes, network.delay.least()),
        }
    }

    /// The place of the fault that withholds messages of this link, if one does.
    pub(super) fn withholds(&self, link: Link) -> Option<usize> {
        let of_link = |(_, held): &(&usize, &Vec<(Link, Held<M>)>)| {
            held.iter().any(|(other, _)| *other == link)
        };
        self.withheld.iter().find(of_link).map(|(place, _)| *place)
    }

    pub(super) fn begin(&mut self, before_the_calm: Calm) {
        let Self { traffic, held, withheld, calm, lookahead } = self;
        traffic.clear();
        held.clear();
        withheld.clear();
        *calm = before_the_calm;
        lookahead.clear();
    }
}
