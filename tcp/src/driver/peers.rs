use std::sync::Arc;

use rehearsal_machine::NodeId;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::link::{Established, Event, Link};
use crate::metrics::{Count, Metrics};
use crate::recording::Outcome;
use crate::{Limits, Lost};

/// The links to all peers.
pub(super) struct Peers {
    places: Vec<Place>,
    limits: Limits,
    metrics: Arc<Metrics>,
    /// How many links there ever were.
    links: u64,
}

#[derive(Default)]
struct Place {
    link: Option<Link>,
    /// How many messages were sent to it, the lost ones included.
    count: u32,
}

impl Place {
    /// All messages after the last number have that one: only whoever joins
    /// recordings could tell them apart by it, and nobody records so many.
    fn count_one(&mut self) -> u32 {
        self.count = self.count.saturating_add(1);
        self.count
    }
}

impl Peers {
    pub(super) fn new(nodes: u32, limits: &Limits, metrics: &Arc<Metrics>) -> Self {
        Self {
            places: (0..nodes).map(|_| Place::default()).collect(),
            limits: limits.clone(),
            metrics: Arc::clone(metrics),
            links: 0,
        }
    }

    /// A new link takes the place of the one there may have been.
    pub(super) fn up(&mut self, established: Established, inbox: &mpsc::Sender<Event>) {
        let peer = established.peer;
        self.links += 1;
        self.metrics.count(peer.node, Count::Link, 1);
        tracing::info!(peer = %peer.node, incarnation = peer.incarnation, "link is up");
        let link = Link::begin(established, self.links, &self.limits, inbox);
        // The handshake knows all members and no others.
        self.places[peer.node.index()].link = Some(link);
    }

    /// Is it this link over which we hear the peer? What came over an earlier one
    /// and was not heard by then is lost.
    pub(super) fn is_up(&self, peer: NodeId, number: u64) -> bool {
        self.places[peer.index()].link.as_ref().is_some_and(|link| link.number == number)
    }

    pub(super) fn down(&mut self, peer: NodeId, number: u64) {
        if self.is_up(peer, number) {
            tracing::info!(%peer, "link is down");
            self.places[peer.index()].link = None;
        }
    }

    /// A message of ours to ourselves sets off; it is never lost.
    pub(super) fn count_own(&mut self, me: NodeId) -> u32 {
        self.places[me.index()].count_one()
    }

    /// Puts a message into its peer's queue.
    pub(super) fn send(&mut self, to: NodeId, message: &impl Serialize) -> Outcome {
        let Some(place) = self.places.get_mut(to.index()) else {
            return Outcome::Sent { count: 0, lost: Some(Lost::Down) };
        };
        let count = place.count_one();
        let lost = match &place.link {
            Some(link) => link.outbox.push(count, message).err(),
            None => Some(Lost::Down),
        };
        let what = match lost {
            None => Count::Sent,
            Some(Lost::Down) => Count::Down,
            Some(Lost::Full) => Count::Full,
            Some(Lost::TooLarge) => Count::TooLarge,
        };
        self.metrics.count(to, what, 1);
        Outcome::Sent { count, lost }
    }

    /// Says good-bye to all, and gives them some time to hear what was said.
    pub(super) async fn flush(&mut self) {
        let deadline = Instant::now() + self.limits.flush;
        let links: Vec<_> = self.places.iter_mut().filter_map(|place| place.link.take()).collect();
        for link in &links {
            link.outbox.close();
        }
        for mut link in links {
            // Whoever does not take it in time does not get it.
            let _ = timeout_at(deadline, &mut link.written).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_has_used_up_all_numbers_goes_on() {
        let metrics = Arc::new(Metrics::new(2));
        let mut peers = Peers::new(2, &Limits::default(), &metrics);
        let (me, to) = (NodeId::from_index(0), NodeId::from_index(1));
        for place in &mut peers.places {
            place.count = u32::MAX - 1;
        }
        for _ in 0..2 {
            assert_eq!(peers.count_own(me), u32::MAX);
            let outcome = Outcome::Sent { count: u32::MAX, lost: Some(Lost::Down) };
            assert_eq!(peers.send(to, &()), outcome);
        }
    }
}
