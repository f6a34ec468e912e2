use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::Machine;

use super::lookahead::Lookahead;
use crate::network::{Calm, Delays, Link, Network, Promise, Traffic};

/// What is between the nodes: the network at work, and the messages that wait
/// in it without a place in the queue.
pub(super) struct Transit<'a, M: Machine> {
    pub(super) traffic: Traffic<'a>,
    /// The messages on held links.
    pub(super) held: BTreeMap<Link, Vec<Held<M>>>,
    /// The messages that faults withhold, in the order in which they were sent.
    pub(super) withheld: Vec<Withheld<M>>,
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

/// A message that waits at the beginning of its link though the link is free.
pub(super) struct Withheld<M: Machine> {
    /// The place of the fault that withholds it; none if it waits behind another message of a
    /// FIFO link.
    pub(super) keeper: Option<usize>,
    pub(super) link: Link,
    pub(super) held: Held<M>,
}

impl<'a, M: Machine> Transit<'a, M> {
    pub(super) fn new(network: &'a Network, nodes: usize, calm: Calm) -> Self {
        Self {
            traffic: Traffic::new(network, nodes),
            held: BTreeMap::new(),
            withheld: Vec::new(),
            calm,
            lookahead: Lookahead::new(nodes, network.delay.least()),
        }
    }

    /// Is a message of this link withheld?
    pub(super) fn withholds(&self, link: Link) -> bool {
        self.withheld.iter().any(|withheld| withheld.link == link)
    }

    /// Does the fault at this place withhold a message?
    pub(super) fn is_kept_by(&self, place: usize) -> bool {
        self.withheld.iter().any(|withheld| withheld.keeper == Some(place))
    }

    /// The withheld messages that no fault keeps any more, once those of these keepers are
    /// free; on a FIFO link none of them overtakes another one.
    pub(super) fn take_free(
        &mut self,
        is_freed: impl Fn(usize, Link, &Calm) -> bool,
    ) -> Vec<(Link, Held<M>)> {
        let mut blocked = BTreeSet::new();
        let (mut free, mut stay) = (Vec::new(), Vec::new());
        for mut withheld in std::mem::take(&mut self.withheld) {
            let link = withheld.link;
            withheld.keeper.take_if(|keeper| is_freed(*keeper, link, &self.calm));
            if withheld.keeper.is_some() || blocked.contains(&link) {
                if self.traffic.is_fifo(link) {
                    blocked.insert(link);
                }
                stay.push(withheld);
            } else {
                free.push((link, withheld.held));
            }
        }
        self.withheld = stay;
        free
    }

    /// What waits at the beginning of this link, with its counts, in order.
    pub(super) fn take_waiting(&mut self, link: Link) -> Vec<(u32, M::Message)> {
        let held = self.held.remove(&link).unwrap_or_default();
        let withheld = self.withheld.extract_if(.., |withheld| withheld.link == link);
        let mut waiting: Vec<_> = held
            .into_iter()
            .chain(withheld.map(|withheld| withheld.held))
            .map(|held| (held.count, held.message))
            .collect();
        waiting.sort_by_key(|(count, _)| *count);
        waiting
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
